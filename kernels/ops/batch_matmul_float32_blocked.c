// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/ops/block_float32.h"
#include "kernels/ops/shape.h"
#include "kernels/params.h"

/** A few rows with all columns. @param rows 1 to UTVM_BLOCK_PIXELS, a constant */
static inline __attribute__((always_inline)) void
utvm_matmul_rows(const struct utvm_matmul_params *p, int32_t rows, const float *in_1,
                 const float *in_2, float *out)
{
    const struct utvm_block_steps steps = {p->row_stride, p->depth_stride_1, p->column_stride,
                                           p->depth_stride_2};
    for (int32_t next = 0; next < p->columns; next += UTVM_BLOCK_CHANNELS) {
        /* The last block lies over the one before, and computes some columns again. */
        int32_t c =
            next + UTVM_BLOCK_CHANNELS <= p->columns ? next : p->columns - UTVM_BLOCK_CHANNELS;
        struct utvm_block block = {{{0.0F}}};
        utvm_block_run(&block, rows, in_1, in_2 + c * p->column_stride, &steps, p->depth);
#pragma GCC unroll 4
        for (int32_t i = 0; i < rows; i++) {
#pragma GCC unroll 4
            for (int32_t lane = 0; lane < UTVM_BLOCK_CHANNELS; lane++) {
                out[i * p->columns + c + lane] = block.sums[i][lane];
            }
        }
    }
}

/** BATCH_MATMUL with at least UTVM_BLOCK_CHANNELS columns. */
UTVM_KERNEL(batch_matmul_float32_blocked)
{
    const struct utvm_matmul_params *p = params;
    float *out = args->outputs[0];
    for (int32_t batch = 0; batch < utvm_num_rows(p->dims); batch++) {
        const float *in_1 =
            (const float *)args->inputs[0] + utvm_row_offset(p->dims, p->strides_1, batch);
        const float *in_2 =
            (const float *)args->inputs[1] + utvm_row_offset(p->dims, p->strides_2, batch);
        int32_t row = 0;
        for (; row + UTVM_BLOCK_PIXELS <= p->rows; row += UTVM_BLOCK_PIXELS) {
            utvm_matmul_rows(p, UTVM_BLOCK_PIXELS, in_1 + row * p->row_stride, in_2, out);
            out += UTVM_BLOCK_PIXELS * p->columns;
        }
        for (; row < p->rows; row++) {
            utvm_matmul_rows(p, 1, in_1 + row * p->row_stride, in_2, out);
            out += p->columns;
        }
    }
    return UTVM_STATUS_OK;
}
