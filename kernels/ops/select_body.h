// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * SELECT and SELECT_V2. The including file defines UTVM_NAME and UTVM_ELEMENT, an unsigned type of
 * the elements' width.
 */
#include "kernels/kernel.h"
#include "kernels/ops/shape.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_select_params *p = params;
    UTVM_ELEMENT *out = args->outputs[0];
    for (int32_t i = 0; i < utvm_num_rows(p->dims); i++) {
        const uint8_t *condition =
            (const uint8_t *)args->inputs[0] + utvm_row_offset(p->dims, p->strides_0, i);
        const UTVM_ELEMENT *in_1 =
            (const UTVM_ELEMENT *)args->inputs[1] + utvm_row_offset(p->dims, p->strides_1, i);
        const UTVM_ELEMENT *in_2 =
            (const UTVM_ELEMENT *)args->inputs[2] + utvm_row_offset(p->dims, p->strides_2, i);
        for (int32_t k = 0; k < p->dims[5]; k++) {
            *out++ = condition[k * p->strides_0[5]] ? in_1[k * p->strides_1[5]]
                                                    : in_2[k * p->strides_2[5]];
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
