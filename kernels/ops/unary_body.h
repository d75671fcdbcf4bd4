// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * Elementwise operators of one input. The including file defines
 *   UTVM_NAME         the kernel
 *   UTVM_INPUT        type of the input's elements
 *   UTVM_OUTPUT       type of the output's elements
 *   UTVM_COMPUTE(x)   the output element
 * The output may lie where the input lies if their elements are of one size.
 */
#include "kernels/kernel.h"
#include "kernels/ops/unary.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_unary_params *p = params;
    const UTVM_INPUT *in = args->inputs[0];
    UTVM_OUTPUT *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_elems; i++) {
        UTVM_INPUT x = in[i];
        out[i] = (UTVM_OUTPUT)UTVM_COMPUTE(x);
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_INPUT
#undef UTVM_OUTPUT
#undef UTVM_COMPUTE
