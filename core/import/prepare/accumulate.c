// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/import/prepare/common.h"

/* ADD_N and CUMSUM: sums of values of one scale, each taken times 2^19. */

/** Factor from the sum to the output; half of twice the scale over 2^20, as ADD computes it. */
static struct utvm_error *set_factor(const struct utvm_graph_tensor *input,
                                     const struct utvm_graph_tensor *output, int32_t *multiplier,
                                     int32_t *shift)
{
    UTVM_TRY(utvm_prep_require_scale(input));
    UTVM_TRY(utvm_prep_require_scale(output));
    double real = 2.0 * (double)input->scales[0] / ((1 << 20) * (double)output->scales[0]);
    utvm_quantize_multiplier(real, multiplier, shift);
    if (*shift > 0) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "the scales need a multiplier of %g; it must be below 1", real);
    }
    return NULL;
}

struct utvm_error *utvm_prepare_add_n(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, p->op->num_inputs, UINT32_MAX, 1));
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    if (p->op->num_inputs < 2) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "it has fewer than 2 inputs");
    }
    struct utvm_add_n_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_add_n, &params));
    const struct utvm_graph_tensor *first = utvm_prep_input(p, 0);
    for (uint32_t i = 0; i < p->op->num_inputs; i++) {
        const struct utvm_graph_tensor *input = utvm_prep_input(p, i);
        UTVM_TRY(utvm_prep_require_type(input, output->dtype));
        UTVM_TRY(utvm_prep_same_shape(output, input));
        UTVM_TRY(utvm_prep_same_quantisation(first, input));
        if (i < 32) {
            p->out->in_place_inputs |= UINT32_C(1) << i;
        }
    }
    params->num_elems = (int32_t)output->num_elems;
    params->num_inputs = (int32_t)p->op->num_inputs;
    UTVM_TRY(utvm_prep_kernel(p, output, "add_n_int8", NULL, NULL, "add_n_float32"));
    if (output->dtype == UTVM_DTYPE_FLOAT32) {
        return NULL;
    }
    UTVM_TRY(set_factor(first, output, &params->multiplier, &params->shift));
    params->input_offset = -first->zero_points[0];
    params->output_offset = output->zero_points[0];
    return NULL;
}

/* Options: CumsumOptions: 0 exclusive, 1 reverse. */
struct utvm_error *utvm_prepare_cumsum(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    UTVM_TRY(utvm_prep_same_shape(input, output));
    struct utvm_prep_axis axis;
    UTVM_TRY(utvm_prep_axis(p, 1, &axis));
    struct utvm_cumsum_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_cumsum, &params));
    params->outer = axis.outer;
    params->axis_size = axis.size;
    params->inner = axis.inner;
    params->exclusive = utvm_option_bool(p->op, 0, false);
    params->reverse = utvm_option_bool(p->op, 1, false);
    p->out->in_place_inputs = 1;
    UTVM_TRY(utvm_prep_kernel(p, input, "cumsum_int8", NULL, NULL, "cumsum_float32"));
    if (input->dtype == UTVM_DTYPE_FLOAT32) {
        return NULL;
    }
    UTVM_TRY(set_factor(input, output, &params->multiplier, &params->shift));
    params->input_offset = -input->zero_points[0];
    params->output_offset = output->zero_points[0];
    return NULL;
}
