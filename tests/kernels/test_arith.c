// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// The roundings of kernels/arith.h against their definitions in real numbers. A long double holds
// every product here exactly, so the integer results must be equal; the fixed-point functions are
// compared with the C library's.
#include <criterion/criterion.h>
#include <math.h>

#include "kernels/arith.h"
#include "tests/kernels/witness.h"

#define TWO_TO_31 2147483648.0L
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const int32_t edges[] = {
    INT32_MIN,   INT32_MIN + 1,
    -1073741825, -1073741824,
    -1073741823, -65537,
    -65536,      -32769,
    -32768,      -3,
    -2,          -1,
    0,           1,
    2,           3,
    32767,       32768,
    65535,       65536,
    1073741823,  1073741824,
    1073741825,  INT32_MAX - 1,
    INT32_MAX,   715827883,
    -715827883,  1518500250,
};

// Numbers without a pattern, the same in every run.
static int32_t scatter(uint32_t i)
{
    uint32_t x = i * 2654435761u + 12345u;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    return (int32_t)x;
}

static int32_t sample(uint32_t i)
{
    return i < COUNT(edges) ? edges[i] : scatter(i);
}

// The result itself, having shown it.
static int32_t shown(int32_t result)
{
    if (witness) {
        witness(NULL, &result, sizeof(result));
    }
    return result;
}

static long double ties_up(long double x)
{
    return floorl(x + 0.5L);
}

static long double saturated(long double x, long double low, long double high)
{
    return x < low ? low : x > high ? high : x;
}

static long double in_32(long double x)
{
    return saturated(x, INT32_MIN, INT32_MAX);
}

// Multipliers as the quantisation of a scale gives them: 2^30 to 2^31 - 1.
static int32_t multiplier(uint32_t i)
{
    static const int32_t some[] = {1 << 30, (1 << 30) + 1, INT32_MAX, INT32_MAX - 1, 1518500250};
    return i < COUNT(some) ? some[i] : (int32_t)((uint32_t)scatter(i) % (1u << 30)) + (1 << 30);
}

Test(arith, wraps_instead_of_overflowing)
{
    cr_expect_eq(shown(utvm_wrap_add(INT32_MAX, 1)), INT32_MIN);
    cr_expect_eq(shown(utvm_wrap_sub(INT32_MIN, 1)), INT32_MAX);
    cr_expect_eq(shown(utvm_wrap_mul(65536, 65537)), 65536);
    cr_expect_eq(shown(utvm_wrap_shift_left(3, 31)), INT32_MIN);
}

Test(arith, clamps_to_both_ends)
{
    cr_expect_eq(shown(utvm_clamp(-5, -4, 7)), -4);
    cr_expect_eq(shown(utvm_clamp(8, -4, 7)), 7);
    cr_expect_eq(shown(utvm_clamp(-4, -4, 7)), -4);
    cr_expect_eq(shown(utvm_clamp(2, -4, 7)), 2);
    cr_expect_eq(utvm_clamp_f32(-0.5F, 0.0F, 6.0F), 0.0F);
    cr_expect_eq(utvm_clamp_f32(6.5F, 0.0F, 6.0F), 6.0F);
    cr_expect_eq(utvm_clamp_f32(3.5F, 0.0F, 6.0F), 3.5F);
}

Test(arith, doubling_high_mul_rounds_ties_up_and_saturates)
{
    for (uint32_t i = 0; i < 200; i++) {
        for (uint32_t k = 0; k < 200; k++) {
            int32_t a = sample(i);
            int32_t b = sample(k);
            long double exact = in_32(ties_up((long double)a * b / TWO_TO_31));
            cr_assert_eq(shown(utvm_doubling_high_mul(a, b)), (int32_t)exact, "%d by %d", a, b);
        }
    }
}

Test(arith, doubling_high_mul_of_int16_rounds_ties_up_and_saturates)
{
    for (uint32_t i = 0; i < 300; i++) {
        for (uint32_t k = 0; k < 300; k++) {
            int32_t a = (int16_t)(sample(i) >> (i % 3 ? 16 : 0));
            int32_t b = (int16_t)(sample(k) >> (k % 3 ? 16 : 0));
            long double exact = saturated(ties_up((long double)(a * b) / 32768.0L), -32768, 32767);
            cr_assert_eq(shown(utvm_doubling_high_mul_int16(a, b)), (int32_t)exact, "%d by %d", a,
                         b);
        }
    }
    cr_expect_eq(shown(utvm_doubling_high_mul_int16(INT16_MIN, INT16_MIN)), INT16_MAX);
}

