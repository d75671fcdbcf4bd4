// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "core/import/prepare.h"
#include "kernels/kernel_table.h"
#include "kernels/operator_list.h"
#include "tests/kernels/bench.h"

Test(prepare, names_operator_and_type)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_UINT8, SHAPE(4), 0.5F, 0);
    bench_input(b, UTVM_DTYPE_UINT8, SHAPE(4), 0.5F, 0);
    bench_output(b, UTVM_DTYPE_UINT8, SHAPE(4), 0.5F, 0);
    bench_refuses(b, UTVM_OPERATOR_ADD, "operator 7 'ADD'", "uint8");
    bench_free(b);
}

Test(prepare, refuses_an_unknown_operator)
{
    struct bench *b = bench_create();
    bench_refuses(b, 9999, "operator 7", "9999");
    bench_free(b);
}

Test(prepare, refuses_a_missing_input)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    bench_refuses(b, UTVM_OPERATOR_ADD, "inputs", "2");
    b->inputs[b->num_inputs++] = UTVM_NO_INDEX;
    bench_refuses(b, UTVM_OPERATOR_ADD, "left out", "input 1");
    bench_free(b);
}

Test(prepare, refuses_an_output_that_does_not_follow)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 4), 0.5F, 0);
    bench_refuses(b, UTVM_OPERATOR_ADD, "shape [2,4]", "follow");
    bench_free(b);
}

Test(prepare, refuses_missing_quantisation)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0, 0);
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    bench_refuses(b, UTVM_OPERATOR_ADD, "0 quantisation scales", "tensor");
    bench_free(b);
}

Test(prepare, refuses_absurd_windows)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(1, 4, 4, 1), 0.5F, 0);
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(1, 4, 4, 1), 0.5F, 0);
    b->options[1] = b->options[2] = 1;
    bench_refuses(b, UTVM_OPERATOR_MAX_POOL_2D, "window of 0", "absurd");
    b->options[3] = b->options[4] = INT32_MAX;
    bench_refuses(b, UTVM_OPERATOR_MAX_POOL_2D, "window of 2147483647", "absurd");
    b->options[3] = b->options[4] = 2;
    b->options[1] = -1;
    bench_refuses(b, UTVM_OPERATOR_MAX_POOL_2D, "stride -1", "absurd");
    bench_free(b);
}

Test(prepare, refuses_empty_and_huge_tensors)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    b->tensors[in].dims[0] = 0;
    b->tensors[in].num_elems = 0;
    bench_refuses(b, UTVM_OPERATOR_RELU, "shape [0]", "no elements");
    b->tensors[in].num_elems = UINT64_C(1) << 40;
    bench_refuses(b, UTVM_OPERATOR_RELU, "tensor", "too large");
    b->tensors[in].num_elems = 4;
    b->tensors[out].num_elems = UINT64_C(1) << 33;
    bench_refuses(b, UTVM_OPERATOR_RELU, "tensor", "too large");
    bench_free(b);
}

Test(prepare, refuses_axes_and_slices_outside_of_the_tensor)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 0);
    bench_ints(b, VALUES(2));
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(2), 0.5F, 0);
    bench_refuses(b, UTVM_OPERATOR_MEAN, "axis 2", "out of range");
    bench_free(b);

    b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 0);
    uint32_t axes = bench_ints(b, VALUES(-3));
    bench_output(b, UTVM_DTYPE_INT32, SHAPE(2), 0, 0);
    bench_refuses(b, UTVM_OPERATOR_ARG_MAX, "axis -3", "out of range");
    b->tensors[axes].dims[0] = 0;
    b->tensors[axes].num_elems = 0;
    bench_refuses(b, UTVM_OPERATOR_ARG_MAX, "shape [0]", "no elements");
    bench_free(b);

    b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    bench_ints(b, VALUES(3));
    bench_ints(b, VALUES(2));
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(2), 0.5F, 0);
    bench_refuses(b, UTVM_OPERATOR_SLICE, "from 3 for 2", "4 elements");
    bench_free(b);
}

Test(prepare, refuses_a_permutation_that_is_none)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 0);
    bench_ints(b, VALUES(0, 0));
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 0);
    bench_refuses(b, UTVM_OPERATOR_TRANSPOSE, "permutation", "tensor");
    bench_free(b);
}

Test(prepare, refuses_shapes_that_are_computed_at_run_time)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 0);
    bench_input(b, UTVM_DTYPE_INT32, SHAPE(2, 2), 0, 0);
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 2), 0.5F, 0);
    bench_refuses(b, UTVM_OPERATOR_PAD, "must be a constant", "operator 7 'PAD'");
    bench_free(b);
}

Test(prepare, lets_only_unrepeated_inputs_be_overwritten)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 4), 0.5F, 0);
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 4), 0.5F, 0);
    struct utvm_graph_operator op = {.operator_id = UTVM_OPERATOR_ADD,
                                     .inputs = b->inputs,
                                     .num_inputs = 2,
                                     .outputs = b->outputs,
                                     .num_outputs = 1,
                                     .options_impl = b->options};
    struct utvm_prepared prepared;
    cr_assert_null(utvm_prepare(&b->graph, &op, &prepared));
    cr_expect_eq(prepared.in_place_inputs, 1u);
    utvm_prepared_deinit(&prepared);
    bench_free(b);
}

