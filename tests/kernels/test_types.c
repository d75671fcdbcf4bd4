// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Operators in the types that the other tests of kernels leave out: each against its formula.
#include <criterion/criterion.h>
#include <math.h>

#include "kernels/operator_list.h"
#include "tests/kernels/bench.h"

// An operator of two inputs on given values, [4] each, to an output of another type.
static void check_pair(uint32_t operator_id, enum utvm_dtype dtype, enum utvm_dtype out_dtype,
                       const double *x, const double *y, const double *expected)
{
    struct bench *b = bench_create();
    float scale = dtype == UTVM_DTYPE_INT8 || dtype == UTVM_DTYPE_INT16 ? 0.5F : 0.0F;
    uint32_t in_1 = bench_input(b, dtype, SHAPE(4), scale, 0);
    uint32_t in_2 = bench_input(b, dtype, SHAPE(4), scale, 0);
    uint32_t out =
        bench_output(b, out_dtype, SHAPE(4), out_dtype == UTVM_DTYPE_BOOL ? 0.0F : scale, 0);
    bench_set(b, in_1, x, 4);
    bench_set(b, in_2, y, 4);
    bench_run(b, operator_id);
    for (uint64_t i = 0; i < 4; i++) {
        cr_expect(fabs(bench_get(b, out, i) - expected[i]) <= 1e-6 * fabs(expected[i]),
                  "operator %u, type %d, element %u: %g, not %g", operator_id, (int)dtype,
                  (unsigned)i, bench_get(b, out, i), expected[i]);
    }
    bench_free(b);
}

#define FOUR(...) ((const double[4]){__VA_ARGS__})

Test(types, int32_is_added_subtracted_and_multiplied_as_it_is)
{
    const double *x = FOUR(7, -100000, 3, 0);
    const double *y = FOUR(-9, 30000, 3, 5);
    enum utvm_dtype type = UTVM_DTYPE_INT32;
    check_pair(UTVM_OPERATOR_ADD, type, type, x, y, FOUR(-2, -70000, 6, 5));
    check_pair(UTVM_OPERATOR_SUB, type, type, x, y, FOUR(16, -130000, 0, -5));
    check_pair(UTVM_OPERATOR_MUL, type, type, FOUR(7, -1000, 3, 0), FOUR(-9, 3000, 3, 5),
               FOUR(-63, -3000000, 9, 0));
}

Test(types, float_is_divided_and_its_difference_squared)
{
    enum utvm_dtype type = UTVM_DTYPE_FLOAT32;
    const double *x = FOUR(1, -3, 0, 10);
    const double *y = FOUR(4, 2, 5, -4);
    check_pair(UTVM_OPERATOR_DIV, type, type, x, y, FOUR(0.25, -1.5, 0, -2.5));
    check_pair(UTVM_OPERATOR_SQUARED_DIFFERENCE, type, type, x, y, FOUR(9, 25, 25, 196));
}

Test(types, division_applies_its_activation)
{
    struct bench *b = bench_create();
    uint32_t x = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(3), 0, 0);
    uint32_t y = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(1), 0, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(3), 0, 0);
    bench_set(b, x, VALUES(-4, 4, 40));
    bench_set(b, y, VALUES(2));
    b->options[0] = 3; /* RELU6 */
    bench_run(b, UTVM_OPERATOR_DIV);
    bench_expect(b, out, 0, VALUES(0, 2, 6));
    bench_free(b);
}

Test(types, maximum_and_minimum_know_each_type)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_INT32, UTVM_DTYPE_FLOAT32};
    for (int i = 0; i < 3; i++) {
        const double *x = FOUR(-128, 5, 127, 0);
        const double *y = FOUR(3, -5, 126, 0);
        check_pair(UTVM_OPERATOR_MAXIMUM, types[i], types[i], x, y, FOUR(3, 5, 127, 0));
        check_pair(UTVM_OPERATOR_MINIMUM, types[i], types[i], x, y, FOUR(-128, -5, 126, 0));
    }
}

