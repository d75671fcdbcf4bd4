// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** GATHER with int32 indices, each 0 to axis_size - 1. @return BAD_INDEX for any other */
UTVM_KERNEL(gather)
{
    const struct utvm_gather_params *p = params;
    const int32_t *indices = args->inputs[1];
    uint8_t *out = args->outputs[0];
    int32_t slab = p->axis_size * p->inner_bytes;
    for (int32_t i = 0; i < p->batches * p->num_indices; i++) {
        if (indices[i] < 0 || indices[i] >= p->axis_size) {
            return UTVM_STATUS_BAD_INDEX;
        }
    }
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t outer = 0; outer < p->outer; outer++) {
            const uint8_t *in =
                (const uint8_t *)args->inputs[0] + (batch * p->outer + outer) * slab;
            for (int32_t i = 0; i < p->num_indices; i++) {
                int32_t index = indices[batch * p->num_indices + i];
                __builtin_memcpy(out, in + index * p->inner_bytes, (uint32_t)p->inner_bytes);
                out += p->inner_bytes;
            }
        }
    }
    return UTVM_STATUS_OK;
}
