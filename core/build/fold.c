// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/build/network.h"
#include "kernels/kernel_table.h"

// A result that is larger than the device's flash could not be kept, and work beyond this is not
// worth waiting for: such an operator stays one that runs.
#define MAX_FOLDED_BYTES (512u * 1024u)
#define MAX_FOLDED_MACS 100000000ull
#define WORKSPACE_ALIGN 16

static bool all_constant(const struct utvm_network *net, const struct utvm_graph_operator *op)
{
    uint32_t constants = 0;
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        if (op->inputs[i] == UTVM_NO_INDEX) {
            continue;
        }
        const struct utvm_graph_tensor *tensor = &net->graph->tensors[op->inputs[i]];
        if (!tensor->data || tensor->is_variable || tensor->size_bytes > MAX_FOLDED_BYTES) {
            return false;
        }
        constants++;
    }
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        const struct utvm_graph_tensor *tensor = &net->graph->tensors[op->outputs[i]];
        if (tensor->is_variable || tensor->size_bytes > MAX_FOLDED_BYTES) {
            return false;
        }
    }
    return constants > 0 && op->num_outputs > 0;
}

// Storage for one run of a kernel on this machine.
struct run {
    const void **inputs;
    void **outputs; // of outputs: what is not taken over is freed
    uint32_t num_outputs;
    void *workspace;
};

static bool make_run(const struct utvm_network *net, const struct utvm_graph_operator *op,
                     const struct utvm_prepared *prepared, struct run *run)
{
    run->inputs = calloc((size_t)op->num_inputs + 1, sizeof(*run->inputs));
    run->outputs = calloc((size_t)op->num_outputs + 1, sizeof(*run->outputs));
    run->num_outputs = op->num_outputs;
    size_t workspace_bytes =
        ((size_t)prepared->workspace_bytes / WORKSPACE_ALIGN + 1) * WORKSPACE_ALIGN;
    run->workspace = aligned_alloc(WORKSPACE_ALIGN, workspace_bytes);
    if (!run->inputs || !run->outputs || !run->workspace) {
        return false;
    }
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        if (op->inputs[i] != UTVM_NO_INDEX) {
            run->inputs[i] = net->graph->tensors[op->inputs[i]].data;
        }
    }
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        // Some kernels write whole words.
        run->outputs[i] = calloc(1, (size_t)net->graph->tensors[op->outputs[i]].size_bytes + 16);
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
    free(run->workspace);
}

static void keep_results(struct utvm_network *net, uint32_t layer, struct run *run)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        struct utvm_net_tensor *tensor = &net->tensors[op->outputs[i]];
        tensor->folded = run->outputs[i];
        tensor->data = tensor->folded;
        // The operators behind this one are prepared with a constant input.
        net->graph->tensors[op->outputs[i]].data = tensor->data;
        run->outputs[i] = NULL;
    }
    net->layers[layer].flags |= UTVM_LAYER_FOLDED;
}

struct utvm_error *utvm_pass_fold(struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    const struct utvm_prepared *prepared = &net->layers[layer].prepared;
    utvm_kernel_fn kernel = utvm_kernel_find(prepared->kernel);
    if (!kernel || prepared->executed_macs > MAX_FOLDED_MACS || !all_constant(net, op)) {
        return NULL;
    }
    struct run run = {0};
    if (!make_run(net, op, prepared, &run)) {
        free_run(&run);
        return utvm_error_no_memory();
    }
    const void *constants[UTVM_MAX_PREPARED_CONSTANTS] = {NULL};
    for (uint32_t i = 0; i < prepared->num_constants; i++) {
        constants[i] = prepared->constants[i].data;
    }
    struct utvm_kernel_args args = {
        .inputs = run.inputs,
        .outputs = run.outputs,
        .constants = constants,
        .workspace = run.workspace,
    };
    // An operator that fails (an index outside its axis) is left to fail where a user sees it.
    if (kernel(prepared->params, &args) == UTVM_STATUS_OK) {
        keep_results(net, layer, &run);
    }
    free_run(&run);
    return NULL;
}