Test(prepare, counts_multiplications)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(1, 4, 4, 3), 0, 0);
    bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(8, 3, 3, 3), 0, 0);
    bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(1, 2, 2, 8), 0, 0);
    b->options[0] = 1;
    b->options[1] = b->options[2] = b->options[4] = b->options[5] = 1;
    struct utvm_graph_operator op = {.operator_id = UTVM_OPERATOR_CONV_2D,
                                     .inputs = b->inputs,
                                     .num_inputs = 2,
                                     .outputs = b->outputs,
                                     .num_outputs = 1,
                                     .options_impl = b->options};
    struct utvm_prepared prepared;
    cr_assert_null(utvm_prepare(&b->graph, &op, &prepared));
    cr_expect_eq(prepared.macs, 864u); /* 2 by 2 by 8 outputs of 27 taps */
    utvm_prepared_deinit(&prepared);
    bench_free(b);
}

Test(prepare, describes_every_word_of_its_params)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    bench_output(b, UTVM_DTYPE_INT8, SHAPE(4), 0.5F, 0);
    struct utvm_graph_operator op = {.operator_id = UTVM_OPERATOR_RELU,
                                     .inputs = b->inputs,
                                     .num_inputs = 1,
                                     .outputs = b->outputs,
                                     .num_outputs = 1,
                                     .options_impl = b->options};
    struct utvm_prepared prepared;
    cr_assert_null(utvm_prepare(&b->graph, &op, &prepared));
    uint32_t offset = 0;
    for (uint32_t i = 0; i < prepared.num_fields; i++) {
        cr_expect_eq(prepared.fields[i].offset_bytes, offset, "%s", prepared.fields[i].name);
        offset += 4u * prepared.fields[i].count;
    }
    cr_expect_eq(offset, prepared.params_bytes);
    utvm_prepared_deinit(&prepared);
    bench_free(b);
}

Test(operators, rows_have_names_and_ascending_ids)
{
    uint32_t last = 0;
    for (uint32_t i = 0; utvm_operator_row(i); i++) {
        const struct utvm_operator_row *row = utvm_operator_row(i);
        cr_expect(i == 0 || row->id > last);
        cr_expect_str_eq(utvm_operator_name(row->id), row->name);
        cr_expect_gt(strlen(row->types), 0u);
        last = row->id;
    }
    cr_expect_null(utvm_operator_name(9999));
}

/** The kernel of a depthwise layer of int8 without padding. */
static void expect_depthwise(uint32_t height, uint32_t width, uint32_t filter_h, uint32_t filter_w,
                             uint32_t channels, const char *kernel)
{
    struct bench *b = bench_create();
    bench_input(b, UTVM_DTYPE_INT8, SHAPE(1, height, width, channels), 0.5F, 0);
    bench_make_constant(
        b, bench_input(b, UTVM_DTYPE_INT8, SHAPE(1, filter_h, filter_w, channels), 0.5F, 0));
    bench_output(b, UTVM_DTYPE_INT8,
                 SHAPE(1, height - filter_h + 1, width - filter_w + 1, channels), 0.5F, 0);
    b->options[0] = b->options[1] = b->options[2] = b->options[5] = b->options[6] = 1;
    struct utvm_graph_operator op = {.operator_id = UTVM_OPERATOR_DEPTHWISE_CONV_2D,
                                     .version = 1,
                                     .inputs = b->inputs,
                                     .num_inputs = b->num_inputs,
                                     .outputs = b->outputs,
                                     .num_outputs = b->num_outputs,
                                     .options_impl = b->options};
    struct utvm_prepared prepared = {0};
    cr_assert_null(utvm_prepare(&b->graph, &op, &prepared));
    cr_expect_str_eq(prepared.kernel, kernel);
    utvm_prepared_deinit(&prepared);
    bench_free(b);
}

Test(prepare, copies_channels_into_planes_only_where_windows_share_pixels)
{
    expect_depthwise(15, 1, 15, 1, 8, "depthwise_conv_2d_int8_quads_dsp");
    expect_depthwise(4, 4, 3, 3, 8, "depthwise_conv_2d_int8_quads_dsp");
    expect_depthwise(28, 1, 5, 1, 8, "depthwise_conv_2d_int8_dsp");
    expect_depthwise(10, 10, 3, 3, 8, "depthwise_conv_2d_int8_dsp");
    expect_depthwise(15, 1, 15, 1, 6, "depthwise_conv_2d_int8_dsp"); // no four channels at a time
}

Test(kernels, are_found_by_name)
{
    size_t count = 0;
    for (; utvm_kernel_name(count); count++) {
        cr_expect_not_null(utvm_kernel_find(utvm_kernel_name(count)));
    }
    cr_expect_gt(count, 100u);
    cr_expect_null(utvm_kernel_find("conv_2d"));
}
