// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * BATCH_MATMUL, once for all types. The including file defines
 *   UTVM_NAME          the kernel
 *   UTVM_ELEMENT       type of the elements
 *   UTVM_SUM           type of the accumulator
 *   UTVM_FINISH(sum)   the output element
 */
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/ops/shape.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_matmul_params *p = params;
    UTVM_ELEMENT *out = args->outputs[0];
    for (int32_t batch = 0; batch < utvm_num_rows(p->dims); batch++) {
        const UTVM_ELEMENT *in_1 =
            (const UTVM_ELEMENT *)args->inputs[0] + utvm_row_offset(p->dims, p->strides_1, batch);
        const UTVM_ELEMENT *in_2 =
            (const UTVM_ELEMENT *)args->inputs[1] + utvm_row_offset(p->dims, p->strides_2, batch);
        for (int32_t row = 0; row < p->rows; row++) {
            for (int32_t column = 0; column < p->columns; column++) {
                const UTVM_ELEMENT *a = in_1 + row * p->row_stride;
                const UTVM_ELEMENT *b = in_2 + column * p->column_stride;
                UTVM_SUM sum = 0;
                for (int32_t k = 0; k < p->depth; k++) {
                    sum += (UTVM_SUM)(a[k * p->depth_stride_1] + (UTVM_SUM)p->offset_1) *
                           (UTVM_SUM)(b[k * p->depth_stride_2] + (UTVM_SUM)p->offset_2);
                }
                *out++ = (UTVM_ELEMENT)UTVM_FINISH(sum);
            }
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
#undef UTVM_SUM
#undef UTVM_FINISH
