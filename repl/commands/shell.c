// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"
#include "repl/pipe.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
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
    .flags = UTVM_COMMAND_RAW | UTVM_COMMAND_PLAIN,
    .args = {{.name = "PROGRAM", .kind = UTVM_ARG_REST, .optional = true, .also = UTVM_ARG_FILE}},
    .run = run,
};
