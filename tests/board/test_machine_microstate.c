// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>

#include "probe/board/vendor.h"
#include "tests/board/machine_rig.h"

#define CCR_CACHES (3u << 16)
#define VENDOR(offset) (BOARD_VENDOR_BASE + (offset))

static const enum board_timing_mode modes[] = {BOARD_TIMING_FAST, BOARD_TIMING_MEMORY};

static void start(struct rig *r, enum board_timing_mode mode)
{
    const struct board_machine_config config = {.timing = mode};

    rig_init_with(r, &config);
    rig_write(r, CCR, rig_read(r, CCR) | CCR_CACHES);
}

static uint32_t slot(struct rig *r, uint32_t request, uint32_t number)
{
    rig_write(r, VENDOR(request), number);
    return rig_read(r, VENDOR(BOARD_VENDOR_SLOT_DONE));
}

static uint32_t cycles_of(struct rig *r, const char *name)
{
    rig_write(r, CYCCNT, 0);
    rig_set_reg(r, 7, 3); // rounds of long_work
    rig_call(r, name);
    return rig_read(r, CYCCNT);
}

Test(machine_microstate, brings_the_same_cycles_again)
{
    for (unsigned i = 0; i < 2; i++) {
        struct rig r;
        start(&r, modes[i]);
        cr_assert_eq(slot(&r, BOARD_VENDOR_SLOT_SAVE, 0), 1);
        uint32_t cold = cycles_of(&r, "long_work");
        cr_assert_eq(slot(&r, BOARD_VENDOR_SLOT_SAVE, 255), 256);
        uint32_t warm = cycles_of(&r, "long_work");
        cr_expect_lt(warm, cold, "mode %d: %u then %u cycles", (int)modes[i], cold, warm);
        (void)cycles_of(&r, "mixed_work");
        cr_assert_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, 255), 256);
        cr_expect_eq(cycles_of(&r, "long_work"), warm, "mode %d", (int)modes[i]);
        cr_assert_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, 0), 1);
        cr_expect_eq(cycles_of(&r, "long_work"), cold, "mode %d", (int)modes[i]);
        rig_deinit(&r);
    }
}

Test(machine_microstate, keeps_counting_after_a_restore)
{
    struct rig r;
    start(&r, BOARD_TIMING_MEMORY);
    cr_assert_eq(slot(&r, BOARD_VENDOR_SLOT_SAVE, 1), 2);
    (void)cycles_of(&r, "long_work");
    uint64_t before = board_machine_cycles(r.m);
    cr_assert_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, 1), 2);
    cr_expect_eq(board_machine_cycles(r.m), before);
    uint32_t counted = cycles_of(&r, "long_work");
    cr_expect_eq(board_machine_cycles(r.m), before + counted);
    rig_deinit(&r);
}

Test(machine_microstate, refuses_what_is_not_there)
{
    struct rig r;
    start(&r, BOARD_TIMING_FAST);
    uint32_t num = rig_read(&r, VENDOR(BOARD_VENDOR_NUM_SLOTS));
    cr_assert_eq(num, 256);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_SAVE, num), 0);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, num), 0);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, 0xFFFFFFFFu), 0);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, 7), 0);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_SAVE, 7), 8);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, 7), 8);
    rig_deinit(&r);
}

Test(machine_microstate, is_lost_with_a_reset)
{
    struct rig r;
    start(&r, BOARD_TIMING_FAST);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_SAVE, 2), 3);
    board_machine_set_srst(r.m, true);
    board_machine_set_srst(r.m, false);
    cr_expect_eq(rig_read(&r, VENDOR(BOARD_VENDOR_SLOT_DONE)), 0);
    rig_halt(&r);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, 2), 0);
    rig_deinit(&r);
}

Test(machine_microstate, is_left_alone_while_the_core_runs)
{
    struct rig r;
    start(&r, BOARD_TIMING_FAST);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_SAVE, 2), 3);
    rig_goto(&r, "self_branch");
    rig_resume(&r);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_SAVE, 2), 0);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, 2), 0);
    rig_halt(&r);
    cr_expect_eq(slot(&r, BOARD_VENDOR_SLOT_RESTORE, 2), 3);
    rig_deinit(&r);
}
