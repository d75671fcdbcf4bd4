// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>

#include "tests/board/machine_rig.h"

#define STACK_TOP 0x20040000u
#define FORCED (1u << 30)

static struct rig r;

static void set_up(void)
{
    rig_init(&r);
}

static void tear_down(void)
{
    rig_deinit(&r);
}

TestSuite(machine_faults, .init = set_up, .fini = tear_down);

/** Runs the code; a fault handler has stopped with this exception and these bits. */
static void expect_fault(const char *code, uint32_t exc, uint32_t cfsr, uint32_t hfsr)
{
    rig_call(&r, code);
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, exc, "%s: exception %u", code,
                 rig_reg(&r, RIG_XPSR) & 0x1FFu);
    cr_expect_eq(rig_read(&r, CFSR), cfsr, "%s: CFSR 0x%08X", code, rig_read(&r, CFSR));
    cr_expect_eq(rig_read(&r, HFSR), hfsr, "%s: HFSR 0x%08X", code, rig_read(&r, HFSR));
    cr_expect_eq(rig_log(&r, 0), exc);
}

static uint32_t stacked_pc(void)
{
    return rig_read(&r, rig_reg(&r, RIG_SP) + 0x18);
}

static void enable_faults(void)
{
    rig_write(&r, SHCSR, 7u << 16);
}

Test(machine_faults, reports_a_load_from_nowhere)
{
    enable_faults();
    expect_fault("load_fault", 5, 0x8200, 0);
    cr_expect_eq(rig_read(&r, BFAR), 0x60000004u);
    cr_expect_eq(stacked_pc(), rig_symbol("load_fault") + 8);
    cr_expect_eq(rig_reg(&r, RIG_SP), STACK_TOP - 32);
    cr_expect_eq(rig_read(&r, rig_reg(&r, RIG_SP) + 4), 2); // r1 was set, r0 not yet changed
    cr_expect_eq(rig_read(&r, rig_reg(&r, RIG_SP)), 1);
}

Test(machine_faults, tells_the_store_that_faults_from_others_like_it)
{
    rig_write(&r, SHCSR, 7u << 16);
    expect_fault("fault_among_stores", 5, 0x8200, 0);
    cr_expect_eq(stacked_pc(), rig_symbol("fault_among_stores") + 14);
}

Test(machine_faults, tells_the_store_that_faults_by_what_was_executed)
{
    rig_write(&r, SHCSR, 7u << 16);
    expect_fault("fault_by_choice", 5, 0x8200, 0);
    cr_expect_eq(stacked_pc(), rig_symbol("fault_by_choice") + 10);
}

Test(machine_faults, escalates_to_hard_fault)
{
    expect_fault("load_fault", 3, 0x8200, FORCED);
}

Test(machine_faults, finds_the_store_in_an_it_block)
{
    enable_faults();
    rig_set_reg(&r, 3, 0x20050000u);
    expect_fault("store_fault_in_it", 5, 0x8200, 0);
    cr_expect_eq(rig_read(&r, BFAR), 0x20050000u);
    cr_expect_eq(stacked_pc(), rig_symbol("store_fault_in_it") + 6);
    // ITSTATE of the second of three instructions: EQ, two left.
    cr_expect_eq(rig_read(&r, rig_reg(&r, RIG_SP) + 0x1C) & 0x0600FC00u, 0x00000400u);
}

Test(machine_faults, reports_an_undefined_instruction)
{
    enable_faults();
    expect_fault("undefined_instruction", 6, 1u << 16, 0);
    cr_expect_eq(stacked_pc(), rig_symbol("undefined_instruction") + 2);
}

Test(machine_faults, reports_double_precision_as_undefined)
{
    enable_faults();
    rig_write(&r, CPACR, 0x00F00000u);
    expect_fault("double_precision", 6, 1u << 16, 0);
}

Test(machine_faults, reports_a_missing_coprocessor)
{
    enable_faults();
    expect_fault("coprocessor", 6, 1u << 19, 0);
}

