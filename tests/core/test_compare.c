// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/compare.h"
#include "core/npz.h"
#include "tests/core/fixture.h"

static struct fixture f;
static struct utvm_npz_writer *writer;
static char path[256];

static void load(void)
{
    fixture_load(&f);
    fixture_ok(utvm_npz_writer_create(&writer));
    fixture_path("golden.npz", path, sizeof(path));
}

static void end(void)
{
    utvm_session_free(f.s);
    utvm_npz_writer_free(writer);
    unlink(path);
}

static void golden(const char *key, const int8_t values[TOY_ELEMS])
{
    struct utvm_array array = {0};
    fixture_ok(utvm_array_init(&array, UTVM_DTYPE_INT8, 2, (uint32_t[]){1, TOY_ELEMS}));
    memcpy(array.data, values, TOY_ELEMS);
    fixture_ok(utvm_npz_writer_add(writer, key, &array));
    utvm_array_deinit(&array);
}

struct rows {
    struct utvm_compare_row row[16];
    char reason[16][64];
    uint32_t count;
};

static struct utvm_error *keep(void *ctx, const struct utvm_compare_row *row)
{
    struct rows *rows = ctx;
    cr_assert_lt(rows->count, 16);
    snprintf(rows->reason[rows->count], 64, "%s", row->skip_reason ? row->skip_reason : "");
    rows->row[rows->count++] = *row;
    return NULL;
}

static struct utvm_compare_summary compare(const struct utvm_compare_options *options,
                                           struct rows *rows)
{
    fixture_ok(utvm_npz_writer_save(writer, path));
    struct utvm_reference *ref = NULL;
    fixture_ok(utvm_reference_open(path, &ref));
    struct utvm_compare_summary summary = {0};
    fixture_ok(utvm_compare_run(f.s, ref, options, keep, rows, &summary));
    utvm_reference_close(ref);
    return summary;
}

static const struct utvm_compare_options exact = {.tolerance = {.is_default = true}};

TestSuite(compare, .init = load, .fini = end);

Test(compare, goes_layer_by_layer_over_an_arena_that_is_reused)
{
    golden("t11", (int8_t[]){2, 4, 6, -5});
    golden("t12", (int8_t[]){4, 8, 12, 0});
    golden("c", (int8_t[]){6, 12, 18, -5});
    golden("t14", (int8_t[]){6, 12, 18, -5});
    golden("var_16", (int8_t[]){1, 1, 1, 1});
    fixture_ok(utvm_session_continue(f.s));
    struct rows rows = {0};
    struct utvm_compare_summary summary = compare(&exact, &rows);
    cr_expect_eq(summary.num_compared, 5);
    cr_expect_eq(summary.num_failed, 0);
    cr_expect_eq(summary.num_skipped, 1);
    cr_expect_eq(summary.first_divergence, UTVM_NO_INDEX);
    cr_expect_eq(rows.row[0].tensor, TOY_A);
    cr_expect_eq(rows.row[1].tensor, TOY_FUSED);
    cr_expect(rows.row[1].skipped);
    cr_expect_eq(rows.row[2].tensor, TOY_B, "the fused layer is still spoken of");
    cr_expect_eq(rows.row[2].layer, 2);
    cr_expect_eq(rows.row[5].tensor, TOY_STATE);
    cr_expect_eq(utvm_session_status(f.s)->next_layer, TOY_LAYERS);
    fixture_expect(&f, TOY_STATE, (int8_t[]){1, 1, 1, 1}); // as after the first run
}

Test(compare, finds_the_first_divergence_and_tells_own_from_inherited_error)
{
    golden("t11", (int8_t[]){2, 4, 6, -5});
    golden("t12", (int8_t[]){4, 8, 13, 0});   // conv2 is said to be one off
    golden("t13", (int8_t[]){6, 12, 19, -5}); // and sum inherits that
    golden("t14", (int8_t[]){6, 12, 19, -5});
    struct utvm_compare_options options = exact;
    options.own_error = true;
    struct rows rows = {0};
    struct utvm_compare_summary summary = compare(&options, &rows);
    cr_expect_eq(summary.first_divergence, 2);
    cr_expect_eq(summary.num_failed, 3);
    cr_expect_eq(rows.row[0].own.num_beyond, 0);
    cr_expect_eq(rows.row[2].own.num_beyond, 1, "b: its own");
    cr_expect_eq(rows.row[3].metrics.num_beyond, 1);
    cr_expect(rows.row[3].has_own_error);
    cr_expect_eq(rows.row[3].own.num_beyond, 0, "c: inherited");
    cr_expect_eq(rows.row[3].metrics.first_beyond, 2);
    fixture_expect(&f, TOY_STATE, (int8_t[]){1, 1, 1, 1}); // run twice, and put back
}

Test(compare, allows_what_the_tolerance_allows)
{
    golden("t11", (int8_t[]){3, 4, 6, -5});
    struct utvm_compare_options options = {.tolerance = {.lsb = 1, .is_default = true}};
    struct rows rows = {0};
    struct utvm_compare_summary summary = compare(&options, &rows);
    cr_expect_eq(summary.num_failed, 0);
    cr_expect_eq(rows.row[0].metrics.num_unequal, 1);
    cr_expect_eq(rows.row[0].metrics.num_off_by_one, 1);
    cr_expect_float_eq(rows.row[0].metrics.max_abs_error, 0.5, 1e-9, "in real units");
}

Test(compare, names_a_reference_of_another_shape)
{
    struct utvm_array array = {0};
    fixture_ok(utvm_array_init(&array, UTVM_DTYPE_INT8, 1, (uint32_t[]){3}));
    fixture_ok(utvm_npz_writer_add(writer, "t11", &array));
    utvm_array_deinit(&array);
    fixture_ok(utvm_npz_writer_save(writer, path));
    struct utvm_reference *ref = NULL;
    fixture_ok(utvm_reference_open(path, &ref));
    struct rows rows = {0};
    struct utvm_compare_summary summary;
    fixture_fails(utvm_compare_run(f.s, ref, &exact, keep, &rows, &summary), UTVM_ERROR_MISMATCH,
                  "layer 0 'conv1' (CONV_2D): tensor 'a' is int8 [1, 4], its reference is int8 "
                  "[3]");
    utvm_reference_close(ref);
}

Test(compare, repeats_the_run_from_the_state_it_began_with)
{
    golden("t13", (int8_t[]){7, 13, 19, -4});
    fixture_ok(utvm_session_continue(f.s));
    fixture_ok(utvm_session_restart(f.s, false));
    fixture_ok(utvm_session_continue(f.s)); // the second run starts with state 1
    for (int i = 0; i < 2; i++) {
        struct rows rows = {0};
        struct utvm_compare_summary summary = compare(&exact, &rows);
        cr_expect_eq(summary.num_compared, 1);
        cr_expect_eq(summary.num_failed, 0);
    }
}

Test(compare, ends_at_a_fault_and_names_the_layer)
{
    golden("t13", (int8_t[]){6, 12, 18, -5});
    f.fake->fault_layer = 3;
    f.fake->fault = FAKE_FAULT_USAGE;
    fixture_ok(utvm_npz_writer_save(writer, path));
    struct utvm_reference *ref = NULL;
    fixture_ok(utvm_reference_open(path, &ref));
    struct rows rows = {0};
    struct utvm_compare_summary summary;
    fixture_fails(utvm_compare_run(f.s, ref, &exact, keep, &rows, &summary), UTVM_ERROR_FAULT,
                  "layer 3 'sum' (ADD): division by zero");
    utvm_reference_close(ref);
}
