// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_BINARY_H
#define UTVM_KERNELS_OPS_BINARY_H

#include "kernels/arith.h"
#include "kernels/ops/shape.h"
#include "kernels/params.h"

/** An operand of ADD, SUB and the comparisons on the scale that both share. */
static inline __attribute__((always_inline)) int32_t
utvm_binary_scaled_1(const struct utvm_binary_params *p, int32_t value)
{
    int32_t shifted = utvm_wrap_shift_left(value + p->offset_1, p->left_shift);
    return utvm_requantize(shifted, p->multiplier_1, p->shift_1);
}

static inline __attribute__((always_inline)) int32_t
utvm_binary_scaled_2(const struct utvm_binary_params *p, int32_t value)
{
    int32_t shifted = utvm_wrap_shift_left(value + p->offset_2, p->left_shift);
    return utvm_requantize(shifted, p->multiplier_2, p->shift_2);
}

/** The result of ADD and SUB from the shared scale to the output's. */
static inline __attribute__((always_inline)) int32_t
utvm_binary_output(const struct utvm_binary_params *p, int32_t value)
{
    int32_t result = utvm_requantize(value, p->output_multiplier, p->output_shift);
    return utvm_clamp(result + p->output_offset, p->act_min, p->act_max);
}

static inline __attribute__((always_inline)) int32_t
utvm_binary_add(const struct utvm_binary_params *p, int32_t a, int32_t b)
{
    return utvm_binary_output(
        p, utvm_wrap_add(utvm_binary_scaled_1(p, a), utvm_binary_scaled_2(p, b)));
}

static inline __attribute__((always_inline)) int32_t
utvm_binary_sub(const struct utvm_binary_params *p, int32_t a, int32_t b)
{
    return utvm_binary_output(
        p, utvm_wrap_sub(utvm_binary_scaled_1(p, a), utvm_binary_scaled_2(p, b)));
}

/**
 * ADD and SUB of int8, where every intermediate value is below 2^30: 255 * 2^20 times at most 1/2
 * for each operand, and their sum.
 */
static inline __attribute__((always_inline)) int32_t
utvm_binary_output_int8(const struct utvm_binary_params *p, int32_t value)
{
    int32_t result = utvm_requantize_bounded(value, p->output_multiplier, p->output_shift);
    result += p->output_offset;
    return p->act_min == INT8_MIN && p->act_max == INT8_MAX
               ? utvm_ssat8(result)
               : utvm_clamp(result, p->act_min, p->act_max);
}

/** value * 2^left_shift * multiplier / 2^31 * 2^shift; the operand of the larger scale is halved.
 */
static inline __attribute__((always_inline)) int32_t
utvm_binary_operand(int32_t value, int32_t left_shift, int32_t multiplier, int32_t shift)
{
    if (multiplier == 1 << 30 && shift == 0 && left_shift > 0) {
        return value * (1 << (left_shift - 1));
    }
    return utvm_requantize_bounded(value * (1 << left_shift), multiplier, shift);
}

static inline __attribute__((always_inline)) int32_t
utvm_binary_add_int8(const struct utvm_binary_params *p, int32_t a, int32_t b)
{
    return utvm_binary_output_int8(
        p, utvm_binary_operand(a + p->offset_1, p->left_shift, p->multiplier_1, p->shift_1) +
               utvm_binary_operand(b + p->offset_2, p->left_shift, p->multiplier_2, p->shift_2));
}

static inline __attribute__((always_inline)) int32_t
utvm_binary_sub_int8(const struct utvm_binary_params *p, int32_t a, int32_t b)
{
    return utvm_binary_output_int8(
        p, utvm_binary_operand(a + p->offset_1, p->left_shift, p->multiplier_1, p->shift_1) -
               utvm_binary_operand(b + p->offset_2, p->left_shift, p->multiplier_2, p->shift_2));
}

/**
 * The same for int16 without zero points, where the sum of -2^15 * 2^15 / 2 and itself is -2^30:
 * its double is the lowest int32.
 */
