// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "core/compare.h"
#include "core/npz.h"
#include "core/profile.h"
#include "tests/core/fixture.h"

/*
 * On the fake target with slots each layer takes as many cycles more as layers have run before: an
 * inference is one long history, and any layer too much or forgotten shows.
 */
static struct fixture f;

static void load_with(uint32_t num_slots)
{
    fixture_connect(&f);
    f.fake->base.info.num_slots = num_slots;
    f.fake->base.info.slots_addr = FAKE_SLOTS_ADDR;
    struct utvm_upload_result result;
    fixture_ok(utvm_session_upload(f.s, true, &result));
    fixture_set_input(&f, (int8_t[]){1, 2, 3, -9});
    utvm_session_set_snapshot_limit(f.s, 1 << 20);
}

static void load(void)
{
    load_with(FAKE_SLOTS);
}

static void end(void)
{
    utvm_session_free(f.s);
}

// Layer 2 does not run. `before` = layers that had run when the inference began.
static void expect_history(uint32_t before)
{
    uint32_t ran = before;
    for (uint32_t i = 0; i < TOY_LAYERS; i++) {
        if (i == 2) {
            continue;
        }
        cr_expect_eq(utvm_session_layer_cycles(f.s, i), fake_cycles(i) + ran, "layer %u: %u", i,
                     utvm_session_layer_cycles(f.s, i) - fake_cycles(i));
        ran++;
    }
}

TestSuite(timing_slots, .init = load, .fini = end);

Test(timing_slots, bring_the_cycles_again_after_going_back)
{
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_ok(utvm_session_back_to(f.s, 1));
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_ok(utvm_session_back_to(f.s, 0));
    fixture_ok(utvm_session_continue(f.s));
    expect_history(0);
}

Test(timing_slots, bring_the_cycles_again_where_no_snapshot_is)
{
    fixture_ok(utvm_session_continue(f.s));
    fixture_ok(utvm_session_back_to(f.s, 3)); // from the start
    fixture_ok(utvm_session_continue(f.s));
    expect_history(0);
}

Test(timing_slots, leave_a_new_inference_warm)
{
    fixture_ok(utvm_session_continue(f.s));
    fixture_ok(utvm_session_restart(f.s, false));
    fixture_ok(utvm_session_step(f.s, 2));
    fixture_ok(utvm_session_back_to(f.s, 0));
    fixture_ok(utvm_session_continue(f.s));
    expect_history(4);
}

Test(timing_slots, give_a_profile_its_cold_start_back)
{
    struct utvm_profile profile = {0};
    fixture_ok(utvm_session_continue(f.s));
    for (int i = 0; i < 2; i++) {
        fixture_ok(utvm_profile_run(f.s, 2, &profile));
        cr_expect_eq(profile.layers[0].cycles_cold, fake_cycles(0));
        cr_expect_eq(profile.layers[4].cycles_cold, fake_cycles(4) + 3);
        cr_expect_eq(profile.layers[0].cycles_max, fake_cycles(0) + 4);
        utvm_profile_deinit(&profile);
    }
}

static struct utvm_error *ignore(void *ctx, const struct utvm_compare_row *row)
{
    (void)ctx;
    (void)row;
    return NULL;
}

Test(timing_slots, make_a_comparison_repeat_the_run)
{
    char path[256];
    fixture_path("golden.npz", path, sizeof(path));
    struct utvm_npz_writer *writer = NULL;
    fixture_ok(utvm_npz_writer_create(&writer));
    struct utvm_array array = {0};
    fixture_ok(utvm_array_init(&array, UTVM_DTYPE_INT8, 2, (uint32_t[]){1, TOY_ELEMS}));
    memcpy(array.data, (int8_t[]){2, 4, 6, -5}, TOY_ELEMS);
    fixture_ok(utvm_npz_writer_add(writer, "a", &array));
    fixture_ok(utvm_npz_writer_save(writer, path));
    struct utvm_reference *reference = NULL;
    fixture_ok(utvm_reference_open(path, &reference));
    struct utvm_compare_options options = {.own_error = false};
    for (int i = 0; i < 4; i++) {
        struct utvm_compare_summary summary;
        options.own_error = i % 2 == 1;
        fixture_ok(utvm_session_restart(f.s, i > 1));
        fixture_ok(utvm_session_continue(f.s));
        fixture_ok(utvm_compare_run(f.s, reference, &options, ignore, NULL, &summary));
        cr_expect_eq(summary.num_compared, 1);
        expect_history(4 * (uint32_t)i);
    }
    utvm_reference_close(reference);
    utvm_array_deinit(&array);
    utvm_npz_writer_free(writer);
    unlink(path);
}

Test(timing_slots, are_shared_out_among_the_newest_snapshots)
{
    end();
    load_with(4); // three have their uses: one is left for snapshots
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_ok(utvm_session_step(f.s, 1));
    uint32_t calls = f.fake->num_calls;
    fixture_ok(utvm_session_back_to(f.s, 3));
    cr_expect_eq(f.fake->num_calls, calls, "a snapshot was kept here");
    fixture_ok(utvm_session_back_to(f.s, 1));
    cr_expect_eq(f.fake->num_calls, calls + 1, "the older one made room");
    fixture_ok(utvm_session_continue(f.s));
    expect_history(0);
}

Test(timing_slots, say_when_the_board_has_forgotten)
{
    fixture_ok(utvm_session_step(f.s, 2));
    memset(f.fake->filled, 0, sizeof(f.fake->filled));
    fixture_fails(utvm_session_back_to(f.s, 0), UTVM_ERROR_TARGET, "load the model again");
}

Test(timing_slots, are_left_alone_where_there_are_none)
{
    end();
    load_with(0);
    fixture_ok(utvm_session_step(f.s, 2));
    fixture_ok(utvm_session_back_to(f.s, 1));
    fixture_ok(utvm_session_continue(f.s));
    cr_expect_eq(f.fake->slot_done, 0);
    cr_expect_eq(utvm_session_layer_cycles(f.s, 4), fake_cycles(4));
}
