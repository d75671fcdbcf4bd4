// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/session.h"
#include "tests/core/fixture.h"

static struct fixture f;

static void load(void)
{
    fixture_load(&f);
}

static void end(void)
{
    utvm_session_free(f.s);
}

static uint32_t position(void)
{
    return utvm_session_status(f.s)->next_layer;
}

static enum utvm_stop_reason reason(void)
{
    return utvm_session_status(f.s)->reason;
}

TestSuite(session, .init = load, .fini = end);

Test(session, needs_a_model_and_a_target)
{
    struct utvm_session *s = utvm_session_create();
    struct utvm_upload_result result;
    fixture_fails(utvm_session_upload(s, true, &result), UTVM_ERROR_STATE, "no model");
    fixture_fails(utvm_session_continue(s), UTVM_ERROR_STATE, "no model");
    utvm_session_free(s);
}

Test(session, needs_an_upload_before_it_runs)
{
    struct fixture other;
    fixture_connect(&other);
    fixture_fails(utvm_session_step(other.s, 1), UTVM_ERROR_STATE, "load it first");
    utvm_session_free(other.s);
}

Test(session, runs_the_whole_model_in_one_resume)
{
    f.fake->num_calls = 0;
    fixture_ok(utvm_session_continue(f.s));
    cr_expect_eq(f.fake->num_calls, 1);
    cr_expect_eq(reason(), UTVM_STOP_END);
    cr_expect_eq(position(), TOY_LAYERS);
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

Test(session, steps_one_layer_in_one_call)
{
    f.fake->num_calls = 0;
    fixture_ok(utvm_session_step(f.s, 1));
    cr_expect_eq(f.fake->num_calls, 1);
    cr_expect_eq(reason(), UTVM_STOP_STEP);
    cr_expect_eq(position(), 1);
    cr_expect_eq(utvm_session_status(f.s)->last_layer, 0);
    fixture_expect(&f, TOY_A, (int8_t[]){2, 4, 6, -5});
}

Test(session, passes_fused_layers_without_stopping)
{
    fixture_ok(utvm_session_step(f.s, 2));
    cr_expect_eq(position(), 3, "conv2 and the relu in it");
    cr_expect_eq(utvm_session_status(f.s)->last_layer, 1);
    fixture_expect(&f, TOY_B, (int8_t[]){4, 8, 12, 0});
}

Test(session, says_that_the_model_has_ended)
{
    fixture_ok(utvm_session_continue(f.s));
    fixture_fails(utvm_session_step(f.s, 1), UTVM_ERROR_STATE, "all 5 layers have run");
    fixture_fails(utvm_session_run_until(f.s, 2), UTVM_ERROR_STATE, "all 5 layers have run");
}

Test(session, refuses_to_run_backwards)
{
    fixture_ok(utvm_session_step(f.s, 2));
    fixture_fails(utvm_session_run_until(f.s, 1), UTVM_ERROR_STATE, "not ahead");
}

Test(session, subtracts_the_overhead_from_cycles)
{
    fixture_ok(utvm_session_continue(f.s));
    cr_expect_eq(utvm_session_record(f.s, 3)->cycles, fake_cycles(3) + FAKE_OVERHEAD);
    cr_expect_eq(utvm_session_layer_cycles(f.s, 3), fake_cycles(3));
    cr_expect_null(utvm_session_record(f.s, 2), "a fused layer has no record");
    uint64_t sum = fake_cycles(0) + fake_cycles(1) + fake_cycles(3) + fake_cycles(4);
    cr_expect_eq(utvm_session_status(f.s)->total_cycles, sum);
}

Test(session, counts_across_the_wrap_of_the_counter)
{
    f.fake->now = 0xFFFFFFFF - 500;
    fixture_ok(utvm_session_continue(f.s));
    cr_expect_eq(utvm_session_layer_cycles(f.s, 0), fake_cycles(0));
}

Test(session, writes_the_input_again_at_each_start)
{
    fixture_ok(utvm_session_continue(f.s));
    fixture_ok(utvm_session_restart(f.s, true)); // b has taken the image's memory meanwhile
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
    cr_expect_eq(utvm_session_status(f.s)->runs, 2);
}

Test(session, keeps_state_over_a_restart_unless_told_otherwise)
{
    fixture_ok(utvm_session_continue(f.s));
    fixture_ok(utvm_session_restart(f.s, false));
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){7, 13, 19, -4});
    fixture_expect(&f, TOY_STATE, (int8_t[]){2, 2, 2, 2});
    fixture_ok(utvm_session_restart(f.s, true));
    fixture_ok(utvm_session_step(f.s, 1));
    cr_expect(f.fake->last_flags & UTVM_RUN_RESET_STATE);
    fixture_ok(utvm_session_continue(f.s));
    cr_expect_eq(f.fake->last_flags & UTVM_RUN_RESET_STATE, 0, "with the first call only");
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