static inline __attribute__((always_inline)) int32_t
utvm_binary_output_int16(const struct utvm_binary_params *p, int32_t value)
{
    int32_t result = utvm_requantize_bounded(value, p->output_multiplier, p->output_shift);
    return utvm_clamp(result + p->output_offset, p->act_min, p->act_max);
}

/** True, as a constant of the layer, if utvm_binary_output_int16() holds. */
static inline __attribute__((always_inline)) int32_t
utvm_binary_is_bounded(const struct utvm_binary_params *p)
{
    return p->offset_1 == 0 && p->offset_2 == 0 && p->left_shift == 15;
}

static inline __attribute__((always_inline)) int32_t
utvm_binary_add_int16(const struct utvm_binary_params *p, int32_t a, int32_t b)
{
    if (!utvm_binary_is_bounded(p)) {
        return utvm_binary_add(p, a, b);
    }
    return utvm_binary_output_int16(
        p, utvm_binary_operand(a, p->left_shift, p->multiplier_1, p->shift_1) +
               utvm_binary_operand(b, p->left_shift, p->multiplier_2, p->shift_2));
}

static inline __attribute__((always_inline)) int32_t
utvm_binary_sub_int16(const struct utvm_binary_params *p, int32_t a, int32_t b)
{
    if (!utvm_binary_is_bounded(p)) {
        return utvm_binary_sub(p, a, b);
    }
    return utvm_binary_output_int16(
        p, utvm_binary_operand(a, p->left_shift, p->multiplier_1, p->shift_1) -
               utvm_binary_operand(b, p->left_shift, p->multiplier_2, p->shift_2));
}

static inline __attribute__((always_inline)) int32_t
utvm_binary_mul(const struct utvm_binary_params *p, int32_t a, int32_t b)
{
    return utvm_binary_output(p, (a + p->offset_1) * (b + p->offset_2));
}

/** The same for int8, whose products are below 2^16. */
static inline __attribute__((always_inline)) int32_t
utvm_binary_mul_int8(const struct utvm_binary_params *p, int32_t a, int32_t b)
{
    int32_t product = (a + p->offset_1) * (b + p->offset_2);
    return p->output_shift <= 0 ? utvm_binary_output_int8(p, product)
                                : utvm_binary_output(p, product);
}

/** Positive values change the scale only; negative ones are multiplied with alpha. */
static inline __attribute__((always_inline)) int32_t
utvm_binary_prelu(const struct utvm_binary_params *p, int32_t a, int32_t b)
{
    int32_t value = a + p->offset_1;
    value = value >= 0 ? utvm_requantize(value, p->multiplier_1, p->shift_1)
                       : utvm_requantize(value * (b + p->offset_2), p->multiplier_2, p->shift_2);
    return utvm_clamp(value + p->output_offset, p->act_min, p->act_max);
}

#define UTVM_COMPARE_BODY                                                                          \
    switch (comparison) {                                                                          \
    case UTVM_COMPARISON_EQUAL:                                                                    \
        return a == b;                                                                             \
    case UTVM_COMPARISON_NOT_EQUAL:                                                                \
        return a != b;                                                                             \
    case UTVM_COMPARISON_GREATER:                                                                  \
        return a > b;                                                                              \
    case UTVM_COMPARISON_GREATER_EQUAL:                                                            \
        return a >= b;                                                                             \
    case UTVM_COMPARISON_LESS:                                                                     \
        return a < b;                                                                              \
    default:                                                                                       \
        return a <= b;                                                                             \
    }

/** @param comparison enum utvm_comparison @return 1 or 0 */
static inline int utvm_compare(int32_t comparison, int64_t a, int64_t b)
{
    UTVM_COMPARE_BODY
}

static inline int utvm_compare_float(int32_t comparison, float a, float b)
{
    UTVM_COMPARE_BODY
}

#undef UTVM_COMPARE_BODY

#endif
