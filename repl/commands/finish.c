// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)args;
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    uint32_t from = status->next_layer;
    uint32_t end = status->interrupted ? from + 1 : utvm_shell_model(sh)->num_layers;
    if (from >= utvm_shell_model(sh)->num_layers) {
        return utvm_error_create(UTVM_ERROR_STATE, "the model has run to its end already");
    }
    struct utvm_error *error = utvm_session_run_until(sh->session, end);
    return error ? error : utvm_show_stop(sh, out, from, status->next_layer == from + 1);
}

const struct utvm_command utvm_command_finish = {
    .name = "finish",
    .group = UTVM_GROUP_RUNNING,
    .summary = "finish the interrupted layer, or else the inference",
    .detail = "After Ctrl-C in the middle of a layer it runs that layer to its end. Between layers "
              "it runs the rest of the model, breakpoints permitting.",
    .example = "finish",
    .needs = UTVM_NEEDS_UPLOADED,
    .flags = UTVM_COMMAND_RUNS,
    .run = run,
};
