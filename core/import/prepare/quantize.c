// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "core/import/prepare/common.h"
#include "kernels/ops/unary.h"

/* QUANTIZE, DEQUANTIZE and CAST. */

static struct utvm_error *check_quantize(struct utvm_prep *p, struct utvm_unary_params **ret)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 1, 1));
    UTVM_TRY(utvm_prep_same_shape(utvm_prep_input(p, 0), utvm_prep_output(p, 0)));
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_unary, ret));
    (*ret)->num_elems = (int32_t)utvm_prep_input(p, 0)->num_elems;
    if (utvm_prep_input(p, 0)->size_bytes == utvm_prep_output(p, 0)->size_bytes) {
        p->out->in_place_inputs = 1;
    }
    return NULL;
}

static struct utvm_error *set_output(const struct utvm_graph_tensor *output,
                                     struct utvm_unary_params *params)
{
    UTVM_TRY(utvm_prep_require_scale(output));
    params->output_offset = output->zero_points[0];
    params->scale = output->scales[0];
    if (output->dtype == UTVM_DTYPE_INT32) {
        params->act_min = INT32_MIN;
        params->act_max = INT32_MAX;
        return NULL;
    }
    return utvm_prep_activation(output, UTVM_ACTIVATION_NONE, &params->act_min, &params->act_max);
}

static struct utvm_error *quantize_float(struct utvm_prep *p,
                                         const struct utvm_graph_tensor *output)
{
    if (output->dtype == UTVM_DTYPE_UINT8) {
        p->out->kernel = "quantize_float32_uint8";
        return NULL;
    }
    return utvm_prep_kernel(p, output, "quantize_float32_int8", "quantize_float32_int16",
                            "quantize_float32_int32", NULL);
}

/** One byte to one byte: a table. */
static struct utvm_error *requantize_byte(struct utvm_prep *p,
                                          const struct utvm_graph_tensor *input,
                                          const struct utvm_unary_params *params)
{
    uint8_t *table;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT8, 256, &table));
    for (int32_t i = 0; i < 256; i++) {
        int32_t x = input->dtype == UTVM_DTYPE_INT8 ? (int8_t)i : i;
        table[i] = (uint8_t)utvm_unary_rescale(params, x);
    }
    p->out->kernel = "lut_int8";
    return NULL;
}

struct utvm_error *utvm_prepare_quantize(struct utvm_prep *p)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_quantize(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(set_output(output, params));
    if (input->dtype == UTVM_DTYPE_FLOAT32) {
        return quantize_float(p, output);
    }
    UTVM_TRY(utvm_prep_require_scale(input));
    params->input_offset = -input->zero_points[0];
    utvm_quantize_multiplier((double)input->scales[0] / (double)output->scales[0],
                             &params->multiplier, &params->shift);
    if (params->shift > (input->dtype == UTVM_DTYPE_INT32 ? 0 : 14)) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "the scales need a factor of 2^%d",
                                 (int)params->shift);
    }
    bool from_byte = input->dtype == UTVM_DTYPE_INT8 || input->dtype == UTVM_DTYPE_UINT8;
    bool to_byte = output->dtype == UTVM_DTYPE_INT8 || output->dtype == UTVM_DTYPE_UINT8;
    if (from_byte && to_byte) {
        return requantize_byte(p, input, params);
    }
    if (input->dtype == UTVM_DTYPE_INT8) {
        return utvm_prep_kernel(p, output, NULL, "requantize_int8_int16", "requantize_int8_int32",
                                NULL);
    }
    if (input->dtype == UTVM_DTYPE_INT16) {
        return utvm_prep_kernel(p, output, "requantize_int16_int8", "requantize_int16_int16",
                                "requantize_int16_int32", NULL);
    }
    if (input->dtype == UTVM_DTYPE_INT32) {
        return utvm_prep_kernel(p, output, "requantize_int32_int8", "requantize_int32_int16", NULL,
                                NULL);
    }
    return utvm_prep_bad_type(input);
}

struct utvm_error *utvm_prepare_dequantize(struct utvm_prep *p)
{
    struct utvm_unary_params *params;
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    if (data && data->dtype == UTVM_DTYPE_FLOAT32) {
        /* Half precision in the file, which the reader has made floats. */
        return utvm_prep_copy(p);
    }
    UTVM_TRY(check_quantize(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_type(utvm_prep_output(p, 0), UTVM_DTYPE_FLOAT32));
    UTVM_TRY(utvm_prep_require_scale(input));
    params->scale = input->scales[0];
    params->input_offset = -input->zero_points[0];
    if (input->dtype == UTVM_DTYPE_UINT8) {
        p->out->kernel = "dequantize_uint8_float32";
        return NULL;
    }
    return utvm_prep_kernel(p, input, "dequantize_int8_float32", "dequantize_int16_float32",
                            "dequantize_int32_float32", NULL);
}

static bool can_cast(enum utvm_dtype dtype)
{
    return dtype == UTVM_DTYPE_INT8 || dtype == UTVM_DTYPE_UINT8 || dtype == UTVM_DTYPE_INT16 ||
           dtype == UTVM_DTYPE_INT32 || dtype == UTVM_DTYPE_FLOAT32 || dtype == UTVM_DTYPE_BOOL;
}

struct utvm_error *utvm_prepare_cast(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 1, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_same_shape(input, output));
    if (!can_cast(input->dtype) || !can_cast(output->dtype)) {
        return utvm_prep_bad_type(can_cast(input->dtype) ? output : input);
    }
    struct utvm_cast_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_cast, &params));
    params->num_elems = (int32_t)input->num_elems;
    params->from = (int32_t)input->dtype;
    params->to = (int32_t)output->dtype;
    p->out->kernel = "cast";
    return NULL;
}
