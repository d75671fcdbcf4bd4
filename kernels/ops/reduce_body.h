// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * Reductions, once for all types and operators. The including file defines
 *   UTVM_NAME            the kernel
 *   UTVM_ELEMENT         type of the elements
 *   UTVM_SUM             type of the running result
 *   UTVM_STEP(sum, v)    the result with one more element; the first is taken as it is
 *   UTVM_FINISH(sum)     the output element
 */
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/ops/shape.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_reduce_params *p = params;
    UTVM_ELEMENT *out = args->outputs[0];
    for (int32_t i = 0; i < utvm_num_rows(p->dims) * p->dims[5]; i++) {
        const UTVM_ELEMENT *in = (const UTVM_ELEMENT *)args->inputs[0] +
                                 utvm_row_offset(p->dims, p->strides, i / p->dims[5]) +
                                 i % p->dims[5] * p->strides[5];
        UTVM_SUM sum = 0;
        for (int32_t row = 0; row < utvm_num_rows(p->reduced_dims); row++) {
            const UTVM_ELEMENT *at = in + utvm_row_offset(p->reduced_dims, p->reduced_strides, row);
            for (int32_t k = 0; k < p->reduced_dims[5]; k++) {
                UTVM_SUM value = (UTVM_SUM)at[k * p->reduced_strides[5]];
                sum = row == 0 && k == 0 ? value : UTVM_STEP(sum, value);
            }
        }
        *out++ = (UTVM_ELEMENT)UTVM_FINISH(sum);
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
#undef UTVM_SUM
#undef UTVM_STEP
#undef UTVM_FINISH
