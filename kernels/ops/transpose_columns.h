// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_TRANSPOSE_COLUMNS_H
#define UTVM_KERNELS_OPS_TRANSPOSE_COLUMNS_H

#include "kernels/ops/columns.h"

/**
 * The windows of one phase of TRANSPOSE_CONV along an axis: outputs first, first + stride, ... meet
 * the taps phase, phase + stride, ..., last tap first, in neighbouring inputs.
 */
struct utvm_phase {
    int32_t taps;   /**< 0 if no tap meets these outputs */
    int32_t first;  /**< output of the first window */
    int32_t count;  /**< outputs */
    int32_t origin; /**< input of the first tap of the first window */
};

static inline struct utvm_phase utvm_transpose_phase(int32_t phase, int32_t filter, int32_t stride,
                                                     int32_t pad, int32_t output)
{
    struct utvm_phase result;
    result.taps = (filter - phase + stride - 1) / stride;
    result.taps = utvm_max(result.taps, 0);
    /* The first output at a position, counted from the padding's start, of this phase. */
    result.first = (phase - pad % stride + stride) % stride;
    result.count = result.first < output ? (output - result.first + stride - 1) / stride : 0;
    result.origin = (result.first + pad) / stride - (result.taps - 1);
    return result;
}

/**
 * TRANSPOSE_CONV as a convolution for each phase. constants: 0 multipliers, 1 shifts, 2 for each
 * phase, row by row, its filters in pairs.
 */
static inline __attribute__((always_inline)) enum utvm_status
utvm_columns_transpose(const struct utvm_conv_params *p, const struct utvm_kernel_args *args,
                       int32_t wide)
{
    const struct utvm_outputs to = {p->has_bias ? args->inputs[3] : 0, args->constants[0],
                                    args->constants[1], args->outputs[0]};
    const int8_t *filters = args->constants[2];
    for (int32_t phase = 0; phase < p->stride_h * p->stride_w; phase++) {
        struct utvm_phase rows = utvm_transpose_phase(phase / p->stride_w, p->filter_h, p->stride_h,
                                                      p->pad_h, p->output_h);
        struct utvm_phase columns = utvm_transpose_phase(phase % p->stride_w, p->filter_w,
                                                         p->stride_w, p->pad_w, p->output_w);
        const struct utvm_window_grid grid = {
            .taps_h = rows.taps,
            .taps_w = columns.taps,
            .dilation_h = 1,
            .dilation_w = 1,
            .first_h = rows.origin,
            .first_w = columns.origin,
            .step_h = 1,
            .step_w = 1,
            .count_h = rows.count,
            .count_w = columns.count,
            .out_first = (rows.first * p->output_w + columns.first) * p->output_c,
            .out_row = p->stride_h * p->output_w * p->output_c,
            .out_column = p->stride_w * p->output_c,
            .filters = filters,
        };
        utvm_columns_run(p, &grid, wide, 0, args->inputs[2], &to, args->workspace);
        int32_t elems = utvm_column_elems(rows.taps * columns.taps, p->input_c);
        filters += (p->output_c + 1) / 2 * 2 * elems;
    }
    return UTVM_STATUS_OK;
}

#endif
