// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/breakpoints.h"

static struct utvm_error *enable_one(struct utvm_shell *sh, struct utvm_breakpoint *bp)
{
    (void)sh;
    bp->enabled = true;
    return NULL;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    return utvm_each_breakpoint(sh, args->arg[0].given ? args->arg[0].text : NULL, enable_one);
}

const struct utvm_command utvm_command_enable = {
    .name = "enable",
    .group = UTVM_GROUP_STOPPING,
    .summary = "let breakpoints stop again",
    .detail = "Without numbers it means all of them.",
    .example = "enable",
    .args =
        {{.name = "NUMBERS", .kind = UTVM_ARG_REST, .optional = true, .also = UTVM_ARG_BREAKPOINT}},
    .run = run,
};
