// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/import/graph.h"

#include <stdlib.h>

#include "core/bytes.h"
#include "core/import/tflite_internal.h"

static void free_impl(struct utvm_tflite_impl *impl)
{
    if (!impl) {
        return;
    }
    for (size_t i = 0; i < impl->num_copies; i++) {
        free(impl->copies[i]);
    }
    free(impl->copies);
    free(impl->options);
    free(impl->handles);
    free(impl->bytes);
    free(impl);
}

void utvm_graph_free(struct utvm_graph *graph)
{
    if (!graph) {
        return;
    }
    for (uint32_t i = 0; i < graph->num_tensors; i++) {
        free(graph->tensors[i].name);
        free(graph->tensors[i].scales);
        free(graph->tensors[i].zero_points);
    }
    for (uint32_t i = 0; i < graph->num_operators; i++) {
        free(graph->operators[i].inputs);
        free(graph->operators[i].outputs);
        free(graph->operators[i].intermediates);
    }
    free(graph->tensors);
    free(graph->operators);
    free(graph->inputs);
    free(graph->outputs);
    free(graph->name);
    free_impl(graph->impl);
    free(graph);
}

// An option outside its table is absent: the file was opened, the value just is not there.
static uint64_t option(const struct utvm_graph_operator *op, unsigned field, unsigned size_bytes,
                       uint64_t fallback)
{
    uint64_t value;
    if (!op->options_impl) {
        return fallback;
    }
    struct utvm_error *error =
        utvm_fb_scalar(op->options_impl, field, size_bytes, fallback, &value);
    if (error) {
        utvm_error_drop(error);
        return fallback;
    }
    return value;
}

int32_t utvm_option_i32(const struct utvm_graph_operator *op, unsigned field, int32_t fallback)
{
    return (int32_t)(uint32_t)option(op, field, 4, (uint32_t)fallback);
}

int32_t utvm_option_i8(const struct utvm_graph_operator *op, unsigned field, int32_t fallback)
{
    return (int8_t)(uint8_t)option(op, field, 1, (uint8_t)fallback);
}

bool utvm_option_bool(const struct utvm_graph_operator *op, unsigned field, bool fallback)
{
    return option(op, field, 1, fallback) != 0;
}

float utvm_option_f32(const struct utvm_graph_operator *op, unsigned field, float fallback)
{
    uint8_t bytes[4];
    if (!op->options_impl || !utvm_fb_has(op->options_impl, field)) {
        return fallback;
    }
    utvm_put_le32(bytes, (uint32_t)option(op, field, 4, 0));
    return utvm_le_float(bytes);
}
