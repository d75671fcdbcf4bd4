// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <math.h>

#include "kernels/operator_list.h"
#include "tests/kernels/bench.h"

/** An int16 tensor with the values 0, 1, 2, ... */
static uint32_t counted(struct bench *b, struct bench_shape shape)
{
    uint32_t index = bench_input(b, UTVM_DTYPE_INT16, shape, 0.5F, 0);
    double values[64];
    for (uint64_t i = 0; i < b->tensors[index].num_elems; i++) {
        values[i] = (double)i;
    }
    bench_set(b, index, values, (size_t)b->tensors[index].num_elems);
    return index;
}

static uint32_t result(struct bench *b, struct bench_shape shape)
{
    return bench_output(b, UTVM_DTYPE_INT16, shape, 0.5F, 0);
}

Test(shapes, transpose_permutes)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(2, 3, 2));
    bench_ints(b, VALUES(2, 0, 1));
    uint32_t out = result(b, SHAPE(2, 2, 3));
    bench_run(b, UTVM_OPERATOR_TRANSPOSE);
    bench_expect(b, out, 0, VALUES(0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11));
    bench_free(b);
}

Test(shapes, slice_takes_a_box)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(3, 4));
    bench_ints(b, VALUES(1, 1));
    bench_ints(b, VALUES(-1, 2));
    uint32_t out = result(b, SHAPE(2, 2));
    bench_run(b, UTVM_OPERATOR_SLICE);
    bench_expect(b, out, 0, VALUES(5, 6, 9, 10));
    bench_free(b);
}

Test(shapes, strided_slice_walks_backwards_and_drops_axes)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(3, 5));
    bench_ints(b, VALUES(-1, 0));
    bench_ints(b, VALUES(0, 0));
    bench_ints(b, VALUES(1, -2));
    uint32_t out = result(b, SHAPE(3));
    b->options[0] = 2; /* begin_mask: all of axis 1 */
    b->options[1] = 2; /* end_mask */
    b->options[4] = 1; /* shrink axis 0 */
    bench_run(b, UTVM_OPERATOR_STRIDED_SLICE);
    bench_expect(b, out, 0, VALUES(14, 12, 10));
    bench_free(b);
}

Test(shapes, pad_surrounds_with_the_zero_point)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(1, 2), 0.5F, -7);
    bench_set(b, in, VALUES(1, 2));
    bench_ints(b, VALUES(1, 0, 2, 1));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 5), 0.5F, -7);
    bench_run(b, UTVM_OPERATOR_PAD);
    bench_expect(b, out, 0, VALUES(-7, -7, -7, -7, -7, -7, -7, 1, 2, -7));
    bench_free(b);
}

Test(shapes, padv2_fills_with_its_value)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(2), 0, 0);
    bench_set(b, in, VALUES(1, 2));
    bench_ints(b, VALUES(1, 1));
    uint32_t value = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(1), 0, 0);
    bench_set(b, value, VALUES(9.5));
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(4), 0, 0);
    bench_run(b, UTVM_OPERATOR_PADV2);
    bench_expect(b, out, 0, VALUES(9.5, 1, 2, 9.5));
    bench_free(b);
}

Test(shapes, mirror_pad_reflects_with_or_without_the_border)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(1, 3));
    bench_ints(b, VALUES(0, 0, 2, 1));
    uint32_t out = result(b, SHAPE(1, 6));
    bench_run(b, UTVM_OPERATOR_MIRROR_PAD);
    bench_expect(b, out, 0, VALUES(2, 1, 0, 1, 2, 1));
    b->options[0] = 1;
    bench_run(b, UTVM_OPERATOR_MIRROR_PAD);
    bench_expect(b, out, 0, VALUES(1, 0, 0, 1, 2, 2));
    bench_free(b);
}

Test(shapes, space_and_depth_are_inverse)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(1, 2, 4, 1));
    uint32_t out = result(b, SHAPE(1, 1, 2, 4));
    b->options[0] = 2;
    bench_run(b, UTVM_OPERATOR_SPACE_TO_DEPTH);
    bench_expect(b, out, 0, VALUES(0, 1, 4, 5, 2, 3, 6, 7));
    bench_free(b);

    b = bench_create();
    counted(b, SHAPE(1, 1, 2, 8));
    out = result(b, SHAPE(1, 2, 4, 2));
    b->options[0] = 2;
    bench_run(b, UTVM_OPERATOR_DEPTH_TO_SPACE);
    bench_expect(b, out, 0, VALUES(0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15));
    bench_free(b);
}

Test(shapes, reshape_and_its_kin_copy)
{
    static const uint32_t ids[] = {UTVM_OPERATOR_RESHAPE, UTVM_OPERATOR_SQUEEZE,
                                   UTVM_OPERATOR_EXPAND_DIMS};
    for (int i = 0; i < 3; i++) {
        struct bench *b = bench_create();
        counted(b, SHAPE(1, 2, 2));
        uint32_t out = result(b, SHAPE(2, 2));
        bench_run(b, ids[i]);
        bench_expect(b, out, 0, VALUES(0, 1, 2, 3));
        bench_free(b);
    }
}

