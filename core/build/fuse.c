// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/build/network.h"
#include "kernels/operator_list.h"

// Elements of a paddings tensor for NHWC: before and after, four times.
#define NUM_PADS 8

/** The params field of that name, or NULL. */
static void *find_field(const struct utvm_prepared *prepared, const char *name)
{
    for (uint32_t i = 0; i < prepared->num_fields; i++) {
        if (strcmp(prepared->fields[i].name, name) == 0) {
            return (uint8_t *)prepared->params + prepared->fields[i].offset_bytes;
        }
    }
    return NULL;
}

static bool same_quantisation(const struct utvm_graph_tensor *a, const struct utvm_graph_tensor *b)
{
    if (a->dtype != b->dtype || a->num_scales != b->num_scales || a->num_scales > 1) {
        return false;
    }
    return a->num_scales == 0 ||
           (a->scales[0] == b->scales[0] && a->zero_points[0] == b->zero_points[0]);
}

// The only layer that reads a tensor; UTVM_NO_INDEX when there are several or it is an output.
static uint32_t only_reader(const struct utvm_network *net, uint32_t tensor)
{
    uint32_t reader = UTVM_NO_INDEX;
    for (uint32_t i = 0; i < net->graph->num_outputs; i++) {
        if (net->graph->outputs[i] == tensor) {
            return UTVM_NO_INDEX;
        }
    }
    for (uint32_t i = 0; i < net->num_layers; i++) {
        for (uint32_t k = 0; k < net->graph->operators[i].num_inputs; k++) {
            if (net->layers[i].inputs[k] != tensor) {
                continue;
            }
            if (reader != UTVM_NO_INDEX) {
                return UTVM_NO_INDEX;
            }
            reader = i;
        }
    }
    return reader;
}

static bool takes_activation(uint32_t operator_id)
{
    return operator_id == UTVM_OPERATOR_CONV_2D || operator_id == UTVM_OPERATOR_DEPTHWISE_CONV_2D ||
           operator_id == UTVM_OPERATOR_FULLY_CONNECTED;
}

// Real bounds of an activation; false for operators that are none.
static bool activation_bounds(uint32_t operator_id, float *lowest, float *highest)
{
    *highest = __builtin_inff();
    *lowest = 0;
    switch (operator_id) {
    case UTVM_OPERATOR_RELU:
        return true;
    case UTVM_OPERATOR_RELU6:
        *highest = 6;
        return true;
    case UTVM_OPERATOR_RELU_N1_TO_1:
        *lowest = -1;
        *highest = 1;
        return true;
    default:
        return false;
    }
}

// A bound as TFLite quantises it: zero point plus the rounded quotient. Source:
// tensorflow/lite/kernels/kernel_util.cc, CalculateActivationRangeQuantized.
static int32_t quantised(const struct utvm_graph_tensor *tensor, float bound)
{
    return tensor->zero_points[0] + (int32_t)__builtin_roundf(bound / tensor->scales[0]);
}

static bool narrow_bounds(const struct utvm_prepared *prepared,
                          const struct utvm_graph_tensor *output, float lowest, float highest)
{
    if (output->dtype == UTVM_DTYPE_FLOAT32) {
        float *low = find_field(prepared, "float_min");
        float *high = find_field(prepared, "float_max");
        if (!low || !high) {
            return false;
        }
        *low = lowest > *low ? lowest : *low;
        *high = highest < *high ? highest : *high;
        return true;
    }
    int32_t *low = find_field(prepared, "act_min");
    int32_t *high = find_field(prepared, "act_max");
    if (!low || !high || output->num_scales != 1) {
        return false;
    }
    int32_t lowest_q = quantised(output, lowest);
    *low = lowest_q > *low ? lowest_q : *low;
    if (highest < __builtin_inff()) {
        int32_t highest_q = quantised(output, highest);
        *high = highest_q < *high ? highest_q : *high;
    }
    return true;
}

// conv -> relu with equal quantisation: the convolution clamps, and writes the activation's output.
static void fuse_activation(struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph *graph = net->graph;
    struct utvm_net_layer *producer = &net->layers[layer];
    if (!utvm_network_executes(net, layer) ||
        !takes_activation(graph->operators[layer].operator_id)) {
        return;
    }
    uint32_t reader = only_reader(net, producer->outputs[0]);
    float lowest;
    float highest;
    if (reader == UTVM_NO_INDEX || !utvm_network_executes(net, reader) ||
        !activation_bounds(graph->operators[reader].operator_id, &lowest, &highest)) {
        return;
    }
    const struct utvm_graph_tensor *output = &graph->tensors[net->layers[reader].outputs[0]];
    if (!same_quantisation(&graph->tensors[producer->outputs[0]], output) ||
        !narrow_bounds(&producer->prepared, output, lowest, highest)) {
        return;
    }
    producer->outputs[0] = net->layers[reader].outputs[0];
    net->layers[reader].flags |= UTVM_LAYER_FUSED;
    net->layers[reader].executed_by = layer;
}

