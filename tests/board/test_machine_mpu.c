// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>

#include "tests/board/machine_rig.h"

#define TYPE 0xE000ED90u
#define CTRL 0xE000ED94u
#define RNR 0xE000ED98u
#define RBAR 0xE000ED9Cu
#define RASR 0xE000EDA0u
#define ENABLE 1u
#define HFNMIENA 2u
#define PRIVDEFENA 4u
#define NO_ACCESS (0u << 24)
#define PRIVILEGED (1u << 24)
#define USER_READS (2u << 24)
#define FULL (3u << 24)
#define READ_ONLY (6u << 24)
#define XN (1u << 28)
#define SIZE(bits) (((bits)-1) << 1 | 1u)
#define RAM 0x20020000u
#define OPEN 0x20021000u
#define DACCVIOL 0x82u /* with MMARVALID */
#define STACK_TOP 0x20040000u

static struct rig r;

static void set_up(void)
{
    rig_init(&r);
    rig_write(&r, SHCSR, 1u << 16 | 1u << 17);
    rig_set_reg(&r, 0, OPEN);
    rig_set_reg(&r, 1, RAM);
}

static void tear_down(void)
{
    rig_deinit(&r);
}

TestSuite(machine_mpu, .init = set_up, .fini = tear_down);

static void set_region(uint32_t number, uint32_t base, uint32_t attributes)
{
    rig_write(&r, RBAR, base | 16u | number);
    rig_write(&r, RASR, attributes);
}

/** It runs to a breakpoint: its own one, or that of the fault handler with exc. */
static void expect_stop(const char *program, unsigned exc)
{
    rig_call(&r, program);
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, exc, "%s: exception %u", program,
                 rig_reg(&r, RIG_XPSR) & 0x1FFu);
}

Test(machine_mpu, keeps_eight_regions)
{
    cr_expect_eq(rig_read(&r, TYPE), 0x800);
    for (uint32_t i = 0; i < 8; i++) {
        set_region(i, 0x20000000u + i * 0x1000u, SIZE(12) | i << 24);
    }
    for (uint32_t i = 0; i < 8; i++) {
        rig_write(&r, RNR, i);
        cr_expect_eq(rig_read(&r, RBAR), 0x20000000u + i * 0x1000u + i);
        cr_expect_eq(rig_read(&r, RASR), SIZE(12) | i << 24);
    }
    rig_write(&r, RBAR + 8, 0x20010000u | 16u | 3); // an alias
    rig_write(&r, RASR + 8, 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, RNR), 3);
    cr_expect_eq(rig_read(&r, RASR), 0x173FFF3Fu);
    rig_write(&r, CTRL, 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, CTRL), 7);
}

Test(machine_mpu, denies_a_store_and_undoes_what_followed)
{
    set_region(0, RAM, SIZE(5) | READ_ONLY);
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    rig_write(&r, RAM, 7);
    rig_write(&r, OPEN + 4, 9);
    expect_stop("mpu_store", 4);
    cr_expect_eq(rig_read(&r, CFSR), DACCVIOL);
    cr_expect_eq(rig_read(&r, MMFAR), RAM);
    cr_expect_eq(rig_read(&r, RAM), 7);
    cr_expect_eq(rig_read(&r, OPEN), 1);     // before it
    cr_expect_eq(rig_read(&r, OPEN + 4), 9); // behind it
    uint32_t frame = rig_reg(&r, RIG_SP);

    cr_expect_eq(rig_read(&r, frame), OPEN + 4); // r0
    cr_expect_eq(rig_read(&r, frame + 8), 1);    // r2
    cr_expect_eq(rig_read(&r, frame + 0x18), rig_symbol("mpu_store_denied"));
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL) & 1u, 0); // the CPSID never came
}

Test(machine_mpu, denies_the_same_when_stepped)
{
    set_region(0, RAM, SIZE(5) | READ_ONLY);
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    rig_goto(&r, "mpu_store");
    for (int i = 0; i < 4; i++) {
        rig_step(&r);
    }
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, 4);
    cr_expect_eq(rig_read(&r, MMFAR), RAM);
    cr_expect_eq(rig_read(&r, rig_reg(&r, RIG_SP) + 0x18), rig_symbol("mpu_store_denied"));
}

Test(machine_mpu, denies_a_load)
{
    set_region(3, RAM, SIZE(5) | NO_ACCESS);
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    rig_write(&r, OPEN, 9);
    expect_stop("mpu_load", 4);
    cr_expect_eq(rig_read(&r, CFSR), DACCVIOL);
    cr_expect_eq(rig_read(&r, OPEN), 9);
    cr_expect_eq(rig_read(&r, rig_reg(&r, RIG_SP) + 8), 1); // r2 was not loaded
}

Test(machine_mpu, allows_what_no_region_denies)
{
    set_region(0, RAM, SIZE(5) | FULL);
    set_region(1, OPEN + 0x1000, SIZE(5) | NO_ACCESS);
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    expect_stop("mpu_loop", 0);
    cr_expect_eq(rig_reg(&r, 2), 0);
    expect_stop("mpu_store", 0);
    cr_expect_eq(rig_read(&r, RAM), 0x55);
}

Test(machine_mpu, the_highest_region_wins_and_subregions_leave_holes)
{
    set_region(0, RAM, SIZE(12) | NO_ACCESS);
    set_region(1, RAM, SIZE(8) | FULL | 1u << 8); // not the first 32 bytes
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    rig_set_reg(&r, 1, RAM + 32);
    expect_stop("mpu_loop", 0);
    rig_set_reg(&r, 1, RAM + 28);
    expect_stop("mpu_loop", 4);
    cr_expect_eq(rig_read(&r, MMFAR), RAM + 28);
    cr_expect_eq(rig_read(&r, CFSR), DACCVIOL);
}

