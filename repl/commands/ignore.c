// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/breakpoints.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct utvm_breakpoint *bp = NULL;
    struct utvm_error *error = utvm_breakpoint_numbered(sh, args->arg[0].count, &bp);
    if (error) {
        return error;
    }
    bp->ignore_count = args->arg[1].count;
    if (bp->ignore_count == 0) {
        fprintf(out, "Breakpoint %u stops the next time.\n", bp->number);
    } else {
        fprintf(out, "Breakpoint %u is passed %u time%s.\n", bp->number, bp->ignore_count,
                bp->ignore_count == 1 ? "" : "s");
    }
    return NULL;
}

const struct utvm_command utvm_command_ignore = {
    .name = "ignore",
    .group = UTVM_GROUP_STOPPING,
    .summary = "pass a breakpoint a number of times",
    .detail = "Hits are counted all the same.",
    .example = "ignore 1 2",
    .args = {{.name = "N", .kind = UTVM_ARG_BREAKPOINT}, {.name = "COUNT", .kind = UTVM_ARG_COUNT}},
    .run = run,
};
