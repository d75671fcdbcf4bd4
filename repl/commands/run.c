// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct utvm_error *error = utvm_session_restart(sh->session, args->option[0].given);
    if (!error) {
        error = utvm_session_continue(sh->session);
    }
    return error ? error : utvm_show_stop(sh, out, 0, false);
}

const struct utvm_command utvm_command_run = {
    .name = "run",
    .alias = "r",
    .group = UTVM_GROUP_RUNNING,
    .summary = "run an inference from the first layer",
    .detail = "Runs until a breakpoint, a fault, Ctrl-C or the end of the model. Inputs that were "
              "never set are zero. State tensors keep their values unless --reset-state is given.",
    .example = "run",
    .needs = UTVM_NEEDS_UPLOADED,
    .flags = UTVM_COMMAND_RUNS,
    .options = {{"--reset-state", NULL, UTVM_ARG_WORD, "state tensors to their initial values",
                 NULL}},
    .run = run,
};
