// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/filters.h"

#include <string.h>

#include "kernels/arith.h"
#include "kernels/operator_list.h"
#include "kernels/params.h"

// Biases and sums beyond these are left alone: kernels wrap, or state no result.
#define MAX_BIAS (INT64_C(1) << 46)
#define MAX_WIDE_SUM (INT64_C(1) << 47)
#define MAX_SCALED (INT64_C(1) << 30)

// A window of this axis reaches beyond the input.
static bool axis_is_cut(int32_t output, int32_t stride, int32_t pad, int32_t input, int32_t filter,
                        int32_t dilation)
{
    int64_t end = ((int64_t)output - 1) * stride - pad + ((int64_t)filter - 1) * dilation + 1;
    return pad > 0 || end > input;
}

static bool convolution_of(const struct utvm_prepared *prepared, struct utvm_filters *ret)
{
    const struct utvm_conv_params *p = prepared->params;
    ret->is_cut =
        axis_is_cut(p->output_h, p->stride_h, p->pad_h, p->input_h, p->filter_h, p->dilation_h) ||
        axis_is_cut(p->output_w, p->stride_w, p->pad_w, p->input_w, p->filter_w, p->dilation_w);
    ret->num_filters = (uint32_t)p->output_c;
    ret->input_offset = p->input_offset;
    ret->output_offset = p->output_offset;
    ret->act_min = p->act_min;
    ret->act_max = p->act_max;
    return p->filter_c == p->input_c;
}

bool utvm_filters_of(const struct utvm_network *net, uint32_t layer, struct utvm_filters *ret)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    const struct utvm_prepared *prepared = &net->layers[layer].prepared;
    bool is_conv = op->operator_id == UTVM_OPERATOR_CONV_2D;
    if ((!is_conv && op->operator_id != UTVM_OPERATOR_FULLY_CONNECTED) ||
        !utvm_network_executes(net, layer)) {
        return false;
    }
    const struct utvm_graph_tensor *data = &net->graph->tensors[op->inputs[0]];
    const struct utvm_graph_tensor *weights = &net->graph->tensors[op->inputs[1]];
    bool has_bias = op->num_inputs > 2 && op->inputs[2] != UTVM_NO_INDEX;
    const struct utvm_graph_tensor *bias = has_bias ? &net->graph->tensors[op->inputs[2]] : NULL;
    if ((data->dtype != UTVM_DTYPE_INT8 && data->dtype != UTVM_DTYPE_INT16) || data->data ||
        !weights->data || (bias && !bias->data)) {
        return false;
    }
    *ret = (struct utvm_filters){
        .weights = (const int8_t *)weights->data,
        .bias = bias ? bias->data : NULL,
        .is_int16 = data->dtype == UTVM_DTYPE_INT16,
        .multipliers = prepared->constants[0].data,
        .shifts = prepared->constants[1].data,
    };
    // A product of matrices is prepared as a convolution of one tap.
    if (!convolution_of(prepared, ret)) {
        return false;
    }
    ret->filter_elems = weights->num_elems / ret->num_filters;
    return true;
}

int64_t utvm_filter_bias(const struct utvm_filters *f, uint32_t filter)
{
    int64_t wide = 0;
    int32_t narrow = 0;
    if (f->bias && f->is_int16) {
        memcpy(&wide, f->bias + filter * sizeof(wide), sizeof(wide));
    } else if (f->bias) {
        memcpy(&narrow, f->bias + filter * sizeof(narrow), sizeof(narrow));
        wide = narrow;
    }
    return wide;
}

static bool is_known(const struct utvm_channel_set *input, uint64_t elem)
{
    return input->count > 0 && input->constant[elem % input->count];
}

int64_t utvm_filter_constant_part(const struct utvm_filters *f, uint32_t filter,
                                  const struct utvm_channel_set *input)
{
    const int8_t *weights = f->weights + filter * f->filter_elems;
    int64_t sum = 0;
    for (uint64_t i = 0; i < f->filter_elems; i++) {
        if (is_known(input, i)) {
            sum += weights[i] * ((int64_t)input->value[i % input->count] + f->input_offset);
        }
    }
    return sum;
}

struct interval {
    int64_t low;
    int64_t high;
};

// The sums that a filter can have.
static struct interval sums_of(const struct utvm_filters *f, uint32_t filter,
                               const struct utvm_channel_set *input)
{
    const int8_t *weights = f->weights + filter * f->filter_elems;
    int64_t lowest = (f->is_int16 ? INT16_MIN : INT8_MIN) + (int64_t)f->input_offset;
    int64_t highest = (f->is_int16 ? INT16_MAX : INT8_MAX) + (int64_t)f->input_offset;
    int64_t bias = utvm_filter_bias(f, filter);
    struct interval sums = {bias, bias};
    for (uint64_t i = 0; i < f->filter_elems; i++) {
        int64_t a = weights[i] * lowest;
        int64_t b = weights[i] * highest;
        if (is_known(input, i)) {
            a = weights[i] * ((int64_t)input->value[i % input->count] + f->input_offset);
            b = a;
        }
        int64_t low = a < b ? a : b;
        int64_t high = a < b ? b : a;
        // A product that a border leaves out is 0.
        sums.low += f->is_cut && low > 0 ? 0 : low;
        sums.high += f->is_cut && high < 0 ? 0 : high;
    }
    return sums;
}

// False where a larger sum might give a smaller output, because something wraps on the way.
static bool keeps_order(const struct utvm_filters *f, int64_t sum, int32_t shift)
{
    int64_t limit = f->is_int16 ? MAX_WIDE_SUM : INT64_C(1) << 31;
    if (sum <= -limit || sum >= limit) {
        return false;
    }
    // What the multiplication, by less than 1, makes of it is smaller still.
    int64_t scaled = shift > 0 ? sum * (INT64_C(1) << shift) : sum / (INT64_C(1) << -shift);
    return scaled > -MAX_SCALED && scaled < MAX_SCALED;
}

// The output for a sum, as the kernels compute it; false for a sum that they have no result for.
static bool finish(const struct utvm_filters *f, uint32_t filter, int64_t sum, int32_t *ret)
{
    int64_t limit = f->is_int16 ? MAX_WIDE_SUM : INT64_C(1) << 31;
    int32_t multiplier = f->multipliers[filter];
    int32_t shift = f->shifts[filter];
    if (sum <= -limit || sum >= limit) {
        return false;
    }
    int32_t value = f->is_int16 ? utvm_requantize_int64(sum, multiplier, shift)
                                : utvm_requantize((int32_t)sum, multiplier, shift);
    int32_t with_offset;
    if (__builtin_add_overflow(value, f->output_offset, &with_offset)) {
        return false;
    }
    *ret = utvm_clamp(with_offset, f->act_min, f->act_max);
    return true;
}

bool utvm_filter_is_constant(const struct utvm_filters *f, uint32_t filter,
                             const struct utvm_channel_set *input, int32_t *ret_value)
{
    int64_t bias = utvm_filter_bias(f, filter);
    if (bias <= -MAX_BIAS || bias >= MAX_BIAS) {
        return false;
    }
    struct interval sums = sums_of(f, filter, input);
    int32_t shift = f->shifts[filter];
    bool ordered = sums.low == sums.high ||
                   (keeps_order(f, sums.low, shift) && keeps_order(f, sums.high, shift));
    int32_t high;
    return ordered && finish(f, filter, sums.low, ret_value) &&
           finish(f, filter, sums.high, &high) && high == *ret_value;
}
