// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * Writes the output in order, taking each element from where strides say: STRIDED_SLICE, SLICE,
 * TRANSPOSE and the like. The including file defines
 *   UTVM_NAME      the kernel
 *   UTVM_ELEMENT   an unsigned type of the elements' width
 */
#include "kernels/kernel.h"
#include "kernels/ops/shape.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_strided_params *p = params;
    const UTVM_ELEMENT *in = (const UTVM_ELEMENT *)args->inputs[0] + p->offset;
    UTVM_ELEMENT *out = args->outputs[0];
    for (int32_t i = 0; i < utvm_num_rows(p->dims); i++) {
        const UTVM_ELEMENT *row = in + utvm_row_offset(p->dims, p->strides, i);
        if (p->strides[5] == 1) {
            __builtin_memcpy(out, row, (uint32_t)p->dims[5] * sizeof(*out));
            out += p->dims[5];
            continue;
        }
        for (int32_t k = 0; k < p->dims[5]; k++) {
            *out++ = row[k * p->strides[5]];
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
