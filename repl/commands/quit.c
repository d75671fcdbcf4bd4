// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    unsigned code = args->arg[0].given ? args->arg[0].count : 0;
    if (code > 255) {
        return utvm_error_create(UTVM_ERROR_INVALID, "an exit code is 0 to 255, not %u", code);
    }
    sh->quit = true;
    sh->exit_code = (int)code;
    return NULL;
}

const struct utvm_command utvm_command_quit = {
    .name = "quit",
    .alias = "q",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "end utvm and what it started",
    .detail = "Ctrl-D does the same. CODE is the exit code.",
    .example = "quit",
    .flags = UTVM_COMMAND_UNRECORDED,
    .args = {{.name = "CODE", .kind = UTVM_ARG_COUNT, .optional = true}},
    .run = run,
};
