// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/build/prune.h"
#include "kernels/operator_list.h"
#include "kernels/params.h"

uint32_t utvm_channelwise_inputs(uint32_t operator_id)
{
    switch (operator_id) {
    case UTVM_OPERATOR_ADD:
    case UTVM_OPERATOR_SUB:
    case UTVM_OPERATOR_MUL:
    case UTVM_OPERATOR_MAXIMUM:
    case UTVM_OPERATOR_MINIMUM:
        return 2;
    case UTVM_OPERATOR_DEPTHWISE_CONV_2D:
    case UTVM_OPERATOR_AVERAGE_POOL_2D:
    case UTVM_OPERATOR_MAX_POOL_2D:
    case UTVM_OPERATOR_PAD:
    case UTVM_OPERATOR_MEAN:
    case UTVM_OPERATOR_RESHAPE:
    case UTVM_OPERATOR_SQUEEZE:
    case UTVM_OPERATOR_EXPAND_DIMS:
    case UTVM_OPERATOR_RELU:
    case UTVM_OPERATOR_RELU6:
    case UTVM_OPERATOR_RELU_N1_TO_1:
    case UTVM_OPERATOR_LEAKY_RELU:
    case UTVM_OPERATOR_HARD_SWISH:
    case UTVM_OPERATOR_LOGISTIC:
    case UTVM_OPERATOR_TANH:
    case UTVM_OPERATOR_QUANTIZE:
    case UTVM_OPERATOR_RESIZE_NEAREST_NEIGHBOR:
    case UTVM_OPERATOR_RESIZE_BILINEAR:
        return 1;
    default:
        return 0;
    }
}

// Of inputs that prepare has found to be there.
static const struct utvm_graph_tensor *input_of(const struct utvm_network *net, uint32_t layer,
                                                uint32_t i)
{
    return &net->graph->tensors[net->graph->operators[layer].inputs[i]];
}

static bool same_shape(const struct utvm_graph_tensor *a, const struct utvm_graph_tensor *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, a->rank * sizeof(a->dims[0])) == 0;
}

static bool is_plain_depthwise(const struct utvm_network *net, uint32_t layer)
{
    const struct utvm_conv_params *p = net->layers[layer].prepared.params;
    return p->depth_multiplier == 1 && input_of(net, layer, 1)->data &&
           (!p->has_bias || input_of(net, layer, 2)->data);
}

uint32_t utvm_last_dim(const struct utvm_graph_tensor *tensor)
{
    bool is_integer = tensor->dtype == UTVM_DTYPE_INT8 || tensor->dtype == UTVM_DTYPE_INT16;
    return is_integer && tensor->rank > 0 ? tensor->dims[tensor->rank - 1] : 0;
}

// Whether MEAN runs over the last dimension too.
static bool reduces_channels(const struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph_tensor *axes = input_of(net, layer, 1);
    int64_t rank = input_of(net, layer, 0)->rank;
    for (uint64_t i = 0; i < axes->num_elems; i++) {
        int32_t axis;
        memcpy(&axis, axes->data + i * sizeof(axis), sizeof(axis));
        if (axis == -1 || axis == rank - 1) {
            return true;
        }
    }
    return false;
}

// Channels stay what they are: element e of the output is of channel e modulo their number.
static bool keeps_channels(const struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    switch (op->operator_id) {
    case UTVM_OPERATOR_RESHAPE:
    case UTVM_OPERATOR_SQUEEZE:
    case UTVM_OPERATOR_EXPAND_DIMS:
        return true;
    case UTVM_OPERATOR_DEPTHWISE_CONV_2D:
        return is_plain_depthwise(net, layer);
    case UTVM_OPERATOR_MEAN:
        return input_of(net, layer, 1)->dtype == UTVM_DTYPE_INT32 && !reduces_channels(net, layer);
    default: // PAD that pads channels has more of them
        return utvm_last_dim(input_of(net, layer, 0)) ==
               utvm_last_dim(&net->graph->tensors[op->outputs[0]]);
    }
}

enum utvm_channel_role utvm_channel_role(const struct utvm_network *net, uint32_t layer)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    struct utvm_filters filters;
    if (!utvm_network_executes(net, layer)) {
        return UTVM_ROLE_OPAQUE;
    }
    if (utvm_filters_of(net, layer, &filters)) {
        return UTVM_ROLE_FILTERS;
    }
    uint32_t num_inputs = utvm_channelwise_inputs(op->operator_id);
    if (num_inputs == 0 || utvm_last_dim(&net->graph->tensors[op->outputs[0]]) == 0) {
        return UTVM_ROLE_OPAQUE;
    }
    for (uint32_t i = 0; i < num_inputs; i++) {
        const struct utvm_graph_tensor *input = input_of(net, layer, i);
        bool is_broadcast =
            num_inputs > 1 && !same_shape(input, &net->graph->tensors[op->outputs[0]]);
        if (input->data || utvm_last_dim(input) == 0 || is_broadcast) {
            return UTVM_ROLE_OPAQUE;
        }
    }
    return keeps_channels(net, layer) ? UTVM_ROLE_CHANNELWISE : UTVM_ROLE_OPAQUE;
}
