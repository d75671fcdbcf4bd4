// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>
#include <math.h>

#include "core/import/prepare/common.h"

/* ADD, SUB, MUL, MAXIMUM, MINIMUM; fused activation is option field 0 of the first three. */

/** Dimension d of 6, outermost first, of a tensor whose missing outer dimensions are 1. */
static uint32_t dim_of_6(const struct utvm_graph_tensor *tensor, uint32_t d)
{
    return d < 6 - tensor->rank ? 1 : tensor->dims[d - (6 - tensor->rank)];
}

struct utvm_error *utvm_prep_broadcast(const struct utvm_graph_tensor *input,
                                       const struct utvm_graph_tensor *output, int32_t *strides)
{
    if (input->rank > output->rank) {
        return utvm_prep_bad_shape(input, "it has more dimensions than the output");
    }
    uint32_t stride = 1;
    for (uint32_t d = 6; d-- > 0;) {
        uint32_t size = dim_of_6(input, d);
        if (size != 1 && size != dim_of_6(output, d)) {
            return utvm_prep_bad_shape(input, "it cannot be broadcast to the output's shape");
        }
        strides[d] = size == 1 ? 0 : (int32_t)stride;
        stride *= size;
    }
    return NULL;
}

void utvm_prep_merge_dims(int32_t *dims, int32_t *const *strides, uint32_t num_inputs)
{
    int at = 6; /* where the outermost joined dimension so far ends up; at >= d below */
    for (int d = 5; d >= 0; d--) {
        if (dims[d] == 1) {
            continue;
        }
        bool join = at < 6;
        for (uint32_t i = 0; join && i < num_inputs; i++) {
            join = strides[i][d] == strides[i][at] * dims[at];
        }
        if (join) {
            dims[at] *= dims[d];
            continue;
        }
        at--;
        dims[at] = dims[d];
        for (uint32_t i = 0; i < num_inputs; i++) {
            strides[i][at] = strides[i][d];
        }
    }
    for (int d = 0; d < at; d++) {
        dims[d] = 1;
        for (uint32_t i = 0; i < num_inputs; i++) {
            strides[i][d] = 0;
        }
    }
}

/** Shapes and strides; may the output lie on an input? */
static struct utvm_error *set_shapes(struct utvm_prep *p, struct utvm_binary_params *params)
{
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    int32_t *strides[2] = {params->strides_1, params->strides_2};
    uint64_t broadcast = 1;
    for (uint32_t d = 0; d < 6; d++) {
        params->dims[d] = (int32_t)dim_of_6(output, d);
        uint32_t a = dim_of_6(utvm_prep_input(p, 0), d);
        uint32_t b = dim_of_6(utvm_prep_input(p, 1), d);
        broadcast *= a > b ? a : b;
    }
    if (broadcast != output->num_elems) {
        return utvm_prep_bad_shape(output, "it does not follow from the inputs");
    }
    for (uint32_t i = 0; i < 2; i++) {
        const struct utvm_graph_tensor *input = utvm_prep_input(p, i);
        UTVM_TRY(utvm_prep_broadcast(input, output, strides[i]));
        if (input->num_elems == output->num_elems && input->size_bytes == output->size_bytes) {
            p->out->in_place_inputs |= UINT32_C(1) << i;
        }
    }
    utvm_prep_merge_dims(params->dims, strides, 2);
    return NULL;
}

/** Arity, shapes and the output's type: the first input's if NONE. */
static struct utvm_error *check_binary(struct utvm_prep *p, enum utvm_dtype output_type,
                                       struct utvm_binary_params **ret)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_binary, ret));
    UTVM_TRY(set_shapes(p, *ret));
    enum utvm_dtype input_type = utvm_prep_input(p, 0)->dtype;
    return utvm_prep_require_type(utvm_prep_output(p, 0),
                                  output_type == UTVM_DTYPE_NONE ? input_type : output_type);
}

static struct utvm_error *check_same_types(struct utvm_prep *p, struct utvm_binary_params **ret)
{
    UTVM_TRY(check_binary(p, UTVM_DTYPE_NONE, ret));
    return utvm_prep_require_type(utvm_prep_input(p, 1), utvm_prep_input(p, 0)->dtype);
}

/** A multiplier that the operator needs to be below one. */
static struct utvm_error *quantize_below_one(double value, int32_t *multiplier, int32_t *shift)
{
    utvm_quantize_multiplier(value, multiplier, shift);
    if (*shift > 0) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "the scales need a multiplier of %g; it must be below 1", value);
    }
    return NULL;
}

