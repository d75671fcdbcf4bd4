// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_SIGMOID_TABLE_H
#define UTVM_KERNELS_OPS_SIGMOID_TABLE_H

#include "kernels/arith.h"

/**
 * Logistic function and hyperbolic tangent of an int16, interpolated in one table.
 * @param table  uint16[256]: the sigmoid of i / 24 as a fraction of 2^16
 * @param position  the argument times 2^12 times 3 (a step of the table is 2^9), within +-2^30
 * @return Q0.15
 */
static inline int32_t utvm_sigmoid_from_table(const uint16_t *table, int32_t position)
{
    uint32_t magnitude = (uint32_t)(position < 0 ? -position : position);
    uint32_t index = magnitude >> 9;
    uint32_t result = UINT32_C(0x7FFF) << 10;
    if (index < 255) {
        uint32_t slope = (uint32_t)table[index + 1] - table[index];
        result = ((uint32_t)table[index] << 9) + (magnitude & 0x1FF) * slope;
    }
    uint32_t half = UINT32_C(1) << 9;
    result = position >= 0 ? result + half : (UINT32_C(1) << 25) - result + half - 1;
    return (int16_t)(result >> 10);
}

/** tanh(x) = 2 * sigmoid(2 * x) - 1, so here a step of the table is 2^8. */
static inline int32_t utvm_tanh_from_table(const uint16_t *table, int32_t position)
{
    uint32_t magnitude = (uint32_t)(position < 0 ? -position : position);
    uint32_t index = magnitude >> 8;
    int32_t result = INT32_C(0xFFFF) << 8;
    if (index < 255) {
        uint32_t slope = (uint32_t)table[index + 1] - table[index];
        result = (int32_t)(((uint32_t)table[index] << 8) + (magnitude & 0xFF) * slope);
    }
    int32_t one = INT32_C(1) << 23;
    result = position >= 0 ? result - one + 128 : one - result + 128 - 1;
    return (int16_t)(result >> 8);
}

/** x * multiplier / 2^shift, rounded half up. */
static inline int32_t utvm_sigmoid_position(int32_t x, int32_t multiplier, int32_t shift)
{
    int32_t half = shift > 0 ? INT32_C(1) << (shift - 1) : 0;
    return utvm_wrap_add(utvm_wrap_mul(x, multiplier), half) >> shift;
}

#endif
