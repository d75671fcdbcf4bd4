// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/breakpoints.h"

static struct utvm_error *remove_one(struct utvm_shell *sh, struct utvm_breakpoint *bp)
{
    return utvm_session_delete_breakpoint(sh->session, bp->number);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    if (!args->arg[0].given && utvm_session_num_breakpoints(sh->session) > 0 &&
        !utvm_shell_confirm(sh, "Delete all breakpoints?")) {
        return NULL;
    }
    return utvm_each_breakpoint(sh, args->arg[0].given ? args->arg[0].text : NULL, remove_one);
}

const struct utvm_command utvm_command_delete = {
    .name = "delete",
    .alias = "d",
    .group = UTVM_GROUP_STOPPING,
    .summary = "delete breakpoints and watchpoints",
    .detail = "Without numbers it deletes all of them, after asking.",
    .example = "delete",
    .args =
        {{.name = "NUMBERS", .kind = UTVM_ARG_REST, .optional = true, .also = UTVM_ARG_BREAKPOINT}},
    .run = run,
};