// Reads constant paddings of a rank-4 tensor; false unless they pad height and width only.
static bool spatial_pads(const struct utvm_graph *graph, const struct utvm_graph_operator *op,
                         int64_t pads[NUM_PADS])
{
    const struct utvm_graph_tensor *tensor = &graph->tensors[op->inputs[1]];
    if (!tensor->data || tensor->num_elems != NUM_PADS) {
        return false;
    }
    for (uint32_t i = 0; i < NUM_PADS; i++) {
        if (tensor->dtype == UTVM_DTYPE_INT32) {
            int32_t value;
            memcpy(&value, tensor->data + i * sizeof(value), sizeof(value));
            pads[i] = value;
        } else if (tensor->dtype == UTVM_DTYPE_INT64) {
            memcpy(&pads[i], tensor->data + i * sizeof(pads[i]), sizeof(pads[i]));
        } else {
            return false;
        }
    }
    return pads[0] == 0 && pads[1] == 0 && pads[6] == 0 && pads[7] == 0;
}

// Moves the padding of one axis into the window's. Each window must still meet the input.
static bool pad_axis(const struct utvm_prepared *prepared, const char *const names[4],
                     int64_t before, int64_t after, bool apply)
{
    int32_t *input = find_field(prepared, names[0]);
    int32_t *pad = find_field(prepared, names[1]);
    const int32_t *filter = find_field(prepared, names[2]);
    const int32_t *dilation = find_field(prepared, names[3]);
    if (!input || !pad || !filter || !dilation) {
        return false;
    }
    int64_t extent = ((int64_t)*filter - 1) * *dilation + 1;
    if (before < 0 || after < 0 || before + *pad >= extent || after + *pad >= extent ||
        before + after >= *input) {
        return false;
    }
    if (apply) {
        *input -= (int32_t)(before + after);
        *pad += (int32_t)before;
    }
    return true;
}

// pad -> conv: the convolution's own border reads the same zeros.
static void fuse_pad(struct utvm_network *net, uint32_t layer)
{
    static const char *const rows[4] = {"input_h", "pad_h", "filter_h", "dilation_h"};
    static const char *const columns[4] = {"input_w", "pad_w", "filter_w", "dilation_w"};
    const struct utvm_graph *graph = net->graph;
    const struct utvm_graph_operator *op = &graph->operators[layer];
    struct utvm_net_layer *pad = &net->layers[layer];
    if (!utvm_network_executes(net, layer) || op->operator_id != UTVM_OPERATOR_PAD) {
        return;
    }
    int64_t pads[NUM_PADS];
    uint32_t reader = only_reader(net, pad->outputs[0]);
    if (reader == UTVM_NO_INDEX || !utvm_network_executes(net, reader) ||
        !spatial_pads(graph, op, pads)) {
        return;
    }
    uint32_t reader_id = graph->operators[reader].operator_id;
    struct utvm_net_layer *conv = &net->layers[reader];
    bool is_conv =
        reader_id == UTVM_OPERATOR_CONV_2D || reader_id == UTVM_OPERATOR_DEPTHWISE_CONV_2D;
    if (!is_conv || conv->inputs[0] != pad->outputs[0] ||
        !same_quantisation(&graph->tensors[pad->inputs[0]], &graph->tensors[pad->outputs[0]])) {
        return;
    }
    if (!pad_axis(&conv->prepared, rows, pads[2], pads[3], false) ||
        !pad_axis(&conv->prepared, columns, pads[4], pads[5], false)) {
        return;
    }
    (void)pad_axis(&conv->prepared, rows, pads[2], pads[3], true);
    (void)pad_axis(&conv->prepared, columns, pads[4], pads[5], true);
    conv->inputs[0] = pad->inputs[0];
    pad->flags |= UTVM_LAYER_FUSED;
    pad->executed_by = reader;
}

void utvm_pass_fuse(struct utvm_network *net)
{
    for (uint32_t i = 0; i < net->num_layers; i++) {
        fuse_pad(net, i);
    }
    for (uint32_t i = 0; i < net->num_layers; i++) {
        fuse_activation(net, i);
    }
}