Test(session, sets_state_tensors)
{
    struct utvm_array state = {0};
    fixture_ok(utvm_array_init(&state, UTVM_DTYPE_INT8, 1, (uint32_t[]){TOY_ELEMS}));
    utvm_array_set(&state, 0, 100);
    fixture_ok(utvm_session_set_input(f.s, TOY_STATE, &state));
    utvm_array_deinit(&state);
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){106, 12, 18, -5});
}

Test(session, refuses_an_input_of_another_size)
{
    struct utvm_array value = {0};
    fixture_ok(utvm_array_init(&value, UTVM_DTYPE_INT8, 1, (uint32_t[]){5}));
    fixture_fails(utvm_session_set_input(f.s, TOY_INPUT, &value), UTVM_ERROR_INVALID,
                  "takes 4 elements of int8, not 5");
    fixture_fails(utvm_session_set_input(f.s, TOY_A, &value), UTVM_ERROR_INVALID,
                  "neither an input nor a state tensor");
    utvm_array_deinit(&value);
}

Test(session, names_the_layer_whose_kernel_failed)
{
    f.fake->status_layer = 3;
    f.fake->status = UTVM_STATUS_BAD_INDEX;
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_FAULT,
                  "layer 3 'sum' (ADD): an index tensor points outside its axis");
    cr_expect_eq(position(), 3);
    cr_expect_eq(reason(), UTVM_STOP_FAULT);
    cr_expect_eq(utvm_session_layer_cycles(f.s, 1), fake_cycles(1), "what ran before counts");
    f.fake->status_layer = FAKE_NO_LAYER;
    fixture_ok(utvm_session_step(f.s, 1));
    cr_expect_eq(position(), 4);
}

Test(session, treats_a_counter_that_does_not_tick_as_an_error)
{
    f.fake->no_counter = true;
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_TARGET, "cycle counter does not tick");
}

Test(session, notices_an_overwritten_mailbox)
{
    memset(fake_target_at(f.fake, TOY_MAILBOX, 4), 0, 4);
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_TARGET, "has been overwritten");
}

Test(session, stops_inside_a_layer_on_cancel_and_goes_on)
{
    f.fake->hang_layer = 1;
    f.cancelled = 1;
    fixture_ok(utvm_session_continue(f.s));
    const struct utvm_session_status *status = utvm_session_status(f.s);
    cr_expect_eq(reason(), UTVM_STOP_INTERRUPTED);
    cr_expect(status->interrupted);
    cr_expect_eq(position(), 1);
    cr_expect_eq(status->stop_pc, TOY_CODE + 0x20 + 8);
    cr_expect_eq(utvm_session_layer_cycles(f.s, 0), fake_cycles(0));
    cr_expect_eq(utvm_session_tensor_life(f.s, TOY_B, NULL), UTVM_LIFE_PARTIAL);
    f.cancelled = 0;
    fixture_ok(utvm_session_continue(f.s));
    cr_expect_eq(reason(), UTVM_STOP_END);
    cr_expect_not(status->interrupted);
    cr_expect_eq(f.fake->num_calls, 2, "start-up and one run; the rest was resumed");
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
    uint64_t sum = fake_cycles(0) + fake_cycles(1) + fake_cycles(3) + fake_cycles(4);
    cr_expect_eq(status->total_cycles, sum, "nothing is counted twice");
}

