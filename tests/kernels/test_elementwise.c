// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "kernels/operator_list.h"
#include "tests/kernels/bench.h"

/** Every int8 through a function: within `lsb` steps of the formula, saturated like the type. */
static void check_int8(uint32_t operator_id, double (*function)(double), float in_scale,
                       int32_t in_zero, float out_scale, int32_t out_zero, double lsb)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(256), in_scale, in_zero);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(256), out_scale, out_zero);
    bench_option_float(b, 0, 0.25F);
    double values[256];
    for (int i = 0; i < 256; i++) {
        values[i] = i - 128;
    }
    bench_set(b, in, values, 256);
    bench_run(b, operator_id);
    for (uint64_t i = 0; i < 256; i++) {
        double exact = function(bench_real(b, in, i)) / (double)out_scale + out_zero;
        exact = fmin(fmax(exact, -128.0), 127.0);
        double got = bench_get(b, out, i);
        cr_expect(fabs(got - exact) <= lsb, "operator %u of %g: %g instead of %g", operator_id,
                  values[i], got, exact);
    }
    bench_free(b);
}

/** The same for int16, at many values. */
static void check_int16(uint32_t operator_id, double (*function)(double), float in_scale,
                        float out_scale, double lsb)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT16, SHAPE(1000), in_scale, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT16, SHAPE(1000), out_scale, 0);
    bench_option_float(b, 0, 0.25F);
    bench_randomise(b, in, operator_id);
    bench_run(b, operator_id);
    for (uint64_t i = 0; i < 1000; i++) {
        double exact = function(bench_real(b, in, i)) / (double)out_scale;
        exact = fmin(fmax(exact, -32768.0), 32767.0);
        double got = bench_get(b, out, i);
        cr_expect(fabs(got - exact) <= lsb, "operator %u of %g: %g instead of %g", operator_id,
                  bench_get(b, in, i), got, exact);
    }
    bench_free(b);
}

static void check_float(uint32_t operator_id, double (*function)(double))
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(4, 50), 0, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(4, 50), 0, 0);
    bench_option_float(b, 0, 0.25F);
    bench_randomise(b, in, operator_id);
    bench_run(b, operator_id);
    for (uint64_t i = 0; i < 200; i++) {
        double exact = function(bench_get(b, in, i));
        double got = bench_get(b, out, i);
        cr_expect((isnan(exact) && isnan(got)) || fabs(got - exact) <= 1e-6 * (1.0 + fabs(exact)),
                  "operator %u of %g: %g instead of %g", operator_id, bench_get(b, in, i), got,
                  exact);
    }
    bench_free(b);
}

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static double relu(double x)
{
    return fmax(x, 0.0);
}

static double relu6(double x)
{
    return fmin(fmax(x, 0.0), 6.0);
}

static double relu_n1_to_1(double x)
{
    return fmin(fmax(x, -1.0), 1.0);
}

static double leaky_relu(double x)
{
    return x < 0.0 ? 0.25 * x : x;
}

static double elu(double x)
{
    return x < 0.0 ? expm1(x) : x;
}

static double hard_swish(double x)
{
    return x * relu6(x + 3.0) / 6.0;
}

static double negative(double x)
{
    return -x;
}

static double rsqrt(double x)
{
    return x > 0.0 ? 1.0 / sqrt(x) : INFINITY;
}

static double float_rsqrt(double x)
{
    return 1.0 / sqrt(x);
}

static double square(double x)
{
    return x * x;
}

Test(unary, int8_follows_the_formula)
{
    check_int8(UTVM_OPERATOR_LOGISTIC, sigmoid, 0.05F, 7, 1.0F / 256.0F, -128, 1.01);
    check_int8(UTVM_OPERATOR_LOGISTIC, sigmoid, 0.5F, -3, 1.0F / 256.0F, -128, 1.01);
    check_int8(UTVM_OPERATOR_TANH, tanh, 0.03F, -4, 1.0F / 128.0F, 0, 1.01);
    check_int8(UTVM_OPERATOR_RELU, relu, 0.1F, 5, 0.07F, -100, 0.51);
    check_int8(UTVM_OPERATOR_RELU6, relu6, 0.1F, -5, 0.1F, -5, 0.51);
    check_int8(UTVM_OPERATOR_RELU_N1_TO_1, relu_n1_to_1, 0.1F, -5, 0.1F, -5, 0.51);
    check_int8(UTVM_OPERATOR_LEAKY_RELU, leaky_relu, 0.1F, 20, 0.08F, -10, 1.01);
    check_int8(UTVM_OPERATOR_ELU, elu, 0.05F, 3, 0.04F, -60, 0.51);
    check_int8(UTVM_OPERATOR_HARD_SWISH, hard_swish, 0.06F, 1, 0.05F, -110, 1.6);
    check_int8(UTVM_OPERATOR_ABS, fabs, 0.06F, 10, 0.05F, -100, 0.51);
    check_int8(UTVM_OPERATOR_EXP, exp, 0.02F, 0, 0.1F, -128, 0.51);
    check_int8(UTVM_OPERATOR_RSQRT, rsqrt, 0.1F, -128, 0.02F, -128, 1.01);
}

