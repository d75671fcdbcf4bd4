// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>
#include <string.h>

#include "core/import/prepare/common.h"

/*
 * CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED: numbers of option fields are those of
 * Conv2DOptions, DepthwiseConv2DOptions and FullyConnectedOptions in TFLite's schema.
 */

/** Types that go together: data, weights, bias. */
static struct utvm_error *check_types(const struct utvm_graph_tensor *data,
                                      const struct utvm_graph_tensor *weights,
                                      const struct utvm_graph_tensor *bias,
                                      const struct utvm_graph_tensor *output)
{
    enum utvm_dtype bias_type = UTVM_DTYPE_FLOAT32;
    enum utvm_dtype weight_type = UTVM_DTYPE_INT8;
    switch (data->dtype) {
    case UTVM_DTYPE_INT8:
        bias_type = UTVM_DTYPE_INT32;
        break;
    case UTVM_DTYPE_INT16:
        bias_type = UTVM_DTYPE_INT64;
        break;
    case UTVM_DTYPE_FLOAT32:
        weight_type = UTVM_DTYPE_FLOAT32;
        break;
    case UTVM_DTYPE_NONE:
    case UTVM_DTYPE_UINT8:
    case UTVM_DTYPE_INT32:
    case UTVM_DTYPE_INT64:
    case UTVM_DTYPE_BOOL:
    case UTVM_DTYPE_UINT16:
    case UTVM_DTYPE_UINT32:
        return utvm_prep_bad_type(data);
    }
    UTVM_TRY(utvm_prep_require_type(weights, weight_type));
    UTVM_TRY(utvm_prep_require_type(output, data->dtype));
    if (bias) {
        UTVM_TRY(utvm_prep_require_type(bias, bias_type));
    }
    return NULL;
}

static struct utvm_error *check_bias(const struct utvm_graph_tensor *bias, uint32_t channels)
{
    if (bias && bias->num_elems != channels) {
        return utvm_prep_bad_shape(bias, "it must have one element an output channel");
    }
    return NULL;
}

/**
 * True if no sum of an int8 operator reaches 2^30: weights of one channel against the largest
 * input, plus the bias. Weights that are no constants are taken at their largest.
 * @param per_channel weights of one output channel
 * @param step distance of these; channels lie `per_channel` apart if it is 1, else next to each
 * other
 */
static bool sums_are_small(const struct utvm_graph_tensor *weights,
                           const struct utvm_graph_tensor *bias, uint64_t per_channel,
                           uint64_t step)
{
    const int64_t limit = INT64_C(1) << 30;
    const int64_t largest_input = 255;
    uint64_t channels = weights->num_elems / per_channel;
    for (uint64_t c = 0; c < channels; c++) {
        const int8_t *first = (const int8_t *)weights->data + (step == 1 ? c * per_channel : c);
        int64_t sum = 0;
        for (uint64_t i = 0; i < per_channel; i++) {
            int64_t weight = weights->data ? first[i * step] : 128;
            sum += (weight < 0 ? -weight : weight) * largest_input;
        }
        int32_t start = 0;
        if (bias && !bias->data) {
            return false;
        }
        if (bias) {
            memcpy(&start, bias->data + c * sizeof(start), sizeof(start));
        }
        sum += start < 0 ? -(int64_t)start : start;
        if (sum >= limit) {
            return false;
        }
    }
    return true;
}

/** Offsets, multipliers and bounds, which the three operators share. */
static struct utvm_error *set_arithmetic(struct utvm_prep *p, const struct utvm_graph_tensor *data,
                                         const struct utvm_graph_tensor *weights,
                                         const struct utvm_graph_tensor *output,
                                         uint32_t channel_dimension, bool float_product,
                                         int32_t activation, struct utvm_conv_params *params)
{
    if (data->dtype == UTVM_DTYPE_FLOAT32) {
        return utvm_prep_activation_float(activation, &params->float_min, &params->float_max);
    }
    UTVM_TRY(utvm_prep_channel_multipliers(p, data, weights, channel_dimension, float_product,
                                           &params->fast_rounding));
    params->input_offset = -data->zero_points[0];
    params->output_offset = output->zero_points[0];
    if (data->dtype == UTVM_DTYPE_INT16 &&
        (params->input_offset != 0 || params->output_offset != 0)) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "int16 activations must have the zero point 0");
    }
    return utvm_prep_activation(output, activation, &params->act_min, &params->act_max);
}