Test(shapes, broadcast_to_repeats)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(2, 1));
    bench_ints(b, VALUES(2, 3));
    uint32_t out = result(b, SHAPE(2, 3));
    bench_run(b, UTVM_OPERATOR_BROADCAST_TO);
    bench_expect(b, out, 0, VALUES(0, 0, 0, 1, 1, 1));
    bench_free(b);
}

Test(shapes, concatenation_joins_along_the_axis)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(2, 1));
    counted(b, SHAPE(2, 2));
    uint32_t out = result(b, SHAPE(2, 3));
    b->options[0] = -1;
    bench_run(b, UTVM_OPERATOR_CONCATENATION);
    bench_expect(b, out, 0, VALUES(0, 0, 1, 1, 2, 3));
    bench_free(b);
}

Test(shapes, pack_and_unpack_add_and_drop_an_axis)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(3));
    counted(b, SHAPE(3));
    uint32_t out = result(b, SHAPE(3, 2));
    b->options[1] = 1;
    bench_run(b, UTVM_OPERATOR_PACK);
    bench_expect(b, out, 0, VALUES(0, 0, 1, 1, 2, 2));
    bench_free(b);

    b = bench_create();
    counted(b, SHAPE(2, 2));
    uint32_t first = result(b, SHAPE(2));
    uint32_t second = result(b, SHAPE(2));
    b->options[1] = 1;
    bench_run(b, UTVM_OPERATOR_UNPACK);
    bench_expect(b, first, 0, VALUES(0, 2));
    bench_expect(b, second, 0, VALUES(1, 3));
    bench_free(b);
}

Test(shapes, split_divides_evenly_and_split_v_as_told)
{
    struct bench *b = bench_create();
    bench_ints(b, VALUES(1));
    counted(b, SHAPE(2, 4));
    uint32_t first = result(b, SHAPE(2, 2));
    uint32_t second = result(b, SHAPE(2, 2));
    bench_run(b, UTVM_OPERATOR_SPLIT);
    bench_expect(b, first, 0, VALUES(0, 1, 4, 5));
    bench_expect(b, second, 0, VALUES(2, 3, 6, 7));
    bench_free(b);

    b = bench_create();
    counted(b, SHAPE(4));
    bench_ints(b, VALUES(1, 3));
    bench_ints(b, VALUES(0));
    first = result(b, SHAPE(1));
    second = result(b, SHAPE(3));
    bench_run(b, UTVM_OPERATOR_SPLIT_V);
    bench_expect(b, first, 0, VALUES(0));
    bench_expect(b, second, 0, VALUES(1, 2, 3));
    bench_free(b);
}

Test(shapes, gather_picks_and_refuses_a_bad_index)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(2, 3));
    uint32_t indices = bench_input(b, UTVM_DTYPE_INT32, SHAPE(2), 0, 0);
    uint32_t out = result(b, SHAPE(2, 2));
    b->options[0] = 1;
    bench_set(b, indices, VALUES(2, 0));
    bench_run(b, UTVM_OPERATOR_GATHER);
    bench_expect(b, out, 0, VALUES(2, 0, 5, 3));
    bench_set(b, indices, VALUES(0, 3));
    cr_expect_eq(bench_status(b, UTVM_OPERATOR_GATHER), UTVM_STATUS_BAD_INDEX);
    bench_set(b, indices, VALUES(-1, 0));
    cr_expect_eq(bench_status(b, UTVM_OPERATOR_GATHER), UTVM_STATUS_BAD_INDEX);
    bench_free(b);
}

Test(shapes, reductions_agree_with_sums)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 3, 2), 0.5F, 3);
    bench_ints(b, VALUES(1));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.25F, -4);
    bench_randomise(b, in, 5);
    for (int mean = 0; mean < 2; mean++) {
        bench_run(b, mean ? UTVM_OPERATOR_MEAN : UTVM_OPERATOR_SUM);
        for (uint64_t i = 0; i < 4; i++) {
            double sum = 0.0;
            for (uint64_t k = 0; k < 3; k++) {
                sum += bench_real(b, in, i / 2 * 6 + k * 2 + i % 2);
            }
            double exact = sum / (mean ? 3.0 : 1.0) / 0.25 - 4.0;
            exact = fmin(fmax(exact, -128.0), 127.0);
            cr_expect(fabs(bench_get(b, out, i) - exact) <= 0.51);
        }
    }
    bench_free(b);
}

