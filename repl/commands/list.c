// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/build/workdir.h"
#include "core/file.h"
#include "repl/commands/common.h"
#include "repl/human.h"

enum {
    LINES = 10, /**< as in GDB */
};

/** Lines of a source to be shown. */
struct excerpt {
    char *name;    /**< "kernels/ops/add_int8.c"; owned */
    unsigned here; /**< the line the core stands in; 0 = none */
    unsigned first;
    unsigned last;
};

// Only what lies with the kernels: the name may come from a file.
static bool is_kernel_source(const char *name)
{
    return strncmp(name, "kernels/", 8) == 0 && !strstr(name, "..");
}

static struct utvm_error *read_source(const char *name, char **ret)
{
    char *kernels = NULL;
    char *path = NULL;
    struct utvm_error *error = utvm_find_kernels(NULL, &kernels);
    if (error) {
        return error;
    }
    if (asprintf(&path, "%s%s", kernels, name + strlen("kernels")) < 0) {
        path = NULL;
    }
    free(kernels);
    uint8_t *bytes = NULL;
    size_t size = 0;
    error = path ? utvm_file_read(path, &bytes, &size) : utvm_error_no_memory();
    free(path);
    if (error) {
        utvm_error_drop(error); // its path is one that the user has not named
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "there is no source '%.100s'", name);
    }
    char *text = strndup((const char *)bytes, size);
    free(bytes);
    *ret = text;
    return text ? NULL : utvm_error_no_memory();
}

// The beginning of a line; NULL when there are not that many.
static const char *line_at(const char *text, unsigned number)
{
    for (unsigned n = 1; n < number && text; n++) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return text && *text ? text : NULL;
}

static void center(struct excerpt *e, unsigned line)
{
    e->first = line > LINES / 2 ? line - LINES / 2 : 1;
    e->last = e->first + LINES - 1;
}

// Around the beginning of the function that a layer calls.
static struct utvm_error *excerpt_of_layer(struct utvm_shell *sh, uint32_t asked,
                                           struct excerpt *ret)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    const struct utvm_layer *layer = &model->layers[utvm_model_executor(model, asked)];
    const char *kernel = layer->kernel;
    if (!utvm_layer_runs(layer)) {
        return utvm_error_create(UTVM_ERROR_STATE, "layer %u '%s' is folded away: it has no code",
                                 layer->index, layer->name);
    }
    if (!kernel[0] || kernel[strspn(kernel, "abcdefghijklmnopqrstuvwxyz0123456789_")]) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND,
                                 "the model does not say which kernel layer %u '%s' calls",
                                 layer->index, layer->name);
    }
    struct excerpt e = {0};
    char *text = NULL;
    if (asprintf(&e.name, "kernels/ops/%s.c", kernel) < 0) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = read_source(e.name, &text);
    if (error) {
        free(e.name);
        return utvm_error_prefix(error, "layer %u '%s'", layer->index, layer->name);
    }
    char function[128];
    snprintf(function, sizeof(function), "UTVM_KERNEL(%.100s)", kernel);
    const char *at = strstr(text, function);
    unsigned line = 1;
    for (const char *p = text; at && p < at; p++) {
        line += *p == '\n';
    }
    free(text);
    center(&e, line);
    *ret = e;
    return NULL;
}

// Around the line in which the core was interrupted or has failed.
static struct utvm_error *excerpt_of_stop(struct utvm_shell *sh, struct excerpt *ret)
{
    utvm_addr pc = utvm_session_status(sh->session)->stop_pc;
    char *place = utvm_source_line(sh, pc);
    char *colon = place ? strrchr(place, ':') : NULL;
    unsigned long line = colon ? strtoul(colon + 1, NULL, 10) : 0;
    if (!colon || line == 0 || line > INT32_MAX || !is_kernel_source(place)) {
        free(place);
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "no source is known for 0x%08x", pc);
    }
    *colon = '\0';
    *ret = (struct excerpt){.name = place, .here = (unsigned)line};
    center(ret, (unsigned)line);
    return NULL;
}

// What a plain `list` starts with: where the core stands, else the layer that runs next.
static struct utvm_error *excerpt_here(struct utvm_shell *sh, struct excerpt *ret)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    if (status->interrupted || status->faulted) {
        return excerpt_of_stop(sh, ret);
    }
    if (status->next_layer >= utvm_shell_model(sh)->num_layers) {
        return utvm_error_create(UTVM_ERROR_STATE, "the model is at its end; name a layer");
    }
    return excerpt_of_layer(sh, status->next_layer, ret);
}

// At most six digits. @return false when there is none
static bool take_number(const char **text, unsigned *ret)
{
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > 6) {
        return false;
    }
    *ret = (unsigned)strtoul(*text, NULL, 10);
    *text += digits;
    return true;
}

// "12" and "12,20". @return false for something else
static bool take_lines(const char *text, struct excerpt *ret)
{
    unsigned first = 0;
    if (!take_number(&text, &first)) {
        return false;
    }
    if (*text == ',') {
        text++;
        ret->first = first > 0 ? first : 1;
        if (!take_number(&text, &ret->last)) {
            return false;
        }
    } else {
        center(ret, first);
    }
    return *text == '\0';
}

// "planes.h", "planes.h:272", "planes.h:272,280" or with the path that 'where' shows.
// @return false for something else
static bool excerpt_of_file(const char *text, struct excerpt *ret)
{
    const char *colon = strrchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    bool is_source = length > 2 && text[length - 2] == '.' && strchr("ch", text[length - 1]);
    const char *directory = memchr(text, '/', length) ? "" : "kernels/ops/";
    struct excerpt e = {.first = 1, .last = LINES};
    if (!is_source || (colon && !take_lines(colon + 1, &e)) ||
        asprintf(&e.name, "%s%.*s", directory, (int)length, text) < 0) {
        return false;
    }
    if (!is_kernel_source(e.name)) {
        free(e.name);
        return false;
    }
    *ret = e;
    return true;
}