static struct utvm_error *set_bounds(const struct utvm_graph_tensor *output, int32_t activation,
                                     struct utvm_binary_params *params)
{
    if (output->dtype == UTVM_DTYPE_FLOAT32) {
        return utvm_prep_activation_float(activation, &params->float_min, &params->float_max);
    }
    if (output->dtype == UTVM_DTYPE_INT32) {
        if (activation != UTVM_ACTIVATION_NONE) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "int32 with fused activation %" PRId32 " is not supported",
                                     activation);
        }
        params->act_min = INT32_MIN;
        params->act_max = INT32_MAX;
        return NULL;
    }
    return utvm_prep_activation(output, activation, &params->act_min, &params->act_max);
}

static bool is_quantised(const struct utvm_graph_tensor *tensor)
{
    return tensor->dtype == UTVM_DTYPE_INT8 || tensor->dtype == UTVM_DTYPE_INT16;
}

static struct utvm_error *set_offsets(struct utvm_prep *p, struct utvm_binary_params *params)
{
    const struct utvm_graph_tensor *in_1 = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *in_2 = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_scale(in_1));
    UTVM_TRY(utvm_prep_require_scale(in_2));
    UTVM_TRY(utvm_prep_require_scale(output));
    params->offset_1 = -in_1->zero_points[0];
    params->offset_2 = -in_2->zero_points[0];
    params->output_offset = output->zero_points[0];
    return NULL;
}

struct utvm_error *utvm_prepare_add(struct utvm_prep *p)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_same_types(p, &params));
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(set_bounds(output, utvm_option_i8(p->op, 0, 0), params));
    if (is_quantised(output)) {
        UTVM_TRY(set_offsets(p, params));
        double scale_1 = (double)utvm_prep_input(p, 0)->scales[0];
        double scale_2 = (double)utvm_prep_input(p, 1)->scales[0];
        double twice_max = 2.0 * fmax(scale_1, scale_2);
        params->left_shift = output->dtype == UTVM_DTYPE_INT16 ? 15 : 20;
        double output_real = twice_max / ((1 << params->left_shift) * (double)output->scales[0]);
        UTVM_TRY(quantize_below_one(scale_1 / twice_max, &params->multiplier_1, &params->shift_1));
        UTVM_TRY(quantize_below_one(scale_2 / twice_max, &params->multiplier_2, &params->shift_2));
        UTVM_TRY(
            quantize_below_one(output_real, &params->output_multiplier, &params->output_shift));
    }
    return utvm_prep_kernel(p, output, "add_int8", "add_int16", "add_int32", "add_float32");
}

struct utvm_error *utvm_prepare_sub(struct utvm_prep *p)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_same_types(p, &params));
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(set_bounds(output, utvm_option_i8(p->op, 0, 0), params));
    if (is_quantised(output)) {
        UTVM_TRY(set_offsets(p, params));
        /*
         * Unlike for ADD, TensorFlow Lite Micro computes these ratios as floats. TensorFlow Lite
         * and Micro's newest versions take doubles, which changes one int16 result in thousands
         * by 1.
         */
        float scale_1 = utvm_prep_input(p, 0)->scales[0];
        float scale_2 = utvm_prep_input(p, 1)->scales[0];
        float twice_max = 2.0F * fmaxf(scale_1, scale_2);
        params->left_shift = output->dtype == UTVM_DTYPE_INT16 ? 15 : 20;
        float output_real = twice_max / ((float)(1 << params->left_shift) * output->scales[0]);
        UTVM_TRY(quantize_below_one((double)(scale_1 / twice_max), &params->multiplier_1,
                                    &params->shift_1));
        UTVM_TRY(quantize_below_one((double)(scale_2 / twice_max), &params->multiplier_2,
                                    &params->shift_2));
        UTVM_TRY(quantize_below_one((double)output_real, &params->output_multiplier,
                                    &params->output_shift));
    }
    return utvm_prep_kernel(p, output, "sub_int8", "sub_int16", "sub_int32", "sub_float32");
}

struct utvm_error *utvm_prepare_mul(struct utvm_prep *p)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_same_types(p, &params));
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(set_bounds(output, utvm_option_i8(p->op, 0, 0), params));
    if (is_quantised(output)) {
        UTVM_TRY(set_offsets(p, params));
        double real = (double)utvm_prep_input(p, 0)->scales[0] *
                      (double)utvm_prep_input(p, 1)->scales[0] / (double)output->scales[0];
        utvm_quantize_multiplier(real, &params->output_multiplier, &params->output_shift);
        if (params->output_shift > 14) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "the scales need a multiplier of %g; it must be below 16384",
                                     real);
        }
        if (output->dtype == UTVM_DTYPE_INT16 &&
            (params->offset_1 || params->offset_2 || params->output_offset)) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "int16 tensors must have the zero point 0");
        }
    }
    return utvm_prep_kernel(p, output, "mul_int8", "mul_int16", "mul_int32", "mul_float32");
}

