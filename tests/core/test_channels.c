// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/channels.h"
#include "core/compare.h"
#include "core/npz.h"
#include "tests/core/fixture.h"

// The toy model, whose tensor c has two channels of four elements, the second of which is 7 always
// and not in memory. It is 6 12 18 -5 in memory.
#define PRUNED_ELEMS 8

static struct toy_elf elf;
static struct fixture f;

static void start(void)
{
    toy_elf_init(&elf);
    elf.num_channels = 2;
    elf.channels[1] = (struct utvm_desc_channel){.constant = 1, .value = 7};
    elf.tensors[TOY_C].dims[1] = PRUNED_ELEMS;
    elf.tensors[TOY_C].num_channels = 2;
}

TestSuite(channels, .init = start);

static void refuses(const char *text)
{
    size_t size = 0;
    uint8_t *bytes = toy_elf_build(&elf, &size);
    struct utvm_model *m = NULL;
    fixture_fails(utvm_model_parse("x.elf", bytes, size, &m), UTVM_ERROR_FORMAT, text);
    free(bytes);
}

// Before layer 4, which copies c to the output.
static void run_to_c(void)
{
    struct utvm_upload_result result;
    fixture_connect_to(&f, &elf);
    fixture_ok(utvm_session_upload(f.s, true, &result));
    fixture_set_input(&f, (int8_t[]){1, 2, 3, -9});
    fixture_ok(utvm_session_run_until(f.s, 4));
}

static struct utvm_array array_of(const int8_t values[PRUNED_ELEMS])
{
    struct utvm_array array = {0};
    fixture_ok(utvm_array_init(&array, UTVM_DTYPE_INT8, 2, (uint32_t[]){1, PRUNED_ELEMS}));
    memcpy(array.data, values, PRUNED_ELEMS);
    return array;
}

Test(channels, reads_all_elements_of_a_tensor_that_is_not_whole_in_memory)
{
    static const int8_t want[PRUNED_ELEMS] = {6, 7, 12, 7, 18, 7, -5, 7};
    struct utvm_array array = {0};
    run_to_c();
    fixture_ok(utvm_session_read_tensor(f.s, TOY_C, false, &array));
    cr_expect_eq(array.num_elems, PRUNED_ELEMS);
    cr_expect_eq(memcmp(array.data, want, sizeof(want)), 0);
    utvm_array_deinit(&array);
    utvm_session_free(f.s);
}

Test(channels, writes_what_is_in_memory)
{
    struct utvm_array array = array_of((int8_t[]){1, 7, 2, 7, 3, 7, 4, 7});
    run_to_c();
    fixture_ok(utvm_session_write_tensor(f.s, TOY_C, &array));
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){1, 2, 3, 4});
    utvm_array_deinit(&array);
    utvm_session_free(f.s);
}

Test(channels, refuses_to_change_a_constant_and_writes_nothing)
{
    struct utvm_array array = array_of((int8_t[]){1, 7, 2, 7, 3, 8, 4, 7});
    run_to_c();
    fixture_fails(utvm_session_write_tensor(f.s, TOY_C, &array), UTVM_ERROR_INVALID,
                  "tensor 'c': channel 1 is 7 for every input of the model, and not in memory: it "
                  "cannot become 8");
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
    utvm_array_deinit(&array);
    utvm_session_free(f.s);
}

Test(channels, lists_constant_channels_as_ranges)
{
    static const struct utvm_desc_channel channels[] = {{1, 0}, {1, 0}, {1, 0}, {0, 0},
                                                        {1, 5}, {0, 0}, {1, 5}, {1, 6}};
    struct utvm_tensor t = {.num_channels = 8, .channels = channels};
    char *text = utvm_constant_channels_text(&t);
    cr_expect_str_eq(text, "0-2, 4, 6-7");
    cr_expect_eq(utvm_constant_channels(&t), 6);
    free(text);
}

Test(channels, counts_the_filters_that_a_layer_does_not_compute)
{
    uint32_t constant = 99;
    fixture_connect_to(&f, &elf);
    const struct utvm_model *m = utvm_session_model(f.s);
    cr_expect_eq(utvm_layer_filters(m, &m->layers[3], &constant), 0, "ADD has none");
    cr_expect_eq(constant, 0);
    struct utvm_layer conv = m->layers[3];
    conv.operator_id = 3; // CONV_2D
    cr_expect_eq(utvm_layer_filters(m, &conv, &constant), PRUNED_ELEMS);
    cr_expect_eq(constant, 1);
    utvm_session_free(f.s);
}

