// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/script.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/text.h"
#include "repl/human.h"
#include "repl/interrupt.h"
#include "repl/log.h"
#include "repl/parse.h"

enum {
    max_depth = 32,
};

static struct utvm_error *located(const struct utvm_source *source, struct utvm_error *error)
{
    if (!source->name) {
        return error;
    }
    if (!error) {
        return NULL;
    }
    char place[300];
    snprintf(place, sizeof(place), "%.250s:", source->name);
    // The place in a body is more exact than the line that the body began in, and a definition that
    // calls itself is named once.
    size_t length = strlen(place);
    if (strncmp(error->message, place, length) == 0 &&
        isdigit((unsigned char)error->message[length])) {
        return error;
    }
    return utvm_error_prefix(error, "%s%u", place, source->line);
}

// A script's line as it would look at the prompt; lines of definitions would not show there.
static void trace(const struct utvm_shell *sh, const char *prompt, const char *line)
{
    if (sh->source->is_file && utvm_settings_bool(&sh->settings, UTVM_SET_TRACE_COMMANDS)) {
        fputs(prompt, sh->out);
        utvm_human_write(sh->out, line, false);
        fputc('\n', sh->out);
        fflush(sh->out);
    }
}

// One line of a source. *more tells whether the source goes on.
static struct utvm_error *run_next(struct utvm_shell *sh, struct utvm_source *source, bool *more)
{
    char *line = NULL;
    *more = false;
    struct utvm_error *error = source->next(source, NULL, &line);
    if (error || !line) {
        return located(source, error);
    }
    *more = true;
    trace(sh, utvm_settings_text(&sh->settings, UTVM_SET_PROMPT), line);
    unsigned at = source->line;
    error = utvm_shell_execute(sh, line);
    free(line);
    unsigned behind = source->line; // of a body that the command has read
    source->line = at;
    error = located(source, error);
    source->line = behind;
    return error;
}

struct utvm_error *utvm_shell_run_source(struct utvm_shell *sh, struct utvm_source *source)
{
    if (sh->depth >= max_depth) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "scripts and definitions are nested deeper than %d", max_depth);
    }
    source->outer = sh->source;
    sh->source = source;
    sh->depth++;
    struct utvm_error *error = NULL;
    bool more = true;
    while (more && !error && !sh->quit && sh->loop_end == UTVM_LOOP_ON) {
        if (*utvm_interrupt_flag()) {
            error = located(source, utvm_error_create(UTVM_ERROR_CANCELLED, "interrupted"));
            break;
        }
        error = run_next(sh, source, &more);
        bool fatal = error && (error->code == UTVM_ERROR_CANCELLED || !more);
        if (error && sh->keep_going && !fatal) {
            utvm_shell_report(sh, error);
            error = NULL;
        }
    }
    sh->depth--;
    sh->source = source->outer;
    return error;
}

