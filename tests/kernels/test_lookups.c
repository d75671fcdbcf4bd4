// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>

#include "kernels/operator_list.h"
#include "tests/kernels/bench.h"

/* Lookups, running sums, norms, and what follows from shapes alone. */

static uint32_t int8_input(struct bench *b, struct bench_shape shape, float scale, int32_t zero,
                           const double *values, size_t count)
{
    uint32_t index = bench_input(b, UTVM_DTYPE_INT8, shape, scale, zero);
    bench_set(b, index, values, count);
    return index;
}

static uint32_t float_input(struct bench *b, struct bench_shape shape, const double *values,
                            size_t count)
{
    uint32_t index = bench_input(b, UTVM_DTYPE_FLOAT32, shape, 0, 0);
    bench_set(b, index, values, count);
    return index;
}

/* The int8 and int16 results below are TensorFlow Lite Micro's, to the bit. */

Test(lookups, add_n_sums_many_tensors_as_the_reference_does)
{
    struct bench *b = bench_create();
    int8_input(b, SHAPE(6), 0.05F, 3, VALUES(-128, -50, -7, 0, 33, 127));
    int8_input(b, SHAPE(6), 0.05F, 3, VALUES(5, -90, 127, -128, 64, 1));
    int8_input(b, SHAPE(6), 0.05F, 3, VALUES(1, 2, 3, 4, 5, 6));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(6), 0.12F, -4);
    bench_run(b, UTVM_OPERATOR_ADD_N);
    bench_expect(b, out, 0, VALUES(-60, -67, 42, -61, 34, 47));
    b->tensors[b->inputs[2]].scales[0] = 0.06F;
    bench_refuses(b, UTVM_OPERATOR_ADD_N, "same quantisation", "operator");
    bench_free(b);
}

Test(lookups, add_n_of_floats)
{
    struct bench *b = bench_create();
    for (int i = 0; i < 3; i++) {
        float_input(b, SHAPE(2), VALUES(1.5 + i, -4));
    }
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(2), 0, 0);
    bench_run(b, UTVM_OPERATOR_ADD_N);
    bench_expect(b, out, 0, VALUES(7.5, -12));
    bench_free(b);
}

Test(lookups, cumsum_sums_along_an_axis)
{
    struct bench *b = bench_create();
    int8_input(b, SHAPE(2, 3, 1), 0.05F, 3, VALUES(-128, -50, -7, 0, 33, 127));
    bench_ints(b, VALUES(1));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 3, 1), 0.1F, -4);
    bench_run(b, UTVM_OPERATOR_CUMSUM);
    bench_expect(b, out, 0, VALUES(-71, -98, -103, -7, 8, 70));
    b->options[0] = 1; /* exclusive */
    b->options[1] = 1; /* reverse */
    bench_run(b, UTVM_OPERATOR_CUMSUM);
    bench_expect(b, out, 0, VALUES(-37, -11, -6, 72, 57, -6));
    bench_free(b);
}

Test(lookups, cumsum_of_floats_takes_inner_dimensions_apart)
{
    struct bench *b = bench_create();
    float_input(b, SHAPE(3, 2), VALUES(1, 10, 2, 20, 3, 30));
    uint32_t axis = bench_ints(b, VALUES(-2));
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(3, 2), 0, 0);
    bench_run(b, UTVM_OPERATOR_CUMSUM);
    bench_expect(b, out, 0, VALUES(1, 10, 3, 30, 6, 60));
    bench_set(b, axis, VALUES(2));
    bench_refuses(b, UTVM_OPERATOR_CUMSUM, "axis 2", "out of range");
    bench_free(b);
}

