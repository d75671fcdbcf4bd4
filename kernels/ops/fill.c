// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** FILL: input 1 everywhere. */
UTVM_KERNEL(fill)
{
    const struct utvm_fill_params *p = params;
    uint8_t *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_elems; i++) {
        __builtin_memcpy(out + i * p->elem_bytes, args->inputs[1], (uint32_t)p->elem_bytes);
    }
    return UTVM_STATUS_OK;
}
