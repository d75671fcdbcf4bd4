// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/breakpoints.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "repl/condition.h"
#include "repl/parse.h"

// Where the word "if" stands, outside quotes and brackets; NULL when it does not.
static const char *find_if(const char *text)
{
    bool at_word = true;
    for (const char *p = text; *p; p++) {
        if (at_word && strncmp(p, "if", 2) == 0 &&
            (isspace((unsigned char)p[2]) || p[2] == '(' || (p[2] == '\0' && p > text))) {
            return p;
        }
        if (*p == '\'' || *p == '"') {
            const char *end = strchr(p + 1, *p);
            p = end ? end : p;
        }
        at_word = isspace((unsigned char)*p);
    }
    return NULL;
}

// A copy without blanks around and without quotes around the whole.
static char *bare(const char *from, size_t length)
{
    char *text = utvm_text_trimmed(from, length);
    size_t left = text ? strlen(text) : 0;
    if (left >= 2 && (text[0] == '\'' || text[0] == '"') && text[left - 1] == text[0]) {
        memmove(text, text + 1, left - 2);
        text[left - 2] = '\0';
    }
    return text;
}

struct utvm_error *utvm_split_condition(const char *text, char **what, char **condition)
{
    const char *at = find_if(text);
    char *left = bare(text, at ? (size_t)(at - text) : strlen(text));
    char *right = at ? bare(at + 2, strlen(at + 2)) : NULL;
    if (!left || (at && !right)) {
        free(left);
        free(right);
        return utvm_error_no_memory();
    }
    *what = left;
    *condition = right;
    return NULL;
}

static void describe(struct utvm_shell *sh, const struct utvm_breakpoint *bp, FILE *out)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    uint32_t matches = 0;
    uint32_t first = 0;
    for (uint32_t i = model->num_layers; i-- > 0;) {
        if (utvm_breakpoint_matches(model, bp, i)) {
            matches++;
            first = i;
        }
    }
    const char *when = bp->when == UTVM_BREAK_AFTER ? "after" : "before";
    fprintf(out, "%s %u %s ", bp->temporary ? "Temporary breakpoint" : "Breakpoint", bp->number,
            when);
    if (matches == 1) {
        fprintf(out, "layer %u '%s'", first, model->layers[first].name);
    } else {
        fprintf(out, "%u layers", matches);
    }
    fprintf(out, "%s%s.\n", bp->condition ? " if " : "", bp->condition ? bp->condition : "");
}

static struct utvm_error *set(struct utvm_shell *sh, const struct utvm_break_request *request,
                              const char *spec, char *condition, FILE *out)
{
    // A condition looks at what the layer has done.
    enum utvm_break_when when = UTVM_BREAK_BEFORE;
    if (request->after || (condition && !request->before)) {
        when = UTVM_BREAK_AFTER;
    }
    struct utvm_breakpoint *bp = NULL;
    struct utvm_error *error = utvm_session_break(sh->session, spec, when, request->temporary, &bp);
    if (error && error->code == UTVM_ERROR_NOT_FOUND) {
        // An operator kind by its bare name: CONV_2D.
        char kind[80];
        snprintf(kind, sizeof(kind), "operator %.60s", spec);
        struct utvm_error *second =
            utvm_session_break(sh->session, kind, when, request->temporary, &bp);
        if (!second) {
            utvm_error_drop(error);
            error = NULL;
        } else {
            utvm_error_drop(second);
        }
    }
    if (error) {
        return error;
    }
    bp->condition = condition;
    sh->last_breakpoint = bp->number;
    if (sh->format != UTVM_OUTPUT_TEXT) {
        return utvm_shell_emit(sh, utvm_breakpoints_document(sh, bp), out);
    }
    describe(sh, bp, out);
    return NULL;
}

struct utvm_error *utvm_break_set(struct utvm_shell *sh, const struct utvm_break_request *request,
                                  FILE *out)
{
    if (request->before && request->after) {
        return utvm_error_create(UTVM_ERROR_INVALID, "--before and --after exclude each other");
    }
    char *spec = NULL;
    char *condition = NULL;
    struct utvm_error *error =
        utvm_split_condition(request->text ? request->text : "", &spec, &condition);
    if (!error && condition) {
        if (condition[0] == '\0') {
            error = utvm_error_create(UTVM_ERROR_INVALID, "a condition must follow 'if'");
        } else if (request->before) {
            error = utvm_error_create(UTVM_ERROR_INVALID,
                                      "a condition is about what the layer did: use --after");
        } else {
            error = utvm_condition_validate(sh, condition);
        }
    }
    char here[20];
    if (!error && spec[0] == '\0') {
        snprintf(here, sizeof(here), "#%u", utvm_session_status(sh->session)->next_layer);
    }
    if (!error) {
        error = set(sh, request, spec[0] ? spec : here, condition, out);
    }
    if (error) {
        free(condition);
    }
    free(spec);
    return error;
}

struct utvm_error *utvm_breakpoint_numbered(struct utvm_shell *sh, uint32_t number,
                                            struct utvm_breakpoint **ret)
{
    struct utvm_breakpoint *bp = utvm_session_find_breakpoint(sh->session, number);
    if (!bp) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND,
                                 "no breakpoint %u; 'info breakpoints' lists them", number);
    }
    *ret = bp;
    return NULL;
}