Test(session, finishes_an_interrupted_layer_on_step)
{
    f.fake->hang_layer = 1;
    f.cancelled = 1;
    fixture_ok(utvm_session_continue(f.s));
    f.cancelled = 0;
    fixture_ok(utvm_session_step(f.s, 1));
    cr_expect_eq(position(), 3, "the run was to the end, and was shortened");
    cr_expect_eq(reason(), UTVM_STOP_STEP);
    fixture_expect(&f, TOY_B, (int8_t[]){4, 8, 12, 0});
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

Test(session, can_restart_out_of_an_interrupted_layer)
{
    f.fake->hang_layer = 3;
    f.cancelled = 1;
    fixture_ok(utvm_session_continue(f.s));
    f.cancelled = 0;
    fixture_ok(utvm_session_restart(f.s, true));
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

Test(session, reports_a_time_out_with_the_layer)
{
    f.fake->hang_layer = 3;
    utvm_session_set_timeout(f.s, 5);
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_TIMEOUT,
                  "layer 3 'sum' (ADD): still running after 5 ms");
    cr_expect(utvm_session_status(f.s)->interrupted);
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

Test(session, gives_up_waiting_on_a_second_cancel)
{
    f.fake->hang_layer = 3;
    f.cancelled = 2;
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_CANCELLED, "abandoned");
}

Test(session, abandons_a_halt_that_does_not_come_about)
{
    f.fake->hang_layer = 1;
    f.fake->cancel_in_halt = &f.cancelled;
    f.cancelled = 1;
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_CANCELLED, "abandoned");
    f.fake->cancel_in_halt = NULL;
    f.cancelled = 0;
    fixture_ok(utvm_session_continue(f.s));
    cr_expect_eq(reason(), UTVM_STOP_END);
}

Test(session, starts_over_after_an_abandoned_run)
{
    f.fake->hang_layer = 3;
    f.cancelled = 2;
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_CANCELLED, "abandoned");
    f.cancelled = 0;
    fixture_ok(utvm_session_step(f.s, 1));
    cr_expect_eq(position(), 1);
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

Test(session, treats_a_halt_from_outside_as_an_interruption)
{
    f.fake->foreign_stop_layer = 3;
    fixture_ok(utvm_session_continue(f.s));
    cr_expect_eq(reason(), UTVM_STOP_INTERRUPTED);
    cr_expect_eq(position(), 3);
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

Test(session, keeps_model_and_input_when_the_link_is_lost)
{
    fixture_ok(utvm_session_step(f.s, 1));
    f.fake->lost = true;
    fixture_fails(utvm_session_step(f.s, 1), UTVM_ERROR_LOST, "closed the connection");
    fixture_fails(utvm_session_step(f.s, 1), UTVM_ERROR_LOST, "connect again");
    cr_expect_not(utvm_session_status(f.s)->uploaded);
    cr_expect_not_null(utvm_session_input(f.s, TOY_INPUT));
    f.fake = fake_target_create();
    utvm_session_set_target(f.s, &f.fake->base);
    cr_expect_eq(position(), 0);
    struct utvm_upload_result result;
    fixture_ok(utvm_session_upload(f.s, true, &result));
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

/* ---- faults ---------------------------------------------------------------------------------- */

Test(session, decodes_a_bus_fault_into_layer_tensor_and_address)
{
    f.fake->fault_layer = 3;
    f.fake->fault = FAKE_FAULT_BUS;
    f.fake->fault_address = TOY_ARENA + 34;
    struct utvm_error *error = utvm_session_continue(f.s);
    cr_assert_not_null(error);
    cr_expect_str_eq(error->message, "layer 3 'sum' (ADD): bus error on a data access, address "
                                     "0x20001022 (region 'arena', in tensor 'c' at byte 2), at "
                                     "instruction 0x08000264");
    cr_expect_eq(error->code, UTVM_ERROR_FAULT);
    cr_expect(error->has_address);
    cr_expect_eq(error->address, TOY_ARENA + 34);
    utvm_error_free(error);
    cr_expect_eq(position(), 3);
    cr_expect(utvm_session_status(f.s)->faulted);
    cr_expect_eq(utvm_session_status(f.s)->stop_pc, 0x08000264, "not the handler's");
    cr_expect_eq(utvm_session_layer_cycles(f.s, 1), fake_cycles(1));
}

Test(session, names_the_nearest_region_of_a_stray_address)
{
    f.fake->fault_layer = 1;
    f.fake->fault = FAKE_FAULT_BUS;
    f.fake->fault_address = TOY_ARENA + TOY_ARENA_BYTES + 3;
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_FAULT, "(4 bytes beyond region 'arena')");
}

Test(session, says_when_no_memory_is_at_the_address)
{
    f.fake->fault_layer = 1;
    f.fake->fault = FAKE_FAULT_BUS;
    f.fake->fault_address = 0xC0000000;
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_FAULT, "0xc0000000 (no memory is there)");
}

Test(session, recognises_a_stack_overflow)
{
    f.fake->fault_layer = 1;
    f.fake->fault = FAKE_FAULT_STACK;
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_FAULT, "the stack has overflowed");
}