Test(unary, int16_follows_the_formula)
{
    check_int16(UTVM_OPERATOR_LOGISTIC, sigmoid, 1.0F / 4096.0F, 1.0F / 32768.0F, 8.0);
    check_int16(UTVM_OPERATOR_LOGISTIC, sigmoid, 0.0003F, 1.0F / 32768.0F, 8.0);
    check_int16(UTVM_OPERATOR_TANH, tanh, 1.0F / 4096.0F, 1.0F / 32768.0F, 16.0);
    check_int16(UTVM_OPERATOR_TANH, tanh, 1.0F / 2048.0F, 1.0F / 32768.0F, 16.0);
    check_int16(UTVM_OPERATOR_RELU, relu, 0.001F, 0.0009F, 1.0);
    check_int16(UTVM_OPERATOR_LEAKY_RELU, leaky_relu, 0.001F, 0.0012F, 1.0);
    check_int16(UTVM_OPERATOR_ABS, fabs, 0.001F, 0.0012F, 1.0);
    check_int16(UTVM_OPERATOR_EXP, exp, 0.0001F, 0.001F, 3.0);
}

Test(unary, float_follows_the_formula)
{
    check_float(UTVM_OPERATOR_LOGISTIC, sigmoid);
    check_float(UTVM_OPERATOR_TANH, tanh);
    check_float(UTVM_OPERATOR_RELU, relu);
    check_float(UTVM_OPERATOR_RELU6, relu6);
    check_float(UTVM_OPERATOR_LEAKY_RELU, leaky_relu);
    check_float(UTVM_OPERATOR_ELU, elu);
    check_float(UTVM_OPERATOR_HARD_SWISH, hard_swish);
    check_float(UTVM_OPERATOR_ABS, fabs);
    check_float(UTVM_OPERATOR_NEG, negative);
    check_float(UTVM_OPERATOR_EXP, exp);
    check_float(UTVM_OPERATOR_LOG, log);
    check_float(UTVM_OPERATOR_SQRT, sqrt);
    check_float(UTVM_OPERATOR_RSQRT, float_rsqrt);
    check_float(UTVM_OPERATOR_SIN, sin);
    check_float(UTVM_OPERATOR_COS, cos);
    check_float(UTVM_OPERATOR_FLOOR, floor);
    check_float(UTVM_OPERATOR_CEIL, ceil);
    check_float(UTVM_OPERATOR_SQUARE, square);
}

Test(unary, round_takes_ties_to_even)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(6), 0, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(6), 0, 0);
    bench_set(b, in, VALUES(0.5, 1.5, 2.5, -0.5, -1.5, 1.2));
    bench_run(b, UTVM_OPERATOR_ROUND);
    bench_expect(b, out, 0.0, VALUES(0, 2, 2, 0, -2, 1));
    bench_free(b);
}

static double add(double x, double y)
{
    return x + y;
}

static double subtract(double x, double y)
{
    return x - y;
}

static double multiply(double x, double y)
{
    return x * y;
}

/** Broadcasts [2,1,5] with [4,1] to [2,4,5]. */
static void check_binary(uint32_t operator_id, double (*function)(double, double),
                         enum utvm_dtype dtype, float scale_1, float scale_2, float out_scale,
                         double lsb)
{
    struct bench *b = bench_create();
    bool small = dtype == UTVM_DTYPE_INT8;
    uint32_t x = bench_input(b, dtype, SHAPE(2, 1, 5), scale_1, small ? 4 : 0);
    uint32_t y = bench_input(b, dtype, SHAPE(4, 1), scale_2, small ? -9 : 0);
    uint32_t out = bench_output(b, dtype, SHAPE(2, 4, 5), out_scale, small ? 3 : 0);
    bench_randomise(b, x, 1);
    bench_randomise(b, y, 2);
    bench_run(b, operator_id);
    bool is_float = dtype == UTVM_DTYPE_FLOAT32;
    double step = is_float ? 1.0 : (double)out_scale;
    double high = small ? 127 : is_float ? 1e30 : dtype == UTVM_DTYPE_INT16 ? 32767 : 2147483647;
    for (uint64_t i = 0; i < 40; i++) {
        double exact = function(bench_real(b, x, i / 20 * 5 + i % 5), bench_real(b, y, i / 5 % 4));
        exact = exact / step + (small ? 3 : 0);
        exact = fmin(fmax(exact, -high - 1), high);
        cr_expect(fabs(bench_get(b, out, i) - exact) <= lsb,
                  "operator %u: element %u is %g, not %g", operator_id, (unsigned)i,
                  bench_get(b, out, i), exact);
    }
    bench_free(b);
}

