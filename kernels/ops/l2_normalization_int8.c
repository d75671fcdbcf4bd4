// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

/** L2_NORMALIZATION of the last dimension; the output's scale is 1/128, its zero point 0. */
UTVM_KERNEL(l2_normalization_int8)
{
    const struct utvm_l2_normalization_params *p = params;
    const int8_t *in = args->inputs[0];
    int8_t *out = args->outputs[0];
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t sum = 0;
        for (int32_t d = 0; d < p->depth; d++) {
            int32_t value = in[d] + p->input_offset;
            sum += value * value;
        }
        int32_t multiplier;
        int32_t shift;
        utvm_inverse_sqrt(sum, &multiplier, &shift);
        for (int32_t d = 0; d < p->depth; d++) {
            int32_t value = utvm_requantize(in[d] + p->input_offset, multiplier, shift + 7);
            out[d] = (int8_t)utvm_clamp(value, INT8_MIN, INT8_MAX);
        }
        in += p->depth;
        out += p->depth;
    }
    return UTVM_STATUS_OK;
}
