// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>

#include "repl/commands/breakpoints.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    size_t count = utvm_session_num_breakpoints(sh->session);
    struct utvm_breakpoint *bp = NULL;
    if (args->arg[0].given) {
        bp = utvm_session_find_breakpoint(sh->session, args->arg[0].count);
    } else if (count > 0) {
        bp = utvm_session_breakpoint(sh->session, count - 1);
    }
    uint32_t number = bp ? bp->number : 0;
    char *body = NULL;
    // The body is read even when there is no such breakpoint: its lines are no commands of their
    // own.
    struct utvm_error *error = utvm_shell_read_body(sh, &body);
    if (error) {
        return error;
    }
    bp = utvm_session_find_breakpoint(sh->session, number);
    if (!bp) {
        free(body);
        return args->arg[0].given
                   ? utvm_breakpoint_numbered(sh, args->arg[0].count, &bp)
                   : utvm_error_create(UTVM_ERROR_STATE, "there is no breakpoint yet");
    }
    free(bp->commands);
    bp->commands = body[0] ? body : NULL;
    if (!bp->commands) {
        free(body);
    }
    return NULL;
}

const struct utvm_command utvm_command_commands = {
    .name = "commands",
    .group = UTVM_GROUP_STOPPING,
    .summary = "run commands whenever a breakpoint is hit",
    .detail = "The lines up to 'end' belong to breakpoint N, or to the newest one. No lines take "
              "them away.",
    .example = "commands 1",
    .args = {{.name = "N", .kind = UTVM_ARG_BREAKPOINT, .optional = true}},
    .run = run,
};