/** MAXIMUM, MINIMUM compare values as they are. */
static struct utvm_error *check_one_scale(struct utvm_prep *p)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_same_types(p, &params));
    UTVM_TRY(utvm_prep_same_quantisation(utvm_prep_input(p, 0), utvm_prep_input(p, 1)));
    return utvm_prep_same_quantisation(utvm_prep_input(p, 0), utvm_prep_output(p, 0));
}

struct utvm_error *utvm_prepare_maximum(struct utvm_prep *p)
{
    UTVM_TRY(check_one_scale(p));
    return utvm_prep_kernel(p, utvm_prep_output(p, 0), "maximum_int8", "maximum_int16",
                            "maximum_int32", "maximum_float32");
}

struct utvm_error *utvm_prepare_minimum(struct utvm_prep *p)
{
    UTVM_TRY(check_one_scale(p));
    return utvm_prep_kernel(p, utvm_prep_output(p, 0), "minimum_int8", "minimum_int16",
                            "minimum_int32", "minimum_float32");
}

struct utvm_error *utvm_prepare_prelu(struct utvm_prep *p)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_binary(p, UTVM_DTYPE_NONE, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *alpha = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    p->out->in_place_inputs &= 1;
    bool wide = input->dtype == UTVM_DTYPE_INT16;
    UTVM_TRY(utvm_prep_require_type(alpha, wide ? UTVM_DTYPE_INT8 : input->dtype));
    if (is_quantised(output)) {
        UTVM_TRY(set_offsets(p, params));
        UTVM_TRY(set_bounds(output, UTVM_ACTIVATION_NONE, params));
        double ratio = (double)input->scales[0] / (double)output->scales[0];
        double alpha_ratio =
            (double)input->scales[0] * (double)alpha->scales[0] / (double)output->scales[0];
        utvm_quantize_multiplier(ratio, &params->multiplier_1, &params->shift_1);
        utvm_quantize_multiplier(alpha_ratio, &params->multiplier_2, &params->shift_2);
        if (params->shift_1 > 14 || params->shift_2 > 6) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "the scales need factors of %g and %g, too much", ratio,
                                     alpha_ratio);
        }
    }
    return utvm_prep_kernel(p, output, "prelu_int8", "prelu_int16", NULL, "prelu_float32");
}

struct utvm_error *utvm_prepare_div(struct utvm_prep *p)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_same_types(p, &params));
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, UTVM_DTYPE_FLOAT32));
    p->out->kernel = "div_float32";
    return set_bounds(output, utvm_option_i8(p->op, 0, 0), params);
}

struct utvm_error *utvm_prepare_squared_difference(struct utvm_prep *p)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_same_types(p, &params));
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    if (is_quantised(output)) {
        UTVM_TRY(set_bounds(output, UTVM_ACTIVATION_NONE, params));
        UTVM_TRY(set_offsets(p, params));
        double scale_1 = (double)utvm_prep_input(p, 0)->scales[0];
        double scale_2 = (double)utvm_prep_input(p, 1)->scales[0];
        double twice_max = 2.0 * fmax(scale_1, scale_2);
        /* The difference is squared in 32 bits: 16 must do for it. */
        params->left_shift = output->dtype == UTVM_DTYPE_INT16 ? 0 : 7;
        UTVM_TRY(quantize_below_one(scale_1 / twice_max, &params->multiplier_1, &params->shift_1));
        UTVM_TRY(quantize_below_one(scale_2 / twice_max, &params->multiplier_2, &params->shift_2));
        double real =
            twice_max * twice_max / ((1 << 2 * params->left_shift) * (double)output->scales[0]);
        utvm_quantize_multiplier(real, &params->output_multiplier, &params->output_shift);
        if (params->output_shift > 0) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "the scales need a multiplier of %g; it must be below 1",
                                     real);
        }
        if (output->dtype == UTVM_DTYPE_INT16 &&
            (params->offset_1 || params->offset_2 || params->output_offset)) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "int16 tensors must have the zero point 0");
        }
    }
    return utvm_prep_kernel(p, output, "squared_difference_int8", "squared_difference_int16",
                            "squared_difference_int32", "squared_difference_float32");
}

static struct utvm_error *prepare_floor(struct utvm_prep *p, const char *kernel)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_same_types(p, &params));
    return utvm_prep_kernel(p, utvm_prep_output(p, 0), NULL, NULL, NULL, kernel);
}

struct utvm_error *utvm_prepare_floor_div(struct utvm_prep *p)
{
    return prepare_floor(p, "floor_div_float32");
}

struct utvm_error *utvm_prepare_floor_mod(struct utvm_prep *p)
{
    return prepare_floor(p, "floor_mod_float32");
}

