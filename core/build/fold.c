// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/build/filters.h"
#include "core/build/host_run.h"
#include "core/bytes.h"
#include "core/tensor.h"

// A result that is larger than the device's flash could not be kept, and work beyond this is not
// worth waiting for: such an operator stays one that runs.
#define MAX_FOLDED_BYTES (512u * 1024u)
#define MAX_FOLDED_MACS 100000000ull

static bool all_constant(const struct utvm_network *net, const struct utvm_graph_operator *op,
                         const struct utvm_prepared *prepared)
{
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        // What the kernel does not read (of SHAPE, the tensor itself) need not be known.
        bool unread = i < 32 && (prepared->unread_inputs >> i & 1) != 0;
        if (op->inputs[i] == UTVM_NO_INDEX || unread) {
            continue;
        }
        const struct utvm_graph_tensor *tensor = &net->graph->tensors[op->inputs[i]];
        if (!tensor->data || tensor->is_variable || tensor->size_bytes > MAX_FOLDED_BYTES) {
            return false;
        }
    }
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        const struct utvm_graph_tensor *tensor = &net->graph->tensors[op->outputs[i]];
        if (tensor->is_variable || tensor->size_bytes > MAX_FOLDED_BYTES) {
            return false;
        }
    }
    return op->num_inputs > 0 && op->num_outputs > 0;
}

// Storage for one run of a kernel on this machine.
struct run {
    const void **inputs;
    void **outputs; // of outputs: what is not taken over is freed
    uint32_t num_outputs;
};

static bool make_run(const struct utvm_network *net, const struct utvm_graph_operator *op,
                     struct run *run)
{
    run->inputs = calloc((size_t)op->num_inputs + 1, sizeof(*run->inputs));
    run->outputs = calloc((size_t)op->num_outputs + 1, sizeof(*run->outputs));
    run->num_outputs = op->num_outputs;
    if (!run->inputs || !run->outputs) {
        return false;
    }
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        if (op->inputs[i] != UTVM_NO_INDEX) {
            run->inputs[i] = net->graph->tensors[op->inputs[i]].data;
        }
    }
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        size_t size_bytes = net->graph->tensors[op->outputs[i]].size_bytes;
        run->outputs[i] = calloc(1, size_bytes + UTVM_HOST_RUN_SLACK);
        if (!run->outputs[i]) {
            return false;
        }
    }
    return true;
}

static void free_run(struct run *run)
{
    for (uint32_t i = 0; run->outputs && i < run->num_outputs; i++) {
        free(run->outputs[i]);
    }
    free(run->outputs);
    free(run->inputs);
}

// data: taken over
static void keep_result(struct utvm_network *net, uint32_t index, void *data)
{
    struct utvm_net_tensor *tensor = &net->tensors[index];
    tensor->folded = data;
    tensor->data = tensor->folded;
    // The operators behind this one are prepared with a constant input.
    net->graph->tensors[index].data = tensor->data;
}

static void keep_results(struct utvm_network *net, uint32_t layer, struct run *run)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        keep_result(net, op->outputs[i], run->outputs[i]);
        run->outputs[i] = NULL;
    }
    net->layers[layer].flags |= UTVM_LAYER_FOLDED;
}

struct utvm_error *utvm_pass_fold(struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    const struct utvm_prepared *prepared = &net->layers[layer].prepared;
    if (prepared->executed_macs > MAX_FOLDED_MACS || !all_constant(net, op, prepared)) {
        return NULL;
    }
    struct run run = {0};
    bool done = false;
    struct utvm_error *error = make_run(net, op, &run) ? NULL : utvm_error_no_memory();
    if (!error) {
        error = utvm_host_run(prepared, run.inputs, run.outputs, &done);
    }
    // An operator that fails (an index outside its axis) is left to fail where a user sees it.
    if (done) {
        keep_results(net, layer, &run);
    }
    free_run(&run);
    return error;
}

// The value of each filter of a layer; false unless all have one, whatever the input.
static bool find_values(const struct utvm_filters *filters, int32_t *values)
{
    const struct utvm_channel_set unknown = {0};
    for (uint32_t i = 0; i < filters->num_filters; i++) {
        if (!utvm_filter_is_constant(filters, i, &unknown, &values[i])) {
            return false;
        }
    }
    return true;
}

static void fill(const struct utvm_graph_tensor *tensor, const int32_t *values, uint32_t count,
                 uint8_t *data)
{
    for (uint64_t e = 0; e < tensor->num_elems; e++) {
        uint8_t bytes[4];
        utvm_put_le32(bytes, (uint32_t)values[e % count]);
        size_t elem_bytes = utvm_dtype_size(tensor->dtype);
        memcpy(data + e * elem_bytes, bytes, elem_bytes);
    }
}

struct utvm_error *utvm_pass_fold_constant_filters(struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    struct utvm_filters filters;
    if (!utvm_filters_of(net, layer, &filters)) {
        return NULL;
    }
    const struct utvm_graph_tensor *output = &net->graph->tensors[op->outputs[0]];
    if (output->is_variable || output->size_bytes > MAX_FOLDED_BYTES) {
        return NULL;
    }
    int32_t *values = calloc(filters.num_filters, sizeof(*values));
    uint8_t *data = calloc(1, (size_t)output->size_bytes + 1);
    if (!values || !data) {
        free(values);
        free(data);
        return utvm_error_no_memory();
    }
    if (find_values(&filters, values)) {
        fill(output, values, filters.num_filters, data);
        keep_result(net, op->outputs[0], data);
        net->layers[layer].flags |= UTVM_LAYER_FOLDED;
        data = NULL;
    }
    free(data);
    free(values);
    return NULL;
}
