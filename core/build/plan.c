// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/build/network.h"
#include "core/build/place.h"

#define WORKSPACE_ALIGN 16

static bool same_memory_allowed(const struct utvm_network *net, uint32_t layer, uint32_t slot)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    const struct utvm_net_layer *l = &net->layers[layer];
    uint32_t in_place_inputs = l->prepared.in_place_inputs;
    uint32_t index = l->inputs[slot];
    if (index == UTVM_NO_INDEX || slot >= 32 || (in_place_inputs >> slot & 1u) == 0) {
        return false;
    }
    const struct utvm_net_tensor *input = &net->tensors[index];
    uint32_t output = l->outputs[0];
    if (input->place != UTVM_PLACE_ARENA || input->last_layer != layer ||
        (input->flags & UTVM_TENSOR_OUTPUT) != 0) {
        return false;
    }
    if (net->graph->tensors[index].size_bytes != net->graph->tensors[output].size_bytes) {
        return false;
    }
    // The same tensor in another slot must be allowed to be overwritten there too.
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        if (l->inputs[i] == index && (i >= 32 || (in_place_inputs >> i & 1u) == 0)) {
            return false;
        }
    }
    return true;
}

// Lets output 0 take over the memory of an input that dies here.
static void share_memory(struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    struct utvm_net_layer *l = &net->layers[layer];
    l->flags &= ~(uint32_t)UTVM_LAYER_IN_PLACE;
    if (op->num_outputs == 0 || net->tensors[l->outputs[0]].place != UTVM_PLACE_ARENA) {
        return;
    }
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        if (same_memory_allowed(net, layer, i)) {
            net->tensors[l->outputs[0]].root = net->tensors[l->inputs[i]].root;
            l->flags |= UTVM_LAYER_IN_PLACE;
            return;
        }
    }
}

struct planner {
    struct utvm_network *net;
    struct utvm_place_buffer *buffers;
    uint32_t *owner; // [num_buffers] tensor, or num_tensors + layer for a workspace
    size_t num_buffers;
    uint32_t *buffer_of; // [num_tensors] of the root
};

static void collect_tensors(struct planner *p)
{
    struct utvm_network *net = p->net;
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        const struct utvm_net_tensor *tensor = &net->tensors[i];
        if (tensor->place != UTVM_PLACE_ARENA) {
            continue;
        }
        const struct utvm_graph_tensor *from = &net->graph->tensors[i];
        // Roots come first in execution order but not by index; make the buffer on first sight.
        uint32_t *slot = &p->buffer_of[tensor->root];
        uint32_t first = tensor->first_layer == UTVM_NO_INDEX ? 0 : tensor->first_layer;
        if (*slot == UTVM_NO_INDEX) {
            *slot = (uint32_t)p->num_buffers;
            p->owner[p->num_buffers] = tensor->root;
            p->buffers[p->num_buffers++] = (struct utvm_place_buffer){
                .size_bytes = from->size_bytes,
                .align = utvm_tensor_align(from),
                .first_step = first,
                .last_step = tensor->last_layer,
            };
            continue;
        }
        struct utvm_place_buffer *buffer = &p->buffers[*slot];
        buffer->first_step = first < buffer->first_step ? first : buffer->first_step;
        buffer->last_step =
            tensor->last_layer > buffer->last_step ? tensor->last_layer : buffer->last_step;
        uint32_t align = utvm_tensor_align(from);
        buffer->align = align > buffer->align ? align : buffer->align;
    }
}

static void collect_workspaces(struct planner *p)
{
    struct utvm_network *net = p->net;
    for (uint32_t i = 0; i < net->num_layers; i++) {
        uint32_t size_bytes = net->layers[i].prepared.workspace_bytes;
        if (size_bytes == 0 || !utvm_network_executes(net, i)) {
            continue;
        }
        p->owner[p->num_buffers] = net->num_tensors + i;
        p->buffers[p->num_buffers++] = (struct utvm_place_buffer){
            .size_bytes = size_bytes,
            .align = WORKSPACE_ALIGN,
            .first_step = i,
            .last_step = i,
        };
    }
}

static void store(const struct planner *p)
{
    struct utvm_network *net = p->net;
    for (size_t i = 0; i < p->num_buffers; i++) {
        if (p->owner[i] >= net->num_tensors) {
            struct utvm_net_layer *layer = &net->layers[p->owner[i] - net->num_tensors];
            layer->workspace_region = p->buffers[i].region;
            layer->workspace_offset = p->buffers[i].offset;
        }
    }
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        struct utvm_net_tensor *tensor = &net->tensors[i];
        if (tensor->place == UTVM_PLACE_ARENA) {
            const struct utvm_place_buffer *buffer = &p->buffers[p->buffer_of[tensor->root]];
            tensor->region = buffer->region;
            tensor->offset = buffer->offset;
        }
    }
}