Test(session, lets_one_look_around_after_a_fault_and_recovers_on_restart)
{
    f.fake->fault_layer = 3;
    f.fake->fault = FAKE_FAULT_USAGE;
    struct utvm_breakpoint *bp = NULL;
    fixture_ok(utvm_session_break(f.s, "softmax", UTVM_BREAK_BEFORE, false, &bp));
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_FAULT, "division by zero");
    fixture_expect(&f, TOY_A, (int8_t[]){2, 4, 6, -5});
    fixture_fails(utvm_session_step(f.s, 1), UTVM_ERROR_STATE, "stands in a fault");
    uint32_t resets = f.fake->num_resets;
    fixture_ok(utvm_session_restart(f.s, false));
    cr_expect_eq(f.fake->num_resets, resets + 1);
    cr_expect_not(utvm_session_status(f.s)->faulted);
    fixture_ok(utvm_session_continue(f.s));
    cr_expect_eq(reason(), UTVM_STOP_BREAKPOINT);
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

/* ---- the life of tensors --------------------------------------------------------------------- */

static enum utvm_tensor_life life(uint32_t tensor)
{
    return utvm_session_tensor_life(f.s, tensor, NULL);
}

Test(session, follows_the_life_of_tensors)
{
    cr_expect_eq(life(TOY_A), UTVM_LIFE_NOT_WRITTEN);
    cr_expect_eq(life(TOY_W), UTVM_LIFE_VALID);
    cr_expect_eq(life(TOY_FUSED), UTVM_LIFE_ABSENT);
    fixture_ok(utvm_session_step(f.s, 1));
    cr_expect_eq(life(TOY_INPUT), UTVM_LIFE_VALID);
    cr_expect_eq(life(TOY_A), UTVM_LIFE_VALID);
    cr_expect_eq(life(TOY_B), UTVM_LIFE_NOT_WRITTEN);
    fixture_ok(utvm_session_step(f.s, 1));
    cr_expect_eq(life(TOY_INPUT), UTVM_LIFE_OVERWRITTEN, "relu, inside conv2, wrote b there");
    cr_expect_eq(life(TOY_B), UTVM_LIFE_VALID);
    fixture_ok(utvm_session_continue(f.s));
    uint32_t by = 0;
    cr_expect_eq(utvm_session_tensor_life(f.s, TOY_A, &by), UTVM_LIFE_OVERWRITTEN);
    cr_expect_eq(by, 4);
    cr_expect_eq(life(TOY_D), UTVM_LIFE_VALID);
}

Test(session, counts_workspace_as_overwriting)
{
    static struct toy_elf elf;
    toy_elf_init(&elf);
    elf.tensors[TOY_INPUT].offset = 48; // where conv2 has its workspace
    size_t size = 0;
    uint8_t *bytes = toy_elf_build(&elf, &size);
    struct utvm_model *model = NULL;
    fixture_ok(utvm_model_parse("toy.elf", bytes, size, &model));
    free(bytes);
    utvm_session_set_model(f.s, model);
    struct utvm_upload_result result;
    fixture_ok(utvm_session_upload(f.s, true, &result));
    fixture_ok(utvm_session_step(f.s, 1));
    cr_expect_eq(life(TOY_INPUT), UTVM_LIFE_VALID);
    fixture_ok(utvm_session_step(f.s, 1));
    uint32_t by = 0;
    cr_expect_eq(utvm_session_tensor_life(f.s, TOY_INPUT, &by), UTVM_LIFE_OVERWRITTEN);
    cr_expect_eq(by, 1);
}

Test(session, explains_why_a_tensor_cannot_be_read)
{
    struct utvm_array array = {0};
    fixture_fails(utvm_session_read_tensor(f.s, TOY_C, false, &array), UTVM_ERROR_STATE,
                  "layer 3 'sum' (ADD) writes it and has not run");
    fixture_ok(utvm_session_continue(f.s));
    fixture_fails(utvm_session_read_tensor(f.s, TOY_A, false, &array), UTVM_ERROR_STATE,
                  "overwritten: layer 4 'softmax'");
    fixture_fails(utvm_session_read_tensor(f.s, TOY_FUSED, true, &array), UTVM_ERROR_STATE,
                  "fused into layer 1 'conv2'");
    fixture_ok(utvm_session_read_tensor(f.s, TOY_A, true, &array));
    cr_expect_eq((int)utvm_array_get(&array, 0), 6, "forced: what is there now");
    utvm_array_deinit(&array);
}

