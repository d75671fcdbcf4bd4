// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/ops/interpolate.h"
#include "kernels/params.h"

/**
 * constants[0]: int16[513] exp over [-10, 0]; constants[1]: int16[513] 1 / (1 + x) over [0, 1];
 * both as Q0.15 tables for utvm_interpolate(). The output has the zero point 0 and the scale 2^-15.
 */
UTVM_KERNEL(softmax_int16)
{
    const struct utvm_softmax_params *p = params;
    const int16_t *in = args->inputs[0];
    const int16_t *exp_table = args->constants[0];
    const int16_t *reciprocal_table = args->constants[1];
    int16_t *out = args->outputs[0];
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t highest = INT16_MIN;
        for (int32_t d = 0; d < p->depth; d++) {
            highest = utvm_max(highest, in[d]);
        }
        int32_t sum = 0;
        for (int32_t d = 0; d < p->depth; d++) {
            int32_t position = utvm_requantize(in[d] - highest, p->multiplier, p->shift);
            position = utvm_clamp(utvm_wrap_add(position, 32767), INT16_MIN, INT16_MAX);
            out[d] = (int16_t)utvm_interpolate(exp_table, position);
            sum = utvm_wrap_add(sum, out[d]);
        }
        int32_t headroom = utvm_clamp(utvm_count_leading_zeros((uint32_t)sum), 1, 30);
        int64_t scaled = ((int64_t)sum << (headroom - 1)) + (1 << 13);
        int32_t position = (int32_t)(scaled >> 14) - ((1 << 15) + (1 << 16));
        position = utvm_clamp(position, INT16_MIN, INT16_MAX);
        int32_t reciprocal = utvm_interpolate(reciprocal_table, position);
        int32_t right_shift = 31 - headroom;
        for (int32_t d = 0; d < p->depth; d++) {
            int32_t value = (out[d] * reciprocal + (1 << (right_shift - 1))) >> right_shift;
            out[d] = (int16_t)utvm_clamp(value, 0, INT16_MAX);
        }
        in += p->depth;
        out += p->depth;
    }
    return UTVM_STATUS_OK;
}