Test(binary, broadcasts_and_follows_the_formula)
{
    check_binary(UTVM_OPERATOR_ADD, add, UTVM_DTYPE_INT8, 0.1F, 0.03F, 0.12F, 0.52);
    check_binary(UTVM_OPERATOR_SUB, subtract, UTVM_DTYPE_INT8, 0.1F, 0.03F, 0.12F, 0.52);
    check_binary(UTVM_OPERATOR_MUL, multiply, UTVM_DTYPE_INT8, 0.1F, 0.03F, 0.4F, 0.52);
    check_binary(UTVM_OPERATOR_ADD, add, UTVM_DTYPE_INT16, 0.01F, 0.003F, 0.012F, 0.7);
    check_binary(UTVM_OPERATOR_SUB, subtract, UTVM_DTYPE_INT16, 0.01F, 0.003F, 0.012F, 0.7);
    check_binary(UTVM_OPERATOR_MUL, multiply, UTVM_DTYPE_INT16, 0.01F, 0.003F, 0.9F, 0.7);
    check_binary(UTVM_OPERATOR_ADD, add, UTVM_DTYPE_FLOAT32, 0, 0, 0, 1e-6);
    check_binary(UTVM_OPERATOR_SUB, subtract, UTVM_DTYPE_FLOAT32, 0, 0, 0, 1e-6);
    check_binary(UTVM_OPERATOR_MUL, multiply, UTVM_DTYPE_FLOAT32, 0, 0, 0, 1e-6);
}

Test(binary, maximum_and_minimum_compare_as_they_are)
{
    struct bench *b = bench_create();
    uint32_t x = bench_input(b, UTVM_DTYPE_INT16, SHAPE(4), 0.5F, 0);
    uint32_t y = bench_input(b, UTVM_DTYPE_INT16, SHAPE(1), 0.5F, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT16, SHAPE(4), 0.5F, 0);
    bench_set(b, x, VALUES(-32768, -3, 7, 32767));
    bench_set(b, y, VALUES(-2));
    bench_run(b, UTVM_OPERATOR_MAXIMUM);
    bench_expect(b, out, 0, VALUES(-2, -2, 7, 32767));
    bench_run(b, UTVM_OPERATOR_MINIMUM);
    bench_expect(b, out, 0, VALUES(-32768, -3, -2, -2));
    bench_free(b);
}

Test(binary, prelu_scales_negative_values_by_alpha)
{
    struct bench *b = bench_create();
    uint32_t x = bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 0);
    uint32_t alpha = bench_input(b, UTVM_DTYPE_INT8, SHAPE(2), 0.25F, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 0);
    bench_set(b, x, VALUES(-8, -8, 6, 5));
    bench_set(b, alpha, VALUES(1, 4));
    bench_run(b, UTVM_OPERATOR_PRELU);
    bench_expect(b, out, 0, VALUES(-2, -8, 6, 5));
    bench_free(b);
}

Test(binary, comparisons_know_scales)
{
    struct bench *b = bench_create();
    uint32_t x = bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    uint32_t y = bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.25F, 10);
    uint32_t out = bench_output(b, UTVM_DTYPE_BOOL, SHAPE(4), 0, 0);
    bench_set(b, x, VALUES(2, 2, 2, -4));   /* 1, 1, 1, -2 */
    bench_set(b, y, VALUES(14, 15, 13, 2)); /* 1, 1.25, 0.75, -2 */
    bench_run(b, UTVM_OPERATOR_EQUAL);
    bench_expect(b, out, 0, VALUES(1, 0, 0, 1));
    bench_run(b, UTVM_OPERATOR_NOT_EQUAL);
    bench_expect(b, out, 0, VALUES(0, 1, 1, 0));
    bench_run(b, UTVM_OPERATOR_GREATER);
    bench_expect(b, out, 0, VALUES(0, 0, 1, 0));
    bench_run(b, UTVM_OPERATOR_GREATER_EQUAL);
    bench_expect(b, out, 0, VALUES(1, 0, 1, 1));
    bench_run(b, UTVM_OPERATOR_LESS);
    bench_expect(b, out, 0, VALUES(0, 1, 0, 0));
    bench_run(b, UTVM_OPERATOR_LESS_EQUAL);
    bench_expect(b, out, 0, VALUES(1, 1, 0, 1));
    bench_free(b);
}

