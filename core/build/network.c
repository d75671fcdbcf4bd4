// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/network.h"

#include <stdlib.h>
#include <string.h>

// Word access is the fast path of every kernel; int64 wants 8.
#define TENSOR_ALIGN 4
// Large tensors start on a cache line, which costs them next to nothing.
#define LINE_BYTES 32
#define LARGE_BYTES 2048

void utvm_network_free(struct utvm_network *net)
{
    if (!net) {
        return;
    }
    for (uint32_t i = 0; i < net->num_layers; i++) {
        free(net->layers[i].name);
        free(net->layers[i].inputs);
        free(net->layers[i].outputs);
        utvm_prepared_deinit(&net->layers[i].prepared);
    }
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        free(net->tensors[i].folded);
        free(net->tensors[i].channels);
    }
    free(net->layers);
    free(net->tensors);
    free(net->weights);
    free(net->host);
    free(net);
}

static uint32_t *copy_indices(const uint32_t *indices, uint32_t count)
{
    uint32_t *copy = calloc((size_t)count + 1, sizeof(*copy));
    if (copy && count) {
        memcpy(copy, indices, count * sizeof(*copy));
    }
    return copy;
}

static struct utvm_error *prepare_layers(struct utvm_network *net, bool prune)
{
    for (uint32_t i = 0; i < net->num_layers; i++) {
        const struct utvm_graph_operator *op = &net->graph->operators[i];
        struct utvm_net_layer *layer = &net->layers[i];
        layer->executed_by = i;
        layer->inputs = copy_indices(op->inputs, op->num_inputs);
        layer->outputs = copy_indices(op->outputs, op->num_outputs);
        if (!layer->inputs || !layer->outputs) {
            return utvm_error_no_memory();
        }
        struct utvm_error *error = utvm_prepare(net->graph, op, &layer->prepared);
        if (!error) {
            error = utvm_pass_fold(net, i);
        }
        if (!error && prune) {
            error = utvm_pass_fold_constant_filters(net, i);
        }
        if (error) {
            return error;
        }
    }
    return NULL;
}

static struct utvm_error *name_layers(struct utvm_network *net)
{
    char **names = calloc((size_t)net->num_layers + 1, sizeof(*names));
    if (!names) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = utvm_layer_names(net->graph, names);
    for (uint32_t i = 0; i < net->num_layers; i++) {
        net->layers[i].name = names[i];
    }
    free(names);
    return error;
}

struct utvm_error *utvm_network_create(struct utvm_graph *graph, bool prune,
                                       struct utvm_network **ret)
{
    struct utvm_network *net = calloc(1, sizeof(*net));
    if (!net) {
        return utvm_error_no_memory();
    }
    net->graph = graph;
    net->layers = calloc(graph->num_operators ? graph->num_operators : 1, sizeof(*net->layers));
    net->tensors = calloc(graph->num_tensors ? graph->num_tensors : 1, sizeof(*net->tensors));
    if (!net->layers || !net->tensors) {
        utvm_network_free(net);
        return utvm_error_no_memory();
    }
    net->num_layers = graph->num_operators;
    net->num_tensors = graph->num_tensors;
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        net->tensors[i].data = graph->tensors[i].data;
        net->tensors[i].stored_as = i;
        net->tensors[i].stands_for = i;
    }
    struct utvm_error *error = prepare_layers(net, prune);
    if (!error) {
        error = name_layers(net);
    }
    if (!error && prune) {
        error = utvm_pass_prune(net);
    }
    if (error) {
        utvm_network_free(net);
        return error;
    }
    utvm_pass_fuse(net);
    utvm_network_find_lifetimes(net);
    *ret = net;
    return NULL;
}

bool utvm_network_executes(const struct utvm_network *net, uint32_t layer)
{
    return (net->layers[layer].flags & (UTVM_LAYER_FUSED | UTVM_LAYER_FOLDED)) == 0;
}

static void start_tensor(struct utvm_network *net, uint32_t index)
{
    const struct utvm_graph_tensor *from = &net->graph->tensors[index];
    struct utvm_net_tensor *tensor = &net->tensors[index];
    tensor->place = UTVM_PLACE_ABSENT;
    tensor->flags = UTVM_TENSOR_ABSENT;
    tensor->root = index;
    tensor->first_layer = UTVM_NO_INDEX;
    tensor->last_layer = 0;
    if (from->is_variable) {
        tensor->place = UTVM_PLACE_STATE;
        tensor->flags = UTVM_TENSOR_VARIABLE;
    }
}