Test(session, shows_and_edits_the_input_before_anything_has_run)
{
    fixture_expect(&f, TOY_INPUT, (int8_t[]){1, 2, 3, -9});
    struct utvm_array value = {0};
    fixture_ok(utvm_session_read_tensor(f.s, TOY_INPUT, false, &value));
    utvm_array_set(&value, 0, 50);
    fixture_ok(utvm_session_write_tensor(f.s, TOY_INPUT, &value));
    utvm_array_deinit(&value);
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_expect(&f, TOY_A, (int8_t[]){51, 4, 6, -5});
    fixture_ok(utvm_session_restart(f.s, true));
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_expect(&f, TOY_A, (int8_t[]){51, 4, 6, -5});
}

Test(session, reads_constants_without_a_target)
{
    struct fixture other;
    fixture_connect(&other);
    utvm_session_set_target(other.s, NULL);
    fixture_expect(&other, TOY_W, (int8_t[]){1, 2, 3, 4});
    utvm_session_free(other.s);
}

Test(session, reads_constants_that_only_the_file_has)
{
    static struct toy_elf elf;
    struct fixture other;
    toy_elf_init(&elf);
    elf.tensors[TOY_W].region = TOY_HOST;
    fixture_connect_to(&other, &elf);
    struct utvm_upload_result result;
    fixture_ok(utvm_session_upload(other.s, true, &result));
    fixture_expect(&other, TOY_W, (int8_t[]){9, 8, 7, 6});
    struct utvm_array value = {0};
    fixture_ok(utvm_session_read_tensor(other.s, TOY_W, false, &value));
    fixture_fails(utvm_session_write_tensor(other.s, TOY_W, &value), UTVM_ERROR_STATE,
                  "tensor 'w' is constant and only in the model's file: no code on the device "
                  "reads it");
    utvm_array_deinit(&value);
    // It has no address, so it cannot be what lies at 0.
    other.fake->fault_layer = 1;
    other.fake->fault = FAKE_FAULT_BUS;
    other.fake->fault_address = 2;
    struct utvm_error *error = utvm_session_continue(other.s);
    cr_assert_not_null(error);
    cr_expect_null(strstr(error->message, "tensor"), "%s", error->message);
    cr_expect_null(strstr(error->message, "constants"), "%s", error->message);
    utvm_error_free(error);
    utvm_session_free(other.s);
}

Test(session, edits_a_tensor_between_layers)
{
    fixture_ok(utvm_session_step(f.s, 2));
    struct utvm_array value = {0};
    fixture_ok(utvm_session_read_tensor(f.s, TOY_B, false, &value));
    utvm_array_set(&value, 0, 0);
    fixture_ok(utvm_session_write_tensor(f.s, TOY_B, &value));
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){2, 12, 18, -5});
    fixture_fails(utvm_session_write_tensor(f.s, TOY_W, &value), UTVM_ERROR_STATE, "is constant");
    fixture_fails(utvm_session_write_tensor(f.s, TOY_A, &value), UTVM_ERROR_STATE,
                  "tensor 'probs' has its memory");
    utvm_array_deinit(&value);
}

Test(session, notices_a_reset_between_two_layers)
{
    fixture_ok(utvm_session_step(f.s, 1));
    size_t at = offsetof(struct utvm_mailbox, breakdown_addr); // start-up has zeroed it
    memset(fake_target_at(f.fake, TOY_MAILBOX + (utvm_addr)at, 4), 0, 4);
    fixture_fails(utvm_session_step(f.s, 1), UTVM_ERROR_TARGET, "the board was reset");
    fixture_fails(utvm_session_step(f.s, 1), UTVM_ERROR_STATE, "load it first");
    struct utvm_upload_result result;
    fixture_ok(utvm_session_upload(f.s, true, &result));
    fixture_ok(utvm_session_step(f.s, 1));
}

/* ---- snapshots ------------------------------------------------------------------------------- */

Test(session, goes_back_by_running_again)
{
    fixture_ok(utvm_session_continue(f.s));
    fixture_ok(utvm_session_back_to(f.s, 3));
    cr_expect_eq(position(), 3);
    cr_expect_null(utvm_session_record(f.s, 3));
    fixture_expect(&f, TOY_B, (int8_t[]){4, 8, 12, 0});
    fixture_expect(&f, TOY_STATE, (int8_t[]){0, 0, 0, 0});
    fixture_ok(utvm_session_continue(f.s));
    fixture_expect(&f, TOY_D, (int8_t[]){6, 12, 18, -5});
}