Test(lookups, l2_normalization_makes_unit_vectors)
{
    struct bench *b = bench_create();
    int8_input(b, SHAPE(2, 3), 0.1F, 3, VALUES(-128, -50, -7, 0, 33, 127));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 3), 1.0F / 128.0F, 0);
    bench_run(b, UTVM_OPERATOR_L2_NORMALIZATION);
    bench_expect(b, out, 0, VALUES(-118, -48, -9, -3, 30, 124));
    b->tensors[out].scales[0] = 0.01F;
    bench_refuses(b, UTVM_OPERATOR_L2_NORMALIZATION, "scale 1/128", "zero point 0");
    bench_free(b);
    b = bench_create();
    float_input(b, SHAPE(2, 2), VALUES(3, -4, 0, 0));
    out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(2, 2), 0, 0);
    bench_run(b, UTVM_OPERATOR_L2_NORMALIZATION);
    bench_expect(b, out, 1e-7, VALUES(0.6, -0.8, 0, 0));
    bench_free(b);
}

Test(lookups, l2_pool_is_the_root_of_the_mean_square_without_padding)
{
    struct bench *b = bench_create();
    float_input(b, SHAPE(1, 2, 2, 1), VALUES(3, -4, 1, 7));
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(1, 1, 2, 1), 0, 0);
    b->options[1] = 1; /* stride_w */
    b->options[2] = 2; /* stride_h */
    b->options[3] = 2; /* filter_w */
    b->options[4] = 2; /* filter_h */
    bench_run(b, UTVM_OPERATOR_L2_POOL_2D);
    bench_expect(b, out, 1e-6, VALUES(4.3301270189, 5.7008771255));
    bench_free(b);
}

Test(lookups, log_softmax_is_the_logarithm_of_softmax)
{
    struct bench *b = bench_create();
    float_input(b, SHAPE(2, 3), VALUES(0, 0, 0, 1000, 0, 1000));
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(2, 3), 0, 0);
    bench_run(b, UTVM_OPERATOR_LOG_SOFTMAX);
    bench_expect(b, out, 1e-4,
                 VALUES(-1.0986123, -1.0986123, -1.0986123, -0.6931472, -1000.6931, -0.6931472));
    bench_free(b);
}

Test(lookups, squared_difference_of_quantised_values_equals_the_reference)
{
    struct bench *b = bench_create();
    int8_input(b, SHAPE(6), 0.05F, 3, VALUES(-128, -50, -7, 0, 33, 127));
    int8_input(b, SHAPE(6), 0.03F, -10, VALUES(5, -90, 127, -128, 64, 1));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(6), 0.2F, -128);
    bench_run(b, UTVM_OPERATOR_SQUARED_DIFFERENCE);
    bench_expect(b, out, 0, VALUES(117, -128, -22, -71, -125, 44));
    bench_free(b);
    b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT16, SHAPE(6), 0.0005F, 0);
    bench_set(b, in, VALUES(-32768, -5000, -7, 0, 3333, 32767));
    in = bench_input(b, UTVM_DTYPE_INT16, SHAPE(6), 0.0003F, 0);
    bench_set(b, in, VALUES(5, -9000, 12700, -12800, 6400, 1));
    out = bench_output(b, UTVM_DTYPE_INT16, SHAPE(6), 0.01F, 0);
    bench_run(b, UTVM_OPERATOR_SQUARED_DIFFERENCE);
    bench_expect(b, out, 0, VALUES(26850, 4, 1454, 1475, 6, 26840));
    bench_free(b);
}

Test(lookups, floor_division_and_its_remainder_have_the_sign_of_the_divisor)
{
    struct bench *b = bench_create();
    float_input(b, SHAPE(4), VALUES(7, -7, 7, -6));
    float_input(b, SHAPE(4), VALUES(2, 2, -2, 2));
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(4), 0, 0);
    bench_run(b, UTVM_OPERATOR_FLOOR_DIV);
    bench_expect(b, out, 0, VALUES(3, -4, -4, -3));
    bench_run(b, UTVM_OPERATOR_FLOOR_MOD);
    bench_expect(b, out, 0, VALUES(1, 1, -1, 0));
    bench_free(b);
}

