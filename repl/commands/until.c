// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    uint32_t layer = args->arg[0].index;
    if (layer < status->next_layer || (layer == status->next_layer && !status->interrupted)) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "layer %u '%s' is not ahead; 'restart' goes back to the start",
                                 layer, utvm_shell_model(sh)->layers[layer].name);
    }
    uint32_t from = status->next_layer;
    struct utvm_error *error = utvm_session_run_until(sh->session, layer);
    return error ? error : utvm_show_stop(sh, out, from, false);
}

const struct utvm_command utvm_command_until = {
    .name = "until",
    .alias = "u",
    .group = UTVM_GROUP_RUNNING,
    .summary = "run on and stop before a layer",
    .detail = "Breakpoints on the way stop it earlier.",
    .example = "until #3",
    .needs = UTVM_NEEDS_UPLOADED,
    .flags = UTVM_COMMAND_RUNS,
    .args = {{.name = "LAYER", .kind = UTVM_ARG_LAYER}},
    .run = run,
};
