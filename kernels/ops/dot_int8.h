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

/**
 * Filters two by two, one group of each in turns: pair i of filters lies 8 * groups * i bytes
 * behind the first, and its group g as four bytes of the one and four of the other.
 */
#define UTVM_PAIR_GROUP_BYTES 8

/** A pair of filters and two columns: the running pointers and the four sums. */
struct utvm_dot {
    const int8_t *filters;
    const int16_t *column; /**< the first; the other lies column_step elements behind it */
    int32_t sum_00;        /**< filter 0 with column 0 */
    int32_t sum_01;        /**< filter 0 with column 1 */
    int32_t sum_10;
    int32_t sum_11;
};

/** One group: sixteen products. */
static inline __attribute__((always_inline)) void utvm_dot_group(struct utvm_dot *dot,
                                                                 int32_t column_step)
{
    uint32_t weights_0 = utvm_load_word(dot->filters);
    uint32_t weights_1 = utvm_load_word(dot->filters + 4);
    uint32_t x_0 = utvm_load_word(dot->column);
    uint32_t x_1 = utvm_load_word(dot->column + column_step);
    uint32_t y_0 = utvm_load_word(dot->column + 2);
    uint32_t y_1 = utvm_load_word(dot->column + column_step + 2);
    uint32_t even_0 = utvm_sxtb16(weights_0);
    uint32_t even_1 = utvm_sxtb16(weights_1);
    uint32_t odd_0 = utvm_sxtb16_odd(weights_0);
    uint32_t odd_1 = utvm_sxtb16_odd(weights_1);
    dot->sum_00 = utvm_smlad(odd_0, y_0, utvm_smlad(even_0, x_0, dot->sum_00));
    dot->sum_01 = utvm_smlad(odd_0, y_1, utvm_smlad(even_0, x_1, dot->sum_01));
    dot->sum_10 = utvm_smlad(odd_1, y_0, utvm_smlad(even_1, x_0, dot->sum_10));
    dot->sum_11 = utvm_smlad(odd_1, y_1, utvm_smlad(even_1, x_1, dot->sum_11));
    dot->filters += UTVM_PAIR_GROUP_BYTES;
    dot->column += 4;
}

/** The same with the first column alone: eight products. */
static inline __attribute__((always_inline)) void utvm_dot_group_one(struct utvm_dot *dot)
{
    uint32_t weights_0 = utvm_load_word(dot->filters);
    uint32_t weights_1 = utvm_load_word(dot->filters + 4);
    uint32_t x = utvm_load_word(dot->column);
    uint32_t y = utvm_load_word(dot->column + 2);
    dot->sum_00 = utvm_smlad(utvm_sxtb16(weights_0), x, dot->sum_00);
    dot->sum_10 = utvm_smlad(utvm_sxtb16(weights_1), x, dot->sum_10);
    dot->sum_00 = utvm_smlad(utvm_sxtb16_odd(weights_0), y, dot->sum_00);
    dot->sum_10 = utvm_smlad(utvm_sxtb16_odd(weights_1), y, dot->sum_10);
    dot->filters += UTVM_PAIR_GROUP_BYTES;
    dot->column += 4;
}

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__) && !defined(UTVM_FREE_REGISTERS)

/** Distances that the addressing mode of a load reaches. */
#define UTVM_DOT_REACHES(bytes) (__builtin_constant_p(bytes) && (bytes) >= 0 && (bytes) <= 4080)

/*
 * Two or more groups: 16 products in 10 cycles of a Cortex-M7. It issues two instructions a
 * cycle, of which one may be a multiplication and only the first an SXTB16, so each multiplication
 * is paired (a line is a cycle) with a load or an SXTB16 for a later one, and what the next group
 * needs first is loaded at the end of this one. The last group stands behind the loop, which ends
 * at `last`, the one before. 14 registers are all there are: the first loads are in here too, as
 * the compiler finds no register for anything that it moves between them and the rest.
 */
