// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "machine.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/tensor.h"
#include "kernels/kernel_table.h"

void machine_init(struct machine *m, struct utvm_graph *graph, bool prune)
{
    *m = (struct machine){.graph = graph};
    struct utvm_error *error = utvm_network_create(graph, prune, &m->net);
    cr_assert_null(error, "%s", error ? error->message : "");
    m->net->num_regions = 2;
    m->net->regions[0] = (struct utvm_net_region){.memory = "dtcm", .capacity_bytes = 40000};
    m->net->regions[1] = (struct utvm_net_region){.memory = "sram", .capacity_bytes = 260000};
    error = utvm_network_pack_weights(m->net);
    cr_assert_null(error);
    error = utvm_network_plan(m->net);
    cr_assert_null(error, "%s", error ? error->message : "");
    for (uint32_t i = 0; i < m->net->num_regions; i++) {
        m->arena[i] = aligned_alloc(32, (m->net->regions[i].used_bytes / 32 + 1) * 32);
        memset(m->arena[i], 0xA5, m->net->regions[i].used_bytes);
    }
    m->state = aligned_alloc(32, (m->net->state_bytes / 32 + 1) * 32);
}

void machine_deinit(struct machine *m)
{
    free(m->arena[0]);
    free(m->arena[1]);
    free(m->state);
    utvm_network_free(m->net);
    utvm_graph_free(m->graph);
}

void *machine_tensor_at(const struct machine *m, uint32_t index)
{
    if (index == UTVM_NO_INDEX) {
        return NULL;
    }
    const struct utvm_net_tensor *tensor = &m->net->tensors[index];
    switch (tensor->place) {
    case UTVM_PLACE_ABSENT:
    case UTVM_PLACE_HOST:
        break;
    case UTVM_PLACE_ARENA:
        return m->arena[tensor->region] + tensor->offset;
    case UTVM_PLACE_STATE:
        return m->state + tensor->offset;
    case UTVM_PLACE_WEIGHTS:
        return m->net->weights + tensor->offset;
    }
    return NULL;
}

void machine_reset_state(const struct machine *m)
{
    for (uint32_t i = 0; i < m->net->num_tensors; i++) {
        const struct utvm_graph_tensor *tensor = &m->graph->tensors[i];
        if (m->net->tensors[i].place == UTVM_PLACE_STATE) {
            bool filled = tensor->dtype == UTVM_DTYPE_INT8 && tensor->num_scales > 0;
            memset(machine_tensor_at(m, i), filled ? tensor->zero_points[0] : 0,
                   tensor->size_bytes);
        }
    }
}

void machine_run_layer(const struct machine *m, uint32_t index)
{
    const struct utvm_net_layer *layer = &m->net->layers[index];
    const struct utvm_graph_operator *op = &m->graph->operators[index];
    const void *inputs[64] = {NULL};
    void *outputs[64] = {NULL};
    const void *constants[UTVM_MAX_PREPARED_CONSTANTS] = {NULL};
    cr_assert(op->num_inputs <= 64 && op->num_outputs <= 64);
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        inputs[i] = machine_tensor_at(m, layer->inputs[i]);
    }
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        outputs[i] = machine_tensor_at(m, layer->outputs[i]);
    }
    for (uint32_t i = 0; i < layer->prepared.num_constants; i++) {
        constants[i] = m->net->weights + layer->constant_offsets[i];
    }
    struct utvm_kernel_args args = {
        .inputs = inputs,
        .outputs = outputs,
        .constants = constants,
        .workspace = m->arena[layer->workspace_region] + layer->workspace_offset,
    };
    utvm_kernel_fn kernel = utvm_kernel_find(layer->prepared.kernel);
    cr_assert_not_null(kernel, "no kernel %s", layer->prepared.kernel);
    cr_assert_eq(kernel(layer->prepared.params, &args), UTVM_STATUS_OK, "layer %s", layer->name);
}

void machine_run(const struct machine *m)
{
    for (uint32_t i = 0; i < m->net->num_layers; i++) {
        if (utvm_network_executes(m->net, i)) {
            machine_run_layer(m, i);
        }
    }
}

void machine_read(const struct machine *m, uint32_t index, void *ret)
{
    const struct utvm_graph_tensor *tensor = &m->graph->tensors[index];
    const struct utvm_net_tensor *stated = &m->net->tensors[index];
    const uint8_t *memory = machine_tensor_at(m, stated->stored_as);
    cr_assert_not_null(memory, "%s is in no memory", tensor->name);
    if (stated->num_channels == 0) {
        memcpy(ret, memory, tensor->size_bytes);
        return;
    }
    size_t elem_bytes = utvm_dtype_size(tensor->dtype);
    for (uint64_t e = 0; e < tensor->num_elems; e++) {
        const struct utvm_desc_channel *channel = &stated->channels[e % stated->num_channels];
        int16_t value = (int16_t)channel->value; // little endian, as is the device
        memcpy((uint8_t *)ret + e * elem_bytes, channel->constant ? (const void *)&value : memory,
               elem_bytes);
        memory += channel->constant ? 0 : elem_bytes;
    }
}