bool utvm_opens_body(const char *line)
{
    static const char *const words[] = {"define", "document", "commands", "if", "while"};
    struct utvm_head head;
    struct utvm_error *error = utvm_parse_head(line, &head);
    if (error) {
        utvm_error_drop(error);
        return false;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(head.name, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_end(const char *line)
{
    while (isspace((unsigned char)*line)) {
        line++;
    }
    if (strncmp(line, "end", 3) != 0) {
        return false;
    }
    line += 3;
    while (isspace((unsigned char)*line)) {
        line++;
    }
    return *line == '\0' || *line == '#';
}

struct utvm_error *utvm_shell_read_body(struct utvm_shell *sh, char **ret)
{
    struct utvm_text body = {0};
    struct utvm_source *source = sh->source;
    unsigned first = source ? source->line : 0;
    unsigned depth = 1;
    utvm_text_add(&body, "", 0);
    while (source) {
        char *line = NULL;
        struct utvm_error *error = source->next(source, ">", &line);
        if (error || !line) {
            utvm_text_deinit(&body);
            source->line = first;
            return error ? error : utvm_error_create(UTVM_ERROR_INVALID, "'end' is missing");
        }
        trace(sh, ">", line);
        if (sh->depth <= 1) {
            utvm_log_line(sh, ">", line);
        }
        depth += utvm_opens_body(line);
        depth -= is_end(line);
        if (depth == 0) {
            free(line);
            break;
        }
        utvm_text_addf(&body, "%s\n", line);
        free(line);
    }
    char *text = utvm_text_take(&body);
    if (!text) {
        return utvm_error_no_memory();
    }
    if (sh->record && sh->depth == sh->record_depth) {
        free(sh->recorded_body);
        sh->recorded_body = strdup(text);
    }
    *ret = text;
    return NULL;
}

struct utvm_macro *utvm_shell_find_macro(const struct utvm_shell *sh, const char *name)
{
    for (size_t i = 0; i < sh->num_macros; i++) {
        if (strcmp(sh->macros[i].name, name) == 0) {
            return &sh->macros[i];
        }
    }
    return NULL;
}

struct utvm_error *utvm_macro_define(struct utvm_shell *sh, const char *name, const char *body)
{
    struct utvm_head head;
    struct utvm_error *error = utvm_parse_head(name, &head);
    if (error || head.name[0] == '\0' || name[head.length] != '\0' || head.letters[0]) {
        utvm_error_drop(error);
        return utvm_error_create(UTVM_ERROR_INVALID, "'%.60s' is no name of a command", name);
    }
    char *copy = strdup(body);
    if (!copy) {
        return utvm_error_no_memory();
    }
    struct utvm_macro *macro = utvm_shell_find_macro(sh, name);
    if (macro) {
        free(macro->body);
        macro->body = copy;
        macro->is_alias = false;
        return NULL;
    }
    struct utvm_macro *list = realloc(sh->macros, (sh->num_macros + 1) * sizeof(*list));
    char *name_copy = list ? strdup(name) : NULL;
    if (list) {
        sh->macros = list;
    }
    if (!name_copy) {
        free(copy);
        return utvm_error_no_memory();
    }
    list[sh->num_macros++] = (struct utvm_macro){.name = name_copy, .body = copy};
    return NULL;
}

// $argN and $argc become the words of the call.
static char *substitute(const char *body, const struct utvm_line *words)
{
    struct utvm_text text = {0};
    utvm_text_add(&text, "", 0);
    while (*body) {
        size_t plain = strcspn(body, "$");
        utvm_text_add(&text, body, plain);
        body += plain;
        if (strncmp(body, "$argc", 5) == 0 && !isalnum((unsigned char)body[5])) {
            utvm_text_addf(&text, "%zu", words->num_tokens);
            body += 5;
        } else if (strncmp(body, "$arg", 4) == 0 && isdigit((unsigned char)body[4])) {
            char *end = NULL;
            unsigned long n = strtoul(body + 4, &end, 10);
            if (n < words->num_tokens) {
                const struct utvm_token *token = &words->tokens[n];
                utvm_text_add(&text, words->body + token->start, token->end - token->start);
            }
            body = end;
        } else if (*body) {
            utvm_text_add(&text, body++, 1);
        }
        if (text.length > ((size_t)1 << 24)) {
            utvm_text_deinit(&text);
            return NULL;
        }
    }
    return utvm_text_take(&text);
}

struct utvm_error *utvm_macro_run(struct utvm_shell *sh, const struct utvm_macro *macro,
                                  const char *arguments)
{
    struct utvm_line words = {0};
    struct utvm_error *error = utvm_parse_line(arguments, UTVM_PARSE_OPERATORS, &words);
    if (error) {
        return error;
    }
    char *name = strdup(macro->name); // the body may define the command anew
    char *body = name ? substitute(macro->body, &words) : NULL;
    utvm_line_deinit(&words);
    if (body) {
        const char *cursor = body;
        struct utvm_source source;
        utvm_source_text(&source, name, &cursor);
        error = utvm_shell_run_source(sh, &source);
    } else {
        error = utvm_error_no_memory();
    }
    free(body);
    free(name);
    return error;
}

struct utvm_error *utvm_script_run(struct utvm_shell *sh, const char *path)
{
    struct utvm_source source;
    if (strcmp(path, "-") == 0) {
        utvm_source_stream(&source, "standard input", stdin);
        return utvm_shell_run_source(sh, &source);
    }
    FILE *file = fopen(path, "re");
    if (!file) {
        return utvm_error_os(errno, "cannot open '%s'", path);
    }
    struct stat status;
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        fclose(file);
        return utvm_error_os(EISDIR, "cannot read '%s'", path);
    }
    utvm_source_stream(&source, path, file);
    struct utvm_error *error = utvm_shell_run_source(sh, &source);
    fclose(file);
    return error;
}

struct utvm_error *utvm_record_start(struct utvm_shell *sh, const char *path)
{
    char *copy = strdup(path);
    if (!copy) {
        return utvm_error_no_memory();
    }
    FILE *file = fopen(path, "we");
    if (!file) {
        free(copy);
        return utvm_error_os(errno, "cannot write '%s'", path);
    }
    if (sh->record) {
        struct utvm_error *error = utvm_record_stop(sh);
        if (error) {
            fclose(file);
            free(copy);
            return error;
        }
    }
    setvbuf(file, NULL, _IOLBF, 0);
    fputs("# recorded by utvm\n", file);
    sh->record = file;
    sh->record_path = copy;
    sh->record_depth = sh->depth;
    return NULL;
}

struct utvm_error *utvm_record_stop(struct utvm_shell *sh)
{
    if (!sh->record) {
        return utvm_error_create(UTVM_ERROR_STATE, "nothing is being recorded");
    }
    int failure = utvm_stream_failure(sh->record);
    if (fclose(sh->record) != 0 && failure == 0) {
        failure = errno;
    }
    struct utvm_error *error =
        failure ? utvm_error_os(failure, "cannot write '%s'", sh->record_path) : NULL;
    free(sh->record_path);
    sh->record = NULL;
    sh->record_path = NULL;
    return error;
}

// Lines of a recording; those of a command that failed become comments.
static void record_lines(struct utvm_shell *sh, const char *text, bool succeeded)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        fprintf(sh->record, "%s%.*s\n", succeeded ? "" : "# failed: ", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

void utvm_record_line(struct utvm_shell *sh, const char *line, bool succeeded)
{
    if (sh->record && sh->depth == sh->record_depth) {
        record_lines(sh, line, succeeded);
        if (sh->recorded_body) {
            record_lines(sh, sh->recorded_body, succeeded);
            record_lines(sh, "end", succeeded);
        }
    }
    if (sh->depth == sh->record_depth) {
        free(sh->recorded_body);
        sh->recorded_body = NULL;
    }
}
