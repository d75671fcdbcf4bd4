// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "net_writer.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/operator_list.h"

// TensorType of the schema.
enum {
    TYPE_INT32 = 2,
    TYPE_INT64 = 4,
    TYPE_INT16 = 7,
    TYPE_INT8 = 9,
};

uint32_t net_random(struct net *n, uint32_t below)
{
    n->random = n->random * 1664525u + 1013904223u;
    return (n->random >> 8) % below;
}

static int32_t add_tensor(struct net *n, int8_t type, uint32_t rank, const int32_t *dims)
{
    cr_assert_lt(n->num_tensors, NET_TENSORS);
    uint32_t index = n->num_tensors++;
    snprintf(n->names[index], sizeof(n->names[index]), "t%u", index);
    struct test_tensor *t = &n->tensors[index];
    *t = (struct test_tensor){.name = n->names[index], .type = type, .rank = rank};
    memcpy(t->dims, dims, rank * sizeof(*dims));
    return (int32_t)index;
}

static uint32_t count_elems(const struct test_tensor *t)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < t->rank; i++) {
        count *= (uint32_t)t->dims[i];
    }
    return count;
}

static int32_t add_activation(struct net *n, uint32_t rank, const int32_t *dims)
{
    int32_t index = add_tensor(n, n->is_int16 ? TYPE_INT16 : TYPE_INT8, rank, dims);
    struct test_tensor *t = &n->tensors[index];
    t->num_scales = t->num_zero_points = 1;
    t->scales[0] = 0.02F + 0.001F * (float)net_random(n, 60);
    t->zero_points[0] = n->is_int16 ? 0 : (int64_t)net_random(n, 200) - 100;
    return index;
}

static int32_t add_like(struct net *n, int32_t other)
{
    int32_t index = add_activation(n, n->tensors[other].rank, n->tensors[other].dims);
    n->tensors[index].scales[0] = n->tensors[other].scales[0];
    n->tensors[index].zero_points[0] = n->tensors[other].zero_points[0];
    return index;
}

static void *add_data(struct net *n, int32_t index, uint32_t elem_bytes)
{
    struct test_tensor *t = &n->tensors[index];
    t->data_bytes = count_elems(t) * elem_bytes;
    n->storage[index] = calloc(1, t->data_bytes);
    t->data = n->storage[index];
    return n->storage[index];
}

static int32_t add_ints(struct net *n, uint32_t rank, const int32_t *dims, const int32_t *values)
{
    int32_t index = add_tensor(n, TYPE_INT32, rank, dims);
    void *data = add_data(n, index, sizeof(*values));
    memcpy(data, values, n->tensors[index].data_bytes);
    return index;
}

static int32_t add_operator(struct net *n, int32_t code, const int32_t *inputs, uint32_t num_inputs,
                            int32_t output, const int32_t *options, uint32_t num_options)
{
    cr_assert_lt(n->num_operators, NET_OPERATORS);
    uint32_t index = n->num_operators++;
    struct test_operator *op = &n->operators[index];
    *op = (struct test_operator){.code = code,
                                 .num_inputs = num_inputs,
                                 .num_outputs = 1,
                                 .outputs = {output},
                                 .options = num_options ? n->options[index] : NULL,
                                 .num_options = num_options};
    memcpy(op->inputs, inputs, num_inputs * sizeof(*inputs));
    if (num_options > 0) {
        memcpy(n->options[index], options, num_options * sizeof(*options));
    }
    return output;
}

void net_init(struct net *n, bool is_int16, uint32_t seed, int32_t h, int32_t w, int32_t c)
{
    *n = (struct net){.is_int16 = is_int16, .random = seed};
    (void)add_activation(n, 4, (int32_t[]){1, h, w, c});
}

void net_deinit(struct net *n)
{
    for (uint32_t i = 0; i < NET_TENSORS; i++) {
        free(n->storage[i]);
    }
}

static bool is_zero(const struct net_filters *f, int32_t filter)
{
    return f->zero && f->zero[filter];
}

