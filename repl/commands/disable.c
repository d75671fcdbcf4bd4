// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/breakpoints.h"

static struct utvm_error *disable_one(struct utvm_shell *sh, struct utvm_breakpoint *bp)
{
    (void)sh;
    bp->enabled = false;
    return NULL;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    return utvm_each_breakpoint(sh, args->arg[0].given ? args->arg[0].text : NULL, disable_one);
}

const struct utvm_command utvm_command_disable = {
    .name = "disable",
    .group = UTVM_GROUP_STOPPING,
    .summary = "keep breakpoints but do not stop at them",
    .detail = "Without numbers it means all of them.",
    .example = "disable",
    .args =
        {{.name = "NUMBERS", .kind = UTVM_ARG_REST, .optional = true, .also = UTVM_ARG_BREAKPOINT}},
    .run = run,
};
