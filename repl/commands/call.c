// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/bytes.h"
#include "repl/commands/common.h"
#include "repl/human.h"

// The record of one layer in the device's memory.
static struct utvm_error *read_cycles(struct utvm_shell *sh, uint32_t layer, uint32_t overhead,
                                      uint32_t *ret)
{
    uint8_t bytes[4];
    utvm_addr at = utvm_shell_model(sh)->mailbox_addr + (uint32_t)sizeof(struct utvm_mailbox) +
                   layer * (uint32_t)sizeof(struct utvm_layer_record);
    struct utvm_error *error = utvm_target_read(utvm_shell_target(sh), at, bytes, sizeof(bytes));
    if (error) {
        return error;
    }
    uint32_t cycles = utvm_le32(bytes);
    *ret = cycles > overhead ? cycles - overhead : 0;
    return NULL;
}

static struct utvm_error *check(const struct utvm_model *model, uint32_t layer,
                                const struct utvm_call_result *result,
                                const struct utvm_mailbox *mailbox)
{
    if (result->interrupted) {
        return utvm_error_create(UTVM_ERROR_CANCELLED, "layer %u '%s' was interrupted", layer,
                                 model->layers[layer].name);
    }
    if (mailbox->state == UTVM_STATE_FAILED) {
        return utvm_error_create(UTVM_ERROR_FAULT, "layer %u '%s' returned status %u", layer,
                                 model->layers[layer].name, mailbox->status);
    }
    if (mailbox->state != UTVM_STATE_DONE || result->pc != model->stop_addr) {
        return utvm_error_at(UTVM_ERROR_FAULT, result->pc,
                             "layer %u '%s' did not come to its end; 'load' recovers the target",
                             layer, model->layers[layer].name);
    }
    return NULL;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    uint32_t layer = utvm_model_executor(model, args->arg[0].index);
    if (!utvm_layer_runs(&model->layers[layer])) {
        return utvm_error_create(UTVM_ERROR_STATE, "layer %u '%s' is folded away: it has no code",
                                 layer, model->layers[layer].name);
    }
    uint32_t words[sizeof(struct utvm_mailbox) / 4];
    const struct utvm_call call = {
        .pc = model->entry_addr,
        .args = {layer, layer + 1, 0},
        .result_addr = model->mailbox_addr,
        .result_words = sizeof(words) / sizeof(words[0]),
    };
    struct utvm_call_result result = {.words = words};
    uint32_t timeout = (uint32_t)utvm_settings_count(&sh->settings, UTVM_SET_TIMEOUT);
    struct utvm_error *error = utvm_target_call(utvm_shell_target(sh), &call, timeout, &result);
    if (error) {
        return utvm_error_prefix(error, "layer %u '%s'", layer, model->layers[layer].name);
    }
    struct utvm_mailbox mailbox;
    memcpy(&mailbox, words, sizeof(mailbox));
    uint32_t cycles = 0;
    error = check(model, layer, &result, &mailbox);
    if (!error) {
        error = read_cycles(sh, layer, mailbox.overhead_cycles, &cycles);
    }
    if (error) {
        return error;
    }
    char text[32];
    fprintf(out, "#%u %s  %s  %s cycles (%s), called out of order\n", layer,
            model->layers[layer].name, model->layers[layer].operator_name,
            utvm_human_count(cycles, text),
            utvm_cycle_source_name(utvm_shell_target(sh)->info.cycle_source));
    return NULL;
}

const struct utvm_command utvm_command_call = {
    .name = "call",
    .group = UTVM_GROUP_RUNNING,
    .summary = "run one layer now, on what its inputs hold",
    .detail = "The position does not move. The layer reads and writes the arena as it is: set its "
              "inputs first ('set', 'restore'), look at its output after with 'print --force'. "
              "'restart' puts the inference right again.",
    .example = "call #0",
    .needs = UTVM_NEEDS_UPLOADED | UTVM_NEEDS_HALTED,
    .args = {{.name = "LAYER", .kind = UTVM_ARG_LAYER}},
    .run = run,
};