Test(types, comparisons_know_each_type)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_INT16, UTVM_DTYPE_INT32,
                                            UTVM_DTYPE_INT64, UTVM_DTYPE_FLOAT32};
    for (int i = 0; i < 5; i++) {
        // Every type orders negative numbers below positive ones.
        const double *x = FOUR(-100, 7, 7, 100);
        const double *y = FOUR(100, 7, 8, -100);
        enum utvm_dtype truth = UTVM_DTYPE_BOOL;
        check_pair(UTVM_OPERATOR_EQUAL, types[i], truth, x, y, FOUR(0, 1, 0, 0));
        check_pair(UTVM_OPERATOR_NOT_EQUAL, types[i], truth, x, y, FOUR(1, 0, 1, 1));
        check_pair(UTVM_OPERATOR_LESS, types[i], truth, x, y, FOUR(1, 0, 1, 0));
        check_pair(UTVM_OPERATOR_LESS_EQUAL, types[i], truth, x, y, FOUR(1, 1, 1, 0));
        check_pair(UTVM_OPERATOR_GREATER, types[i], truth, x, y, FOUR(0, 0, 0, 1));
        check_pair(UTVM_OPERATOR_GREATER_EQUAL, types[i], truth, x, y, FOUR(0, 1, 0, 1));
    }
    const double *x = FOUR(0, 0, 1, 1);
    const double *y = FOUR(0, 1, 0, 1);
    check_pair(UTVM_OPERATOR_EQUAL, UTVM_DTYPE_BOOL, UTVM_DTYPE_BOOL, x, y, FOUR(1, 0, 0, 1));
    check_pair(UTVM_OPERATOR_NOT_EQUAL, UTVM_DTYPE_BOOL, UTVM_DTYPE_BOOL, x, y, FOUR(0, 1, 1, 0));
}

Test(types, int64_is_compared_in_all_its_bits)
{
    const double high = 4294967296.0;
    check_pair(UTVM_OPERATOR_LESS, UTVM_DTYPE_INT64, UTVM_DTYPE_BOOL, FOUR(high, 1, -high, 0),
               FOUR(1, high, 0, -high), FOUR(0, 1, 1, 0));
}

Test(types, logical_not_turns_truth_round)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_BOOL, SHAPE(2), 0, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_BOOL, SHAPE(2), 0, 0);
    bench_set(b, in, VALUES(0, 1));
    bench_run(b, UTVM_OPERATOR_LOGICAL_NOT);
    bench_expect(b, out, 0, VALUES(1, 0));
    bench_free(b);
}

Test(types, select_takes_elements_of_1_2_and_4_bytes)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_INT16, UTVM_DTYPE_INT32};
    for (int i = 0; i < 3; i++) {
        struct bench *b = bench_create();
        float scale = types[i] == UTVM_DTYPE_INT32 ? 0.0F : 0.5F;
        uint32_t condition = bench_input(b, UTVM_DTYPE_BOOL, SHAPE(3), 0, 0);
        uint32_t x = bench_input(b, types[i], SHAPE(3), scale, 0);
        uint32_t y = bench_input(b, types[i], SHAPE(3), scale, 0);
        uint32_t out = bench_output(b, types[i], SHAPE(3), scale, 0);
        bench_set(b, condition, VALUES(1, 0, 1));
        bench_set(b, x, VALUES(1, 2, -3));
        bench_set(b, y, VALUES(-4, -5, 6));
        bench_run(b, UTVM_OPERATOR_SELECT);
        bench_expect(b, out, 0, VALUES(1, -5, -3));
        bench_free(b);
    }
}