static struct utvm_compare_row kept_row;

static struct utvm_error *keep_last(void *ctx, const struct utvm_compare_row *row)
{
    (void)ctx;
    kept_row = *row;
    return NULL;
}

// Feeds layer 4 with a reference's c. @return whether that gave an own error
static bool has_own_error(const int8_t c[PRUNED_ELEMS])
{
    static const struct utvm_compare_options options = {.tolerance = {.is_default = true},
                                                        .own_error = true};
    char path[256];
    fixture_path("channels.npz", path, sizeof(path));
    struct utvm_npz_writer *writer;
    struct utvm_array array = array_of(c);
    struct utvm_array output = {0};
    fixture_ok(utvm_npz_writer_create(&writer));
    fixture_ok(utvm_npz_writer_add(writer, "t13", &array));
    fixture_ok(utvm_array_init(&output, UTVM_DTYPE_INT8, 2, (uint32_t[]){1, TOY_ELEMS}));
    memcpy(output.data, (int8_t[]){6, 12, 18, -5}, TOY_ELEMS);
    fixture_ok(utvm_npz_writer_add(writer, "t14", &output));
    fixture_ok(utvm_npz_writer_save(writer, path));
    utvm_npz_writer_free(writer);
    utvm_array_deinit(&array);
    utvm_array_deinit(&output);
    struct utvm_reference *ref;
    struct utvm_compare_summary summary;
    fixture_ok(utvm_reference_open(path, &ref));
    fixture_ok(utvm_compare_run(f.s, ref, &options, keep_last, NULL, &summary));
    utvm_reference_close(ref);
    unlink(path);
    cr_expect_eq(kept_row.tensor, TOY_D);
    cr_expect_eq(kept_row.metrics.num_beyond, 0);
    return kept_row.has_own_error;
}

Test(channels, own_error_is_left_out_where_the_reference_cannot_be_fed)
{
    run_to_c();
    cr_expect(has_own_error((int8_t[]){6, 7, 12, 7, 18, 7, -5, 7}));
    cr_expect_not(has_own_error((int8_t[]){6, 7, 12, 7, 18, 7, -5, 6}));
    utvm_session_free(f.s);
}

Test(channels, description_refuses_channels_out_of_range)
{
    elf.tensors[TOY_C].first_channel = 1;
    refuses("tensor 3 'c': channels 1 to 3 of 2");
    elf.tensors[TOY_C].first_channel = 0xFFFFFFFF;
    refuses("tensor 3 'c': channels 4294967295 to 4294967297 of 2");
    elf.tensors[TOY_C].first_channel = 0;
    elf.tensors[TOY_C].num_channels = 3;
    elf.num_channels = 3;
    refuses("tensor 3 'c': channels 0 to 3 of 3"); // which do not divide its elements
}

Test(channels, description_refuses_values_that_are_none)
{
    elf.channels[1].value = 128;
    refuses("tensor 3 'c': channel 1 has no value of its type");
    elf.channels[1].value = 7;
    elf.channels[0].constant = 2;
    refuses("tensor 3 'c': channel 0 has no value of its type");
}

Test(channels, description_refuses_sizes_that_are_not_those_of_the_rest)
{
    elf.tensors[TOY_C].size_bytes = PRUNED_ELEMS;
    refuses("tensor 3 'c': its shape has 4 elements of 1 bytes, its size is 8");
    elf.channels[0].constant = 1;
    elf.tensors[TOY_C].size_bytes = 0;
    refuses("tensor 3 'c': its shape has 0 elements");
}

Test(channels, description_refuses_them_where_all_elements_must_be_in_memory)
{
    elf.tensors[TOY_C].dtype = UTVM_DTYPE_FLOAT32;
    refuses("tensor 3 'c' may not have constant channels");
    elf.tensors[TOY_C].dtype = UTVM_DTYPE_INT8;
    elf.tensors[TOY_C].flags = UTVM_TENSOR_OUTPUT;
    refuses("tensor 3 'c' may not have constant channels");
}
