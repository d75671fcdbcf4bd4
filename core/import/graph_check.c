// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/import/builtin_names.h"
#include "core/import/tflite_internal.h"
#include "core/text.h"
#include "kernels/operator_list.h"

struct utvm_error *utvm_graph_blame(struct utvm_error *error, const struct utvm_graph_operator *op)
{
    const char *name = utvm_builtin_name(op->operator_id);
    return utvm_error_prefix(error, "operator %u '%s'", op->index, name ? name : "?");
}

static struct utvm_error *tensor_error(const struct utvm_graph *graph, uint32_t tensor,
                                       const char *what)
{
    const char *name = graph->tensors[tensor].name;
    char *printable = utvm_text_printable(name, strlen(name));
    struct utvm_error *error = utvm_error_create(UTVM_ERROR_FORMAT, "tensor %u '%s' %s", tensor,
                                                 printable ? printable : "?", what);
    free(printable);
    return error;
}

static struct utvm_error *check_output(const struct utvm_graph *graph,
                                       const struct utvm_graph_operator *op, uint32_t tensor,
                                       bool *available)
{
    const struct utvm_graph_tensor *t = &graph->tensors[tensor];
    if (t->data) {
        return tensor_error(graph, tensor, "is a constant and cannot be an output");
    }
    if (t->is_variable && op->operator_id == UTVM_OPERATOR_ASSIGN_VARIABLE) {
        return NULL;
    }
    if (t->is_variable) {
        return tensor_error(graph, tensor, "is a variable and cannot be an output");
    }
    if (t->num_elems == 0) {
        return tensor_error(graph, tensor, "has no elements");
    }
    if (available[tensor]) {
        return tensor_error(graph, tensor, "is already written");
    }
    available[tensor] = true;
    return NULL;
}

// available[t]: tensor t has a value before the operator runs.
static struct utvm_error *check_operator(const struct utvm_graph *graph,
                                         const struct utvm_graph_operator *op, bool *available)
{
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        uint32_t tensor = op->inputs[i];
        if (tensor != UTVM_NO_INDEX && !available[tensor]) {
            return tensor_error(graph, tensor,
                                "is read before anything writes it (a cycle, or a wrong order)");
        }
    }
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        struct utvm_error *error = check_output(graph, op, op->outputs[i], available);
        if (error) {
            return error;
        }
    }
    return NULL;
}

static struct utvm_error *check_inputs(const struct utvm_graph *graph, bool *available)
{
    for (uint32_t i = 0; i < graph->num_tensors; i++) {
        const struct utvm_graph_tensor *t = &graph->tensors[i];
        // An empty constant (the shape of a scalar) has no bytes and needs none.
        available[i] = t->data || t->is_variable || (t->dtype != UTVM_DTYPE_NONE && !t->num_elems);
    }
    for (uint32_t i = 0; i < graph->num_inputs; i++) {
        uint32_t tensor = graph->inputs[i];
        if (graph->tensors[tensor].data || graph->tensors[tensor].is_variable) {
            return utvm_error_prefix(tensor_error(graph, tensor, "is no input: it has a value"),
                                     "model inputs");
        }
        if (available[tensor]) {
            return utvm_error_prefix(
                tensor_error(graph, tensor, "has no elements, or is listed twice"), "model inputs");
        }
        available[tensor] = true;
    }
    return NULL;
}

struct utvm_error *utvm_graph_check(const struct utvm_graph *graph)
{
    if (graph->num_operators == 0) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "the model has no operators");
    }
    bool *available = calloc(graph->num_tensors ? graph->num_tensors : 1, sizeof(*available));
    if (!available) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = check_inputs(graph, available);
    for (uint32_t i = 0; i < graph->num_operators && !error; i++) {
        error = utvm_graph_blame(check_operator(graph, &graph->operators[i], available),
                                 &graph->operators[i]);
    }
    for (uint32_t i = 0; i < graph->num_outputs && !error; i++) {
        if (!available[graph->outputs[i]]) {
            error = utvm_error_prefix(tensor_error(graph, graph->outputs[i], "is never written"),
                                      "model outputs");
        }
    }
    free(available);
    return error;
}