Test(types, prelu_scales_negative_values_in_each_type)
{
    struct bench *b = bench_create();
    uint32_t x = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(2, 2), 0, 0);
    uint32_t alpha = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(2), 0, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(2, 2), 0, 0);
    bench_set(b, x, VALUES(-8, -8, 6, 5));
    bench_set(b, alpha, VALUES(0.25, 1));
    bench_run(b, UTVM_OPERATOR_PRELU);
    bench_expect(b, out, 0, VALUES(-2, -8, 6, 5));
    bench_free(b);

    b = bench_create();
    x = bench_input(b, UTVM_DTYPE_INT16, SHAPE(2, 2), 0.5F, 0);
    alpha = bench_input(b, UTVM_DTYPE_INT8, SHAPE(2), 0.25F, 0);
    out = bench_output(b, UTVM_DTYPE_INT16, SHAPE(2, 2), 0.5F, 0);
    bench_set(b, x, VALUES(-800, -800, 600, 500));
    bench_set(b, alpha, VALUES(1, 4));
    bench_run(b, UTVM_OPERATOR_PRELU);
    bench_expect(b, out, 0, VALUES(-200, -800, 600, 500));
    bench_free(b);
}

// [2, 3] reduced along its first axis.
static void check_reduction(uint32_t operator_id, enum utvm_dtype dtype, const double *expected)
{
    struct bench *b = bench_create();
    float scale = dtype == UTVM_DTYPE_INT8 || dtype == UTVM_DTYPE_INT16 ? 0.5F : 0.0F;
    uint32_t in = bench_input(b, dtype, SHAPE(2, 3), scale, 0);
    bench_ints(b, VALUES(0));
    uint32_t out = bench_output(b, dtype, SHAPE(3), scale, 0);
    bench_set(b, in, VALUES(1, -5, 3, 4, -60, 2));
    bench_run(b, operator_id);
    double limit = scale != 0.0F && operator_id == UTVM_OPERATOR_MEAN ? 0.5 : 1e-6; // rounding
    for (uint64_t i = 0; i < 3; i++) {
        cr_expect(fabs(bench_get(b, out, i) - expected[i]) <= limit,
                  "operator %u, type %d, element %u: %g, not %g", operator_id, (int)dtype,
                  (unsigned)i, bench_get(b, out, i), expected[i]);
    }
    bench_free(b);
}

#define THREE(...) ((const double[3]){__VA_ARGS__})

Test(types, reductions_know_each_type)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_INT16, UTVM_DTYPE_INT32,
                                            UTVM_DTYPE_FLOAT32};
    for (int i = 0; i < 4; i++) {
        check_reduction(UTVM_OPERATOR_REDUCE_MAX, types[i], THREE(4, -5, 3));
        check_reduction(UTVM_OPERATOR_REDUCE_MIN, types[i], THREE(1, -60, 2));
        check_reduction(UTVM_OPERATOR_SUM, types[i], THREE(5, -65, 5));
    }
    check_reduction(UTVM_OPERATOR_MEAN, UTVM_DTYPE_FLOAT32, THREE(2.5, -32.5, 2.5));
    check_reduction(UTVM_OPERATOR_MEAN, UTVM_DTYPE_INT16, THREE(2.5, -32.5, 2.5));
}

Test(types, arg_max_and_arg_min_know_each_type)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT16, UTVM_DTYPE_INT32, UTVM_DTYPE_FLOAT32};
    for (int i = 0; i < 3; i++) {
        struct bench *b = bench_create();
        uint32_t in =
            bench_input(b, types[i], SHAPE(2, 3), types[i] == UTVM_DTYPE_INT16 ? 0.5F : 0.0F, 0);
        bench_ints(b, VALUES(1));
        uint32_t out = bench_output(b, UTVM_DTYPE_INT32, SHAPE(2), 0, 0);
        bench_set(b, in, VALUES(5, 900, 900, 1, -300, -300));
        bench_run(b, UTVM_OPERATOR_ARG_MAX);
        bench_expect(b, out, 0, VALUES(1, 0));
        bench_run(b, UTVM_OPERATOR_ARG_MIN);
        bench_expect(b, out, 0, VALUES(0, 1));
        bench_free(b);
    }
}

