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

static struct utvm_breakpoint *set(const char *spec, enum utvm_break_when when)
{
    struct utvm_breakpoint *bp = NULL;
    fixture_ok(utvm_session_break(f.s, spec, when, false, &bp));
    return bp;
}

// Continues and expects to stop before the layer, at the breakpoint (0 = the end).
static void expect_stop(uint32_t position, uint32_t number)
{
    fixture_ok(utvm_session_continue(f.s));
    const struct utvm_session_status *status = utvm_session_status(f.s);
    cr_expect_eq(status->next_layer, position, "at #%u", status->next_layer);
    cr_expect_eq(status->stop_breakpoint, number, "breakpoint %u", status->stop_breakpoint);
    cr_expect_eq(status->reason, number ? UTVM_STOP_BREAKPOINT : UTVM_STOP_END);
}

TestSuite(breakpoints, .init = load, .fini = end);

Test(breakpoints, stop_before_a_layer)
{
    struct utvm_breakpoint *bp = set("sum", UTVM_BREAK_BEFORE);
    expect_stop(3, 1);
    cr_expect_eq(bp->hits, 1);
    expect_stop(5, 0);
}

Test(breakpoints, stop_after_a_layer)
{
    set("sum", UTVM_BREAK_AFTER);
    expect_stop(4, 1);
    fixture_expect(&f, TOY_C, (int8_t[]){6, 12, 18, -5});
    expect_stop(5, 0);
}

Test(breakpoints, stop_before_the_first_layer)
{
    set("#0", UTVM_BREAK_BEFORE);
    expect_stop(0, 1);
    expect_stop(5, 0);
}

Test(breakpoints, stop_after_the_last_layer)
{
    set("softmax", UTVM_BREAK_AFTER);
    expect_stop(5, 1);
}

Test(breakpoints, stop_at_fused_layers_where_they_run)
{
    set("relu", UTVM_BREAK_BEFORE);
    expect_stop(1, 1);
    set("relu", UTVM_BREAK_AFTER);
    expect_stop(3, 2);
}

Test(breakpoints, stop_after_a_layer_that_runs_inside_a_later_one)
{
    static struct toy_elf elf;
    toy_elf_init(&elf);
    elf.layers[0].flags = UTVM_LAYER_FUSED; // as padding is fused into the convolution behind it
    elf.layers[0].executed_by = 1;
    elf.layers[0].code_addr = 0;
    size_t size = 0;
    uint8_t *bytes = toy_elf_build(&elf, &size);
    struct utvm_model *model = NULL;
    fixture_ok(utvm_model_parse("toy.elf", bytes, size, &model));
    free(bytes);
    utvm_session_set_model(f.s, model);
    struct utvm_upload_result result;
    fixture_ok(utvm_session_upload(f.s, true, &result));
    set("conv1", UTVM_BREAK_AFTER);
    expect_stop(2, 1);
}

Test(breakpoints, match_globs_indices_and_operators)
{
    set("conv*", UTVM_BREAK_AFTER);
    set("operator add", UTVM_BREAK_BEFORE);
    set("#4", UTVM_BREAK_BEFORE);
    expect_stop(1, 1);
    expect_stop(2, 1);
    expect_stop(3, 2);
    expect_stop(4, 3);
    expect_stop(5, 0);
}

Test(breakpoints, are_refused_when_nothing_matches)
{
    struct utvm_breakpoint *bp = NULL;
    fixture_fails(utvm_session_break(f.s, "sun", UTVM_BREAK_BEFORE, false, &bp),
                  UTVM_ERROR_NOT_FOUND, "'sum'");
    fixture_fails(utvm_session_break(f.s, "zz*", UTVM_BREAK_BEFORE, false, &bp),
                  UTVM_ERROR_NOT_FOUND, "no layer matches 'zz*'");
    fixture_fails(utvm_session_break(f.s, "operator LSTM", UTVM_BREAK_BEFORE, false, &bp),
                  UTVM_ERROR_NOT_FOUND, "no layer matches");
    cr_expect_eq(utvm_session_num_breakpoints(f.s), 0);
}

Test(breakpoints, temporary_ones_stop_once)
{
    struct utvm_breakpoint *bp = NULL;
    fixture_ok(utvm_session_break(f.s, "sum", UTVM_BREAK_BEFORE, true, &bp));
    expect_stop(3, 1);
    cr_expect_eq(utvm_session_num_breakpoints(f.s), 0);
    fixture_ok(utvm_session_restart(f.s, true));
    expect_stop(5, 0);
}

