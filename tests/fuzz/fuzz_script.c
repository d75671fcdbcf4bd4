// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Scripts and start-up files: any bytes as command lines. Every line is split, completed and bound;
// lines of commands that reach nothing but the shell's own memory are run.
#include <stdlib.h>
#include <string.h>

#include "repl/bind.h"
#include "repl/complete.h"
#include "repl/parse.h"
#include "repl/shell.h"
#include "repl/slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_harmless(const char *name, const struct utvm_line *line)
{
    static const char *const names[] = {"print", "echo", "expect",  "help",
                                        "set",   "info", "apropos", "delete"};
    if (line->redirect != UTVM_REDIRECT_NONE) {
        return false;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void try_slice(const char *text)
{
    static const uint32_t dims[] = {2, 30, 4, 1};
    struct utvm_slice slice;
    struct utvm_error *error = utvm_slice_parse(text, 4, dims, &slice);
    for (uint64_t i = 0; !error && i < slice.num_elems; i++) {
        UTVM_ASSERT(utvm_slice_flat(&slice, i) < 240);
    }
    utvm_error_free(error);
}

static void try_complete(struct utvm_shell *sh, const char *text)
{
    size_t point = strlen(text);
    size_t start = point;
    while (start > 0 && text[start - 1] != ' ' && text[start - 1] != '\t') {
        start--;
    }
    // Looking into directories would make a run depend on the machine.
    if (!strchr(text, '/') && !strchr(text, '>')) {
        struct utvm_completions found;
        utvm_complete(sh, text, start, point, &found);
        utvm_completions_deinit(&found);
    }
}

static void try_line(struct utvm_shell *sh, const char *text)
{
    struct utvm_head head;
    const struct utvm_command *command = NULL;
    struct utvm_line line = {0};
    struct utvm_binding binding = {0};
    try_slice(text);
    try_complete(sh, text);
    struct utvm_error *error = utvm_parse_head(text, &head);
    if (!error && head.name[0]) {
        error = utvm_command_find(head.name, &command);
    }
    if (!error && command) {
        unsigned operators = command->flags & UTVM_COMMAND_OPERATORS ? UTVM_PARSE_OPERATORS : 0;
        error = utvm_parse_line(text + head.length, operators, &line);
        if (!error) {
            error = utvm_bind(command, &line, &binding);
        }
        if (!error && is_harmless(command->name, &line) && !strstr(text, "reference")) {
            error = utvm_shell_execute(sh, text);
        }
    }
    utvm_error_free(error);
    utvm_binding_deinit(&binding);
    utvm_line_deinit(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    FILE *nowhere = fopen("/dev/null", "w");
    struct utvm_shell *sh = NULL;
    if (text && nowhere) {
        memcpy(text, data, size);
        text[size] = '\0';
        struct utvm_error *error = utvm_shell_create(nowhere, nowhere, &sh);
        UTVM_ASSERT(!error);
        char *rest = NULL;
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
            try_line(sh, line);
        }
        utvm_shell_free(sh);
    }
    free(text);
    if (nowhere) {
        fclose(nowhere);
    }
    return 0;
}