Test(lookups, gather_nd_takes_slices_and_checks_its_indices)
{
    struct bench *b = bench_create();
    int8_input(b, SHAPE(2, 3, 2), 0.5F, 0, VALUES(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    uint32_t indices = bench_input(b, UTVM_DTYPE_INT32, SHAPE(2, 2), 0, 0);
    bench_set(b, indices, VALUES(1, 2, 0, 1));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 0);
    bench_run(b, UTVM_OPERATOR_GATHER_ND);
    bench_expect(b, out, 0, VALUES(10, 11, 2, 3));
    bench_set(b, indices, VALUES(1, 3, 0, 1));
    cr_expect_eq(bench_status(b, UTVM_OPERATOR_GATHER_ND), UTVM_STATUS_BAD_INDEX);
    bench_set(b, indices, VALUES(1, 2, -1, 1));
    cr_expect_eq(bench_status(b, UTVM_OPERATOR_GATHER_ND), UTVM_STATUS_BAD_INDEX);
    bench_free(b);
}

Test(lookups, embeddings_are_rows_of_a_table_as_they_are_or_as_real_values)
{
    struct bench *b = bench_create();
    uint32_t rows = bench_input(b, UTVM_DTYPE_INT32, SHAPE(3), 0, 0);
    bench_set(b, rows, VALUES(1, 0, 1));
    uint32_t table = int8_input(b, SHAPE(2, 2), 0.5F, 0, VALUES(1, 2, -3, 4));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(3, 2), 0.5F, 0);
    bench_run(b, UTVM_OPERATOR_EMBEDDING_LOOKUP);
    bench_expect(b, out, 0, VALUES(-3, 4, 1, 2, -3, 4));
    b->outputs[0] = bench_tensor(b, UTVM_DTYPE_FLOAT32, SHAPE(3, 2), 0, 0);
    bench_run(b, UTVM_OPERATOR_EMBEDDING_LOOKUP);
    bench_expect(b, b->outputs[0], 0, VALUES(-1.5, 2, 0.5, 1, -1.5, 2));
    bench_set(b, rows, VALUES(1, 2, 1));
    cr_expect_eq(bench_status(b, UTVM_OPERATOR_EMBEDDING_LOOKUP), UTVM_STATUS_BAD_INDEX);
    b->tensors[table].zero_points[0] = 1;
    bench_refuses(b, UTVM_OPERATOR_EMBEDDING_LOOKUP, "zero point", "tensor");
    bench_free(b);
}

Test(lookups, dynamic_update_slice_moves_the_update_inside)
{
    struct bench *b = bench_create();
    int8_input(b, SHAPE(2, 3), 0.5F, 0, VALUES(1, 2, 3, 4, 5, 6));
    int8_input(b, SHAPE(1, 2), 0.5F, 0, VALUES(70, 80));
    uint32_t starts = bench_input(b, UTVM_DTYPE_INT32, SHAPE(2), 0, 0);
    bench_set(b, starts, VALUES(1, 0));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 3), 0.5F, 0);
    bench_run(b, UTVM_OPERATOR_DYNAMIC_UPDATE_SLICE);
    bench_expect(b, out, 0, VALUES(1, 2, 3, 70, 80, 6));
    bench_set(b, starts, VALUES(-5, 9));
    bench_run(b, UTVM_OPERATOR_DYNAMIC_UPDATE_SLICE);
    bench_expect(b, out, 0, VALUES(1, 70, 80, 4, 5, 6));
    bench_free(b);
}

