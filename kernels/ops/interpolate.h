// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_INTERPOLATE_H
#define UTVM_KERNELS_OPS_INTERPOLATE_H

#include "kernels/arith.h"

/**
 * A function of an int16, interpolated between the entries of a table.
 * @param table [513]: values at -32768, -32640, ..., 32640 and one more for the last slope
 * @param value -32768 to 32767
 */
static inline int32_t utvm_interpolate(const int16_t *table, int32_t value)
{
    int32_t index = 256 + (value >> 7);
    int32_t base = table[index];
    int32_t slope = table[index + 1] - base;
    return base + ((slope * (value & 0x7F) + 64) >> 7);
}

#endif
