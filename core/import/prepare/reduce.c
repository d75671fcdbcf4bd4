// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>

#include "core/import/prepare/common.h"

/** Divides the input's dimensions into those that stay and those that input 1 names. */
static struct utvm_error *check_reduce(struct utvm_prep *p, struct utvm_reduce_params **ret)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    int32_t axes[UTVM_MAX_DIMS];
    uint32_t num_axes;
    UTVM_TRY(utvm_prep_constant_ints(utvm_prep_input(p, 1), UTVM_MAX_DIMS, axes, &num_axes));
    p->out->unread_inputs |= 1u << 1;
    uint32_t reduced = 0;
    for (uint32_t i = 0; i < num_axes; i++) {
        int64_t axis = axes[i] < 0 ? (int64_t)axes[i] + input->rank : axes[i];
        if (axis < 0 || axis >= input->rank) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "axis %" PRId32 " is out of range",
                                     axes[i]);
        }
        reduced |= UINT32_C(1) << axis;
    }
    struct utvm_reduce_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_reduce, &params));
    uint32_t stride = 1;
    uint64_t outputs = 1;
    uint64_t count = 1;
    for (uint32_t d = 0; d < 6; d++) {
        params->dims[d] = 1;
        params->reduced_dims[d] = 1;
    }
    for (uint32_t d = input->rank; d-- > 0;) {
        uint32_t at = d + 6 - input->rank;
        if (reduced >> d & 1) {
            params->reduced_dims[at] = (int32_t)input->dims[d];
            params->reduced_strides[at] = (int32_t)stride;
            count *= input->dims[d];
        } else {
            params->dims[at] = (int32_t)input->dims[d];
            params->strides[at] = (int32_t)stride;
            outputs *= input->dims[d];
        }
        stride *= input->dims[d];
    }
    if (outputs != output->num_elems) {
        return utvm_prep_bad_shape(output, "it does not follow from input and axes");
    }
    int32_t *strides[1] = {params->strides};
    int32_t *reduced_strides[1] = {params->reduced_strides};
    utvm_prep_merge_dims(params->dims, strides, 1);
    utvm_prep_merge_dims(params->reduced_dims, reduced_strides, 1);
    params->count = (int32_t)count;
    *ret = params;
    return NULL;
}

/** SUM and MEAN of quantised values; the mean's division goes into the multiplier. */
static struct utvm_error *set_scaling(struct utvm_prep *p, bool mean,
                                      struct utvm_reduce_params *params)
{
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_scale(input));
    UTVM_TRY(utvm_prep_require_scale(output));
    UTVM_TRY(
        utvm_prep_activation(output, UTVM_ACTIVATION_NONE, &params->act_min, &params->act_max));
    int64_t offset = -(int64_t)input->zero_points[0] * params->count;
    int64_t largest = (int64_t)params->count * (input->dtype == UTVM_DTYPE_INT8 ? 256 : 65536);
    if (largest > INT32_MAX) {
        return utvm_prep_bad_shape(input, "the sum of so many elements may overflow");
    }
    params->input_offset = (int32_t)offset;
    params->output_offset = output->zero_points[0];
    utvm_quantize_multiplier((double)input->scales[0] / (double)output->scales[0],
                             &params->multiplier, &params->shift);
    if (mean) {
        int32_t bits = 31 - __builtin_clz((uint32_t)params->count);
        bits = bits < 31 + params->shift ? bits : 31 + params->shift;
        params->multiplier =
            (int32_t)(((int64_t)params->multiplier << bits) / (int64_t)params->count);
        params->shift -= bits;
    }
    if (params->shift > 8) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "the scales need a factor of 2^%" PRId32,
                                 params->shift);
    }
    return NULL;
}

struct utvm_error *utvm_prepare_mean(struct utvm_prep *p)
{
    struct utvm_reduce_params *params;
    UTVM_TRY(check_reduce(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    params->scale = 1.0F / (float)params->count;
    if (input->dtype == UTVM_DTYPE_INT8 || input->dtype == UTVM_DTYPE_INT16) {
        UTVM_TRY(set_scaling(p, true, params));
    }
    return utvm_prep_kernel(p, input, "sum_int8", "sum_int16", NULL, "sum_float32");
}

struct utvm_error *utvm_prepare_sum(struct utvm_prep *p)
{
    struct utvm_reduce_params *params;
    UTVM_TRY(check_reduce(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    params->scale = 1.0F;
    if (input->dtype == UTVM_DTYPE_INT8 || input->dtype == UTVM_DTYPE_INT16) {
        UTVM_TRY(set_scaling(p, false, params));
    }
    return utvm_prep_kernel(p, input, "sum_int8", "sum_int16", "sum_int32", "sum_float32");
}

struct utvm_error *utvm_prepare_reduce_max(struct utvm_prep *p)
{
    struct utvm_reduce_params *params;
    UTVM_TRY(check_reduce(p, &params));
    UTVM_TRY(utvm_prep_same_quantisation(utvm_prep_input(p, 0), utvm_prep_output(p, 0)));
    return utvm_prep_kernel(p, utvm_prep_input(p, 0), "reduce_max_int8", "reduce_max_int16",
                            "reduce_max_int32", "reduce_max_float32");
}

struct utvm_error *utvm_prepare_reduce_min(struct utvm_prep *p)
{
    struct utvm_reduce_params *params;
    UTVM_TRY(check_reduce(p, &params));
    UTVM_TRY(utvm_prep_same_quantisation(utvm_prep_input(p, 0), utvm_prep_output(p, 0)));
    return utvm_prep_kernel(p, utvm_prep_input(p, 0), "reduce_min_int8", "reduce_min_int16",
                            "reduce_min_int32", "reduce_min_float32");
}

static struct utvm_error *prepare_arg(struct utvm_prep *p, bool minimum)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    struct utvm_prep_axis axis;
    UTVM_TRY(utvm_prep_axis(p, 1, &axis));
    struct utvm_arg_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_arg, &params));
    params->outer = axis.outer;
    params->axis_size = axis.size;
    params->inner = axis.inner;
    params->minimum = minimum;
    params->wide = output->dtype == UTVM_DTYPE_INT64;
    if (!params->wide) {
        UTVM_TRY(utvm_prep_require_type(output, UTVM_DTYPE_INT32));
    }
    if (output->num_elems != input->num_elems / (uint32_t)axis.size) {
        return utvm_prep_bad_shape(output, "it does not follow from input and axis");
    }
    return utvm_prep_kernel(p, input, "arg_int8", "arg_int16", "arg_int32", "arg_float32");
}

struct utvm_error *utvm_prepare_arg_max(struct utvm_prep *p)
{
    return prepare_arg(p, false);
}

struct utvm_error *utvm_prepare_arg_min(struct utvm_prep *p)
{
    return prepare_arg(p, true);
}
