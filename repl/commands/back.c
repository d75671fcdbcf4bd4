// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    uint32_t count = args->arg[0].given ? args->arg[0].count : 1;
    uint32_t layer = utvm_session_status(sh->session)->next_layer;
    if (count == 0) {
        return NULL; // like 'step 0'
    }
    for (uint32_t n = 0; n < count; n++) {
        uint32_t from = layer;
        while (layer > 0 && !utvm_layer_runs(&model->layers[--layer])) {
        }
        if (from == 0 || (layer == 0 && !utvm_layer_runs(&model->layers[0]))) {
            return utvm_error_create(UTVM_ERROR_STATE, "only %u layers have run", n);
        }
    }
    struct utvm_error *error = utvm_session_back_to(sh->session, layer);
    if (!error) {
        fprintf(out, "Before layer %u '%s'.\n", layer, model->layers[layer].name);
    }
    return error;
}

const struct utvm_command utvm_command_back = {
    .name = "back",
    .group = UTVM_GROUP_RUNNING,
    .summary = "take back the last layer, or the last N layers",
    .detail = "Restores the nearest snapshot of the arena that was kept at a stop and runs on from "
              "it if need be, so the same bytes come again. On the emulated board the same cycles "
              "come again, too: it keeps what caches and branch predictor knew with the snapshot. "
              "Hardware cannot; there a layer that is repeated finds them warmer. The setting "
              "'snapshot-limit' says how much may be kept.",
    .example = "back",
    .needs = UTVM_NEEDS_UPLOADED,
    .args = {{.name = "N", .kind = UTVM_ARG_COUNT, .optional = true}},
    .run = run,
};