// 2 by 2 windows in steps of 2 over [1, 5, 5, 2] with padding SAME: the last row and column of
// windows see fewer elements, and an average divides by as many.
static void check_pool(bool average, enum utvm_dtype dtype)
{
    struct bench *b = bench_create();
    float scale = dtype == UTVM_DTYPE_FLOAT32 ? 0.0F : 0.5F;
    uint32_t in = bench_input(b, dtype, SHAPE(1, 5, 5, 2), scale, 0);
    uint32_t out = bench_output(b, dtype, SHAPE(1, 3, 3, 2), scale, 0);
    bench_randomise(b, in, 11);
    b->options[1] = b->options[2] = 2;
    b->options[3] = b->options[4] = 2;
    bench_run(b, average ? UTVM_OPERATOR_AVERAGE_POOL_2D : UTVM_OPERATOR_MAX_POOL_2D);
    for (uint64_t i = 0; i < 18; i++) {
        uint64_t y0 = i / 6 * 2;
        uint64_t x0 = i / 2 % 3 * 2;
        double sum = 0.0;
        double highest = -INFINITY;
        double count = 0.0;
        for (uint64_t y = y0; y < y0 + 2 && y < 5; y++) {
            for (uint64_t x = x0; x < x0 + 2 && x < 5; x++) {
                double value = bench_get(b, in, (y * 5 + x) * 2 + i % 2);
                sum += value;
                highest = fmax(highest, value);
                count += 1.0;
            }
        }
        double exact = average ? sum / count : highest;
        double limit = !average ? 0.0 : dtype == UTVM_DTYPE_FLOAT32 ? 1e-6 : 0.5;
        cr_expect(fabs(bench_get(b, out, i) - exact) <= limit, "element %u: %g, not %g",
                  (unsigned)i, bench_get(b, out, i), exact);
    }
    bench_free(b);
}

Test(types, pools_see_only_what_is_there_in_each_type)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_INT16, UTVM_DTYPE_FLOAT32};
    for (int i = 0; i < 3; i++) {
        check_pool(false, types[i]);
        check_pool(true, types[i]);
    }
}

// Rows of logits, each to probabilities that follow exp() within the tables' precision.
static void check_softmax(enum utvm_dtype in_type, enum utvm_dtype out_type, float in_scale,
                          float out_scale, int32_t out_zero, double limit)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, in_type, SHAPE(3, 5), in_scale, 0);
    uint32_t out = bench_output(b, out_type, SHAPE(3, 5), out_scale, out_zero);
    bench_option_float(b, 0, 1.0F);
    bench_set(b, in, VALUES(-30, 0, 10, 25, -128, 127, -128, -128, -128, -128, 7, 7, 7, 7, 7));
    bench_run(b, UTVM_OPERATOR_SOFTMAX);
    for (uint64_t row = 0; row < 3; row++) {
        double sum = 0.0;
        for (uint64_t i = 0; i < 5; i++) {
            sum += exp(bench_real(b, in, 5 * row + i));
        }
        for (uint64_t i = 5 * row; i < 5 * row + 5; i++) {
            double exact = exp(bench_real(b, in, i)) / sum;
            double highest = 1.0 - (out_zero ? (double)out_scale : 0.0);
            cr_expect(fabs(bench_real(b, out, i) - fmin(exact, highest)) <= limit,
                      "element %u: %g, not %g", (unsigned)i, bench_real(b, out, i), exact);
        }
    }
    bench_free(b);
}

