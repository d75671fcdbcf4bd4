// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "repl/log.h"
#include "repl/pipe.h"

static bool colours_wanted(const struct utvm_shell *sh, bool to_terminal)
{
    const char *choice = utvm_settings_text(&sh->settings, UTVM_SET_COLOR);
    if (strcmp(choice, "auto") != 0) {
        return strcmp(choice, "on") == 0;
    }
    const char *none = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return to_terminal && !(none && none[0]) && term && strcmp(term, "dumb") != 0;
}

static bool window_size(FILE *stream, struct winsize *ret)
{
    return ioctl(fileno(stream), TIOCGWINSZ, ret) == 0 && ret->ws_col > 0;
}

struct utvm_style utvm_output_style(const struct utvm_shell *sh, bool to_terminal)
{
    struct utvm_style style = {.colour = colours_wanted(sh, to_terminal)};
    struct winsize size;
    style.width = (unsigned)utvm_settings_count(&sh->settings, UTVM_SET_WIDTH);
    if (style.width == 0 && to_terminal && window_size(sh->out, &size)) {
        style.width = size.ws_col;
    }
    return style;
}

unsigned utvm_output_rows(const struct utvm_shell *sh, bool to_terminal)
{
    struct winsize size;
    bool known = to_terminal && window_size(sh->out, &size) && size.ws_row > 2;
    return known ? size.ws_row - 1u : 0; // the prompt takes one
}

bool utvm_output_error_colour(const struct utvm_shell *sh)
{
    return colours_wanted(sh, sh->err_is_terminal);
}

// What a script puts out is logged by its commands, so that each goes by the log of its time.
static bool is_logged(const struct utvm_shell *sh, const struct utvm_command *command)
{
    return !sh->out_is_redirected && !(command->flags & UTVM_COMMAND_PLAIN);
}

static struct utvm_error *open_lower(struct utvm_shell *sh, const struct utvm_command *command,
                                     struct utvm_sink *sink)
{
    struct utvm_error *error = NULL;
    struct winsize size;
    switch (sink->redirect) {
    case UTVM_REDIRECT_NONE:
        sink->ascii = sh->out_is_ascii ? utvm_ascii_open(sh->out) : NULL;
        sink->lower = sink->ascii ? sink->ascii : sh->out;
        if (sh->interactive && sh->out_is_terminal && window_size(sh->out, &size) &&
            size.ws_row > 2 && utvm_settings_bool(&sh->settings, UTVM_SET_PAGINATION)) {
            FILE *pager = utvm_pager_open(sink->lower, size.ws_row - 1u);
            sink->lower = pager ? pager : sink->lower;
        }
        sink->below = sink->lower;
        sink->tee = is_logged(sh, command) ? utvm_log_tee(sh, sink->below) : NULL;
        sink->lower = sink->tee ? sink->tee : sink->below;
        return NULL;
    case UTVM_REDIRECT_FILE:
        error = utvm_file_writer_open(&sink->writer, sink->redirect_to);
        sink->lower = error ? NULL : sink->writer.stream;
        return error;
    case UTVM_REDIRECT_APPEND:
        sink->lower = fopen(sink->redirect_to, "ae");
        return sink->lower ? NULL : utvm_error_os(errno, "cannot write '%s'", sink->redirect_to);
    case UTVM_REDIRECT_PIPE:
        fflush(sh->out);
        return utvm_pipe_open(sink->redirect_to, &sink->lower);
    }
    return NULL;
}

static struct utvm_error *close_lower(struct utvm_shell *sh, struct utvm_sink *sink)
{
    int failure = 0;
    switch (sink->redirect) {
    case UTVM_REDIRECT_NONE:
        if (sink->tee) {
            (void)fclose(sink->tee); // what is below it tells of its own failures
            sink->lower = sink->below;
        }
        if (sink->lower != sh->out && sink->lower != sink->ascii && fclose(sink->lower) != 0) {
            return utvm_error_os(errno, "cannot write the output");
        }
        if (sink->ascii && fclose(sink->ascii) != 0) {
            return utvm_error_os(errno, "cannot write the output");
        }
        if (fflush(sh->out) != 0 && errno != EPIPE) {
            return utvm_error_os(errno, "cannot write the output");
        }
        return NULL;
    case UTVM_REDIRECT_FILE:
        return utvm_file_writer_commit(&sink->writer);
    case UTVM_REDIRECT_APPEND:
        failure = utvm_stream_failure(sink->lower);
        if (fclose(sink->lower) != 0 && failure == 0) {
            failure = errno;
        }
        return failure ? utvm_error_os(failure, "cannot write '%s'", sink->redirect_to) : NULL;
    case UTVM_REDIRECT_PIPE:
        return utvm_pipe_close(sink->redirect_to, sink->lower);
    }
    return NULL;
}

