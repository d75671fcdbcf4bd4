// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * ARG_MAX and ARG_MIN: the first of equal elements wins. The including file defines UTVM_NAME and
 * UTVM_ELEMENT.
 */
#include "kernels/kernel.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_arg_params *p = params;
    const UTVM_ELEMENT *in = args->inputs[0];
    int32_t *out = args->outputs[0];
    for (int32_t i = 0; i < p->outer * p->inner; i++) {
        const UTVM_ELEMENT *at = in + i / p->inner * p->axis_size * p->inner + i % p->inner;
        int32_t best = 0;
        for (int32_t k = 1; k < p->axis_size; k++) {
            UTVM_ELEMENT value = at[k * p->inner];
            UTVM_ELEMENT so_far = at[best * p->inner];
            if (p->minimum ? value < so_far : value > so_far) {
                best = k;
            }
        }
        *out++ = best;
        if (p->wide) {
            *out++ = 0;
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
