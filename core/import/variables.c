// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/import/tflite_internal.h"
#include "kernels/operator_list.h"

// Resource variables: VAR_HANDLE names one, READ_VARIABLE and ASSIGN_VARIABLE take what it gives.
// All of that is known when the model is read, so the handles become variable tensors: a read
// copies from one, an assignment is an operator whose output is one, and VAR_HANDLE itself is
// dropped.

#define OPTION_CONTAINER 0
#define OPTION_SHARED_NAME 1
#define OPTION_INIT_SUBGRAPH 0

// A variable: its tensor is that of the first handle of its name.
struct utvm_tflite_handle {
    const char *container; // not terminated
    uint32_t container_bytes;
    const char *name; // not terminated
    uint32_t name_bytes;
    uint32_t handle; // the tensor that VAR_HANDLE writes
    uint32_t tensor;
};

static bool same_variable(const struct utvm_tflite_handle *a, const struct utvm_tflite_handle *b)
{
    return a->container_bytes == b->container_bytes && a->name_bytes == b->name_bytes &&
           memcmp(a->container, b->container, a->container_bytes) == 0 &&
           memcmp(a->name, b->name, a->name_bytes) == 0;
}

static struct utvm_error *read_key(const struct utvm_graph_operator *op,
                                   struct utvm_tflite_handle *handle)
{
    const struct utvm_fb_table *options = op->options_impl;
    handle->container = "";
    handle->name = "";
    if (!options || !options->fb) {
        return NULL;
    }
    struct utvm_error *error =
        utvm_fb_string(options, OPTION_CONTAINER, &handle->container, &handle->container_bytes);
    return error ? error
                 : utvm_fb_string(options, OPTION_SHARED_NAME, &handle->name, &handle->name_bytes);
}

static struct utvm_error *add_handle(struct utvm_tflite_impl *impl,
                                     const struct utvm_graph_operator *op, bool *is_handle)
{
    struct utvm_tflite_handle *handle = &impl->handles[impl->num_handles];
    if (op->num_outputs != 1) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "it has %u outputs, not 1", op->num_outputs);
    }
    struct utvm_error *error = read_key(op, handle);
    if (error) {
        return error;
    }
    handle->handle = op->outputs[0];
    handle->tensor = op->outputs[0];
    for (uint32_t i = 0; i < impl->num_handles; i++) {
        if (same_variable(&impl->handles[i], handle)) {
            handle->tensor = impl->handles[i].tensor;
            break;
        }
    }
    is_handle[handle->handle] = true;
    impl->num_handles++;
    return NULL;
}

// The variable that an operator's input 0 is a handle of.
static struct utvm_error *find_variable(const struct utvm_tflite_impl *impl,
                                        const struct utvm_graph_operator *op, uint32_t num_inputs,
                                        uint32_t num_outputs, uint32_t *ret)
{
    if (op->num_inputs != num_inputs || op->num_outputs != num_outputs) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "it has %u inputs and %u outputs instead of %u and %u",
                                 op->num_inputs, op->num_outputs, num_inputs, num_outputs);
    }
    for (uint32_t i = 0; i < impl->num_handles; i++) {
        if (impl->handles[i].handle == op->inputs[0]) {
            *ret = impl->handles[i].tensor;
            return NULL;
        }
    }
    return utvm_error_create(UTVM_ERROR_FORMAT, "its input 0 comes from no VAR_HANDLE before it");
}

// ASSIGN_VARIABLE(handle, value) becomes an operator from the value to the variable.
static struct utvm_error *turn_around(struct utvm_tflite_impl *impl, struct utvm_graph_operator *op,
                                      uint32_t variable)
{
    void *outputs;
    struct utvm_error *error = utvm_tflite_alloc(impl, 1, sizeof(*op->outputs), &outputs);
    if (error) {
        return error;
    }
    free(op->outputs);
    op->outputs = outputs;
    op->outputs[0] = variable;
    op->num_outputs = 1;
    op->inputs[0] = op->inputs[1];
    op->num_inputs = 1;
    return NULL;
}

static struct utvm_error *bind_operator(struct utvm_tflite_impl *impl,
                                        struct utvm_graph_operator *op, bool *is_handle)
{
    uint32_t variable = 0;
    struct utvm_error *error = NULL;
    switch (op->operator_id) {
    case UTVM_OPERATOR_VAR_HANDLE:
        return add_handle(impl, op, is_handle);
    case UTVM_OPERATOR_READ_VARIABLE:
        error = find_variable(impl, op, 1, 1, &variable);
        if (!error) {
            op->inputs[0] = variable;
        }
        return error;
    case UTVM_OPERATOR_ASSIGN_VARIABLE:
        error = find_variable(impl, op, 2, 0, &variable);
        return error ? error : turn_around(impl, op, variable);
    default:
        return NULL;
    }
}

static void drop_operators(struct utvm_graph *graph, uint32_t operator_id)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < graph->num_operators; i++) {
        struct utvm_graph_operator *op = &graph->operators[i];
        if (op->operator_id == operator_id) {
            free(op->inputs);
            free(op->outputs);
            free(op->intermediates);
        } else {
            graph->operators[kept++] = *op;
        }
    }
    graph->num_operators = kept;
}

