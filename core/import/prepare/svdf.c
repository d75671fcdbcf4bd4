// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>

#include "core/import/prepare/common.h"

/* Inputs: 0 data, 1 feature weights, 2 time weights, 3 bias, 4 state. Options: 0 rank, 1
 * activation. */

static struct utvm_error *check_shapes(struct utvm_prep *p, struct utvm_svdf_params *params)
{
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *feature = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *time = utvm_prep_input(p, 2);
    const struct utvm_graph_tensor *bias = utvm_prep_input(p, 3);
    const struct utvm_graph_tensor *state = utvm_prep_input(p, 4);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    if (!state || !state->is_variable) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "its input 4, the state, is no variable");
    }
    UTVM_TRY(utvm_prep_require_rank(data, 2));
    UTVM_TRY(utvm_prep_require_rank(feature, 2));
    UTVM_TRY(utvm_prep_require_rank(time, 2));
    UTVM_TRY(utvm_prep_require_rank(output, 2));
    params->rank = utvm_option_i32(p->op, 0, 0);
    if (params->rank < 1 || feature->dims[0] % (uint32_t)params->rank != 0) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "rank %" PRId32 " does not divide the filters",
                                 params->rank);
    }
    params->batches = (int32_t)data->dims[0];
    params->num_inputs = (int32_t)data->dims[1];
    params->num_filters = (int32_t)feature->dims[0];
    params->num_units = params->num_filters / params->rank;
    params->memory = (int32_t)time->dims[1];
    params->has_bias = bias != NULL;
    if (feature->dims[1] != data->dims[1] || time->dims[0] != feature->dims[0] ||
        state->num_elems != (uint64_t)data->dims[0] * feature->dims[0] * time->dims[1] ||
        output->dims[0] != data->dims[0] || output->dims[1] != (uint32_t)params->num_units ||
        (bias && bias->num_elems != (uint64_t)params->num_units)) {
        return utvm_prep_bad_shape(feature, "the inputs do not fit to one another");
    }
    return NULL;
}

static struct utvm_error *set_integer_params(struct utvm_prep *p, struct utvm_svdf_params *params)
{
    for (uint32_t i = 0; i < 5; i++) {
        if (i != 3) {
            UTVM_TRY(utvm_prep_require_scale(utvm_prep_input(p, i)));
        }
    }
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *state = utvm_prep_input(p, 4);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(utvm_prep_input(p, 1), UTVM_DTYPE_INT8));
    UTVM_TRY(utvm_prep_require_type(utvm_prep_input(p, 2), state->dtype));
    UTVM_TRY(utvm_prep_require_scale(output));
    if (params->has_bias) {
        UTVM_TRY(utvm_prep_require_type(utvm_prep_input(p, 3), UTVM_DTYPE_INT32));
    }
    double state_scale = (double)state->scales[0];
    utvm_quantize_multiplier((double)data->scales[0] * (double)utvm_prep_input(p, 1)->scales[0] /
                                 state_scale,
                             &params->feature_multiplier, &params->feature_shift);
    utvm_quantize_multiplier(state_scale * (double)utvm_prep_input(p, 2)->scales[0] /
                                 (double)output->scales[0],
                             &params->time_multiplier, &params->time_shift);
    if (params->feature_shift > 8 || params->time_shift > 8) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "the scales need too large a factor");
    }
    params->input_offset = -data->zero_points[0];
    params->state_zero_point = state->zero_points[0];
    params->output_offset = output->zero_points[0];
    if (state->dtype == UTVM_DTYPE_INT8) {
        p->out->kernel = "svdf_int8_int8";
        return NULL;
    }
    p->out->kernel = "svdf_int8_int16";
    return utvm_prep_require_type(state, UTVM_DTYPE_INT16);
}

struct utvm_error *utvm_prepare_svdf(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 3, 5, 1));
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_type(utvm_prep_output(p, 0), data->dtype));
    struct utvm_svdf_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_svdf, &params));
    UTVM_TRY(check_shapes(p, params));
    p->terms.steps = (uint64_t)params->batches * (uint64_t)params->num_filters;
    p->terms.units = (uint64_t)params->memory;
    if (data->dtype == UTVM_DTYPE_INT8) {
        return set_integer_params(p, params);
    }
    for (uint32_t i = 1; i < 5; i++) {
        if (utvm_prep_input(p, i)) {
            UTVM_TRY(utvm_prep_require_type(utvm_prep_input(p, i), UTVM_DTYPE_FLOAT32));
        }
    }
    UTVM_TRY(utvm_prep_activation_float(utvm_option_i8(p->op, 1, 0), &params->float_min,
                                        &params->float_max));
    return utvm_prep_kernel(p, data, NULL, NULL, NULL, "svdf_float32");
}