// The tensors of a layer that does not run: outputs that a pass computed are constants to be looked
// at; others have been fused away, or are written by the layer that runs in its place.
static void describe_tensors(struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        struct utvm_net_tensor *tensor = &net->tensors[op->outputs[i]];
        if (tensor->data) {
            tensor->place = UTVM_PLACE_HOST; // until a layer turns up that reads it
            tensor->flags = UTVM_TENSOR_CONSTANT;
        } else if (tensor->first_layer == UTVM_NO_INDEX) {
            tensor->first_layer = layer;
            tensor->last_layer = layer;
        }
    }
}

// A constant that a pass has made another of is there to be looked at, if no other layer reads it.
static void show_constant(struct utvm_network *net, uint32_t index)
{
    struct utvm_net_tensor *tensor = &net->tensors[index];
    if (tensor->data && tensor->place == UTVM_PLACE_ABSENT) {
        tensor->place = UTVM_PLACE_HOST;
        tensor->flags = UTVM_TENSOR_CONSTANT;
    }
}

static void use_tensors(struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    const struct utvm_net_layer *l = &net->layers[layer];
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        if (l->inputs[i] == UTVM_NO_INDEX) {
            continue;
        }
        if (l->inputs[i] != op->inputs[i]) {
            show_constant(net, op->inputs[i]);
        }
        struct utvm_net_tensor *tensor = &net->tensors[l->inputs[i]];
        tensor->last_layer = layer;
        if (tensor->data &&
            (tensor->place == UTVM_PLACE_ABSENT || tensor->place == UTVM_PLACE_HOST)) {
            bool unread = i < 32 && (l->prepared.unread_inputs >> i & 1) != 0;
            tensor->place = unread ? UTVM_PLACE_HOST : UTVM_PLACE_WEIGHTS;
            tensor->flags = UTVM_TENSOR_CONSTANT;
        }
    }
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        struct utvm_net_tensor *tensor = &net->tensors[l->outputs[i]];
        if (tensor->place == UTVM_PLACE_STATE) {
            tensor->last_layer = layer;
            continue;
        }
        // What the operator would write but its code does not: fused away.
        struct utvm_net_tensor *stated = &net->tensors[op->outputs[i]];
        stated->first_layer = layer;
        stated->last_layer = layer;
        tensor->place = UTVM_PLACE_ARENA;
        tensor->flags = 0;
        tensor->first_layer = layer;
        tensor->last_layer = layer;
    }
}

uint32_t utvm_tensor_align(const struct utvm_graph_tensor *tensor)
{
    if (tensor->size_bytes >= LARGE_BYTES) {
        return LINE_BYTES;
    }
    return tensor->dtype == UTVM_DTYPE_INT64 ? 8 : TENSOR_ALIGN;
}

static void place_state(struct utvm_network *net)
{
    uint64_t offset = 0;
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        if (net->tensors[i].place == UTVM_PLACE_STATE) {
            uint32_t align = utvm_tensor_align(&net->graph->tensors[i]);
            offset = (offset + align - 1) & ~(uint64_t)(align - 1);
            net->tensors[i].offset = (uint32_t)offset;
            offset += net->graph->tensors[i].size_bytes;
        }
    }
    net->state_bytes = (uint32_t)offset;
}

void utvm_network_find_lifetimes(struct utvm_network *net)
{
    const struct utvm_graph *graph = net->graph;
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        start_tensor(net, i);
    }
    for (uint32_t i = 0; i < graph->num_inputs; i++) {
        net->tensors[graph->inputs[i]].place = UTVM_PLACE_ARENA;
        net->tensors[graph->inputs[i]].flags = UTVM_TENSOR_INPUT;
    }
    for (uint32_t i = 0; i < net->num_layers; i++) {
        if (utvm_network_executes(net, i)) {
            use_tensors(net, i);
        } else {
            describe_tensors(net, i);
        }
    }
    for (uint32_t i = 0; i < graph->num_outputs; i++) {
        struct utvm_net_tensor *tensor = &net->tensors[graph->outputs[i]];
        tensor->flags |= UTVM_TENSOR_OUTPUT;
        if (tensor->place == UTVM_PLACE_HOST) {
            tensor->place = UTVM_PLACE_WEIGHTS; // an application reads it
        }
        tensor->last_layer = net->num_layers - 1;
    }
    place_state(net);
    net->macs = 0;
    net->executed_macs = 0;
    for (uint32_t i = 0; i < net->num_layers; i++) {
        net->macs += net->layers[i].prepared.macs;
        if (utvm_network_executes(net, i)) {
            net->executed_macs += net->layers[i].prepared.executed_macs;
        }
    }
}
