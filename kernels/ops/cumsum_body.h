// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * CUMSUM [outer,axis,inner] along the axis. The including file defines
 *   UTVM_NAME            the kernel
 *   UTVM_ELEMENT         type of the elements
 *   UTVM_SUM             type of the running sum
 *   UTVM_START           its first value
 *   UTVM_STEP(sum, v)    the sum with one more element
 *   UTVM_FINISH(sum)     the output element
 */
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_cumsum_params *p = params;
    int32_t first = p->reverse ? p->axis_size - 1 : 0;
    int32_t step = p->reverse ? -p->inner : p->inner;
    for (int32_t line = 0; line < p->outer * p->inner; line++) {
        int32_t start = (line / p->inner * p->axis_size + first) * p->inner + line % p->inner;
        const UTVM_ELEMENT *in = (const UTVM_ELEMENT *)args->inputs[0] + start;
        UTVM_ELEMENT *out = (UTVM_ELEMENT *)args->outputs[0] + start;
        UTVM_SUM sum = UTVM_START;
        for (int32_t i = 0; i < p->axis_size; i++) {
            UTVM_SUM next = UTVM_STEP(sum, in[i * step]);
            out[i * step] = (UTVM_ELEMENT)UTVM_FINISH(p->exclusive ? sum : next);
            sum = next;
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
#undef UTVM_SUM
#undef UTVM_START
#undef UTVM_STEP
#undef UTVM_FINISH