/** Shapes and windows of CONV_2D and DEPTHWISE_CONV_2D. */
static struct utvm_error *set_windows(const struct utvm_graph_tensor *data,
                                      const struct utvm_graph_tensor *weights,
                                      const struct utvm_graph_tensor *output, int32_t padding,
                                      struct utvm_conv_params *params)
{
    UTVM_TRY(utvm_prep_require_rank(data, 4));
    UTVM_TRY(utvm_prep_require_rank(weights, 4));
    UTVM_TRY(utvm_prep_require_rank(output, 4));
    params->batches = (int32_t)data->dims[0];
    params->input_h = (int32_t)data->dims[1];
    params->input_w = (int32_t)data->dims[2];
    params->input_c = (int32_t)data->dims[3];
    params->filter_h = (int32_t)weights->dims[1];
    params->filter_w = (int32_t)weights->dims[2];
    params->output_c = (int32_t)output->dims[3];
    UTVM_TRY(utvm_prep_window(padding, params->input_h, params->filter_h, params->stride_h,
                              params->dilation_h, &params->output_h, &params->pad_h));
    UTVM_TRY(utvm_prep_window(padding, params->input_w, params->filter_w, params->stride_w,
                              params->dilation_w, &params->output_w, &params->pad_w));
    if (output->dims[0] != data->dims[0] || output->dims[1] != (uint32_t)params->output_h ||
        output->dims[2] != (uint32_t)params->output_w) {
        return utvm_prep_bad_shape(output, "it does not follow from input, filter and stride");
    }
    return NULL;
}

/** Input 1 of CONV_2D and DEPTHWISE_CONV_2D, which a packed form of it stands in for. */
#define WEIGHTS_INPUT (1u << 1)

/** The filters with each of their rows padded to whole groups of four. */
static struct utvm_error *pack_filters(struct utvm_prep *p, const struct utvm_graph_tensor *weights,
                                       uint32_t row_elems, uint32_t padded)
{
    int8_t *packed;
    uint64_t num_rows = weights->num_elems / row_elems;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT8, num_rows * padded, &packed));
    for (uint64_t row = 0; row < num_rows; row++) {
        memcpy(packed + row * padded, weights->data + row * row_elems, row_elems);
    }
    p->out->unread_inputs |= WEIGHTS_INPUT;
    return NULL;
}

/** More columns read the weights less often; but they need memory. */
#define COLUMN_BUDGET_BYTES 8192
#define MAX_COLUMNS 16

static struct utvm_error *choose_dsp_conv(struct utvm_prep *p,
                                          const struct utvm_graph_tensor *weights,
                                          struct utvm_conv_params *params)
{
    uint32_t row_elems = weights->dims[2] * weights->dims[3];
    uint32_t padded = (row_elems + 3) / 4 * 4;
    params->row_bytes = (int32_t)(padded * weights->dims[1]);
    params->packed = padded != row_elems;
    if (params->packed) {
        UTVM_TRY(pack_filters(p, weights, row_elems, padded));
    }
    uint64_t column_bytes = 2 * (uint64_t)params->row_bytes;
    uint64_t columns = COLUMN_BUDGET_BYTES / column_bytes / 2 * 2;
    params->columns = columns < 2 ? 2 : columns > MAX_COLUMNS ? MAX_COLUMNS : (int32_t)columns;
    p->out->kernel = "conv_2d_int8_dsp";
    return utvm_prep_workspace(p, column_bytes * (uint64_t)params->columns);
}

struct utvm_error *utvm_prepare_conv_2d(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 3, 1));
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *weights = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *bias = utvm_prep_input(p, 2);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(check_types(data, weights, bias, output));
    struct utvm_conv_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_conv, &params));
    params->stride_w = utvm_option_i32(p->op, 1, 1);
    params->stride_h = utvm_option_i32(p->op, 2, 1);
    params->dilation_w = utvm_option_i32(p->op, 4, 1);
    params->dilation_h = utvm_option_i32(p->op, 5, 1);
    params->depth_multiplier = 1;
    params->has_bias = bias != NULL;
    UTVM_TRY(
        set_windows(data, weights, output, utvm_option_i8(p->op, 0, UTVM_PADDING_SAME), params));
    params->filter_c = (int32_t)weights->dims[3];
    if (weights->dims[0] != output->dims[3]) {
        return utvm_prep_bad_shape(weights, "it must have one filter an output channel");
    }
    if (data->dims[3] % weights->dims[3] != 0 ||
        output->dims[3] % (data->dims[3] / weights->dims[3]) != 0) {
        return utvm_prep_bad_shape(weights, "its channels do not divide the input into groups");
    }
    UTVM_TRY(check_bias(bias, weights->dims[0]));
    UTVM_TRY(
        set_arithmetic(p, data, weights, output, 0, false, utvm_option_i8(p->op, 3, 0), params));
    if (data->dtype == UTVM_DTYPE_INT8) {
        params->fast_rounding &=
            sums_are_small(weights, bias, weights->num_elems / weights->dims[0], 1);
        if (params->dilation_w == 1 && params->filter_c == params->input_c && weights->data) {
            return choose_dsp_conv(p, weights, params);
        }
    }
    return utvm_prep_kernel(p, data, "conv_2d_int8", "conv_2d_int16", NULL, "conv_2d_float32");
}

