// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

/** Where the update starts along dimension d, moved so that all of it lies inside. */
static inline int32_t utvm_update_start(const struct utvm_dynamic_update_slice_params *p,
                                        const void *starts, int32_t d)
{
    int32_t there = d - (6 - p->rank);
    if (there < 0) {
        return 0;
    }
    int64_t start = p->wide ? ((const int64_t *)starts)[there] : ((const int32_t *)starts)[there];
    int32_t last = p->dims[d] - p->update_dims[d];
    return start < 0 ? 0 : start > last ? last : (int32_t)start;
}

/**
 * DYNAMIC_UPDATE_SLICE: inputs 0 data, 1 update, 2 where it goes. The output may lie where the data
 * lies.
 */
UTVM_KERNEL(dynamic_update_slice)
{
    const struct utvm_dynamic_update_slice_params *p = params;
    const uint8_t *update = args->inputs[1];
    uint8_t *out = args->outputs[0];
    int32_t start[6];
    int32_t rows = 1;
    int32_t data_bytes = p->elem_bytes;
    for (int32_t d = 0; d < 6; d++) {
        start[d] = utvm_update_start(p, args->inputs[2], d);
        rows *= d < 5 ? p->update_dims[d] : 1;
        data_bytes *= p->dims[d];
    }
    if (out != args->inputs[0]) {
        __builtin_memcpy(out, args->inputs[0], (uint32_t)data_bytes);
    }
    int32_t row_bytes = p->update_dims[5] * p->elem_bytes;
    for (int32_t row = 0; row < rows; row++) {
        int32_t at = start[5];
        int32_t stride = p->dims[5];
        int32_t rest = row;
        for (int32_t d = 4; d >= 0; d--) {
            at += (start[d] + rest % p->update_dims[d]) * stride;
            rest /= p->update_dims[d];
            stride *= p->dims[d];
        }
        __builtin_memcpy(out + at * p->elem_bytes, update, (uint32_t)row_bytes);
        update += row_bytes;
    }
    return UTVM_STATUS_OK;
}
