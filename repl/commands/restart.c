// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    struct utvm_error *error = NULL;
    if (args->arg[0].given) {
        error = utvm_session_back_to(sh->session, args->arg[0].index);
    } else {
        error = utvm_session_restart(sh->session, args->option[0].given);
    }
    if (error) {
        return error;
    }
    uint32_t next = utvm_session_status(sh->session)->next_layer;
    if (next < model->num_layers) {
        fprintf(out, "Before layer %u '%s'.\n", next, model->layers[next].name);
    }
    return NULL;
}

const struct utvm_command utvm_command_restart = {
    .name = "restart",
    .group = UTVM_GROUP_RUNNING,
    .summary = "back to the first layer, or to before LAYER",
    .detail = "Without LAYER a new inference begins, with the caches as the last one left them; "
              "nothing runs yet. State tensors keep their values unless --reset-state is given. "
              "With LAYER the current inference is taken back, as by 'back': the same bytes come "
              "again and, on the emulated board, the same cycles; 'restart #0' repeats all of it.",
    .example = "restart",
    .needs = UTVM_NEEDS_UPLOADED,
    .args = {{.name = "LAYER", .kind = UTVM_ARG_LAYER, .optional = true}},
    .options = {{"--reset-state", NULL, UTVM_ARG_WORD, "state tensors to their initial values",
                 NULL}},
    .run = run,
};
