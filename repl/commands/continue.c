// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    if (status->next_layer >= utvm_shell_model(sh)->num_layers) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "the model has run to its end; 'run' begins again");
    }
    if (args->arg[0].given && args->arg[0].count > 0 && status->stop_breakpoint) {
        struct utvm_breakpoint *bp =
            utvm_session_find_breakpoint(sh->session, status->stop_breakpoint);
        if (bp) {
            bp->ignore_count = args->arg[0].count - 1;
        }
    }
    uint32_t from = status->next_layer;
    struct utvm_error *error = utvm_session_continue(sh->session);
    return error ? error : utvm_show_stop(sh, out, from, false);
}

const struct utvm_command utvm_command_continue = {
    .name = "continue",
    .alias = "c",
    .group = UTVM_GROUP_RUNNING,
    .summary = "run on to the next breakpoint or the end",
    .detail = "With N the breakpoint stopped at is passed N - 1 times, as in GDB.",
    .example = "continue",
    .needs = UTVM_NEEDS_UPLOADED,
    .flags = UTVM_COMMAND_RUNS,
    .args = {{.name = "N", .kind = UTVM_ARG_COUNT, .optional = true}},
    .run = run,
};