// "12", "12,20" and "-" go by the source that was shown last. @return false for something else
static bool excerpt_by_lines(const struct utvm_listing *shown, const char *text,
                             struct excerpt *ret)
{
    struct excerpt e = {.here = ret->here};
    if (strcmp(text, "-") == 0) {
        e.last = shown->first - 1;
        e.first = e.last > LINES ? e.last - LINES + 1 : 1;
    } else if (!take_lines(text, &e)) {
        return false;
    }
    *ret = e;
    return true;
}

static struct utvm_error *find_excerpt(struct utvm_shell *sh, const char *text, struct excerpt *ret)
{
    const struct utvm_listing *shown = &sh->listing;
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    bool moved = shown->stop_pc != status->stop_pc || shown->next_layer != status->next_layer;
    struct excerpt e = {
        .here = moved ? 0 : shown->here, .first = shown->last + 1, .last = shown->last + LINES};
    if (!text && (!shown->name || moved)) {
        return excerpt_here(sh, ret);
    }
    bool of_file = text && excerpt_of_file(text, &e);
    if (text && !of_file && !excerpt_by_lines(shown, text, &e)) {
        uint32_t layer = 0;
        struct utvm_error *error = utvm_model_find_layer(utvm_shell_model(sh), text, &layer);
        return error ? error : excerpt_of_layer(sh, layer, ret);
    }
    if (e.last > 0 && e.last < e.first) {
        free(e.name);
        return utvm_error_create(UTVM_ERROR_INVALID, "the range %s runs backwards", text);
    }
    if (of_file) {
        *ret = e;
        return NULL;
    }
    if (!shown->name) {
        struct utvm_error *error = excerpt_here(sh, ret); // for its name
        if (!error && strcmp(text, "-") != 0) {
            ret->first = e.first;
            ret->last = e.last;
        }
        return error;
    }
    if (e.last == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "%s begins here", shown->name);
    }
    e.name = strdup(shown->name);
    *ret = e;
    return e.name ? NULL : utvm_error_no_memory();
}

static struct utvm_error *show(struct utvm_shell *sh, struct excerpt *e, const char *text,
                               FILE *out)
{
    static const struct utvm_column columns[] = {{"line", "line", UTVM_CELL_INT, false},
                                                 {"text", "source", UTVM_CELL_TEXT, false}};
    bool plain = sh->format == UTVM_OUTPUT_TEXT;
    struct utvm_document *doc = plain ? NULL : utvm_document_create("source");
    if (!plain) {
        utvm_document_fact_text(doc, NULL, "file", "file", "%s", e->name);
    } else if (!sh->listing.name || strcmp(sh->listing.name, e->name) != 0) {
        fprintf(out, "%s\n", e->name);
    }
    struct utvm_table *table = utvm_document_table(doc, "lines", NULL, columns, 2);
    const char *at = line_at(text, e->first);
    unsigned number = e->first;
    for (; at && *at && number <= e->last; number++) {
        size_t length = strcspn(at, "\n");
        char *line = strndup(at, length);
        if (plain) {
            fprintf(out, "%s%u\t", number == e->here ? "> " : "  ", number);
            utvm_human_write(out, line ? line : "", true);
            fputc('\n', out);
        } else {
            utvm_table_row(table);
            utvm_table_int(table, number);
            utvm_table_text(table, "%s", line ? line : "");
        }
        free(line);
        at += length + (at[length] == '\n');
    }
    e->last = number - 1;
    return plain ? NULL : utvm_shell_emit(sh, doc, out);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    // An empty line goes on, whatever was asked for.
    const char *asked = args->arg[0].given && !sh->repeating ? args->arg[0].text : NULL;
    struct excerpt e = {0};
    char *text = NULL;
    struct utvm_error *error = find_excerpt(sh, asked, &e);
    if (error) {
        return error;
    }
    error = read_source(e.name, &text);
    if (!error && !line_at(text, e.first)) {
        unsigned lines = 0;
        while (line_at(text, lines + 1)) {
            lines++;
        }
        error = utvm_error_create(UTVM_ERROR_INVALID, "%s has %u lines", e.name, lines);
    }
    if (!error) {
        error = show(sh, &e, text, out);
    }
    free(text);
    if (error) {
        free(e.name);
        return error;
    }
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    free(sh->listing.name);
    sh->listing =
        (struct utvm_listing){e.name, e.first, e.last, e.here, status->stop_pc, status->next_layer};
    return NULL;
}

const struct utvm_command utvm_command_list = {
    .name = "list",
    .alias = "l",
    .group = UTVM_GROUP_LOOKING,
    .summary = "source lines of a layer's kernel",
    .detail = "Shows ten lines around the function that LAYER calls; without it, of the layer that "
              "runs next, or around the line in which the core was interrupted or has failed. "
              "Again, or with an empty line, it goes on; 'list -' goes back, 'list 40' and "
              "'list 40,60' show lines of the same file, 'list planes.h:270' of another one.",
    .example = "list softmax",
    .needs = UTVM_NEEDS_MODEL,
    .flags = UTVM_COMMAND_REPEAT,
    .args = {{.name = "LAYER|LINES|FILE",
              .kind = UTVM_ARG_WORD,
              .optional = true,
              .also = UTVM_ARG_LAYER}},
    .run = run,
};
