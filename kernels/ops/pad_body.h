// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * PAD and PADV2. The including file defines
 *   UTVM_NAME      the kernel
 *   UTVM_ELEMENT   an unsigned type of the elements' width
 * Input 2, if there is one, is the value to fill with; else params say it.
 */
#include "kernels/kernel.h"
#include "kernels/ops/shape.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_pad_params *p = params;
    const UTVM_ELEMENT *in = args->inputs[0];
    UTVM_ELEMENT *out = args->outputs[0];
    const UTVM_ELEMENT *given = p->value_given ? args->inputs[2] : 0;
    UTVM_ELEMENT fill = given ? *given : (UTVM_ELEMENT)p->value;
    for (int32_t i = 0; i < utvm_num_rows(p->output_dims); i++) {
        int32_t rest = i;
        int32_t offset = 0;
        int32_t stride = p->input_dims[5];
        int32_t inside = 1;
        for (int32_t d = 4; d >= 0; d--) {
            int32_t at = rest % p->output_dims[d] - p->before[d];
            rest /= p->output_dims[d];
            inside = inside && at >= 0 && at < p->input_dims[d];
            offset += at * stride;
            stride *= p->input_dims[d];
        }
        int32_t first = inside ? p->before[5] : p->output_dims[5];
        int32_t end = inside ? first + p->input_dims[5] : first;
        for (int32_t k = 0; k < first; k++) {
            out[k] = fill;
        }
        if (inside) {
            __builtin_memcpy(out + first, in + offset, (uint32_t)p->input_dims[5] * sizeof(*out));
        }
        for (int32_t k = end; k < p->output_dims[5]; k++) {
            out[k] = fill;
        }
        out += p->output_dims[5];
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