Test(machine_faults, reports_floating_point_without_permission)
{
    enable_faults();
    expect_fault("float_add", 6, 1u << 19, 0);
    cr_expect_eq(stacked_pc(), rig_symbol("float_add"));
}

Test(machine_faults, allows_floating_point_with_permission)
{
    rig_set_reg(&r, RIG_S0, 0x3F800000u);
    rig_set_reg(&r, RIG_S0 + 1, 0x3F800000u);
    rig_call(&r, "enable_fpu");
    rig_call(&r, "float_add");
    cr_expect_eq(rig_reg(&r, RIG_S0 + 2), 0x40000000u);
    cr_expect_eq(rig_read(&r, CFSR), 0);
    rig_write(&r, CPACR, 0);
    enable_faults();
    expect_fault("float_add", 6, 1u << 19, 0);
}

Test(machine_faults, reports_arm_state)
{
    enable_faults();
    expect_fault("to_arm_state", 6, 1u << 17, 0);
    cr_expect_eq(stacked_pc(), rig_symbol("nothing"));
}

Test(machine_faults, reports_execution_of_peripherals)
{
    enable_faults();
    expect_fault("jump_to_peripheral", 4, 1u << 0, 0);
    cr_expect_eq(stacked_pc(), 0x40000000u);
}

Test(machine_faults, reports_execution_of_nothing)
{
    enable_faults();
    expect_fault("jump_to_nowhere", 5, 1u << 8, 0);
    cr_expect_eq(stacked_pc(), 0x60000000u);
}

Test(machine_faults, treats_exc_return_in_a_thread_as_an_address)
{
    enable_faults();
    expect_fault("jump_to_exc_return", 4, 1u << 0, 0);
}

Test(machine_faults, traps_division_by_zero_when_asked_to)
{
    rig_set_reg(&r, 1, 0);
    rig_call(&r, "divide");
    cr_expect_eq(rig_reg(&r, 2), 0);
    cr_expect_eq(rig_read(&r, CFSR), 0);
    enable_faults();
    rig_write(&r, CCR, 1u << 4);
    rig_set_reg(&r, 1, 5);
    rig_call(&r, "divide");
    cr_expect_eq(rig_reg(&r, 2), 2);
    cr_expect_eq(rig_reg(&r, 3), 1);
    rig_set_reg(&r, 1, 0);
    expect_fault("divide", 6, 1u << 25, 0);
    cr_expect_eq(stacked_pc(), rig_symbol("divide") + 2);
}

Test(machine_faults, traps_right_behind_the_store_that_asks_for_it)
{
    enable_faults();
    expect_fault("arm_and_divide", 6, 1u << 25, 0);
    cr_expect_eq(stacked_pc(), rig_symbol("arm_and_divide") + 8);
}

Test(machine_faults, traps_unaligned_access_when_asked_to)
{
    rig_write(&r, rig_symbol("scratch"), 0x44332211u);
    rig_write(&r, rig_symbol("scratch") + 4, 0x88776655u);
    rig_call(&r, "unaligned_load");
    cr_expect_eq(rig_reg(&r, 0), 0x55443322u);
    enable_faults();
    rig_write(&r, CCR, 1u << 3);
    expect_fault("unaligned_load", 6, 1u << 24, 0);
    cr_expect_eq(stacked_pc(), rig_symbol("unaligned_load") + 2);
    rig_write(&r, CCR, 0);
    rig_write(&r, CFSR, 0xFFFFFFFFu);
    rig_call(&r, "unaligned_load");
    cr_expect_eq(rig_reg(&r, 0), 0x55443322u);
}

Test(machine_faults, clears_status_bits_that_are_written_as_one)
{
    enable_faults();
    expect_fault("undefined_instruction", 6, 1u << 16, 0);
    rig_write(&r, CFSR, 0);
    cr_expect_eq(rig_read(&r, CFSR), 1u << 16);
    cr_expect_eq(board_machine_write(r.m, CFSR + 2, 2, 1), BOARD_ACCESS_OK);
    cr_expect_eq(rig_read(&r, CFSR), 0);
}

