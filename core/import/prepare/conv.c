// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>
#include <string.h>

#include "core/import/prepare/common.h"
#include "core/import/prepare/packing.h"

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

/** What packing.h wants. @param last the channels are the last dimension of the weights */
static struct utvm_filter_set make_filters(const struct utvm_graph_tensor *weights,
                                           const struct utvm_graph_tensor *bias, bool last)
{
    uint32_t count = weights->dims[last ? weights->rank - 1 : 0];
    return (struct utvm_filter_set){.weights = weights,
                                    .bias = bias,
                                    .count = count,
                                    .elems = (uint32_t)(weights->num_elems / count),
                                    .last = last};
}

/** Offsets, multipliers and bounds, which the operators share. */
static struct utvm_error *set_arithmetic(struct utvm_prep *p, const struct utvm_graph_tensor *data,
                                         const struct utvm_filter_set *filters,
                                         const struct utvm_graph_tensor *output, bool float_product,
                                         int32_t activation, struct utvm_conv_params *params)
{
    if (data->dtype == UTVM_DTYPE_FLOAT32) {
        return utvm_prep_activation_float(activation, &params->float_min, &params->float_max);
    }
    uint32_t dimension = filters->last ? filters->weights->rank - 1 : 0;
    UTVM_TRY(utvm_prep_channel_multipliers(p, data, filters->weights, dimension, float_product));
    utvm_pack_set_rounding(p, filters, data->dtype, params);
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
    struct utvm_filter_set filters = make_filters(weights, bias, false);
    UTVM_TRY(set_arithmetic(p, data, &filters, output, false, utvm_option_i8(p->op, 3, 0), params));
    if (params->filter_c == params->input_c && weights->data) {
        return utvm_pack_conv(p, &filters, data->dtype, params);
    }
    return utvm_prep_kernel(p, data, "conv_2d_int8", "conv_2d_int16", NULL, "conv_2d_float32");
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
    struct utvm_filter_set filters = make_filters(weights, bias, true);
    UTVM_TRY(set_arithmetic(p, data, &filters, output, false, utvm_option_i8(p->op, 4, 0), params));
    if (params->input_c == 1 && weights->data) {
        /* Every filter sees the one channel that there is: a convolution. */
        return utvm_pack_conv(p, &filters, data->dtype, params);
    }
    UTVM_TRY(utvm_pack_depthwise(p, &filters, data->dtype, params));
    if (p->out->kernel) {
        return NULL;
    }
    return utvm_prep_kernel(p, data, "depthwise_conv_2d_int8", "depthwise_conv_2d_int16", NULL,
                            "depthwise_conv_2d_float32_blocked");
}

/* A product of matrices is a convolution of a row of pixels with filters of one tap. */
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
    struct utvm_conv_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_conv, &params));
    params->batches = params->input_h = params->output_h = 1;
    params->input_w = params->output_w = (int32_t)rows;
    params->input_c = params->filter_c = (int32_t)depth;
    params->output_c = (int32_t)channels;
    params->filter_h = params->filter_w = 1;
    params->stride_h = params->stride_w = 1;
    params->dilation_h = params->dilation_w = 1;
    params->depth_multiplier = 1;
    params->has_bias = bias != NULL;
    /* One scale for all channels: TensorFlow Lite multiplies the two scales as floats. */
    struct utvm_filter_set filters = make_filters(weights, bias, false);
    UTVM_TRY(set_arithmetic(p, data, &filters, output, weights->num_scales == 1,
                            utvm_option_i8(p->op, 0, 0), params));
    p->terms.depth = depth;
    if (weights->data) {
        return utvm_pack_conv(p, &filters, data->dtype, params);
    }
    return utvm_prep_kernel(p, data, "conv_2d_int8", "conv_2d_int16", NULL, "conv_2d_float32");
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
    struct utvm_filter_set filters = make_filters(weights, bias, false);
    UTVM_TRY(set_arithmetic(p, data, &filters, output, false, utvm_option_i8(p->op, 3, 0), params));
    p->terms.inputs = data->num_elems;
    p->terms.depth = data->dims[3];
    if (weights->data && data->dtype != UTVM_DTYPE_FLOAT32) {
        return utvm_pack_transpose_conv(p, &filters, data->dtype, params);
    }
    return utvm_prep_kernel(p, data, "transpose_conv_int8", "transpose_conv_int16", NULL,
                            "transpose_conv_float32");
}