Test(lookups, reverse_turns_one_or_more_axes_round)
{
    struct bench *b = bench_create();
    int8_input(b, SHAPE(2, 3), 0.5F, 0, VALUES(1, 2, 3, 4, 5, 6));
    uint32_t axes = bench_ints(b, VALUES(-1));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 3), 0.5F, 0);
    bench_run(b, UTVM_OPERATOR_REVERSE_V2);
    bench_expect(b, out, 0, VALUES(3, 2, 1, 6, 5, 4));
    bench_set(b, axes, VALUES(0));
    bench_run(b, UTVM_OPERATOR_REVERSE_V2);
    bench_expect(b, out, 0, VALUES(4, 5, 6, 1, 2, 3));
    b->inputs[1] = bench_tensor(b, UTVM_DTYPE_INT32, SHAPE(2), 0, 0);
    bench_set(b, b->inputs[1], VALUES(0, 1));
    bench_make_constant(b, b->inputs[1]);
    bench_run(b, UTVM_OPERATOR_REVERSE_V2);
    bench_expect(b, out, 0, VALUES(6, 5, 4, 3, 2, 1));
    bench_set(b, b->inputs[1], VALUES(1, -1));
    bench_refuses(b, UTVM_OPERATOR_REVERSE_V2, "axis -1", "named twice");
    bench_free(b);
}

Test(lookups, shapes_and_constants_follow_from_shapes)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 3), 0.5F, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT64, SHAPE(2), 0, 0);
    bench_run(b, UTVM_OPERATOR_SHAPE);
    bench_expect(b, out, 0, VALUES(2, 3));
    b->outputs[0] = bench_tensor(b, UTVM_DTYPE_INT8, SHAPE(2, 3), 0.5F, 0);
    bench_set(b, b->outputs[0], VALUES(9, 9, 9, 9, 9, 9));
    bench_run(b, UTVM_OPERATOR_ZEROS_LIKE);
    bench_expect(b, b->outputs[0], 0, VALUES(0, 0, 0, 0, 0, 0));
    bench_free(b);
    b = bench_create();
    bench_ints(b, VALUES(3, 1));
    uint32_t other = bench_ints(b, VALUES(2, 1, 4));
    out = bench_output(b, UTVM_DTYPE_INT32, SHAPE(3), 0, 0);
    bench_run(b, UTVM_OPERATOR_BROADCAST_ARGS);
    bench_expect(b, out, 0, VALUES(2, 3, 4));
    bench_set(b, other, VALUES(2, 4, 4));
    bench_refuses(b, UTVM_OPERATOR_BROADCAST_ARGS, "cannot be broadcast", "operator");
    bench_free(b);
    b = bench_create();
    bench_ints(b, VALUES(2, 2));
    int8_input(b, SHAPE(1), 0.5F, 1, VALUES(7));
    out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 1);
    bench_run(b, UTVM_OPERATOR_FILL);
    bench_expect(b, out, 0, VALUES(7, 7, 7, 7));
    bench_free(b);
}

Test(lookups, squared_difference_of_int32_is_the_numbers_own)
{
    struct bench *b = bench_create();
    bench_set(b, bench_input(b, UTVM_DTYPE_INT32, SHAPE(3), 0, 0), VALUES(3, -4, 30000));
    bench_set(b, bench_input(b, UTVM_DTYPE_INT32, SHAPE(3), 0, 0), VALUES(1, 2, -10000));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT32, SHAPE(3), 0, 0);
    bench_run(b, UTVM_OPERATOR_SQUARED_DIFFERENCE);
    bench_expect(b, out, 0, VALUES(4, 36, 1600000000));
    bench_free(b);
}

Test(lookups, pad_of_int16_puts_zeros_around)
{
    struct bench *b = bench_create();
    bench_set(b, bench_input(b, UTVM_DTYPE_INT16, SHAPE(3), 0.5F, 0), VALUES(-32768, 2, 32767));
    uint32_t paddings = bench_input(b, UTVM_DTYPE_INT32, SHAPE(1, 2), 0, 0);
    bench_set(b, paddings, VALUES(1, 2));
    bench_make_constant(b, paddings);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT16, SHAPE(6), 0.5F, 0);
    bench_set(b, out, VALUES(9, 9, 9, 9, 9, 9));
    bench_run(b, UTVM_OPERATOR_PAD);
    bench_expect(b, out, 0, VALUES(0, -32768, 2, 32767, 0, 0));
    bench_free(b);
}