static inline __attribute__((always_inline)) void utvm_dot_run(struct utvm_dot *dot,
                                                               int32_t column_step, int32_t groups)
{
    const int8_t *filters = dot->filters;
    const int16_t *column = dot->column;
    const int16_t *last = column + 4 * (groups - 2);
    int32_t sum_00 = dot->sum_00;
    int32_t sum_01 = dot->sum_01;
    int32_t sum_10 = dot->sum_10;
    int32_t sum_11 = dot->sum_11;
    uint32_t w_0;
    uint32_t w_1;
    uint32_t x_0;
    uint32_t x_1;
    uint32_t y_0;
    uint32_t a;
    uint32_t b;
    __asm__ volatile("ldr %[w0], [%[f]]\n"
                     "ldr %[w1], [%[f], #4]\n"
                     "ldr %[x0], [%[c]]\n"
                     "ldr %[x1], [%[c], %[cs]]\n"
                     "1:\n"
                     "sxtb16 %[a], %[w0]\n"
                     "ldr %[y0], [%[c], #4]\n"
                     "smlad %[s00], %[a], %[x0], %[s00]\n"
                     "cmp %[c], %[end]\n"
                     "sxtb16 %[b], %[w1]\n"
                     "smlad %[s01], %[a], %[x1], %[s01]\n"
                     "sxtb16 %[a], %[w0], ror #8\n"
                     "smlad %[s10], %[b], %[x0], %[s10]\n"
                     "ldr %[x0], [%[c], %[cs4]]\n"
                     "smlad %[s11], %[b], %[x1], %[s11]\n"
                     "sxtb16 %[b], %[w1], ror #8\n"
                     "smlad %[s00], %[a], %[y0], %[s00]\n"
                     "ldr %[w0], [%[f], #8]!\n"
                     "smlad %[s01], %[a], %[x0], %[s01]\n"
                     "ldr %[w1], [%[f], #4]\n"
                     "smlad %[s11], %[b], %[x0], %[s11]\n"
                     "ldr %[x1], [%[c], %[cs8]]\n"
                     "smlad %[s10], %[b], %[y0], %[s10]\n"
                     "ldr %[x0], [%[c], #8]!\n"
                     "bne 1b\n"
                     "sxtb16 %[a], %[w0]\n"
                     "ldr %[y0], [%[c], #4]\n"
                     "sxtb16 %[b], %[w1]\n"
                     "smlad %[s00], %[a], %[x0], %[s00]\n"
                     "smlad %[s01], %[a], %[x1], %[s01]\n"
                     "sxtb16 %[a], %[w0], ror #8\n"
                     "smlad %[s10], %[b], %[x0], %[s10]\n"
                     "ldr %[x0], [%[c], %[cs4]]\n"
                     "smlad %[s11], %[b], %[x1], %[s11]\n"
                     "sxtb16 %[b], %[w1], ror #8\n"
                     "smlad %[s00], %[a], %[y0], %[s00]\n"
                     "smlad %[s01], %[a], %[x0], %[s01]\n"
                     "smlad %[s11], %[b], %[x0], %[s11]\n"
                     "smlad %[s10], %[b], %[y0], %[s10]\n"
                     : [f] "+r"(filters), [c] "+r"(column), [s00] "+r"(sum_00), [s01] "+r"(sum_01),
                       [s10] "+r"(sum_10), [s11] "+r"(sum_11), [w0] "=&r"(w_0), [w1] "=&r"(w_1),
                       [x0] "=&r"(x_0), [x1] "=&r"(x_1), [y0] "=&r"(y_0), [a] "=&r"(a), [b] "=&r"(b)
                     : [end] "r"(last), [cs] "i"(2 * column_step), [cs4] "i"(2 * column_step + 4),
                       [cs8] "i"(2 * column_step + 8)
                     : "cc", "memory");
    *dot = (struct utvm_dot){
        filters + UTVM_PAIR_GROUP_BYTES, column + 4, sum_00, sum_01, sum_10, sum_11};
}

#endif

/** Adds the products of two filters with two columns of 4 * groups elements, groups >= 1. */
static inline __attribute__((always_inline)) void utvm_dot_2x2(struct utvm_dot *dot,
                                                               int32_t column_step, int32_t groups)
{
#ifdef UTVM_DOT_REACHES
    if (groups > 1 && UTVM_DOT_REACHES(2 * column_step)) {
        utvm_dot_run(dot, column_step, groups);
        return;
    }
#endif
    struct utvm_dot local = *dot;
    for (const int16_t *end = local.column + 4 * groups; local.column != end;) {
        utvm_dot_group(&local, column_step);
    }
    *dot = local;
}

/** The same with the first column alone, for sum_00 and sum_10. */
static inline __attribute__((always_inline)) void utvm_dot_2x1(struct utvm_dot *dot, int32_t groups)
{
    struct utvm_dot local = *dot;
    const int16_t *end = local.column + 4 * groups;
    if (groups % 2 != 0) {
        utvm_dot_group_one(&local);
    }
    while (local.column != end) {
        utvm_dot_group_one(&local);
        utvm_dot_group_one(&local);
    }
    *dot = local;
}

#endif
