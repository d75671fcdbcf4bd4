// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_DOT_INT8_H
#define UTVM_KERNELS_OPS_DOT_INT8_H

#include "kernels/arith.h"
#include "kernels/dsp.h"
#include "kernels/kernel.h"

/**
 * Products of int8 filters with int16 columns by dual multiply-accumulate.
 *
 * A column is a window of the input widened to int16 with the input offset added, in groups of four
 * whose middle elements are swapped: 0, 2, 1, 3. So one SXTB16 of four weights meets one word of
 * the column, and another, rotated, the next. Filter and column are padded to whole groups with
 * zeros.
 */

/** Widens 4 * groups values from `in`, which need not be aligned. */
static inline void utvm_widen_groups(const int8_t *in, int32_t groups, uint32_t offsets,
                                     int16_t *column)
{
    for (int32_t i = 0; i < groups; i++) {
        uint32_t word = utvm_load_word(in);
        utvm_store_word(column, utvm_sxtab16(offsets, word));
        utvm_store_word(column + 2, utvm_sxtab16_odd(offsets, word));
        in += 4;
        column += 4;
    }
}

/** Where element i of a group lies. */
static inline int32_t utvm_group_place(int32_t i)
{
    return (i & ~3) + ((i & 1) << 1) + ((i >> 1) & 1);
}

/** Widens `count` values and fills the last group with zeros. */
static inline void utvm_widen(const int8_t *in, int32_t count, int32_t offset, int16_t *column)
{
    int32_t groups = count / 4;
    utvm_widen_groups(in, groups, utvm_both_halves(offset), column);
    if (count % 4 != 0) {
        utvm_store_word(column + 4 * groups, 0);
        utvm_store_word(column + 4 * groups + 2, 0);
        for (int32_t i = 4 * groups; i < count; i++) {
            column[utvm_group_place(i)] = (int16_t)(in[i] + offset);
        }
    }
}

/** Adds the products of two filters with two columns of 4 * groups elements each. */
static inline __attribute__((always_inline)) void
utvm_dot_2x2(const int8_t *filter_0, const int8_t *filter_1, const int16_t *column_0,
             const int16_t *column_1, int32_t groups, int32_t sums[4])
{
    int32_t sum_00 = sums[0];
    int32_t sum_01 = sums[1];
    int32_t sum_10 = sums[2];
    int32_t sum_11 = sums[3];
    for (int32_t i = 0; i < groups; i++) {
        uint32_t weights_0 = utvm_load_word(filter_0);
        uint32_t weights_1 = utvm_load_word(filter_1);
        uint32_t x_0 = utvm_load_word(column_0);
        uint32_t x_1 = utvm_load_word(column_1);
        uint32_t even_0 = utvm_sxtb16(weights_0);
        uint32_t even_1 = utvm_sxtb16(weights_1);
        sum_00 = utvm_smlad(even_0, x_0, sum_00);
        sum_01 = utvm_smlad(even_0, x_1, sum_01);
        uint32_t y_0 = utvm_load_word(column_0 + 2);
        sum_10 = utvm_smlad(even_1, x_0, sum_10);
        sum_11 = utvm_smlad(even_1, x_1, sum_11);
        uint32_t y_1 = utvm_load_word(column_1 + 2);
        uint32_t odd_0 = utvm_sxtb16_odd(weights_0);
        uint32_t odd_1 = utvm_sxtb16_odd(weights_1);
        sum_00 = utvm_smlad(odd_0, y_0, sum_00);
        sum_01 = utvm_smlad(odd_0, y_1, sum_01);
        sum_10 = utvm_smlad(odd_1, y_0, sum_10);
        sum_11 = utvm_smlad(odd_1, y_1, sum_11);
        filter_0 += 4;
        filter_1 += 4;
        column_0 += 4;
        column_1 += 4;
    }
    sums[0] = sum_00;
    sums[1] = sum_01;
    sums[2] = sum_10;
    sums[3] = sum_11;
}

/** How a channel's sums become outputs. */
struct utvm_channel {
    int32_t bias;
    int32_t multiplier;
    int32_t shift;
};

/**
 * An int8 output of a sum.
 * @param fast utvm_requantize_fast() may be used
 */
static inline int32_t utvm_finish_int8(int32_t sum, const struct utvm_channel *channel,
                                       int32_t fast, int32_t offset, int32_t low, int32_t high)
{
    int32_t value = fast ? utvm_requantize_fast(sum, channel->multiplier, -channel->shift)
                         : utvm_requantize(sum, channel->multiplier, channel->shift);
    value += offset;
    return low == INT8_MIN && high == INT8_MAX ? utvm_ssat8(value) : utvm_clamp(value, low, high);
}

#endif
