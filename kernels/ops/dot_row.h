// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_DOT_ROW_H
#define UTVM_KERNELS_OPS_DOT_ROW_H

#include "kernels/ops/dot_int8.h"

/**
 * Products of int8 rows, as they lie in memory, with one column, for matrices that meet a vector at
 * a time. Columns are in groups of four, in the order of dot_int8.h.
 */

/** int16 values as a column; what the last group lacks is zero. */
static inline void utvm_column_of_int16(const int16_t *in, int32_t count, int16_t *column)
{
    for (int32_t i = 0; i + 4 <= count; i += 4) {
        uint32_t low = utvm_load_word(in + i);
        uint32_t high = utvm_load_word(in + i + 2);
        utvm_store_word(column + i, utvm_pkhbt(low, high));
        utvm_store_word(column + i + 2, utvm_pkhtb(low, high));
    }
    if (count % 4 != 0) {
        int32_t first = count / 4 * 4;
        utvm_store_word(column + first, 0);
        utvm_store_word(column + first + 2, 0);
        for (int32_t i = first; i < count; i++) {
            column[utvm_group_place(i)] = in[i];
        }
    }
}

/** The sum of `count` products, modulo 2^32; the row need not be aligned. */
static inline __attribute__((always_inline)) int32_t
utvm_dot_row(const int8_t *row, const int16_t *column, int32_t count)
{
    int32_t even = 0;
    int32_t odd = 0;
    int32_t whole = count / 4 * 4;
#pragma GCC unroll 2
    for (int32_t i = 0; i < whole; i += 4) {
        uint32_t weights = utvm_load_word(row + i);
        even = utvm_smlad(utvm_sxtb16(weights), utvm_load_word(column + i), even);
        odd = utvm_smlad(utvm_sxtb16_odd(weights), utvm_load_word(column + i + 2), odd);
    }
    for (int32_t i = whole; i < count; i++) {
        even = utvm_wrap_add(even, row[i] * column[utvm_group_place(i)]);
    }
    return utvm_wrap_add(even, odd);
}

#endif
