// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>
#include <string.h>

#include "core/import/prepare/common.h"

/** Dimension d of 6 of a tensor whose missing outer dimensions are 1. */
static int32_t dim_of_6(const struct utvm_graph_tensor *tensor, uint32_t d)
{
    return d < 6 - tensor->rank ? 1 : (int32_t)tensor->dims[d - (6 - tensor->rank)];
}

/** Strides over the batch dimensions 0 to 3 of 6; 0 where the operand is repeated. */
static struct utvm_error *batch_strides(const struct utvm_graph_tensor *input,
                                        const struct utvm_graph_tensor *output, int32_t *strides)
{
    int32_t stride = dim_of_6(input, 5) * dim_of_6(input, 4);
    for (uint32_t d = 4; d-- > 0;) {
        int32_t size = dim_of_6(input, d);
        if (size != 1 && size != dim_of_6(output, d)) {
            return utvm_prep_bad_shape(input, "its batches do not fit to the output's");
        }
        /* The kernel counts rows over dims[0..4]; 4 is left at 1. */
        strides[d] = size == 1 ? 0 : stride;
        stride *= size;
    }
    return NULL;
}

static struct utvm_error *set_shapes(struct utvm_prep *p, struct utvm_matmul_params *params)
{
    const struct utvm_graph_tensor *in_1 = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *in_2 = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    /* Options: BatchMatMulOptions: 0 adj_x, 1 adj_y. */
    bool adjoint_1 = utvm_option_bool(p->op, 0, false);
    bool adjoint_2 = utvm_option_bool(p->op, 1, false);
    if (in_1->rank < 2 || in_2->rank < 2) {
        return utvm_prep_bad_shape(in_1->rank < 2 ? in_1 : in_2, "it must be a matrix at least");
    }
    params->rows = dim_of_6(in_1, adjoint_1 ? 5 : 4);
    params->depth = dim_of_6(in_1, adjoint_1 ? 4 : 5);
    params->columns = dim_of_6(in_2, adjoint_2 ? 4 : 5);
    if (dim_of_6(in_2, adjoint_2 ? 5 : 4) != params->depth) {
        return utvm_prep_bad_shape(in_2, "it does not fit to the other operand");
    }
    if (dim_of_6(output, 4) != params->rows || dim_of_6(output, 5) != params->columns) {
        return utvm_prep_bad_shape(output, "it does not follow from the operands");
    }
    params->row_stride = adjoint_1 ? 1 : params->depth;
    params->depth_stride_1 = adjoint_1 ? params->rows : 1;
    params->column_stride = adjoint_2 ? params->depth : 1;
    params->depth_stride_2 = adjoint_2 ? 1 : params->columns;
    for (uint32_t d = 0; d < 6; d++) {
        params->dims[d] = d < 4 ? dim_of_6(output, d) : 1;
    }
    UTVM_TRY(batch_strides(in_1, output, params->strides_1));
    return batch_strides(in_2, output, params->strides_2);
}

struct utvm_error *utvm_prepare_batch_matmul(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *in_1 = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *in_2 = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(in_2, in_1->dtype));
    UTVM_TRY(utvm_prep_require_type(output, in_1->dtype));
    UTVM_TRY(utvm_prep_kernel(p, in_1, "batch_matmul_int8", "batch_matmul_int16", NULL,
                              "batch_matmul_float32"));
    struct utvm_matmul_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_matmul, &params));
    UTVM_TRY(set_shapes(p, params));
    p->terms.depth = (uint64_t)params->depth;
    if (in_1->dtype == UTVM_DTYPE_FLOAT32) {
        p->out->kernel = params->columns < 4 ? p->out->kernel : "batch_matmul_float32_blocked";
        return NULL;
    }
    if (in_1->dtype == UTVM_DTYPE_INT8 && params->depth_stride_1 == 1) {
        p->out->kernel = "batch_matmul_int8_dsp";
        UTVM_TRY(utvm_prep_workspace(p, (p->terms.depth + 3) / 4 * 4 * sizeof(int16_t)));
    }
    UTVM_TRY(utvm_prep_require_scale(in_1));
    UTVM_TRY(utvm_prep_require_scale(in_2));
    UTVM_TRY(
        utvm_prep_activation(output, UTVM_ACTIVATION_NONE, &params->act_min, &params->act_max));
    params->offset_1 = -in_1->zero_points[0];
    params->offset_2 = -in_2->zero_points[0];
    params->output_offset = output->zero_points[0];
    utvm_quantize_multiplier((double)(in_1->scales[0] * in_2->scales[0]) /
                                 (double)output->scales[0],
                             &params->multiplier, &params->shift);
    if (params->shift > 7) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "the scales need a factor of 2^%" PRId32,
                                 params->shift);
    }
    if (in_1->dtype == UTVM_DTYPE_INT16 &&
        (params->offset_1 || params->offset_2 || params->output_offset)) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "int16 must have the zero point 0");
    }
    return NULL;
}
