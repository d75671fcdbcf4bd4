// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * Elementwise operators of two inputs with broadcasting, once for all. The including file defines
 *   UTVM_NAME             the kernel
 *   UTVM_INPUT            type of the elements of the inputs
 *   UTVM_INPUT_2          type of those of input 2, if it differs
 *   UTVM_OUTPUT           type of the elements of the output
 *   UTVM_COMPUTE(a, b)    the output element
 *
 * The output is written in order, each element after its operands are read, so it may lie where an
 * input lies that is not repeated.
 */
#include "kernels/kernel.h"
#include "kernels/ops/binary.h"

#ifndef UTVM_INPUT_2
#define UTVM_INPUT_2 UTVM_INPUT
#endif

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_binary_params *p = params;
    const UTVM_INPUT *in_1 = args->inputs[0];
    const UTVM_INPUT_2 *in_2 = args->inputs[1];
    UTVM_OUTPUT *out = args->outputs[0];
    for (int32_t i = 0; i < utvm_num_rows(p->dims); i++) {
        const UTVM_INPUT *row_1 = in_1 + utvm_row_offset(p->dims, p->strides_1, i);
        const UTVM_INPUT_2 *row_2 = in_2 + utvm_row_offset(p->dims, p->strides_2, i);
        int32_t k = 0;
        for (; k + 4 <= p->dims[5]; k += 4) {
            /* Four at a time, so that their roundings need not wait for themselves. */
            UTVM_INPUT a[4];
            UTVM_INPUT_2 b[4];
            UTVM_OUTPUT result[4];
#pragma GCC unroll 4
            for (int32_t lane = 0; lane < 4; lane++) {
                a[lane] = row_1[(k + lane) * p->strides_1[5]];
                b[lane] = row_2[(k + lane) * p->strides_2[5]];
            }
#pragma GCC unroll 4
            for (int32_t lane = 0; lane < 4; lane++) {
                result[lane] = (UTVM_OUTPUT)UTVM_COMPUTE(a[lane], b[lane]);
            }
#pragma GCC unroll 4
            for (int32_t lane = 0; lane < 4; lane++) {
                *out++ = result[lane];
            }
        }
        for (; k < p->dims[5]; k++) {
            UTVM_INPUT a = row_1[k * p->strides_1[5]];
            UTVM_INPUT_2 b = row_2[k * p->strides_2[5]];
            *out++ = (UTVM_OUTPUT)UTVM_COMPUTE(a, b);
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_INPUT
#undef UTVM_INPUT_2
#undef UTVM_OUTPUT
#undef UTVM_COMPUTE
