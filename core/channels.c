// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/channels.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "kernels/operator_list.h"

uint32_t utvm_constant_channels(const struct utvm_tensor *t)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->num_channels; i++) {
        count += t->channels[i].constant;
    }
    return count;
}

char *utvm_constant_channels_text(const struct utvm_tensor *t)
{
    struct utvm_text text = {0};
    utvm_text_addf(&text, "%s", "");
    for (uint32_t i = 0; i < t->num_channels; i++) {
        uint32_t first = i;
        while (i < t->num_channels && t->channels[i].constant) {
            i++;
        }
        if (i == first) {
            continue;
        }
        utvm_text_addf(&text, text.length > 0 ? ", %u" : "%u", (unsigned)first);
        if (i > first + 1) {
            utvm_text_addf(&text, "-%u", (unsigned)i - 1);
        }
    }
    if (text.failed) {
        utvm_text_deinit(&text);
        return NULL;
    }
    return text.data;
}

uint32_t utvm_layer_filters(const struct utvm_model *model, const struct utvm_layer *layer,
                            uint32_t *ret_constant)
{
    *ret_constant = 0;
    bool has_filters = layer->operator_id == UTVM_OPERATOR_CONV_2D ||
                       layer->operator_id == UTVM_OPERATOR_FULLY_CONNECTED;
    if (!has_filters || layer->num_outputs == 0) {
        return 0;
    }
    const struct utvm_tensor *output = &model->tensors[layer->outputs[0]];
    uint32_t filters = output->rank > 0 ? output->dims[output->rank - 1] : 1;
    *ret_constant = layer->flags & UTVM_LAYER_FOLDED ? filters : utvm_constant_channels(output);
    return filters;
}

// The first element of a constant channel with another value; num_elems if there is none.
static uint64_t first_conflict(const struct utvm_tensor *t, const struct utvm_array *value)
{
    for (uint64_t i = 0; t->num_channels > 0 && i < t->num_elems; i++) {
        const struct utvm_desc_channel *channel = &t->channels[i % t->num_channels];
        if (channel->constant && utvm_array_get(value, i) != channel->value) {
            return i;
        }
    }
    return t->num_elems;
}

bool utvm_tensor_can_hold(const struct utvm_tensor *t, const struct utvm_array *value)
{
    return first_conflict(t, value) == t->num_elems;
}

// Walks the elements that are in memory: from or to the array.
static void move_elements(const struct utvm_tensor *t, struct utvm_array *array, uint8_t *memory,
                          bool to_memory)
{
    size_t elem_bytes = utvm_dtype_size(t->dtype);
    uint8_t *elem = array->data;
    for (uint64_t i = 0; i < t->num_elems; i++, elem += elem_bytes) {
        const struct utvm_desc_channel *channel = &t->channels[i % t->num_channels];
        if (channel->constant) {
            utvm_array_set(array, i, channel->value);
            continue;
        }
        memcpy(to_memory ? memory : elem, to_memory ? elem : memory, elem_bytes);
        memory += elem_bytes;
    }
}

struct utvm_error *utvm_tensor_read(struct utvm_target *target, const struct utvm_tensor *t,
                                    struct utvm_array *ret)
{
    if (t->num_channels == 0) {
        return utvm_target_read(target, t->addr, ret->data, t->size_bytes);
    }
    uint8_t *memory = malloc(t->size_bytes);
    if (!memory) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = utvm_target_read(target, t->addr, memory, t->size_bytes);
    if (!error) {
        move_elements(t, ret, memory, false);
    }
    free(memory);
    return error;
}

struct utvm_error *utvm_tensor_write(struct utvm_target *target, const struct utvm_tensor *t,
                                     const struct utvm_array *value)
{
    if (t->num_channels == 0) {
        return utvm_target_write(target, t->addr, value->data, t->size_bytes);
    }
    uint64_t conflict = first_conflict(t, value);
    if (conflict < t->num_elems) {
        uint32_t channel = (uint32_t)(conflict % t->num_channels);
        return utvm_error_create(
            UTVM_ERROR_INVALID,
            "channel %u is %d for every input of the model, and not in memory: it cannot become "
            "%.0f; a model built with --no-prune has all channels",
            channel, t->channels[channel].value, utvm_array_get(value, conflict));
    }
    uint8_t *memory = malloc(t->size_bytes);
    struct utvm_array copy = {0};
    struct utvm_error *error = memory ? utvm_array_copy(value, &copy) : utvm_error_no_memory();
    if (!error) {
        move_elements(t, &copy, memory, true);
        error = utvm_target_write(target, t->addr, memory, t->size_bytes);
    }
    utvm_array_deinit(&copy);
    free(memory);
    return error;
}
