// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/ops/blocks.h"

UTVM_KERNEL(space_to_batch_nd)
{
    const struct utvm_blocks_params *p = params;
    const uint8_t *image = args->inputs[0];
    uint8_t *out = args->outputs[0];
    uint32_t bytes = (uint32_t)p->pixel_bytes;
    for (int32_t row = 0; row < utvm_blocks_num_rows(p); row++) {
        int32_t x;
        int32_t at = utvm_blocks_row(p, row, &x);
        for (int32_t i = 0; i < p->part_w; i++) {
            if (at >= 0 && x >= 0 && x < p->image_w) {
                __builtin_memcpy(out, image + at + x * p->pixel_bytes, bytes);
            } else {
                __builtin_memset(out, p->fill, bytes);
            }
            out += p->pixel_bytes;
            x += p->block_w;
        }
    }
    return UTVM_STATUS_OK;
}