uint64_t utvm_network_live_bytes(const struct utvm_network *net, uint32_t layer)
{
    uint32_t successor = UTVM_NO_INDEX;
    if ((net->layers[layer].flags & UTVM_LAYER_IN_PLACE) != 0) {
        successor = net->layers[layer].outputs[0];
    }
    uint64_t sum = 0;
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        const struct utvm_net_tensor *tensor = &net->tensors[i];
        uint32_t first = tensor->first_layer == UTVM_NO_INDEX ? 0 : tensor->first_layer;
        if (tensor->place != UTVM_PLACE_ARENA || first > layer || layer > tensor->last_layer) {
            continue;
        }
        // In place, two tensors have one memory: it counts as the new one's.
        if (successor != UTVM_NO_INDEX && i != successor &&
            tensor->root == net->tensors[successor].root) {
            continue;
        }
        sum += net->graph->tensors[i].size_bytes;
    }
    if (utvm_network_executes(net, layer)) {
        sum += net->layers[layer].prepared.workspace_bytes;
    }
    return sum;
}

static struct utvm_error *does_not_fit(const struct utvm_network *net, uint64_t needed)
{
    uint64_t available = 0;
    for (uint32_t i = 0; i < net->num_regions; i++) {
        available += net->regions[i].capacity_bytes;
    }
    uint32_t largest = 0;
    for (uint32_t i = 1; i < net->num_layers; i++) {
        if (utvm_network_live_bytes(net, i) > utvm_network_live_bytes(net, largest)) {
            largest = i;
        }
    }
    const struct utvm_net_layer *layer = &net->layers[largest];
    // Regions that are large enough together may still be too small for one tensor each.
    uint64_t missing = needed > available ? needed - available : 0;
    return utvm_error_create(
        UTVM_ERROR_NO_SPACE,
        "the model needs %llu bytes of arena, %llu are available in %u part%s: %llu missing; the "
        "layer that needs most is #%u '%s' with %llu bytes (%u of them workspace)",
        (unsigned long long)needed, (unsigned long long)available, net->num_regions,
        net->num_regions == 1 ? "" : "s", (unsigned long long)missing, largest, layer->name,
        (unsigned long long)utvm_network_live_bytes(net, largest), layer->prepared.workspace_bytes);
}

static struct utvm_error *place(struct planner *p)
{
    struct utvm_network *net = p->net;
    struct utvm_place_region regions[UTVM_NET_MAX_REGIONS];
    for (uint32_t i = 0; i < net->num_regions; i++) {
        regions[i] = (struct utvm_place_region){.capacity_bytes = net->regions[i].capacity_bytes};
    }
    uint64_t needed;
    bool fits;
    struct utvm_error *error =
        utvm_place(p->buffers, p->num_buffers, regions, net->num_regions, &needed, &fits);
    if (error) {
        return error;
    }
    if (!fits) {
        return does_not_fit(net, needed);
    }
    net->arena_bytes = 0;
    for (uint32_t i = 0; i < net->num_regions; i++) {
        net->regions[i].used_bytes = regions[i].used_bytes;
        net->arena_bytes += regions[i].used_bytes;
    }
    net->bound_bytes = utvm_place_bound(p->buffers, p->num_buffers);
    store(p);
    return NULL;
}

struct utvm_error *utvm_network_plan(struct utvm_network *net)
{
    size_t max_buffers = (size_t)net->num_tensors + net->num_layers + 1;
    struct planner p = {
        .net = net,
        .buffers = calloc(max_buffers, sizeof(*p.buffers)),
        .owner = calloc(max_buffers, sizeof(*p.owner)),
        .buffer_of = calloc((size_t)net->num_tensors + 1, sizeof(*p.buffer_of)),
    };
    struct utvm_error *error = NULL;
    if (!p.buffers || !p.owner || !p.buffer_of) {
        error = utvm_error_no_memory();
    } else {
        for (uint32_t i = 0; i < net->num_tensors; i++) {
            p.buffer_of[i] = UTVM_NO_INDEX;
            net->tensors[i].root = i;
        }
        for (uint32_t i = 0; i < net->num_layers; i++) {
            if (utvm_network_executes(net, i)) {
                share_memory(net, i);
            }
        }
        collect_tensors(&p);
        collect_workspaces(&p);
        error = place(&p);
    }
    free(p.buffers);
    free(p.owner);
    free(p.buffer_of);
    return error;
}