struct utvm_error *utvm_tflite_bind_handles(struct utvm_graph *graph, bool *is_handle)
{
    struct utvm_tflite_impl *impl = graph->impl;
    uint32_t num_handles = 0;
    for (uint32_t i = 0; i < graph->num_operators; i++) {
        num_handles += graph->operators[i].operator_id == UTVM_OPERATOR_VAR_HANDLE;
    }
    void *handles;
    struct utvm_error *error =
        utvm_tflite_alloc(impl, num_handles, sizeof(*impl->handles), &handles);
    if (error) {
        return error;
    }
    impl->handles = handles;
    for (uint32_t i = 0; i < graph->num_operators; i++) {
        error = bind_operator(impl, &graph->operators[i], is_handle);
        if (error) {
            return utvm_graph_blame(error, &graph->operators[i]);
        }
    }
    drop_operators(graph, UTVM_OPERATOR_VAR_HANDLE);
    return NULL;
}

// A handle has no shape of its own: it gets that of what is read from it or assigned to it.
static struct utvm_error *shape_like(struct utvm_tflite_impl *impl,
                                     const struct utvm_graph_tensor *value,
                                     struct utvm_graph_tensor *variable)
{
    void *scales;
    void *zero_points;
    struct utvm_error *error =
        utvm_tflite_alloc(impl, value->num_scales, sizeof(*value->scales), &scales);
    if (error) {
        return error;
    }
    variable->scales = scales;
    error = utvm_tflite_alloc(impl, value->num_scales, sizeof(*value->zero_points), &zero_points);
    if (error) {
        return error;
    }
    variable->zero_points = zero_points;
    variable->dtype = value->dtype;
    variable->rank = value->rank;
    memcpy(variable->dims, value->dims, sizeof(value->dims));
    variable->num_elems = value->num_elems;
    variable->size_bytes = value->size_bytes;
    variable->num_scales = value->num_scales;
    for (uint32_t i = 0; i < value->num_scales; i++) {
        variable->scales[i] = value->scales[i];
        variable->zero_points[i] = value->zero_points[i];
    }
    variable->quantized_dimension = value->quantized_dimension;
    variable->is_variable = true;
    return NULL;
}

struct utvm_error *utvm_tflite_shape_handles(struct utvm_graph *graph)
{
    struct utvm_error *error = NULL;
    for (uint32_t i = 0; i < graph->num_operators && !error; i++) {
        const struct utvm_graph_operator *op = &graph->operators[i];
        bool read = op->operator_id == UTVM_OPERATOR_READ_VARIABLE;
        if (!read && op->operator_id != UTVM_OPERATOR_ASSIGN_VARIABLE) {
            continue;
        }
        uint32_t value = read ? op->outputs[0] : op->inputs[0];
        struct utvm_graph_tensor *variable = &graph->tensors[read ? op->inputs[0] : op->outputs[0]];
        if (value == UTVM_NO_INDEX || graph->tensors[value].num_elems == 0) {
            error =
                utvm_graph_blame(utvm_error_create(UTVM_ERROR_FORMAT, "it moves no values"), op);
        } else if (variable->dtype == UTVM_DTYPE_NONE) {
            error = shape_like(graph->impl, &graph->tensors[value], variable);
        }
    }
    return error;
}

// What an assignment of the initialising subgraph means for the model's own variable, if it has it.
static struct utvm_error *set_initial(struct utvm_graph *graph, const struct utvm_graph *init,
                                      const struct utvm_graph_operator *op)
{
    const struct utvm_tflite_impl *impl = graph->impl;
    const struct utvm_tflite_impl *init_impl = init->impl;
    if (op->operator_id != UTVM_OPERATOR_ASSIGN_VARIABLE || !init->tensors[op->inputs[0]].data) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "only assignments of constants are supported");
    }
    const struct utvm_graph_tensor *value = &init->tensors[op->inputs[0]];
    for (uint32_t i = 0; i < init_impl->num_handles; i++) {
        for (uint32_t k = 0; k < impl->num_handles; k++) {
            struct utvm_graph_tensor *variable = &graph->tensors[impl->handles[k].tensor];
            if (init_impl->handles[i].tensor != op->outputs[0] || !variable->is_variable ||
                !same_variable(&init_impl->handles[i], &impl->handles[k])) {
                continue;
            }
            if (value->dtype != variable->dtype || value->size_bytes != variable->size_bytes) {
                return utvm_error_create(UTVM_ERROR_FORMAT,
                                         "the value has another shape than the variable");
            }
            return utvm_tflite_copy_data(graph->impl, value->data, value->size_bytes,
                                         &variable->initial);
        }
    }
    return NULL;
}

struct utvm_error *utvm_tflite_set_initial_values(struct utvm_graph *graph,
                                                  const struct utvm_graph *init)
{
    struct utvm_error *error = NULL;
    for (uint32_t i = 0; i < init->num_operators && !error; i++) {
        error =
            utvm_graph_blame(set_initial(graph, init, &init->operators[i]), &init->operators[i]);
    }
    return error;
}

uint32_t utvm_tflite_next_call_once(const struct utvm_graph *graph, uint32_t first,
                                    uint32_t *ret_subgraph)
{
    for (uint32_t i = first; i < graph->num_operators; i++) {
        if (graph->operators[i].operator_id == UTVM_OPERATOR_CALL_ONCE) {
            *ret_subgraph =
                (uint32_t)utvm_option_i32(&graph->operators[i], OPTION_INIT_SUBGRAPH, 0);
            return i;
        }
    }
    return UTVM_NO_INDEX;
}

void utvm_tflite_drop_call_once(struct utvm_graph *graph)
{
    drop_operators(graph, UTVM_OPERATOR_CALL_ONCE);
}