/** Depthwise weights as int16[channels / 4][taps][4], four channels in the order 0, 2, 1, 3. */
static struct utvm_error *widen_weights(struct utvm_prep *p,
                                        const struct utvm_graph_tensor *weights)
{
    static const uint32_t order[4] = {0, 2, 1, 3};
    const int8_t *from = (const int8_t *)weights->data;
    uint32_t channels = weights->dims[3];
    uint64_t taps = weights->num_elems / channels;
    int16_t *wide;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT16, weights->num_elems, &wide));
    for (uint32_t group = 0; group < channels; group += 4) {
        for (uint64_t tap = 0; tap < taps; tap++) {
            for (uint32_t i = 0; i < 4; i++) {
                *wide++ = (int16_t)from[tap * channels + group + order[i]];
            }
        }
    }
    p->out->unread_inputs |= WEIGHTS_INPUT;
    return NULL;
}

struct utvm_error *utvm_prepare_depthwise_conv_2d(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 3, 1));
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *weights = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *bias = utvm_prep_input(p, 2);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(check_types(data, weights, bias, output));
    struct utvm_conv_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_conv, &params));
    params->stride_w = utvm_option_i32(p->op, 1, 1);
    params->stride_h = utvm_option_i32(p->op, 2, 1);
    params->dilation_w = utvm_option_i32(p->op, 5, 1);
    params->dilation_h = utvm_option_i32(p->op, 6, 1);
    UTVM_TRY(
        set_windows(data, weights, output, utvm_option_i8(p->op, 0, UTVM_PADDING_SAME), params));
    params->filter_c = 1;
    params->has_bias = bias != NULL;
    if (weights->dims[0] != 1 || weights->dims[3] != output->dims[3] ||
        output->dims[3] % data->dims[3] != 0) {
        return utvm_prep_bad_shape(weights, "it does not fit to input and output channels");
    }
    params->depth_multiplier = (int32_t)(output->dims[3] / data->dims[3]);
    UTVM_TRY(check_bias(bias, weights->dims[3]));
    UTVM_TRY(
        set_arithmetic(p, data, weights, output, 3, false, utvm_option_i8(p->op, 4, 0), params));
    if (data->dtype == UTVM_DTYPE_INT8) {
        params->fast_rounding &=
            sums_are_small(weights, bias, weights->num_elems / weights->dims[3], weights->dims[3]);
    }
    if (data->dtype == UTVM_DTYPE_INT8 && weights->data && params->depth_multiplier == 1 &&
        params->output_c % 4 == 0) {
        p->out->kernel = "depthwise_conv_2d_int8_dsp";
        return widen_weights(p, weights);
    }
    return utvm_prep_kernel(p, data, "depthwise_conv_2d_int8", "depthwise_conv_2d_int16", NULL,
                            "depthwise_conv_2d_float32");
}

