// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/step.h"

static bool at_end(const struct utvm_shell *sh)
{
    return utvm_session_status(sh->session)->next_layer >= utvm_shell_model(sh)->num_layers;
}

struct utvm_error *utvm_step_layers(struct utvm_shell *sh, uint32_t count, FILE *out)
{
    if (at_end(sh)) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "the model has run to its end; 'run' or 'restart' begins again");
    }
    uint32_t from = utvm_session_status(sh->session)->next_layer;
    if (sh->format != UTVM_OUTPUT_TEXT) {
        struct utvm_error *error = utvm_session_step(sh->session, count);
        return error ? error : utvm_show_stop(sh, out, from, true);
    }
    // One at a time, so that a person sees each as it comes.
    for (uint32_t i = 0; i < count; i++) {
        from = utvm_session_status(sh->session)->next_layer;
        struct utvm_error *error = utvm_session_step(sh->session, 1);
        if (!error) {
            error = utvm_show_stop(sh, out, from, true);
        }
        if (error) {
            return error;
        }
        fflush(out);
        if (utvm_session_status(sh->session)->reason != UTVM_STOP_STEP || at_end(sh)) {
            break;
        }
    }
    return NULL;
}
