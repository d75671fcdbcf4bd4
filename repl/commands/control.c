// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/control.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "repl/script.h"

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

// The 'else' of this body, not one of a nested 'if'; NULL when it has none.
static char *find_else(char *body)
{
    unsigned depth = 0;
    for (char *line = body; *line; line = (char *)(uintptr_t)next_line(line)) {
        const char *word = line + strspn(line, " \t");
        size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyz");
        if (depth == 0 && length == 4 && strncmp(word, "else", 4) == 0) {
            return line;
        }
        depth += utvm_opens_body(word);
        depth -= length == 3 && strncmp(word, "end", 3) == 0 && depth > 0;
    }
    return NULL;
}

struct utvm_error *utvm_control_read(struct utvm_shell *sh, struct utvm_control *ret)
{
    struct utvm_control control = {.source = sh->source};
    control.name = sh->source && sh->source->name ? sh->source->name : NULL;
    control.first_line = sh->source ? sh->source->line : 0;
    struct utvm_error *error = utvm_shell_read_body(sh, &control.body);
    if (error) {
        return error;
    }
    char *other = find_else(control.body);
    if (other) {
        control.otherwise = strdup(next_line(other));
        control.else_line = control.first_line + 1;
        for (const char *p = control.body; p < other; p = next_line(p)) {
            control.else_line++;
        }
        *other = '\0';
    }
    if (other && !control.otherwise) {
        utvm_control_deinit(&control);
        return utvm_error_no_memory();
    }
    *ret = control;
    return NULL;
}

void utvm_control_deinit(struct utvm_control *control)
{
    free(control->body);
    free(control->otherwise);
}

struct utvm_error *utvm_control_run(struct utvm_shell *sh, const struct utvm_control *control,
                                    bool otherwise)
{
    const char *cursor = otherwise ? control->otherwise : control->body;
    if (!cursor) {
        return NULL;
    }
    struct utvm_source source;
    // Errors name the lines of the script that the body stands in.
    utvm_source_text(&source, control->name, &cursor);
    source.line = otherwise ? control->else_line : control->first_line;
    return utvm_shell_run_source(sh, &source);
}

struct utvm_error *utvm_control_test(struct utvm_shell *sh, const char *text, bool *ret)
{
    struct utvm_value value;
    struct utvm_error *error = utvm_shell_evaluate(sh, text, &value);
    if (!error) {
        *ret = utvm_value_true(value);
    }
    return error;
}