Test(arith, divides_by_powers_of_two_with_ties_away_from_zero)
{
    for (int32_t exponent = 0; exponent <= 31; exponent++) {
        for (uint32_t i = 0; i < 300; i++) {
            int32_t x = sample(i);
            long double exact = roundl(ldexpl((long double)x, -exponent));
            cr_assert_eq(shown(utvm_rounding_divide_by_pot(x, exponent)), (int32_t)exact,
                         "%d by 2^%d", x, exponent);
        }
        int32_t tie = exponent ? (int32_t)(UINT32_C(1) << (exponent - 1)) : 0;
        cr_assert_eq(
            shown(utvm_rounding_divide_by_pot(tie == INT32_MIN ? INT32_MAX : tie, exponent)),
            tie == 0 || tie == INT32_MIN ? tie != 0 : 1);
    }
}

Test(arith, shifts_left_with_saturation)
{
    for (int32_t exponent = 0; exponent <= 30; exponent++) {
        for (uint32_t i = 0; i < 100; i++) {
            int32_t x = sample(i) >> (i % 20);
            long double exact = in_32(ldexpl((long double)x, exponent));
            cr_assert_eq(shown(utvm_saturating_shift_left(x, exponent)), (int32_t)exact,
                         "%d by 2^%d", x, exponent);
        }
    }
}

static int32_t requantized(int32_t x, int32_t m, int32_t shift)
{
    long double product = ldexpl((long double)x, shift > 0 ? shift : 0) * m;
    return (int32_t)roundl(ldexpl(ties_up(product / TWO_TO_31), shift > 0 ? 0 : shift));
}

Test(arith, requantize_rounds_twice)
{
    for (int32_t shift = -31; shift <= 30; shift++) {
        for (uint32_t i = 0; i < 400; i++) {
            // The left shift must not overflow.
            int32_t x = sample(i) >> (shift > 0 ? shift : 0);
            int32_t m = multiplier(i % 37);
            cr_assert_eq(shown(utvm_requantize(x, m, shift)), requantized(x, m, shift),
                         "%d by %d, shift %d", x, m, shift);
        }
    }
    cr_expect_eq(shown(utvm_requantize(12345, 0, 0)), 0);
    // Two roundings: 5/8 of the first is 0.625 -> 1, and half of that is 0.5 -> 1; once, 0.3125 ->
    // 0.
    cr_expect_eq(shown(utvm_requantize(1, 5 << 28, -1)), 1);
}

Test(arith, the_fast_forms_of_requantize_are_equal_within_their_bounds)
{
    for (int32_t shift = -31; shift <= 0; shift++) {
        for (uint32_t i = 0; i < 400; i++) {
            int32_t x = sample(i) / 2 + (i % 2 ? -1 : 0);
            x = utvm_clamp(x, -(1 << 30) + 1, (1 << 30) - 1);
            int32_t m = multiplier(i % 41);
            cr_assert_eq(shown(utvm_requantize_bounded(x, m, shift)), requantized(x, m, shift),
                         "%d by %d, shift %d", x, m, shift);
        }
        for (int32_t x = -300; x < 300; x++) {
            cr_assert_eq(shown(utvm_requantize_bounded(x, 1 << 30, shift)),
                         requantized(x, 1 << 30, shift), "%d, shift %d", x, shift);
        }
    }
}

Test(arith, requantize_of_int64_rounds_once_with_15_bits_of_multiplier)
{
    static const int64_t wide[] = {0,
                                   1,
                                   -1,
                                   3,
                                   -3,
                                   32767,
                                   -32768,
                                   INT64_C(1) << 40,
                                   -(INT64_C(1) << 40) - 1,
                                   (INT64_C(1) << 47) - 1};
    for (int32_t shift = -31; shift <= 7; shift++) {
        for (uint32_t i = 0; i < 400; i++) {
            int64_t x = i < COUNT(wide) ? wide[i] : (int64_t)scatter(i) * (1 + i % 30000);
            int32_t m = multiplier(i % 43);
            long double reduced = saturated(ties_up(m / 65536.0L), 0, 32767);
            long double exact = ties_up(ldexpl((long double)x * reduced, shift - 15));
            if (exact <= INT32_MAX && exact >= INT32_MIN) {
                cr_assert_eq(shown(utvm_requantize_int64(x, m, shift)), (int32_t)exact,
                             "%lld by %d, shift %d", (long long)x, m, shift);
            }
        }
    }
}