/* ---- comparisons and logic ---------------------------------------------------------------- */

static struct utvm_error *prepare_comparison(struct utvm_prep *p, enum utvm_comparison comparison)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_binary(p, UTVM_DTYPE_BOOL, &params));
    const struct utvm_graph_tensor *in_1 = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *in_2 = utvm_prep_input(p, 1);
    UTVM_TRY(utvm_prep_require_type(in_2, in_1->dtype));
    p->out->in_place_inputs = 0;
    params->comparison = (int32_t)comparison;
    if (in_1->dtype == UTVM_DTYPE_INT8) {
        UTVM_TRY(utvm_prep_require_scale(in_1));
        UTVM_TRY(utvm_prep_require_scale(in_2));
        params->offset_1 = -in_1->zero_points[0];
        params->offset_2 = -in_2->zero_points[0];
        params->left_shift = 8;
        UTVM_TRY(
            quantize_below_one((double)in_1->scales[0], &params->multiplier_1, &params->shift_1));
        UTVM_TRY(
            quantize_below_one((double)in_2->scales[0], &params->multiplier_2, &params->shift_2));
    }
    if (in_1->dtype == UTVM_DTYPE_INT16) {
        UTVM_TRY(utvm_prep_same_quantisation(in_1, in_2));
    }
    if (in_1->dtype == UTVM_DTYPE_INT64) {
        p->out->kernel = "compare_int64";
        return NULL;
    }
    if (in_1->dtype == UTVM_DTYPE_BOOL) {
        p->out->kernel = "compare_uint8";
        return NULL;
    }
    return utvm_prep_kernel(p, in_1, "compare_int8", "compare_int16", "compare_int32",
                            "compare_float32");
}

#define COMPARISON(name, kind)                                                                     \
    struct utvm_error *utvm_prepare_##name(struct utvm_prep *p)                                    \
    {                                                                                              \
        return prepare_comparison(p, UTVM_COMPARISON_##kind);                                      \
    }
COMPARISON(equal, EQUAL)
COMPARISON(not_equal, NOT_EQUAL)
COMPARISON(greater, GREATER)
COMPARISON(greater_equal, GREATER_EQUAL)
COMPARISON(less, LESS)
COMPARISON(less_equal, LESS_EQUAL)

static struct utvm_error *prepare_logical(struct utvm_prep *p, const char *kernel)
{
    struct utvm_binary_params *params;
    UTVM_TRY(check_same_types(p, &params));
    p->out->kernel = kernel;
    return utvm_prep_require_type(utvm_prep_output(p, 0), UTVM_DTYPE_BOOL);
}

struct utvm_error *utvm_prepare_logical_and(struct utvm_prep *p)
{
    return prepare_logical(p, "logical_and");
}

struct utvm_error *utvm_prepare_logical_or(struct utvm_prep *p)
{
    return prepare_logical(p, "logical_or");
}

/* ---- SELECT ------------------------------------------------------------------------------- */

static struct utvm_error *prepare_select(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 3, 3, 1));
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    struct utvm_select_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_select, &params));
    int32_t *strides[3] = {params->strides_0, params->strides_1, params->strides_2};
    for (uint32_t d = 0; d < 6; d++) {
        params->dims[d] = (int32_t)dim_of_6(output, d);
    }
    UTVM_TRY(utvm_prep_require_type(utvm_prep_input(p, 0), UTVM_DTYPE_BOOL));
    for (uint32_t i = 0; i < 3; i++) {
        const struct utvm_graph_tensor *input = utvm_prep_input(p, i);
        UTVM_TRY(utvm_prep_broadcast(input, output, strides[i]));
        if (i > 0) {
            UTVM_TRY(utvm_prep_require_type(input, output->dtype));
            UTVM_TRY(utvm_prep_same_quantisation(input, output));
        }
    }
    utvm_prep_merge_dims(params->dims, strides, 3);
    uint32_t bytes = utvm_prep_elem_bytes(output->dtype);
    p->out->kernel = bytes == 1 ? "select_8" : bytes == 2 ? "select_16" : "select_32";
    return bytes <= 4 ? NULL : utvm_prep_bad_type(output);
}

struct utvm_error *utvm_prepare_select(struct utvm_prep *p)
{
    UTVM_TRY(prepare_select(p));
    const struct utvm_graph_tensor *condition = utvm_prep_input(p, 0);
    if (condition->num_elems != 1 && condition->rank != utvm_prep_output(p, 0)->rank) {
        return utvm_prep_bad_shape(condition, "a condition for whole rows is not supported");
    }
    return NULL;
}

struct utvm_error *utvm_prepare_select_v2(struct utvm_prep *p)
{
    return prepare_select(p);
}
