// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_SHAPE_H
#define UTVM_KERNELS_OPS_SHAPE_H

#include <stdint.h>

/**
 * Elements from the start of a tensor to its row for row `i` of an iteration over dims[0..4].
 * @param dims, strides [6], outermost first; dimension 5 is the row itself
 */
static inline int32_t utvm_row_offset(const int32_t *dims, const int32_t *strides, int32_t i)
{
    int32_t offset = 0;
    for (int32_t d = 4; d >= 0; d--) {
        if (dims[d] != 1) {
            offset += i % dims[d] * strides[d];
            i /= dims[d];
        }
    }
    return offset;
}

/** How many rows dims[0..4] make. */
static inline int32_t utvm_num_rows(const int32_t *dims)
{
    return dims[0] * dims[1] * dims[2] * dims[3] * dims[4];
}

#endif