Test(arith, divisions_round_ties_away_from_zero)
{
    for (uint32_t i = 0; i < 300; i++) {
        int32_t a = sample(i);
        int32_t b = sample(3 * i + 1);
        cr_assert_eq(shown(utvm_rounding_half_sum(a, b)), (int32_t)roundl(((long double)a + b) / 2),
                     "%d and %d", a, b);
    }
    for (int32_t sum = -100; sum <= 100; sum++) {
        for (int32_t count = 1; count <= 9; count++) {
            cr_assert_eq(shown(utvm_rounding_divide(sum, count)),
                         (int32_t)roundl((long double)sum / count), "%d by %d", sum, count);
        }
    }
    cr_expect_eq(shown(utvm_rounding_divide(7, 0)), 7);
    cr_expect_eq(shown(utvm_rounding_divide(-7, -2)), -7);
}

// How far a Q0.31 result may be from the real function.
static void near(int32_t got, double exact, double limit, double at)
{
    (void)shown(got);
    cr_assert(fabs(got / 2147483648.0 - exact) <= limit, "at %.17g: %.17g, not %.17g", at,
              got / 2147483648.0, exact);
}

Test(arith, exp_of_negative_values_is_near)
{
    for (int32_t bits = 0; bits <= 6; bits++) {
        cr_expect_eq(shown(utvm_exp_on_negative_values(0, bits)), INT32_MAX);
        for (uint32_t i = 1; i < 3000; i++) {
            int32_t a = -(int32_t)((uint32_t)scatter(i) >> (1 + i % 12));
            double x = ldexp(a, bits - 31);
            near(utvm_exp_on_negative_values(a, bits), exp(x), 2.4e-7, x);
        }
    }
    // From -32 on it is 0 exactly; the series would leave some bits.
    cr_expect_eq(shown(utvm_exp_on_negative_values(-(1 << 30) - 1, 6)), 0);
    cr_expect_eq(shown(utvm_exp_on_negative_values(INT32_MIN, 6)), 0);
}

Test(arith, reciprocals_are_near)
{
    for (uint32_t i = 0; i < 3000; i++) {
        int32_t a = i == 0 ? 0 : i == 1 ? INT32_MAX : (int32_t)((uint32_t)scatter(i) >> 1);
        double x = ldexp(a, -31);
        near(utvm_one_over_one_plus(a), 1 / (1 + x), 3.3e-9, x);
        near(utvm_one_minus_over_one_plus(a), (1 - x) / (1 + x), 6.5e-9, x);
    }
}

Test(arith, logistic_and_tanh_are_near_and_symmetric)
{
    for (int32_t bits = 0; bits <= 5; bits++) {
        cr_expect_eq(shown(utvm_logistic_fixed(0, bits)), 1 << 30);
        cr_expect_eq(shown(utvm_tanh_fixed(0, bits)), 0);
        for (uint32_t i = 0; i < 2000; i++) {
            int32_t a = (int32_t)((uint32_t)scatter(i) >> (1 + i % 8)) | 1;
            double x = ldexp(a, bits - 31);
            near(utvm_logistic_fixed(a, bits), 1 / (1 + exp(-x)), 7.5e-8, x);
            near(utvm_tanh_fixed(a, bits), tanh(x), 1.5e-7, x);
            cr_assert_eq(shown(utvm_logistic_fixed(-a, bits)),
                         INT32_MAX - utvm_logistic_fixed(a, bits));
            cr_assert_eq(shown(utvm_tanh_fixed(-a, bits)), -utvm_tanh_fixed(a, bits));
        }
    }
}

Test(arith, inverse_square_root_is_near_for_every_magnitude)
{
    int32_t m = 0;
    int32_t shift = 0;
    utvm_inverse_sqrt(1, &m, &shift);
    cr_expect_eq(m, INT32_MAX);
    cr_expect_eq(shift, 0);
    for (uint32_t i = 0; i < 3000; i++) {
        int32_t x = (int32_t)((uint32_t)scatter(i) >> (1 + i % 30));
        x = i < 40    ? (int32_t)i + 2
            : i == 40 ? INT32_MAX
            : i < 60  ? (1 << 29) - 50 + (int32_t)i
                      : x;
        if (x < 2) {
            continue;
        }
        utvm_inverse_sqrt(x, &m, &shift);
        (void)shown(m);
        (void)shown(shift);
        double got = ldexp(m, shift - 31);
        cr_assert(fabs(got * sqrt(x) - 1) <= 1.3e-6, "of %d: %.17g off by %g", x, got,
                  got * sqrt(x) - 1);
    }
}

Test(arith, leading_zeros_are_counted)
{
    cr_expect_eq(shown(utvm_count_leading_zeros(0)), 32);
    cr_expect_eq(shown(utvm_count_leading_zeros(1)), 31);
    cr_expect_eq(shown(utvm_count_leading_zeros(UINT32_MAX)), 0);
}