struct utvm_error *utvm_prepare_fully_connected(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 3, 1));
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *weights = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *bias = utvm_prep_input(p, 2);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(check_types(data, weights, bias, output));
    UTVM_TRY(utvm_prep_require_rank(weights, 2));
    if (utvm_option_i8(p->op, 1, 0) != 0) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "shuffled weights are not supported");
    }
    uint32_t channels = weights->dims[0];
    uint32_t depth = weights->dims[1];
    if (data->num_elems % depth != 0) {
        return utvm_prep_bad_shape(data, "it is no multiple of the weights' depth");
    }
    uint64_t rows = data->num_elems / depth;
    if (output->num_elems / channels != rows || output->num_elems % channels != 0) {
        return utvm_prep_bad_shape(output, "it does not follow from input and weights");
    }
    UTVM_TRY(check_bias(bias, channels));
    struct utvm_fully_connected_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_fully_connected, &params));
    struct utvm_conv_params arithmetic = {0};
    /* One scale for all channels: TensorFlow Lite multiplies the two scales as floats. */
    UTVM_TRY(set_arithmetic(p, data, weights, output, 0, weights->num_scales == 1,
                            utvm_option_i8(p->op, 0, 0), &arithmetic));
    params->rows = (int32_t)rows;
    params->depth = (int32_t)depth;
    params->channels = (int32_t)channels;
    params->has_bias = bias != NULL;
    params->fast_rounding = arithmetic.fast_rounding;
    params->input_offset = arithmetic.input_offset;
    params->output_offset = arithmetic.output_offset;
    params->act_min = arithmetic.act_min;
    params->act_max = arithmetic.act_max;
    params->float_min = arithmetic.float_min;
    params->float_max = arithmetic.float_max;
    p->terms.depth = depth;
    if (data->dtype == UTVM_DTYPE_INT8) {
        params->fast_rounding &= sums_are_small(weights, bias, depth, 1);
        p->out->kernel = "fully_connected_int8_dsp";
        return utvm_prep_workspace(p, (uint64_t)(depth + 3) / 4 * 8);
    }
    return utvm_prep_kernel(p, data, NULL, "fully_connected_int16", NULL,
                            "fully_connected_float32");
}

/* Inputs: 0 output shape, 1 weights, 2 data, 3 bias. Options: TransposeConvOptions. */
struct utvm_error *utvm_prepare_transpose_conv(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 3, 4, 1));
    const struct utvm_graph_tensor *weights = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 2);
    const struct utvm_graph_tensor *bias = utvm_prep_input(p, 3);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(check_types(data, weights, bias, output));
    UTVM_TRY(utvm_prep_require_rank(data, 4));
    UTVM_TRY(utvm_prep_require_rank(weights, 4));
    UTVM_TRY(utvm_prep_require_rank(output, 4));
    if (weights->dims[0] != output->dims[3] || weights->dims[3] != data->dims[3]) {
        return utvm_prep_bad_shape(weights, "it does not fit to input and output channels");
    }
    if (output->dims[0] != data->dims[0]) {
        return utvm_prep_bad_shape(output, "it has another number of batches than the input");
    }
    struct utvm_conv_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_conv, &params));
    params->batches = (int32_t)data->dims[0];
    params->input_h = (int32_t)data->dims[1];
    params->input_w = (int32_t)data->dims[2];
    params->input_c = (int32_t)data->dims[3];
    params->filter_h = (int32_t)weights->dims[1];
    params->filter_w = (int32_t)weights->dims[2];
    params->filter_c = params->input_c;
    params->output_h = (int32_t)output->dims[1];
    params->output_w = (int32_t)output->dims[2];
    params->output_c = (int32_t)output->dims[3];
    params->stride_w = utvm_option_i32(p->op, 1, 1);
    params->stride_h = utvm_option_i32(p->op, 2, 1);
    params->dilation_h = 1;
    params->dilation_w = 1;
    params->depth_multiplier = 1;
    params->has_bias = bias != NULL;
    /* The padding is that of the convolution which leads from the output back to the input. */
    int32_t padding = utvm_option_i8(p->op, 0, UTVM_PADDING_SAME);
    int32_t expected_h;
    int32_t expected_w;
    UTVM_TRY(utvm_prep_window(padding, params->output_h, params->filter_h, params->stride_h, 1,
                              &expected_h, &params->pad_h));
    UTVM_TRY(utvm_prep_window(padding, params->output_w, params->filter_w, params->stride_w, 1,
                              &expected_w, &params->pad_w));
    if (expected_h != params->input_h || expected_w != params->input_w) {
        return utvm_prep_bad_shape(output, "no convolution leads from it to the input");
    }
    UTVM_TRY(check_bias(bias, weights->dims[0]));
    UTVM_TRY(
        set_arithmetic(p, data, weights, output, 0, false, utvm_option_i8(p->op, 3, 0), params));
    p->terms.inputs = data->num_elems;
    p->terms.depth = data->dims[3];
    return utvm_prep_kernel(p, data, "transpose_conv_int8", "transpose_conv_int16", NULL,
                            "transpose_conv_float32");
}