Test(types, softmax_follows_the_formula)
{
    check_softmax(UTVM_DTYPE_INT8, UTVM_DTYPE_INT8, 0.05F, 1.0F / 256.0F, -128, 0.51 / 256.0);
    check_softmax(UTVM_DTYPE_INT8, UTVM_DTYPE_INT8, 0.002F, 1.0F / 256.0F, -128, 0.51 / 256.0);
    check_softmax(UTVM_DTYPE_INT8, UTVM_DTYPE_INT16, 0.05F, 1.0F / 65536.0F, -32768, 1.0 / 65536);
    check_softmax(UTVM_DTYPE_INT16, UTVM_DTYPE_INT16, 0.05F, 1.0F / 32768.0F, 0, 16.0 / 32768);
    check_softmax(UTVM_DTYPE_FLOAT32, UTVM_DTYPE_FLOAT32, 0.0F, 0.0F, 0, 1e-6);
}

Test(types, variables_are_read_and_assigned_as_they_are)
{
    static const uint32_t operators[] = {UTVM_OPERATOR_READ_VARIABLE,
                                         UTVM_OPERATOR_ASSIGN_VARIABLE};
    for (int i = 0; i < 2; i++) {
        struct bench *b = bench_create();
        uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(3), 0, 0);
        uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(3), 0, 0);
        bench_set(b, in, VALUES(1, -2, 3));
        bench_run(b, operators[i]);
        bench_expect(b, out, 0, VALUES(1, -2, 3));
        bench_free(b);
    }
}

Test(types, quantize_knows_each_type)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_UINT8, UTVM_DTYPE_INT16,
                                            UTVM_DTYPE_INT32};
    static const int32_t zeros[] = {-3, 100, 0, 0};
    static const double expected[4][4] = {
        {-1, -128, 127, -4}, {102, 0, 255, 99}, {2, -10000, 10000, -1}, {2, -10000, 10000, -1}};
    for (int i = 0; i < 4; i++) {
        struct bench *b = bench_create();
        uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(4), 0, 0);
        uint32_t out = bench_output(b, types[i], SHAPE(4), 0.5F, zeros[i]);
        bench_set(b, in, VALUES(0.75, -5000, 5000, -0.25)); /* ties away from zero */
        bench_run(b, UTVM_OPERATOR_QUANTIZE);
        bench_expect(b, out, 0, expected[i], 4);
        bench_free(b);
    }
}

Test(types, slices_and_mirrors_move_elements_of_every_size)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_INT16, UTVM_DTYPE_INT32};
    for (int i = 0; i < 3; i++) {
        struct bench *b = bench_create();
        float scale = types[i] == UTVM_DTYPE_INT32 ? 0.0F : 0.5F;
        uint32_t in = bench_input(b, types[i], SHAPE(3), scale, 0);
        uint32_t paddings = bench_ints(b, VALUES(2, 1));
        b->tensors[paddings].rank = 2;
        b->tensors[paddings].dims[0] = 1;
        b->tensors[paddings].dims[1] = 2;
        uint32_t out = bench_output(b, types[i], SHAPE(6), scale, 0);
        bench_set(b, in, VALUES(1, -2, 3));
        bench_run(b, UTVM_OPERATOR_MIRROR_PAD);
        bench_expect(b, out, 0, VALUES(3, -2, 1, -2, 3, -2));
        bench_free(b);
    }
    static const enum utvm_dtype sliced[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_INT16, UTVM_DTYPE_INT32,
                                             UTVM_DTYPE_INT64};
    for (int i = 0; i < 4; i++) {
        struct bench *b = bench_create();
        uint32_t in = bench_input(b, sliced[i], SHAPE(5), i < 2 ? 0.5F : 0.0F, 0);
        bench_ints(b, VALUES(4));
        bench_ints(b, VALUES(0));
        bench_ints(b, VALUES(-2));
        uint32_t out = bench_output(b, sliced[i], SHAPE(2), i < 2 ? 0.5F : 0.0F, 0);
        bench_set(b, in, VALUES(1, -2, 3, -4, 5));
        bench_run(b, UTVM_OPERATOR_STRIDED_SLICE);
        bench_expect(b, out, 0, VALUES(5, 3));
        bench_free(b);
    }
}