Test(machine_faults, survives_a_stack_that_overflows_into_nothing)
{
    rig_set_reg(&r, RIG_SP, 0x20000040u);
    expect_fault("push_forever", 3, 0x9200, FORCED);
    cr_expect_geq(rig_read(&r, BFAR), 0x1FFFFF00u);
    cr_expect_lt(rig_read(&r, BFAR), 0x20000000u);
}

Test(machine_faults, locks_up_when_the_hard_fault_handler_faults)
{
    rig_set_vector(&r, 3, "undefined_instruction");
    rig_goto(&r, "load_fault");
    rig_resume(&r);
    cr_expect_eq(board_machine_run(r.m, 10000), BOARD_RUN_SLEEPING);
    cr_expect_eq(rig_read(&r, DHCSR) & S_LOCKUP, S_LOCKUP);
    rig_halt(&r);
    cr_expect_eq(rig_reg(&r, RIG_PC), 0xFFFFFFFEu);
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, 3);
    rig_write(&r, AIRCR, 0x05FA0004u);
    cr_expect_eq(rig_read(&r, CFSR), 0);
}

Test(machine_faults, refuses_an_invalid_exception_return)
{
    enable_faults();
    rig_set_vector(&r, 11, "bad_exc_return");
    rig_call(&r, "call_svc");
    cr_expect_eq(rig_read(&r, CFSR), 1u << 18);
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, 6);
}

Test(machine_faults, reports_a_vector_table_in_nowhere)
{
    rig_goto(&r, "call_svc");
    rig_write(&r, VTOR, 0x60000000u);
    rig_resume(&r);
    cr_expect_eq(board_machine_run(r.m, 10000), BOARD_RUN_SLEEPING);
    cr_expect_eq(rig_read(&r, HFSR) & 2u, 2);
    cr_expect_eq(rig_read(&r, DHCSR) & S_LOCKUP, S_LOCKUP);
}

Test(machine_faults, catches_vectors)
{
    static const struct {
        const char *code;
        uint32_t catch_bit;
        bool enabled;
        uint32_t exc;
    } cases[] = {
        {"load_fault", 1u << 8, true, 5},
        {"load_fault", 1u << 10, false, 3},
        {"undefined_instruction", 1u << 7, true, 6},
        {"float_add", 1u << 5, true, 6},
        {"jump_to_peripheral", 1u << 4, true, 4},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig_write(&r, SHCSR, cases[i].enabled ? 7u << 16 : 0);
        rig_write(&r, DEMCR, 1u << 24 | cases[i].catch_bit);
        rig_write(&r, CFSR, 0xFFFFFFFFu);
        rig_write(&r, DFSR, 0x1F);
        rig_set_reg(&r, RIG_SP, STACK_TOP);
        rig_call(&r, cases[i].code);
        cr_expect_eq(rig_reg(&r, RIG_PC), rig_symbol("record_fault"), "case %zu", i);
        cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, cases[i].exc, "case %zu", i);
        cr_expect_eq(rig_read(&r, DFSR), 8, "case %zu", i);
        rig_write(&r, AIRCR, 0x05FA0002u); // no exception is active any more
    }
}

Test(machine_faults, turns_bkpt_into_hard_fault_without_a_debugger)
{
    rig_set_vector(&r, 3, "self_branch");
    rig_goto(&r, "straight");
    rig_write(&r, DHCSR, 0xA05F0000u);
    rig_run(&r, 1000);
    rig_halt(&r);
    cr_expect_eq(rig_reg(&r, RIG_PC), rig_symbol("self_branch"));
    cr_expect_eq(rig_read(&r, HFSR), 1u << 31);
    cr_expect_eq(stacked_pc(), rig_symbol("straight") + 12);
}