Test(binary, logic_and_select_choose_elements)
{
    struct bench *b = bench_create();
    uint32_t condition = bench_input(b, UTVM_DTYPE_BOOL, SHAPE(3), 0, 0);
    uint32_t x = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(2, 3), 0, 0);
    uint32_t y = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(1), 0, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(2, 3), 0, 0);
    bench_set(b, condition, VALUES(1, 0, 1));
    bench_set(b, x, VALUES(1, 2, 3, 4, 5, 6));
    bench_set(b, y, VALUES(-1));
    bench_run(b, UTVM_OPERATOR_SELECT_V2);
    bench_expect(b, out, 0, VALUES(1, -1, 3, 4, -1, 6));
    bench_free(b);

    b = bench_create();
    x = bench_input(b, UTVM_DTYPE_BOOL, SHAPE(4), 0, 0);
    y = bench_input(b, UTVM_DTYPE_BOOL, SHAPE(4), 0, 0);
    out = bench_output(b, UTVM_DTYPE_BOOL, SHAPE(4), 0, 0);
    bench_set(b, x, VALUES(0, 0, 1, 1));
    bench_set(b, y, VALUES(0, 1, 0, 1));
    bench_run(b, UTVM_OPERATOR_LOGICAL_AND);
    bench_expect(b, out, 0, VALUES(0, 0, 0, 1));
    bench_run(b, UTVM_OPERATOR_LOGICAL_OR);
    bench_expect(b, out, 0, VALUES(0, 1, 1, 1));
    bench_free(b);
}

Test(conversion, quantize_rounds_half_away_and_saturates)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(6), 0, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(6), 0.5F, -1);
    bench_set(b, in, VALUES(0.25, -0.25, 0.2, 1000, -1e30, 10));
    bench_run(b, UTVM_OPERATOR_QUANTIZE);
    bench_expect(b, out, 0, VALUES(0, -2, -1, 127, -128, 19));
    bench_free(b);
}

Test(conversion, requantize_keeps_real_values)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_INT16, UTVM_DTYPE_INT32};
    for (int from = 0; from < 3; from++) {
        for (int to = 0; to < 3; to++) {
            if (from == 2 && to == 2) {
                continue;
            }
            struct bench *b = bench_create();
            uint32_t in = bench_input(b, types[from], SHAPE(5), 0.5F, from ? 0 : 3);
            uint32_t out = bench_output(b, types[to], SHAPE(5), 0.75F, to ? 0 : -2);
            bench_set(b, in, VALUES(-90, -1, 0, 6, 100));
            bench_run(b, UTVM_OPERATOR_QUANTIZE);
            for (uint64_t i = 0; i < 5; i++) {
                cr_expect(fabs(bench_real(b, out, i) - bench_real(b, in, i)) <= 0.376);
            }
            bench_free(b);
        }
    }
}

Test(conversion, dequantize_gives_real_values)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_UINT8, UTVM_DTYPE_INT16,
                                            UTVM_DTYPE_INT32};
    for (int i = 0; i < 4; i++) {
        struct bench *b = bench_create();
        uint32_t in = bench_input(b, types[i], SHAPE(3), 0.5F, 3);
        uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(3), 0, 0);
        bench_set(b, in, VALUES(3, 4, 103));
        bench_run(b, UTVM_OPERATOR_DEQUANTIZE);
        bench_expect(b, out, 0, VALUES(0, 0.5, 50));
        bench_free(b);
    }
}

Test(conversion, cast_cuts_saturates_and_tests)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(5), 0, 0);
    uint32_t ints = bench_output(b, UTVM_DTYPE_INT32, SHAPE(5), 0, 0);
    bench_set(b, in, VALUES(1.9, -1.9, 1e20, -1e20, NAN));
    bench_run(b, UTVM_OPERATOR_CAST);
    bench_expect(b, ints, 0, VALUES(1, -1, 2147483647, -2147483648.0, 0));
    bench_free(b);

    b = bench_create();
    in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(3), 0, 0);
    uint32_t bools = bench_output(b, UTVM_DTYPE_BOOL, SHAPE(3), 0, 0);
    bench_set(b, in, VALUES(0.5, 0, -3));
    bench_run(b, UTVM_OPERATOR_CAST);
    bench_expect(b, bools, 0, VALUES(1, 0, 1));
    bench_free(b);

    b = bench_create();
    in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(3), 0, 0);
    uint32_t floats = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(3), 0, 0);
    bench_set(b, in, VALUES(-128, 0, 127));
    bench_run(b, UTVM_OPERATOR_CAST);
    bench_expect(b, floats, 0, VALUES(-128, 0, 127));
    bench_free(b);
}
