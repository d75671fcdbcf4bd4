// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>

#include "repl/commands/common.h"
#include "repl/human.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    uint32_t asked =
        args->arg[0].given ? args->arg[0].index : utvm_session_status(sh->session)->next_layer;
    if (asked >= model->num_layers) {
        return utvm_error_create(UTVM_ERROR_STATE, "the model is at its end; name a layer");
    }
    uint32_t index = utvm_model_executor(model, asked);
    const struct utvm_layer *layer = &model->layers[index];
    if (!utvm_layer_runs(layer)) {
        return utvm_error_create(UTVM_ERROR_STATE, "layer %u '%s' is folded away: it has no code",
                                 index, layer->name);
    }
    if (index != asked) {
        fprintf(out, "Layer %u is fused into layer %u '%s'.\n", asked, index, layer->name);
    }
    uint32_t bytes = layer->code_bytes ? layer->code_bytes : 256;
    char *text = NULL;
    struct utvm_error *error = utvm_disassemble(sh, layer->code_addr, layer->code_addr + bytes,
                                                !args->option[0].given, &text);
    if (error) {
        return error;
    }
    utvm_human_write(out, text, true);
    free(text);
    return NULL;
}

const struct utvm_command utvm_command_disassemble = {
    .name = "disassemble",
    .group = UTVM_GROUP_LOOKING,
    .summary = "machine code of a layer, with its source lines",
    .detail = "Needs arm-none-eabi-objdump. Without LAYER it shows the layer that runs next.",
    .example = "disassemble #0",
    .needs = UTVM_NEEDS_MODEL,
    .args = {{.name = "LAYER", .kind = UTVM_ARG_LAYER, .optional = true}},
    .options = {{"--no-source", NULL, UTVM_ARG_WORD, "instructions only", NULL}},
    .run = run,
};
