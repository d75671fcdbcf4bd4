// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_ARITH_H
#define UTVM_KERNELS_ARITH_H

#include <stdint.h>

#include "kernels/dsp.h"

/**
 * Every rounding of the integer kernels, once. The rules are those of TensorFlow Lite's default
 * ("double rounding") integer arithmetic and of gemmlowp's fixed-point functions, so that results
 * are equal bit for bit. A value written Qm.n has m integer bits, n fraction bits and a sign.
 *
 * Right shifts of negative numbers are arithmetic on every compiler this project supports; sums
 * that the reference lets overflow wrap here, so that no input is undefined behaviour.
 *
 * Source: tensorflow.org/lite/performance/quantization_spec; gemmlowp/doc/quantization.md;
 * Jacob et al., arXiv 1712.05877, appendix B.
 */
static inline int32_t utvm_wrap_add(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t utvm_wrap_sub(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

static inline int32_t utvm_wrap_mul(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a * (uint32_t)b);
}

static inline int32_t utvm_wrap_shift_left(int32_t x, int32_t bits)
{
    return (int32_t)((uint32_t)x << bits);
}

static inline int32_t utvm_min(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static inline int32_t utvm_max(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static inline int32_t utvm_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

static inline float utvm_clamp_f32(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

/** round(a * b / 2^31), ties towards +infinity, saturated (only INT32_MIN squared saturates). */
static inline int32_t utvm_doubling_high_mul(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) {
        return INT32_MAX;
    }
    return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/** round(a * b / 2^15) of two int16, ties towards +infinity, saturated. */
static inline int32_t utvm_doubling_high_mul_int16(int32_t a, int32_t b)
{
    int32_t product = (a * b + (1 << 14)) >> 15;
    return product > INT16_MAX ? INT16_MAX : product;
}

/** round(x / 2^exponent), ties away from zero; exponent 0 to 31. */
static inline __attribute__((always_inline)) int32_t utvm_rounding_divide_by_pot(int32_t x,
                                                                                 int32_t exponent)
{
    int32_t mask = (int32_t)((UINT32_C(1) << exponent) - 1u);
    int32_t remainder = x & mask;
    int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/** x * 2^exponent, saturated; exponent 0 to 30. */
static inline int32_t utvm_saturating_shift_left(int32_t x, int32_t exponent)
{
    int64_t wide = (int64_t)x * (INT64_C(1) << exponent);
    return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/**
 * x * multiplier / 2^31 * 2^shift with two roundings: after the multiplication and after the right
 * shift.
 * @param multiplier 0, or 2^30 to 2^31 - 1
 * @param shift -31 to 30; positive shifts x left first, which must not overflow
 */
static inline __attribute__((always_inline)) int32_t utvm_requantize(int32_t x, int32_t multiplier,
                                                                     int32_t shift)
{
    int32_t left = shift > 0 ? shift : 0;
    int32_t right = shift > 0 ? 0 : -shift;
    int64_t product = (int64_t)utvm_wrap_shift_left(x, left) * multiplier;
    return utvm_rounding_divide_by_pot((int32_t)((product + (INT64_C(1) << 30)) >> 31), right);
}

/**
 * utvm_requantize() for |x| < 2^30 and a shift of -right, right 1 to 31: the multiplication rounds
 * like SMMULR of the doubled x, and the division needs no comparison.
 */
static inline __attribute__((always_inline)) int32_t
utvm_requantize_fast(int32_t x, int32_t multiplier, int32_t right)
{
    int32_t product = utvm_smmulr(x * 2, multiplier);
    int32_t half = (int32_t)(UINT32_C(1) << (right - 1));
    return (product - (product < 0 ? 1 : 0) + half) >> right;
}

/** utvm_requantize() for |x| < 2^30 and a shift of 0 or less. */
static inline __attribute__((always_inline)) int32_t
utvm_requantize_bounded(int32_t x, int32_t multiplier, int32_t shift)
{
    return shift == 0 ? utvm_smmulr(x * 2, multiplier)
                      : utvm_requantize_fast(x, multiplier, -shift);
}

/**
 * The same for the 64-bit accumulators of int16 activations: the multiplier is first rounded to 15
 * bits, and there is one rounding, ties towards +infinity.
 * @param x less than 2^47 in magnitude
 * @param multiplier 0 to 2^31 - 1
 * @param shift -31 to 7
 */
static inline __attribute__((always_inline)) int32_t
utvm_requantize_int64(int64_t x, int32_t multiplier, int32_t shift)
{
    int32_t reduced = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
    int32_t total_shift = 15 - shift;
    int64_t product = x * reduced + (INT64_C(1) << (total_shift - 1));
    return (int32_t)(product >> total_shift);
}

/**
 * utvm_requantize_int64() for an x of 32 bits and a shift of -2 or less: the part of the product
 * that SMMUL drops is too small to change the rounded rest.
 */
static inline __attribute__((always_inline)) int32_t
utvm_requantize_int64_fast(int32_t x, int32_t multiplier, int32_t shift)
{
    int32_t reduced = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
    int32_t scaled = reduced * 0x10000;
    int32_t product = (int32_t)(((int64_t)x * scaled) >> 32);
    int32_t right = -1 - shift;
    return (product + (int32_t)(UINT32_C(1) << (right - 1))) >> right;
}

/** (a + b) / 2, ties away from zero. */
static inline int32_t utvm_rounding_half_sum(int32_t a, int32_t b)
{
    int64_t sum = (int64_t)a + b;
    return (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

/** exp(a) for a in [-1/4, 0), Q0.31 to Q0.31: a Taylor series of order 4 around -1/8. */
static inline int32_t utvm_exp_interval(int32_t a)
{
    const int32_t exp_minus_eighth = 1895147668;
    const int32_t third = 715827883;
    int32_t x = utvm_wrap_add(a, 1 << 28);
    int32_t x2 = utvm_doubling_high_mul(x, x);
    int32_t x3 = utvm_doubling_high_mul(x2, x);
    int32_t x4 = utvm_doubling_high_mul(x2, x2);
    int32_t x4_over_4 = utvm_rounding_divide_by_pot(x4, 2);
    int32_t sum = utvm_wrap_add(utvm_doubling_high_mul(utvm_wrap_add(x4_over_4, x3), third), x2);
    int32_t tail = utvm_rounding_divide_by_pot(sum, 1);
    return utvm_wrap_add(exp_minus_eighth,
                         utvm_doubling_high_mul(exp_minus_eighth, utvm_wrap_add(x, tail)));
}

/**
 * exp(a) for a <= 0: the fraction below a quarter by the series, the rest by multiplying with
 * exp(-2^k) for each bit that is set.
 * @param a Q(integer_bits).(31 - integer_bits)
 * @param integer_bits 0 to 6
 * @return Q0.31
 */
static inline int32_t utvm_exp_on_negative_values(int32_t a, int32_t integer_bits)
{
    static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308,
                                       39332535,   720401,     242};
    int32_t fraction_bits = 31 - integer_bits;
    int32_t quarter = (int32_t)(UINT32_C(1) << (fraction_bits - 2));
    if (a == 0) {
        return INT32_MAX;
    }
    if (integer_bits > 5 && a < -(INT32_C(1) << (fraction_bits + 5))) {
        return 0;
    }
    int32_t mod = (a & (quarter - 1)) - quarter;
    int32_t result = utvm_exp_interval(utvm_saturating_shift_left(mod, integer_bits));
    int32_t remainder = utvm_wrap_sub(mod, a);
    for (int32_t i = 0; i < 7 && i - 2 < integer_bits; i++) {
        if ((uint32_t)remainder & (UINT32_C(1) << (fraction_bits + i - 2))) {
            result = utvm_doubling_high_mul(result, factors[i]);
        }
    }
    return result;
}

/** 2 / (1 + a) for a in [0, 1), Q0.31 to Q2.29: three Newton-Raphson steps on the half denominator.
 */
static inline int32_t utvm_two_over_one_plus(int32_t a)
{
    const int32_t c48_over_17 = 1515870810;
    const int32_t minus_32_over_17 = -1010580540;
    int32_t half_denominator = utvm_rounding_half_sum(a, INT32_MAX);
    int32_t x =
        utvm_wrap_add(c48_over_17, utvm_doubling_high_mul(half_denominator, minus_32_over_17));
    for (int i = 0; i < 3; i++) {
        int32_t product = utvm_doubling_high_mul(half_denominator, x);
        int32_t error = utvm_wrap_sub(1 << 29, product);
        x = utvm_wrap_add(x, utvm_saturating_shift_left(utvm_doubling_high_mul(x, error), 2));
    }
    return x;
}

/** 1 / (1 + a) for a in [0, 1), Q0.31 to Q0.31. */
static inline int32_t utvm_one_over_one_plus(int32_t a)
{
    return utvm_saturating_shift_left(utvm_two_over_one_plus(a), 1);
}

/** (1 - a) / (1 + a) for a in [0, 1), Q0.31 to Q0.31. */
static inline int32_t utvm_one_minus_over_one_plus(int32_t a)
{
    int32_t x = utvm_two_over_one_plus(a);
    return utvm_saturating_shift_left(utvm_wrap_sub(x, 1 << 29), 2);
}

/** 1 / (1 + exp(-a)), Q(integer_bits) to Q0.31. */
static inline int32_t utvm_logistic_fixed(int32_t a, int32_t integer_bits)
{
    if (a == 0) {
        return 1 << 30;
    }
    int32_t magnitude = a < 0 ? utvm_wrap_sub(0, a) : a;
    int32_t positive = utvm_one_over_one_plus(
        utvm_exp_on_negative_values(utvm_wrap_sub(0, magnitude), integer_bits));
    return a > 0 ? positive : INT32_MAX - positive;
}

/** tanh(a), Q(integer_bits) to Q0.31; integer_bits 0 to 5. */
static inline int32_t utvm_tanh_fixed(int32_t a, int32_t integer_bits)
{
    if (a == 0) {
        return 0;
    }
    int32_t negative = a > 0 ? utvm_wrap_sub(0, a) : a;
    int32_t t =
        utvm_one_minus_over_one_plus(utvm_exp_on_negative_values(negative, integer_bits + 1));
    return a < 0 ? utvm_wrap_sub(0, t) : t;
}

/** sum / count, ties away from zero; a count below 1 counts as 1. */
static inline int32_t utvm_rounding_divide(int32_t sum, int32_t count)
{
    count = utvm_max(count, 1);
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

/**
 * 1 / sqrt(x) as multiplier / 2^31 * 2^shift: Newton-Raphson steps on x scaled into [1/4, 1) of
 * Q3.28.
 * @param x 1 or more
 */
static inline void utvm_inverse_sqrt(int32_t x, int32_t *ret_multiplier, int32_t *ret_shift)
{
    if (x <= 1) {
        *ret_multiplier = INT32_MAX;
        *ret_shift = 0;
        return;
    }
    int32_t shift = 11;
    while (x >= 1 << 29) {
        x /= 4;
        shift++;
    }
    int32_t pairs = (__builtin_clz((uint32_t)x) - 1) / 2 - 1;
    shift -= pairs;
    x <<= 2 * pairs;
    int32_t half_x = utvm_rounding_divide_by_pot(x >> 1, 1);
    const int32_t three_halves = (1 << 28) + (1 << 27);
    int32_t root = 1 << 28;
    for (int i = 0; i < 5; i++) {
        int32_t cube = utvm_doubling_high_mul(utvm_doubling_high_mul(root, root), root);
        cube = utvm_saturating_shift_left(cube, 6);
        int32_t next = utvm_wrap_sub(utvm_doubling_high_mul(three_halves, root),
                                     utvm_doubling_high_mul(half_x, cube));
        root = utvm_saturating_shift_left(next, 3);
    }
    const int32_t half_sqrt_2 = 1518500250;
    root = utvm_doubling_high_mul(root, half_sqrt_2);
    if (shift < 0) {
        root = utvm_wrap_shift_left(root, -shift);
        shift = 0;
    }
    *ret_multiplier = root;
    *ret_shift = -shift;
}

/** Leading zero bits of x; 32 for 0. */
static inline int32_t utvm_count_leading_zeros(uint32_t x)
{
    return x ? __builtin_clz(x) : 32;
}

#endif
