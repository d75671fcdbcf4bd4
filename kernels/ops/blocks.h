// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_BLOCKS_H
#define UTVM_KERNELS_OPS_BLOCKS_H

#include "kernels/params.h"

/**
 * Byte of the image at which a row of the parts begins, were its column 0 that of the image.
 * @param row 0 to block_h * block_w * batches * part_h - 1
 * @param ret_column of the row's first pixel in the image; negative in the padding
 * @return -1 when the row is outside of the image
 */
static inline int32_t utvm_blocks_row(const struct utvm_blocks_params *p, int32_t row,
                                      int32_t *ret_column)
{
    int32_t part = row / p->part_h;
    int32_t batch = part % p->batches;
    int32_t block = part / p->batches;
    int32_t y = row % p->part_h * p->block_h + block / p->block_w - p->before_h;
    *ret_column = block % p->block_w - p->before_w;
    if (y < 0 || y >= p->image_h) {
        return -1;
    }
    return (batch * p->image_h + y) * p->image_w * p->pixel_bytes;
}

static inline int32_t utvm_blocks_num_rows(const struct utvm_blocks_params *p)
{
    return p->block_h * p->block_w * p->batches * p->part_h;
}

#endif
