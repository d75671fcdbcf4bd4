// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * SOFTMAX of int8, once for both output types. The including file defines
 *   UTVM_NAME         the kernel
 *   UTVM_OUTPUT       type of the output elements; its zero point is its lowest value
 *   UTVM_LOWEST, UTVM_HIGHEST, UTVM_BITS of that type
 *
 * constants[0]: int32 exp(-i * scale * beta) as Q0.31 for i = 0, 1, ...; 0 where the reference
 * leaves the element out. The sum is kept as Q12.19, so a row may have 4096 elements.
 */
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_softmax_params *p = params;
    const int8_t *in = args->inputs[0];
    const int32_t *table = args->constants[0];
    UTVM_OUTPUT *out = args->outputs[0];
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t highest = INT8_MIN;
        for (int32_t d = 0; d < p->depth; d++) {
            highest = utvm_max(highest, in[d]);
        }
        int32_t sum = 0;
        for (int32_t d = 0; d < p->depth; d++) {
            int32_t below = highest - in[d];
            if (below < p->table_size) {
                sum = utvm_wrap_add(sum, utvm_rounding_divide_by_pot(table[below], 12));
            }
        }
        int32_t headroom = utvm_count_leading_zeros((uint32_t)sum);
        int32_t shifted = (int32_t)(((uint32_t)sum << headroom) - (UINT32_C(1) << 31));
        int32_t reciprocal = utvm_one_over_one_plus(shifted);
        int32_t exponent = utvm_clamp(12 - headroom + 31 - UTVM_BITS, 0, 31);
        for (int32_t d = 0; d < p->depth; d++) {
            int32_t below = highest - in[d];
            int32_t value = UTVM_LOWEST;
            if (below < p->table_size) {
                int32_t product = utvm_doubling_high_mul(reciprocal, table[below]);
                value += utvm_rounding_divide_by_pot(product, exponent);
            }
            out[d] = (UTVM_OUTPUT)utvm_clamp(value, UTVM_LOWEST, UTVM_HIGHEST);
        }
        in += p->depth;
        out += p->depth;
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_OUTPUT
#undef UTVM_LOWEST
#undef UTVM_HIGHEST
#undef UTVM_BITS