Test(shapes, reduce_max_and_min_find_extremes)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(2, 3), 0, 0);
    bench_ints(b, VALUES(-2));
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(3), 0, 0);
    bench_set(b, in, VALUES(1, -5, 3, 4, -6, 2));
    bench_run(b, UTVM_OPERATOR_REDUCE_MAX);
    bench_expect(b, out, 0, VALUES(4, -5, 3));
    bench_run(b, UTVM_OPERATOR_REDUCE_MIN);
    bench_expect(b, out, 0, VALUES(1, -6, 2));
    bench_free(b);
}

Test(shapes, arg_max_takes_the_first_of_equals)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 3), 0.5F, 0);
    bench_ints(b, VALUES(1));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT32, SHAPE(2), 0, 0);
    bench_set(b, in, VALUES(5, 9, 9, -1, -3, -3));
    bench_run(b, UTVM_OPERATOR_ARG_MAX);
    bench_expect(b, out, 0, VALUES(1, 0));
    bench_run(b, UTVM_OPERATOR_ARG_MIN);
    bench_expect(b, out, 0, VALUES(0, 1));
    bench_free(b);
}

Test(shapes, nearest_neighbour_repeats_pixels)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(1, 2, 2, 1));
    bench_ints(b, VALUES(4, 3));
    uint32_t out = result(b, SHAPE(1, 4, 3, 1));
    bench_run(b, UTVM_OPERATOR_RESIZE_NEAREST_NEIGHBOR);
    bench_expect(b, out, 0, VALUES(0, 0, 1, 0, 0, 1, 2, 2, 3, 2, 2, 3));
    bench_free(b);
}

Test(shapes, bilinear_interpolates)
{
    static const double expected[] = {0, 20, 40, 40, 40, 60, 80, 80};
    static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_FLOAT32};
    for (int i = 0; i < 2; i++) {
        struct bench *b = bench_create();
        uint32_t in = bench_input(b, types[i], SHAPE(1, 2, 2, 1), i ? 0.0F : 0.5F, 0);
        bench_ints(b, VALUES(2, 4));
        uint32_t out = bench_output(b, types[i], SHAPE(1, 2, 4, 1), i ? 0.0F : 0.5F, 0);
        bench_set(b, in, VALUES(0, 40, 40, 80));
        bench_run(b, UTVM_OPERATOR_RESIZE_BILINEAR);
        bench_expect(b, out, 1e-5, expected, 8);
        bench_free(b);
    }
}

Test(shapes, space_to_batch_takes_every_second_row_and_fills_with_the_zero_point)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(1, 3, 2, 1), 0.5F, 7);
    bench_set(b, in, VALUES(1, 2, 3, 4, 5, 6));
    bench_ints(b, VALUES(2, 2));
    bench_ints(b, VALUES(1, 0, 0, 2));
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(4, 2, 2, 1), 0.5F, 7);
    bench_run(b, UTVM_OPERATOR_SPACE_TO_BATCH_ND);
    /* The padded image: 7 7 7 7 / 1 2 7 7 / 3 4 7 7 / 5 6 7 7. */
    bench_expect(b, out, 0, VALUES(7, 7, 3, 7, 7, 7, 4, 7, 1, 7, 5, 7, 2, 7, 6, 7));
    bench_free(b);
}

Test(shapes, space_to_batch_puts_the_batches_inside_of_the_blocks)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(2, 4, 2));
    bench_ints(b, VALUES(2));
    bench_ints(b, VALUES(0, 0));
    uint32_t out = result(b, SHAPE(4, 2, 2));
    bench_run(b, UTVM_OPERATOR_SPACE_TO_BATCH_ND);
    bench_expect(b, out, 0, VALUES(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15));
    bench_free(b);
}

Test(shapes, batch_to_space_interleaves_and_crops)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(4, 2, 2, 1));
    bench_ints(b, VALUES(2, 2));
    bench_ints(b, VALUES(1, 0, 0, 2));
    uint32_t out = result(b, SHAPE(1, 3, 2, 1));
    bench_run(b, UTVM_OPERATOR_BATCH_TO_SPACE_ND);
    /* The whole image: 0 4 1 5 / 8 12 9 13 / 2 6 3 7 / 10 14 11 15. */
    bench_expect(b, out, 0, VALUES(8, 12, 2, 6, 10, 14));
    bench_free(b);
}

Test(shapes, blocks_that_do_not_fit_are_refused)
{
    struct bench *b = bench_create();
    counted(b, SHAPE(1, 4, 2));
    bench_ints(b, VALUES(2));
    uint32_t borders = bench_ints(b, VALUES(0, 1));
    result(b, SHAPE(2, 2, 2));
    bench_refuses(b, UTVM_OPERATOR_SPACE_TO_BATCH_ND, "shape [2,2,2]", "does not follow");
    bench_set(b, borders, VALUES(-1, 1));
    bench_refuses(b, UTVM_OPERATOR_SPACE_TO_BATCH_ND, "borders", "absurd");
    bench_free(b);
}