// Weights of which filter o has elements o * step to (o + 1) * step, or each num_filters-th.
static int32_t add_weights(struct net *n, const struct net_filters *f, uint32_t rank,
                           const int32_t *dims, uint32_t channel_dim)
{
    int32_t index = add_tensor(n, TYPE_INT8, rank, dims);
    int8_t *data = add_data(n, index, 1);
    struct test_tensor *t = &n->tensors[index];
    uint32_t per_filter = t->data_bytes / (uint32_t)f->count;
    for (uint32_t i = 0; i < t->data_bytes; i++) {
        uint32_t filter = channel_dim == 0 ? i / per_filter : i % (uint32_t)f->count;
        int32_t value = (int32_t)net_random(n, 255) - 127;
        data[i] = is_zero(f, (int32_t)filter) ? 0 : (int8_t)value;
    }
    t->quantized_dimension = (int32_t)channel_dim;
    t->num_scales = t->num_zero_points = f->per_channel ? (uint32_t)f->count : 1;
    for (uint32_t i = 0; i < t->num_scales; i++) {
        t->scales[i] = 0.002F + 0.0001F * (float)net_random(n, 100);
    }
    return index;
}

static int32_t add_bias(struct net *n, const struct net_filters *f)
{
    int32_t index = add_tensor(n, n->is_int16 ? TYPE_INT64 : TYPE_INT32, 1, &f->count);
    uint8_t *data = add_data(n, index, n->is_int16 ? 8 : 4);
    // Converters state the scale of a bias, but nobody needs it.
    n->tensors[index].num_scales = n->tensors[index].num_zero_points = net_random(n, 2);
    n->tensors[index].scales[0] = 0.0001F;
    for (int32_t i = 0; i < f->count; i++) {
        int64_t bias = is_zero(f, i) ? f->zero_bias : (int64_t)net_random(n, 4000) - 2000;
        bias *= n->is_int16 ? 100 : 1;
        memcpy(data + i * (n->is_int16 ? 8 : 4), &bias, n->is_int16 ? 8 : 4);
    }
    return index;
}

static int32_t add_windows(struct net *n, int32_t code, int32_t input, const struct net_filters *f,
                           bool is_depthwise)
{
    const int32_t *from = n->tensors[input].dims;
    int32_t channels = from[3];
    int32_t shrink = f->is_padded ? 0 : f->size - 1;
    const int32_t to[4] = {1, from[1] - shrink, from[2] - shrink, f->count};
    const int32_t filters[4] = {f->count, f->size, f->size, channels};
    const int32_t planes[4] = {1, f->size, f->size, f->count};
    int32_t inputs[3] = {input};
    inputs[1] = add_weights(n, f, 4, is_depthwise ? planes : filters, is_depthwise ? 3 : 0);
    inputs[2] = f->has_no_bias ? -1 : add_bias(n, f);
    int32_t output = add_activation(n, 4, to);
    const int32_t padding = f->is_padded ? 0 : 1;
    const int32_t conv_options[6] = {padding, 1, 1, f->activation, 1, 1};
    const int32_t depthwise_options[7] = {padding, 1, 1, 1, f->activation, 1, 1};
    return add_operator(n, code, inputs, f->has_no_bias ? 2 : 3, output,
                        is_depthwise ? depthwise_options : conv_options, is_depthwise ? 7 : 6);
}

int32_t net_conv(struct net *n, int32_t input, const struct net_filters *f)
{
    return add_windows(n, UTVM_OPERATOR_CONV_2D, input, f, false);
}

int32_t net_depthwise(struct net *n, int32_t input, const struct net_filters *f)
{
    return add_windows(n, UTVM_OPERATOR_DEPTHWISE_CONV_2D, input, f, true);
}

