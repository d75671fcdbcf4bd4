// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** GATHER_ND with int32 indices [num_indices,depth]. @return BAD_INDEX for one outside its axis */
UTVM_KERNEL(gather_nd)
{
    const struct utvm_gather_nd_params *p = params;
    const uint8_t *in = args->inputs[0];
    const int32_t *index = args->inputs[1];
    uint8_t *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_indices; i++) {
        int32_t at = 0;
        for (int32_t d = 0; d < p->depth; d++) {
            if (index[d] < 0 || index[d] >= p->axis_sizes[d]) {
                return UTVM_STATUS_BAD_INDEX;
            }
            at += index[d] * p->axis_bytes[d];
        }
        __builtin_memcpy(out, in + at, (uint32_t)p->slice_bytes);
        out += p->slice_bytes;
        index += p->depth;
    }
    return UTVM_STATUS_OK;
}