// [2, 4] by [3, 4] weights with a bias, every product in real numbers.
Test(types, fully_connected_of_int16_follows_the_formula)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT16, SHAPE(2, 4), 0.001F, 0);
    uint32_t weights = bench_input(b, UTVM_DTYPE_INT8, SHAPE(3, 4), 0.02F, 0);
    uint32_t bias = bench_input(b, UTVM_DTYPE_INT64, SHAPE(3), 0.001F * 0.02F, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT16, SHAPE(2, 3), 0.004F, 0);
    bench_randomise(b, in, 3);
    bench_randomise(b, weights, 4);
    bench_set(b, bias, VALUES(1000000, -2000000, 0));
    bench_make_constant(b, weights);
    bench_make_constant(b, bias);
    bench_run(b, UTVM_OPERATOR_FULLY_CONNECTED);
    for (uint64_t i = 0; i < 6; i++) {
        double sum = bench_real(b, bias, i % 3);
        for (uint64_t k = 0; k < 4; k++) {
            sum += bench_real(b, in, i / 3 * 4 + k) * bench_real(b, weights, i % 3 * 4 + k);
        }
        sum = fmin(fmax(sum, -32768 * 0.004), 32767 * 0.004);
        // The multiplier has 15 bits.
        cr_expect(fabs(bench_real(b, out, i) - sum) <= 0.52 * 0.004 + fabs(sum) / 32768.0,
                  "element %u: %g, not %g", (unsigned)i, bench_real(b, out, i), sum);
    }
    bench_free(b);
}

Test(types, transpose_conv_of_int8_spreads_each_pixel)
{
    struct bench *b = bench_create();
    bench_ints(b, VALUES(1, 3, 3, 1));
    uint32_t weights = bench_input(b, UTVM_DTYPE_INT8, SHAPE(1, 2, 2, 1), 0.5F, 0);
    uint32_t in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(1, 2, 2, 1), 0.5F, -1);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(1, 3, 3, 1), 0.25F, 2);
    bench_set(b, weights, VALUES(1, 2, 3, 4));
    bench_set(b, in, VALUES(0, 1, 2, 3)); /* with the zero point: 1, 2, 3, 4 */
    bench_make_constant(b, weights);
    b->options[0] = 1;
    b->options[1] = b->options[2] = 1;
    bench_run(b, UTVM_OPERATOR_TRANSPOSE_CONV);
    bench_expect(b, out, 0, VALUES(3, 6, 6, 8, 22, 18, 11, 26, 18));
    bench_free(b);
}

Test(types, batch_matmul_of_int16_follows_the_formula)
{
    struct bench *b = bench_create();
    uint32_t x = bench_input(b, UTVM_DTYPE_INT16, SHAPE(2, 4), 0.0005F, 0);
    uint32_t y = bench_input(b, UTVM_DTYPE_INT16, SHAPE(4, 3), 0.0002F, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT16, SHAPE(2, 3), 0.01F, 0);
    bench_randomise(b, x, 1);
    bench_randomise(b, y, 2);
    bench_run(b, UTVM_OPERATOR_BATCH_MATMUL);
    for (uint32_t i = 0; i < 6; i++) {
        double sum = 0.0;
        for (uint32_t k = 0; k < 4; k++) {
            sum += bench_real(b, x, i / 3 * 4 + k) * bench_real(b, y, k * 3 + i % 3);
        }
        sum = fmin(fmax(sum, -32768 * 0.01), 32767 * 0.01);
        cr_expect(fabs(bench_real(b, out, i) - sum) <= 0.52 * 0.01 + fabs(sum) / 32768.0,
                  "element %u: %g, not %g", (unsigned)i, bench_real(b, out, i), sum);
    }
    bench_free(b);
}