struct utvm_error *utvm_sink_open(struct utvm_shell *sh, const struct utvm_command *command,
                                  const struct utvm_line *line, struct utvm_sink *ret)
{
    struct utvm_sink sink = {.redirect = line->redirect, .redirect_to = line->redirect_to};
    struct utvm_error *error = open_lower(sh, command, &sink);
    if (error) {
        return error;
    }
    bool to_terminal = sink.redirect == UTVM_REDIRECT_NONE && sh->out_is_terminal;
    sh->style = utvm_output_style(sh, to_terminal);
    sh->rows = utvm_output_rows(sh, to_terminal);
    sh->wrote_document = false;
    sh->redirected = sh->out_is_redirected || sink.redirect != UTVM_REDIRECT_NONE;
    sink.stream = sink.lower;
    *ret = sink;
    if (sh->format == UTVM_OUTPUT_JSON && !(command->flags & UTVM_COMMAND_PLAIN)) {
        ret->stream = open_memstream(&ret->text, &ret->text_bytes);
        ret->captured = ret->stream != NULL;
        if (!ret->captured) {
            ret->stream = ret->lower;
            error = close_lower(sh, ret);
            utvm_error_drop(error);
            return utvm_error_no_memory();
        }
    }
    return NULL;
}

struct utvm_document *utvm_error_document(const struct utvm_error *error, int exit_code)
{
    struct utvm_document *doc = utvm_document_create("error");
    utvm_document_fact_text(doc, "error", "code", "code", "%s", utvm_error_code_name(error->code));
    utvm_document_fact_text(doc, "error", "message", "message", "%s", error->message);
    if (error->has_address) {
        utvm_document_fact_number(doc, "error", "address", "address", UTVM_CELL_INT,
                                  error->address);
    }
    utvm_document_fact_number(doc, "error", "exit_code", "exit code", UTVM_CELL_INT, exit_code);
    return doc;
}

static struct utvm_error *write_json(struct utvm_document *doc, FILE *out)
{
    const struct utvm_style style = {0};
    struct utvm_error *error = utvm_document_write(doc, out, UTVM_OUTPUT_JSON, &style);
    utvm_document_free(doc);
    return error;
}

// The document in the sink, with the error as one more member of it.
static struct utvm_error *write_with_error(struct utvm_shell *sh, const struct utvm_sink *sink,
                                           const struct utvm_error *failure)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    if (!memory) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error =
        write_json(utvm_error_document(failure, utvm_shell_exit_code(sh, failure)), memory);
    fclose(memory);
    const char *end = strrchr(sink->text, '}');
    const char *member = error ? NULL : strstr(text, "\"error\": {");
    if (!error) {
        UTVM_ASSERT(end && member);
        while (end > sink->text && (end[-1] == '\n' || end[-1] == ' ')) {
            end--;
        }
        fprintf(sink->lower, "%.*s,\n  %s", (int)(end - sink->text), sink->text, member);
        sh->error_told = sink->redirect == UTVM_REDIRECT_NONE;
    }
    free(text);
    return error;
}

// What was captured becomes one document.
static struct utvm_error *wrap(struct utvm_shell *sh, const struct utvm_command *command,
                               const struct utvm_sink *sink, const struct utvm_error *failure)
{
    if (sh->wrote_document && failure) {
        return write_with_error(sh, sink, failure);
    }
    if (sh->wrote_document) {
        fwrite(sink->text, 1, sink->text_bytes, sink->lower);
        return NULL;
    }
    if (failure) {
        return NULL; // the error is the document
    }
    static const struct utvm_column columns[] = {{"text", "text", UTVM_CELL_TEXT, false}};
    struct utvm_document *doc = utvm_document_create(command->name);
    struct utvm_table *table = utvm_document_table(doc, "lines", NULL, columns, 1);
    for (const char *line = sink->text; *line;) {
        size_t length = strcspn(line, "\n");
        utvm_table_row(table);
        utvm_table_text(table, "%.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
    return write_json(doc, sink->lower);
}

struct utvm_error *utvm_sink_close(struct utvm_shell *sh, const struct utvm_command *command,
                                   struct utvm_sink *sink, struct utvm_error *error)
{
    struct utvm_error *closing = NULL;
    if (sink->captured) {
        if (fclose(sink->stream) != 0) {
            closing = utvm_error_no_memory();
        } else {
            closing = wrap(sh, command, sink, error);
        }
        free(sink->text);
    }
    struct utvm_error *lower = close_lower(sh, sink);
    if (closing) {
        utvm_error_drop(lower);
    } else {
        closing = lower;
    }
    if (error) {
        utvm_error_drop(closing);
        return error;
    }
    return closing;
}

struct utvm_error *utvm_shell_emit(struct utvm_shell *sh, struct utvm_document *doc, FILE *out)
{
    sh->wrote_document = true;
    struct utvm_error *error = utvm_document_write(doc, out, sh->format, &sh->style);
    utvm_document_free(doc);
    return error;
}
