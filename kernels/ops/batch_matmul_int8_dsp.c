// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/ops/dot_row.h"
#include "kernels/ops/shape.h"
#include "kernels/params.h"

/** A column of the second matrix, offset and all. @return the sum of its elements */
static inline int32_t utvm_matmul_column(const struct utvm_matmul_params *p, const int8_t *in,
                                         int16_t *column)
{
    int32_t sum = 0;
    for (int32_t k = 0; k < (p->depth + 3) / 4 * 4; k++) {
        int32_t value = k < p->depth ? in[k * p->depth_stride_2] + p->offset_2 : 0;
        column[utvm_group_place(k)] = (int16_t)value;
        sum += value;
    }
    return sum;
}

/**
 * BATCH_MATMUL whose first operand is not transposed. The offset of a row's elements is the same
 * for all of them, so it is multiplied with the sum of the column. Workspace: int16[depth rounded
 * up to 4].
 */
UTVM_KERNEL(batch_matmul_int8_dsp)
{
    const struct utvm_matmul_params *p = params;
    int8_t *out = args->outputs[0];
    int16_t *column = args->workspace;
    for (int32_t batch = 0; batch < utvm_num_rows(p->dims); batch++) {
        const int8_t *in_1 =
            (const int8_t *)args->inputs[0] + utvm_row_offset(p->dims, p->strides_1, batch);
        const int8_t *in_2 =
            (const int8_t *)args->inputs[1] + utvm_row_offset(p->dims, p->strides_2, batch);
        for (int32_t c = 0; c < p->columns; c++) {
            int32_t offset = utvm_wrap_mul(
                p->offset_1, utvm_matmul_column(p, in_2 + c * p->column_stride, column));
            for (int32_t row = 0; row < p->rows; row++) {
                int32_t sum = utvm_wrap_add(
                    offset, utvm_dot_row(in_1 + row * p->row_stride, column, p->depth));
                int32_t value = utvm_requantize(sum, p->multiplier, p->shift) + p->output_offset;
                out[row * p->columns + c] = (int8_t)utvm_clamp(value, p->act_min, p->act_max);
            }
        }
        out += p->rows * p->columns;
    }
    return UTVM_STATUS_OK;
}
