// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/control.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)args;
    (void)out;
    if (sh->num_loops == 0) {
        return utvm_error_create(UTVM_ERROR_STATE, "there is no 'while' around it");
    }
    sh->loop_end = UTVM_LOOP_BREAK;
    return NULL;
}

const struct utvm_command utvm_command_loop_break = {
    .name = "loop_break",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "end the innermost 'while'",
    .example = "loop_break",
    .run = run,
};
