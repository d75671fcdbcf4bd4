// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "repl/commands/common.h"
#include "repl/pipe.h"

// What the program prints becomes a part of the document; its errors go where they go.
static struct utvm_error *run_json(struct utvm_shell *sh, const char *program, FILE *out)
{
    static const struct utvm_column columns[] = {{"text", "text", UTVM_CELL_TEXT, false}};
    char *text = NULL;
    struct utvm_error *error = utvm_pipe_collect(program, &text);
    if (!text) {
        return error;
    }
    struct utvm_document *doc = utvm_document_create("shell");
    utvm_document_fact_text(doc, NULL, "program", "program", "%s", program);
    struct utvm_table *table = utvm_document_table(doc, "lines", NULL, columns, 1);
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        utvm_table_row(table);
        utvm_table_text(table, "%.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
    free(text);
    struct utvm_error *second = utvm_shell_emit(sh, doc, out);
    if (error) {
        utvm_error_drop(second);
        return error;
    }
    return second;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    if (sh->format == UTVM_OUTPUT_JSON && args->arg[0].given) {
        return run_json(sh, args->arg[0].text, out);
    }
    fflush(out);
    fflush(sh->out);
    return utvm_pipe_run(args->arg[0].given ? args->arg[0].text : "${SHELL:-/bin/sh}");
}

const struct utvm_command utvm_command_shell = {
    .name = "shell",
    .alias = "!",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "run a program: !PROGRAM",
    .detail =
        "The rest of the line goes to the system's shell as it is. Without it a shell starts.",
    .example = "!echo hello",
    .flags = UTVM_COMMAND_RAW,
    .args = {{.name = "PROGRAM", .kind = UTVM_ARG_REST, .optional = true, .also = UTVM_ARG_FILE}},
    .run = run,
};