int32_t net_matrix(struct net *n, int32_t input, const struct net_filters *f)
{
    int32_t depth = (int32_t)count_elems(&n->tensors[input]);
    int32_t inputs[3] = {input};
    inputs[1] = add_weights(n, f, 2, (int32_t[]){f->count, depth}, 0);
    inputs[2] = f->has_no_bias ? -1 : add_bias(n, f);
    int32_t output = add_activation(n, 2, (int32_t[]){1, f->count});
    return add_operator(n, UTVM_OPERATOR_FULLY_CONNECTED, inputs, f->has_no_bias ? 2 : 3, output,
                        (int32_t[]){f->activation}, 1);
}

int32_t net_pool(struct net *n, int32_t input, int32_t code)
{
    return add_operator(n, code, &input, 1, add_like(n, input), (int32_t[]){0, 1, 1, 2, 2, 0}, 6);
}

int32_t net_elementwise(struct net *n, int32_t code, int32_t input, int32_t other)
{
    int32_t output = code == UTVM_OPERATOR_RELU
                         ? add_like(n, input)
                         : add_activation(n, n->tensors[input].rank, n->tensors[input].dims);
    return add_operator(n, code, (int32_t[]){input, other}, other < 0 ? 1 : 2, output,
                        (int32_t[]){0}, 1);
}

int32_t net_pad(struct net *n, int32_t input)
{
    int32_t inputs[2] = {input};
    inputs[1] = add_ints(n, 2, (int32_t[]){4, 2}, (int32_t[]){0, 0, 1, 0, 0, 1, 0, 0});
    int32_t output = add_like(n, input);
    n->tensors[output].dims[1]++;
    n->tensors[output].dims[2]++;
    return add_operator(n, UTVM_OPERATOR_PAD, inputs, 2, output, NULL, 0);
}

int32_t net_flatten(struct net *n, int32_t input)
{
    int32_t output = add_like(n, input);
    struct test_tensor *t = &n->tensors[output];
    t->dims[1] = (int32_t)count_elems(t);
    t->rank = 2;
    return add_operator(n, UTVM_OPERATOR_RESHAPE, &input, 1, output, NULL, 0);
}

int32_t net_mean(struct net *n, int32_t input, int32_t axis)
{
    const int32_t *from = n->tensors[input].dims;
    int32_t inputs[2] = {input};
    inputs[1] = add_ints(n, 1, (int32_t[]){axis ? 1 : 2}, axis ? &axis : (int32_t[]){1, 2});
    const int32_t pooled[2] = {1, from[3]};
    int32_t left[3] = {from[0], from[1], from[2]};
    int32_t output = axis ? add_activation(n, 3, left) : add_activation(n, 2, pooled);
    return add_operator(n, UTVM_OPERATOR_MEAN, inputs, 2, output, (int32_t[]){0}, 1);
}

int32_t net_softmax(struct net *n, int32_t input)
{
    int32_t output = add_like(n, input);
    n->tensors[output].scales[0] = n->is_int16 ? 1.0F / 32768 : 1.0F / 256;
    n->tensors[output].zero_points[0] = n->is_int16 ? 0 : -128;
    float beta = 1;
    int32_t option;
    memcpy(&option, &beta, sizeof(option));
    return add_operator(n, UTVM_OPERATOR_SOFTMAX, &input, 1, output, &option, 1);
}

uint8_t *net_bytes(struct net *n, int32_t output, int32_t second, size_t *size_bytes)
{
    n->model = (struct test_model){
        .tensors = n->tensors,
        .num_tensors = n->num_tensors,
        .operators = n->operators,
        .num_operators = n->num_operators,
        .num_inputs = 1,
        .num_outputs = second < 0 ? 1 : 2,
        .outputs = {output, second},
    };
    return test_write_tflite(&n->model, size_bytes);
}

struct utvm_graph *net_graph(struct net *n, int32_t output, int32_t second)
{
    size_t size_bytes;
    struct utvm_graph *graph;
    uint8_t *bytes = net_bytes(n, output, second, &size_bytes);
    struct utvm_error *error = utvm_tflite_parse("net.tflite", bytes, size_bytes, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    free(bytes);
    return graph;
}