Test(session, goes_back_through_a_snapshot_without_running)
{
    utvm_session_set_snapshot_limit(f.s, 1 << 20);
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_ok(utvm_session_continue(f.s));
    uint32_t calls = f.fake->num_calls;
    fixture_ok(utvm_session_back_to(f.s, 3));
    cr_expect_eq(f.fake->num_calls, calls);
    cr_expect_eq(position(), 3);
    cr_expect_eq(utvm_session_status(f.s)->total_cycles, fake_cycles(0) + fake_cycles(1));
    fixture_expect(&f, TOY_A, (int8_t[]){2, 4, 6, -5});
    fixture_expect(&f, TOY_STATE, (int8_t[]){0, 0, 0, 0});
    fixture_ok(utvm_session_back_to(f.s, 0));
    cr_expect_eq(position(), 0);
}

Test(session, keeps_edits_in_snapshots)
{
    utvm_session_set_snapshot_limit(f.s, 1 << 20);
    fixture_ok(utvm_session_step(f.s, 1));
    struct utvm_array value = {0};
    fixture_ok(utvm_session_read_tensor(f.s, TOY_A, false, &value));
    utvm_array_set(&value, 0, 40);
    fixture_ok(utvm_session_write_tensor(f.s, TOY_A, &value));
    utvm_array_deinit(&value);
    fixture_ok(utvm_session_step(f.s, 1)); // a is alive here, with the edit
    fixture_ok(utvm_session_continue(f.s));
    fixture_ok(utvm_session_back_to(f.s, 3));
    fixture_expect(&f, TOY_A, (int8_t[]){40, 4, 6, -5});
}

Test(session, does_without_a_snapshot_whose_reading_was_interrupted)
{
    utvm_session_set_snapshot_limit(f.s, 1 << 20);
    fixture_ok(utvm_session_step(f.s, 1));
    f.fake->cancel_reads = true;
    fixture_ok(utvm_session_step(f.s, 1));
    cr_expect_eq(reason(), UTVM_STOP_INTERRUPTED);
    cr_expect_eq(position(), 3);
    f.fake->cancel_reads = false;
    fixture_ok(utvm_session_step(f.s, 1));
    uint32_t calls = f.fake->num_calls;
    fixture_ok(utvm_session_back_to(f.s, 3));
    cr_expect_eq(f.fake->num_calls, calls + 1, "not run again from the snapshot before");
    fixture_expect(&f, TOY_B, (int8_t[]){4, 8, 12, 0});
}

Test(session, drops_the_oldest_snapshot_beyond_the_limit)
{
    // One snapshot: 64 bytes of arena, 4 of state and 5 records.
    size_t one = 64 + 4 + TOY_LAYERS * (sizeof(struct utvm_layer_record) + sizeof(bool));
    utvm_session_set_snapshot_limit(f.s, one);
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_ok(utvm_session_step(f.s, 1));
    uint32_t calls = f.fake->num_calls;
    fixture_ok(utvm_session_back_to(f.s, 3));
    cr_expect_eq(f.fake->num_calls, calls, "the newest is kept");
    fixture_ok(utvm_session_back_to(f.s, 1));
    cr_expect_gt(f.fake->num_calls, calls, "the older one had to be run again");
    fixture_expect(&f, TOY_A, (int8_t[]){2, 4, 6, -5});
}

Test(session, goes_back_to_a_start_with_reset_state)
{
    struct utvm_array state = {0};
    fixture_ok(utvm_array_init(&state, UTVM_DTYPE_INT8, 1, (uint32_t[]){TOY_ELEMS}));
    utvm_array_set(&state, 0, 100);
    fixture_ok(utvm_session_set_input(f.s, TOY_STATE, &state));
    utvm_array_deinit(&state);
    fixture_ok(utvm_session_continue(f.s)); // a run that starts with 100
    fixture_ok(utvm_session_restart(f.s, true));
    fixture_ok(utvm_session_continue(f.s)); // and one that starts with 0
    fixture_ok(utvm_session_back_to(f.s, 4));
    fixture_expect(&f, TOY_C, (int8_t[]){6, 12, 18, -5});
}

Test(session, refuses_to_go_back_to_what_is_ahead)
{
    fixture_ok(utvm_session_step(f.s, 1));
    fixture_fails(utvm_session_back_to(f.s, 4), UTVM_ERROR_INVALID, "has not been reached");
}