Test(machine_mpu, tells_privileged_from_unprivileged_code)
{
    set_region(0, 0, SIZE(32) | FULL);
    set_region(1, RAM, SIZE(5) | USER_READS);
    rig_write(&r, CTRL, ENABLE);
    expect_stop("mpu_loop", 0);
    expect_stop("mpu_user_store", 4);
    cr_expect_eq(rig_read(&r, MMFAR), RAM);
}

Test(machine_mpu, without_background_nothing_is_allowed)
{
    set_region(0, 0x20010000u, SIZE(16) | FULL); // code and vectors
    set_region(1, STACK_TOP - 0x1000, SIZE(12) | FULL);
    rig_write(&r, CTRL, ENABLE);
    expect_stop("mpu_loop", 4);
    cr_expect_eq(rig_read(&r, MMFAR), RAM);
}

Test(machine_mpu, never_executes_from_where_it_must_not)
{
    rig_write(&r, RAM, 0xBE23BF00u); // NOP, BKPT
    set_region(0, RAM, SIZE(5) | FULL);
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    expect_stop("mpu_jump", 0);
    cr_expect_eq(rig_reg(&r, RIG_PC), RAM + 2);
    set_region(0, RAM, SIZE(5) | FULL | XN);
    rig_set_reg(&r, 1, RAM);
    expect_stop("mpu_jump", 4);
    cr_expect_eq(rig_read(&r, CFSR), 1); // IACCVIOL
    cr_expect_eq(rig_read(&r, rig_reg(&r, RIG_SP) + 0x18), RAM);
}

Test(machine_mpu, faults_of_its_own_on_unmapped_memory_come_first)
{
    set_region(0, 0x30000000u, SIZE(12) | NO_ACCESS);
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    rig_set_reg(&r, 1, 0x30000000u);
    expect_stop("mpu_load", 4);
    cr_expect_eq(rig_read(&r, CFSR), DACCVIOL);
    rig_write(&r, CFSR, 0xFFFFFFFFu);
    rig_write(&r, SHCSR, 1u << 16 | 1u << 17);
    rig_set_reg(&r, 1, 0x30001000u);
    expect_stop("mpu_load", 5);
}

Test(machine_mpu, guards_the_stack_against_exception_entry)
{
    set_region(0, STACK_TOP - 0x100, SIZE(5) | NO_ACCESS);
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    rig_goto(&r, "mpu_svc");
    rig_set_reg(&r, RIG_SP, STACK_TOP - 0xE0 + 0x10);
    rig_run_to_halt(&r);
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, 4);
    cr_expect_eq(rig_read(&r, CFSR), 1u << 4); // MSTKERR
}

Test(machine_mpu, is_left_aside_by_a_handler_that_must_not_fail)
{
    set_region(0, RAM, SIZE(5) | NO_ACCESS);
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    rig_goto(&r, "mpu_loop");
    rig_set_reg(&r, RIG_SPECIAL, 1u << 16); // FAULTMASK
    rig_run_to_halt(&r);
    cr_expect_eq(rig_reg(&r, 2), 0);
    rig_write(&r, CTRL, ENABLE | HFNMIENA | PRIVDEFENA);
    rig_goto(&r, "mpu_loop");
    rig_set_reg(&r, RIG_SPECIAL, 1u << 16);
    rig_resume(&r);
    rig_run(&r, 1000);
    cr_expect_eq(rig_read(&r, DHCSR) & S_LOCKUP, S_LOCKUP);
}

Test(machine_mpu, denies_nothing_while_a_handler_switches_it_off)
{
    set_region(0, RAM, SIZE(5) | READ_ONLY);
    rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
    expect_stop("mpu_switch", 0);
    cr_expect_eq(rig_read(&r, RAM), ENABLE | PRIVDEFENA);
    rig_set_reg(&r, 0, OPEN);
    expect_stop("mpu_store", 4);
}

Test(machine_mpu, counts_the_same_cycles)
{
    uint32_t spent[2];

    for (unsigned i = 0; i < 2; i++) {
        uint64_t before = board_machine_cycles(r.m);
        uint64_t instructions = board_machine_instructions(r.m);

        expect_stop("mpu_loop", 0);
        spent[i] = (uint32_t)(board_machine_cycles(r.m) - before);
        cr_expect_eq(board_machine_instructions(r.m) - instructions, 401);
        set_region(0, OPEN, SIZE(5) | NO_ACCESS);
        rig_write(&r, CTRL, ENABLE | PRIVDEFENA);
        expect_stop("mpu_loop", 0); // warm again
    }
    cr_expect_leq(spent[1], spent[0]);
}

Test(machine_mpu, denies_registers_to_unprivileged_code)
{
    set_region(0, 0, SIZE(32) | FULL);
    set_region(1, 0x40000000u, SIZE(29) | PRIVILEGED);
    rig_write(&r, CTRL, ENABLE);
    rig_write(&r, 0x40023830u, 1); // GPIOA's clock
    rig_set_reg(&r, 1, 0x40020014u);
    expect_stop("mpu_user_store", 4);
    cr_expect_eq(rig_read(&r, MMFAR), 0x40020014u);
    cr_expect_eq(rig_read(&r, 0x40020014u), 0);
}
