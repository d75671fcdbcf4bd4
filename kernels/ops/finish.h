// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_FINISH_H
#define UTVM_KERNELS_OPS_FINISH_H

#include "kernels/arith.h"
#include "kernels/params.h"

/** What turns the sums of a layer into outputs. */
struct utvm_outputs {
    const void *bias; /**< int32 or, for int16 data, int64; or NULL */
    const int32_t *multipliers;
    const int32_t *shifts;
    void *out; /**< int8 or int16 */
};

/** The same for one channel. */
struct utvm_channel {
    int64_t bias;
    int32_t multiplier;
    int32_t shift;
};

/** @param wide the data is int16, a constant */
static inline __attribute__((always_inline)) struct utvm_channel
utvm_channel_of(const struct utvm_outputs *to, int32_t wide, int32_t channel)
{
    struct utvm_channel of = {0, to->multipliers[channel], to->shifts[channel]};
    if (to->bias) {
        of.bias =
            wide ? ((const int64_t *)to->bias)[channel] : ((const int32_t *)to->bias)[channel];
    }
    return of;
}

/** An int8 output of a sum with its bias. */
static inline int32_t utvm_finish_int8(const struct utvm_conv_params *p,
                                       const struct utvm_channel *of, int32_t sum)
{
    int32_t value;
    if (p->fast_rounding) {
        /* utvm_requantize_fast() with its last step, and the offset, done as one shift by 1. */
        int32_t product = utvm_smmulr(sum * 2, of->multiplier);
        product -= product < 0 ? 1 : 0;
        value = ((product >> ~of->shift) + 1 + 2 * p->output_offset) >> 1;
    } else {
        value = utvm_requantize(sum, of->multiplier, of->shift) + p->output_offset;
    }
    return p->act_min == INT8_MIN && p->act_max == INT8_MAX
               ? utvm_ssat8(value)
               : utvm_clamp(value, p->act_min, p->act_max);
}

/** An int16 output of a sum without its bias. */
static inline int32_t utvm_finish_int16(const struct utvm_conv_params *p,
                                        const struct utvm_channel *of, int64_t sum)
{
    int32_t value = p->fast_rounding
                        ? utvm_requantize_int64_fast((int32_t)sum + (int32_t)of->bias,
                                                     of->multiplier, of->shift)
                        : utvm_requantize_int64(sum + of->bias, of->multiplier, of->shift);
    return utvm_clamp(value, p->act_min, p->act_max);
}

/** What a sum starts with: int8 sums have their bias from the start, int16 sums do not. */
static inline int32_t utvm_first_sum(const struct utvm_channel *of, int32_t wide)
{
    return wide ? 0 : (int32_t)of->bias;
}

/** The output of a sum that started so, into out[place]. */
static inline __attribute__((always_inline)) void
utvm_store_output(const struct utvm_conv_params *p, const struct utvm_channel *of, int32_t wide,
                  int64_t sum, void *out, int32_t place)
{
    if (wide) {
        ((int16_t *)out)[place] = (int16_t)utvm_finish_int16(p, of, sum);
    } else {
        ((int8_t *)out)[place] = (int8_t)utvm_finish_int8(p, of, (int32_t)sum);
    }
}

#endif