// "2-4": both ends. @return false when it is something else
static bool is_range(const char *word, uint32_t *first, uint32_t *last)
{
    size_t digits = strspn(word, "0123456789");
    const char *behind = word + digits + 1;
    if (digits == 0 || digits > 6 || word[digits] != '-' ||
        behind[strspn(behind, "0123456789")] != '\0' || !*behind || strlen(behind) > 6) {
        return false;
    }
    *first = (uint32_t)strtoul(word, NULL, 10);
    *last = (uint32_t)strtoul(behind, NULL, 10);
    return true;
}

static struct utvm_error *each_of_word(struct utvm_shell *sh, const char *word,
                                       utvm_breakpoint_fn fn)
{
    uint32_t first = 0;
    uint32_t last = 0;
    struct utvm_error *error = NULL;
    if (!is_range(word, &first, &last)) {
        struct utvm_value value;
        error = utvm_shell_evaluate(sh, word, &value);
        double number = error ? -1 : utvm_value_number(value);
        utvm_error_drop(error); // that it is no number is all there is to say
        error = NULL;
        if (!(number >= 0 && number <= UINT32_MAX) || number != (uint32_t)number) {
            return utvm_error_create(UTVM_ERROR_INVALID,
                                     "'%.40s' is not a breakpoint's number; 'info breakpoints' "
                                     "lists them",
                                     word);
        }
        first = last = (uint32_t)number;
    } else if (last < first) {
        return utvm_error_create(UTVM_ERROR_INVALID, "the range %s runs backwards", word);
    }
    for (uint32_t n = first; n <= last && !error; n++) {
        struct utvm_breakpoint *bp = NULL;
        // In a range there may be gaps.
        if (first == last) {
            error = utvm_breakpoint_numbered(sh, n, &bp);
        } else {
            bp = utvm_session_find_breakpoint(sh->session, n);
        }
        if (bp) {
            error = fn(sh, bp);
        }
    }
    return error;
}

static bool is_the_word(const char *text)
{
    size_t length = strlen(text);
    return length >= 2 && strncmp("breakpoints", text, length) == 0;
}

struct utvm_error *utvm_each_breakpoint(struct utvm_shell *sh, const char *text,
                                        utvm_breakpoint_fn fn)
{
    if (!text) {
        for (size_t i = utvm_session_num_breakpoints(sh->session); i-- > 0;) {
            struct utvm_error *error = fn(sh, utvm_session_breakpoint(sh->session, i));
            if (error) {
                return error;
            }
        }
        return NULL;
    }
    struct utvm_line words = {0};
    struct utvm_error *error = utvm_parse_line(text, UTVM_PARSE_OPERATORS, &words);
    // "delete breakpoints 1": the word says nothing that the command does not.
    size_t first = !error && words.num_tokens > 0 && is_the_word(words.tokens[0].text) ? 1 : 0;
    if (first == 1 && words.num_tokens == 1) {
        utvm_line_deinit(&words);
        return utvm_each_breakpoint(sh, NULL, fn);
    }
    for (size_t i = first; i < words.num_tokens && !error; i++) {
        error = each_of_word(sh, words.tokens[i].text, fn);
    }
    utvm_line_deinit(&words);
    return error;
}

static void add_breakpoint(struct utvm_table *table, const struct utvm_breakpoint *bp)
{
    utvm_table_row(table);
    utvm_table_int(table, bp->number);
    utvm_table_text(table, "%s", bp->is_watch ? "watch" : bp->temporary ? "once" : "break");
    utvm_table_text(table, "%s", bp->when == UTVM_BREAK_AFTER ? "after" : "before");
    utvm_table_bool(table, bp->enabled);
    utvm_table_int(table, bp->hits);
    utvm_table_text(table, "%s", bp->spec);
    if (bp->condition) {
        utvm_table_text(table, "%s", bp->condition);
    } else {
        utvm_table_none(table);
    }
    if (bp->commands) {
        char *line = strdup(bp->commands);
        for (char *p = line ? strchr(line, '\n') : NULL; p; p = strchr(p, '\n')) {
            *p = p[1] ? ';' : '\0';
        }
        utvm_table_text(table, "%s", line ? line : "");
        free(line);
    } else {
        utvm_table_none(table);
    }
    if (bp->once) {
        utvm_table_text(table, "disable"); // that a temporary one is deleted its type says
    } else {
        utvm_table_none(table);
    }
}

struct utvm_document *utvm_breakpoints_document(struct utvm_shell *sh,
                                                const struct utvm_breakpoint *only)
{
    static const struct utvm_column columns[] = {
        {"number", "#", UTVM_CELL_INT, false},
        {"type", "type", UTVM_CELL_TEXT, false},
        {"when", "when", UTVM_CELL_TEXT, false},
        {"enabled", "enabled", UTVM_CELL_BOOL, false},
        {"hits", "hits", UTVM_CELL_INT, false},
        {"where", "where", UTVM_CELL_TEXT, true},
        {"condition", "condition", UTVM_CELL_TEXT, true},
        {"commands", "commands", UTVM_CELL_TEXT, true},
        {"disposition", "then", UTVM_CELL_TEXT, false},
    };
    struct utvm_document *doc = utvm_document_create("breakpoints");
    struct utvm_table *table = utvm_document_table(doc, "breakpoints", NULL, columns,
                                                   sizeof(columns) / sizeof(columns[0]));
    size_t count = utvm_session_num_breakpoints(sh->session);
    for (size_t i = 0; i < count; i++) {
        const struct utvm_breakpoint *bp = utvm_session_breakpoint(sh->session, i);
        if (!only || bp == only) {
            add_breakpoint(table, bp);
        }
    }
    if (count == 0) {
        utvm_document_note(doc, "No breakpoints.");
    }
    return doc;
}