Test(breakpoints, enabled_once_they_are_disabled_when_they_stop)
{
    struct utvm_breakpoint *bp = set("sum", UTVM_BREAK_BEFORE);
    bp->once = true;
    bp->ignore_count = 1;
    expect_stop(5, 0);
    cr_expect(bp->enabled, "what is ignored is no stop");
    fixture_ok(utvm_session_restart(f.s, true));
    expect_stop(3, 1);
    cr_expect_not(bp->enabled);
    cr_expect_not(bp->once);
    fixture_ok(utvm_session_restart(f.s, true));
    expect_stop(5, 0);
}

Test(breakpoints, disabled_ones_do_not_stop)
{
    set("sum", UTVM_BREAK_BEFORE)->enabled = false;
    expect_stop(5, 0);
}

Test(breakpoints, ignore_counts_let_hits_pass)
{
    struct utvm_breakpoint *bp = set("conv*", UTVM_BREAK_AFTER);
    bp->ignore_count = 1;
    expect_stop(2, 1);
    cr_expect_eq(bp->hits, 2);
    cr_expect_eq(bp->ignore_count, 0);
}

Test(breakpoints, stop_a_step_of_many)
{
    set("sum", UTVM_BREAK_BEFORE);
    fixture_ok(utvm_session_step(f.s, 4));
    cr_expect_eq(utvm_session_status(f.s)->next_layer, 3);
    cr_expect_eq(utvm_session_status(f.s)->reason, UTVM_STOP_BREAKPOINT);
}

Test(breakpoints, survive_another_model_and_keep_their_numbers)
{
    set("sum", UTVM_BREAK_BEFORE);
    set("conv1", UTVM_BREAK_AFTER);
    fixture_ok(utvm_session_delete_breakpoint(f.s, 1));
    cr_expect_null(utvm_session_find_breakpoint(f.s, 1));
    cr_expect_eq(set("conv2", UTVM_BREAK_BEFORE)->number, 3);
    cr_expect_str_eq(utvm_session_find_breakpoint(f.s, 2)->spec, "conv1");
    cr_expect_str_eq(utvm_session_find_breakpoint(f.s, 3)->spec, "conv2");
    utvm_session_set_model(f.s, NULL);
    cr_expect_eq(utvm_session_num_breakpoints(f.s), 2);
    fixture_fails(utvm_session_delete_breakpoint(f.s, 1), UTVM_ERROR_NOT_FOUND, "no breakpoint 1");
}

static struct utvm_error *sum_is_large(void *ctx, struct utvm_session *s,
                                       const struct utvm_breakpoint *bp, uint32_t layer, bool *stop)
{
    uint32_t *asked = ctx;
    (*asked)++;
    cr_expect_str_eq(bp->condition, "max > 10");
    if (layer != 3) {
        *stop = false;
        return NULL;
    }
    struct utvm_array c = {0};
    struct utvm_error *error = utvm_session_read_tensor(s, TOY_C, false, &c);
    *stop = !error && utvm_array_get(&c, 2) > 10;
    utvm_array_deinit(&c);
    return error;
}

Test(breakpoints, ask_for_their_condition_with_the_tensor_readable)
{
    uint32_t asked = 0;
    utvm_session_set_condition_fn(f.s, sum_is_large, &asked);
    struct utvm_breakpoint *bp = set("*", UTVM_BREAK_AFTER);
    bp->condition = strdup("max > 10");
    expect_stop(4, 1);
    cr_expect_eq(asked, 4, "conv1, conv2, relu (in conv2) and sum");
    cr_expect_eq(bp->hits, 1, "only true conditions count");
}

static struct utvm_error *broken(void *ctx, struct utvm_session *s,
                                 const struct utvm_breakpoint *bp, uint32_t layer, bool *stop)
{
    (void)ctx, (void)s, (void)bp, (void)layer, (void)stop;
    return utvm_error_create(UTVM_ERROR_INVALID, "division by zero");
}

Test(breakpoints, report_a_condition_that_cannot_be_evaluated)
{
    utvm_session_set_condition_fn(f.s, broken, NULL);
    set("sum", UTVM_BREAK_AFTER)->condition = strdup("1/0");
    fixture_fails(utvm_session_continue(f.s), UTVM_ERROR_INVALID, "condition of breakpoint 1");
    cr_expect_eq(utvm_session_status(f.s)->next_layer, 4, "the position is kept");
}

Test(breakpoints, watches_stop_after_the_layer_that_writes)
{
    struct utvm_breakpoint *bp = NULL;
    fixture_ok(utvm_session_watch(f.s, "b", &bp));
    cr_expect(bp->is_watch);
    expect_stop(3, 1);
    fixture_fails(utvm_session_watch(f.s, "image", &bp), UTVM_ERROR_INVALID, "no layer writes");
}

Test(breakpoints, may_be_more_than_a_core_has_comparators)
{
    for (int i = 0; i < 20; i++) {
        set("#3", UTVM_BREAK_BEFORE);
    }
    expect_stop(3, 1);
    cr_expect_eq(utvm_session_find_breakpoint(f.s, 20)->hits, 1);
}
