// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>

#include "tests/board/machine_rig.h"

#define STACK_TOP 0x20040000u
#define EXC_PENDSV 14
#define EXC_SYSTICK 15
#define EXC_IRQ0 16
#define EXC_IRQ1 17

static struct rig r;

static void set_up(void)
{
    rig_init(&r);
}

static void tear_down(void)
{
    rig_deinit(&r);
}

TestSuite(machine_exceptions, .init = set_up, .fini = tear_down);

static uint32_t pc_offset(const char *name)
{
    return rig_reg(&r, RIG_PC) - rig_symbol(name);
}

static void write_byte(uint32_t addr, uint32_t value)
{
    cr_assert_eq(board_machine_write(r.m, addr, 1, value), BOARD_ACCESS_OK);
}

static void set_priority(unsigned exc, uint32_t priority)
{
    write_byte(exc < EXC_IRQ0 ? 0xE000ED18u + exc - 4 : 0xE000E400u + exc - EXC_IRQ0, priority);
}

static void enable_irqs(uint32_t mask)
{
    rig_write(&r, 0xE000E100u, mask);
}

static void pend_irqs(uint32_t mask)
{
    rig_write(&r, 0xE000E200u, mask);
}

static void expect_log(const uint32_t *expected, uint32_t count)
{
    cr_expect_eq(rig_log_count(&r), count, "%u entries", rig_log_count(&r));
    for (uint32_t i = 0; i < count; i++) {
        cr_expect_eq(rig_log(&r, i), expected[i], "entry %u is %u", i, rig_log(&r, i));
    }
}

Test(machine_exceptions, enters_and_leaves_svc)
{
    rig_set_reg(&r, 4, 100);
    rig_set_reg(&r, RIG_LR, 0xABCD0001u);
    rig_call(&r, "call_svc");
    expect_log((const uint32_t[]){11}, 1);
    cr_expect_eq(rig_reg(&r, 4), 101);
    for (unsigned i = 0; i < 4; i++) {
        cr_expect_eq(rig_reg(&r, i), 10 + i);
    }
    cr_expect_eq(rig_reg(&r, RIG_LR), 0xABCD0001u);
    cr_expect_eq(rig_reg(&r, RIG_SP), STACK_TOP);
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, 0);
}

Test(machine_exceptions, steps_into_and_out_of_a_handler)
{
    rig_goto(&r, "call_svc");
    for (int i = 0; i < 5; i++) {
        rig_step(&r);
    }
    cr_expect_eq(pc_offset("record"), 0);
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, 11);
    cr_expect_eq(rig_reg(&r, RIG_LR), 0xFFFFFFF9u);
    cr_expect_eq(rig_read(&r, ICSR) & 0x1FFu, 11);
    cr_expect_eq(rig_read(&r, SHCSR) & 0x80u, 0x80);
    for (int i = 0; i < 8; i++) {
        rig_step(&r);
    }
    cr_expect_eq(pc_offset("call_svc"), 10);
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, 0);
}

Test(machine_exceptions, stacks_the_frame_of_the_architecture)
{
    rig_goto(&r, "call_svc");
    rig_set_reg(&r, 12, 0x12121212u);
    rig_set_reg(&r, RIG_LR, 0x14141414u);
    rig_set_reg(&r, RIG_SP, STACK_TOP - 4);
    for (int i = 0; i < 5; i++) {
        rig_step(&r);
    }
    uint32_t sp = rig_reg(&r, RIG_SP);
    const uint32_t expected[8] = {
        10, 11, 12, 13, 0x12121212u, 0x14141414u, rig_symbol("call_svc") + 10, 0x01000200u};

    cr_expect_eq(sp, STACK_TOP - 8 - 32);
    for (uint32_t i = 0; i < 8; i++) {
        cr_expect_eq(rig_read(&r, sp + 4 * i), expected[i], "word %u is 0x%08X", i,
                     rig_read(&r, sp + 4 * i));
    }
    rig_run_to_halt(&r);
    cr_expect_eq(rig_reg(&r, RIG_SP), STACK_TOP - 4);
}

Test(machine_exceptions, uses_the_process_stack_of_a_thread)
{
    rig_call(&r, "use_psp");
    expect_log((const uint32_t[]){11}, 1);
    cr_expect_eq(rig_reg(&r, RIG_SP), 0x20030000u);
    cr_expect_eq(rig_reg(&r, RIG_MSP), STACK_TOP);
    cr_expect_eq(rig_read(&r, 0x20030000u - 8), rig_symbol("use_psp") + 18);
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL) >> 24, 2);
}

Test(machine_exceptions, takes_pendsv_at_once)
{
    rig_set_reg(&r, 4, 0);
    rig_call(&r, "pend_sv");
    expect_log((const uint32_t[]){EXC_PENDSV}, 1);
    cr_expect_eq(rig_reg(&r, 4), 1);
    cr_expect_eq(rig_read(&r, ICSR) >> 28 & 1u, 0);
}

Test(machine_exceptions, takes_what_a_store_pends_behind_that_store)
{
    rig_set_reg(&r, 4, 0);
    rig_call(&r, "pend_sv_in_passing");
    expect_log((const uint32_t[]){EXC_PENDSV}, 1);
    cr_expect_eq(rig_reg(&r, 4), 2);
    cr_expect_eq(rig_read(&r, STACK_TOP - 8), rig_symbol("pend_sv_in_passing") + 8);
}

Test(machine_exceptions, tells_the_store_that_pends_from_others_like_it)
{
    rig_set_reg(&r, 4, 0);
    rig_call(&r, "pend_sv_among_stores");
    expect_log((const uint32_t[]){EXC_PENDSV}, 1);
    cr_expect_eq(rig_reg(&r, 4), 2);
    cr_expect_eq(rig_read(&r, STACK_TOP - 8), rig_symbol("pend_sv_among_stores") + 12);
    cr_expect_eq(rig_read(&r, rig_symbol("scratch")), 1u << 28);
    cr_expect_eq(rig_read(&r, rig_symbol("scratch") + 4), 1u << 28);
}

Test(machine_exceptions, pends_at_the_same_cycle_in_steps_and_in_one_go)
{
    uint32_t begin = rig_read(&r, CYCCNT);
    uint32_t in_one_go;
    unsigned steps = 0;

    rig_call(&r, "pend_sv_in_passing");
    in_one_go = rig_read(&r, CYCCNT) - begin;
    rig_goto(&r, "pend_sv_in_passing");
    begin = rig_read(&r, CYCCNT);
    do {
        rig_write(&r, DHCSR, STEP_UNMASKED_KEY);
        steps++;
    } while (pc_offset("pend_sv_in_passing") != 12 && steps < 100);
    cr_expect_eq(rig_read(&r, CYCCNT) - begin, in_one_go, "%u and %u cycles",
                 rig_read(&r, CYCCNT) - begin, in_one_go);
}

Test(machine_exceptions, pends_from_under_an_it)
{
    enable_irqs(1);
    rig_set_reg(&r, 4, 0);
    rig_call(&r, "pend_irq_under_it");
    expect_log((const uint32_t[]){EXC_IRQ0}, 1);
    cr_expect_eq(rig_reg(&r, 4), 2);
}

Test(machine_exceptions, waits_for_primask)
{
    enable_irqs(1);
    rig_goto(&r, "unmask");
    rig_step(&r);
    pend_irqs(1);
    rig_write(&r, DHCSR, STEP_UNMASKED_KEY);
    expect_log(NULL, 0);
    rig_run_to_halt(&r);
    expect_log((const uint32_t[]){EXC_IRQ0}, 1);
    // The handler ran behind CPSIE and before anything else.
    cr_expect_eq(pc_offset("unmask"), 8);
}

Test(machine_exceptions, waits_for_basepri)
{
    enable_irqs(3);
    set_priority(EXC_IRQ0, 0x80);
    set_priority(EXC_IRQ1, 0x30);
    rig_goto(&r, "drop_basepri");
    rig_set_reg(&r, RIG_SPECIAL, 0x4000u);
    pend_irqs(3);
    rig_write(&r, DHCSR, STEP_UNMASKED_KEY); // enters the more urgent one
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, EXC_IRQ1);
    rig_run_to_halt(&r);
    expect_log((const uint32_t[]){EXC_IRQ1, EXC_IRQ0}, 2);
    cr_expect_eq(rig_reg(&r, 4), 1);
}

Test(machine_exceptions, orders_by_priority_and_number_and_tail_chains)
{
    enable_irqs(3);
    set_priority(EXC_IRQ0, 0x40);
    set_priority(EXC_IRQ1, 0x40);
    set_priority(EXC_PENDSV, 0xF0);
    rig_set_vector(&r, 11, "record_and_pend");
    rig_goto(&r, "call_svc");
    rig_write(&r, DWT, 1u | 1u << 18); // EXCCNT
    rig_run_to_halt(&r);
    expect_log((const uint32_t[]){11, EXC_IRQ0, EXC_IRQ1, EXC_PENDSV}, 4);
    cr_expect_eq(rig_reg(&r, RIG_SP), STACK_TOP);
    // One entry, three tail-chains, one return.
    cr_expect_eq(rig_read(&r, DWT + 0x0C), 12 + 3 * 6 + 10);
}

Test(machine_exceptions, preempts_a_handler)
{
    enable_irqs(3);
    set_priority(EXC_IRQ0, 0x40);
    set_priority(EXC_IRQ1, 0x30);
    rig_set_vector(&r, EXC_IRQ0, "record_pend_record");
    rig_goto(&r, "straight");
    pend_irqs(1);
    rig_run_to_halt(&r);
    expect_log((const uint32_t[]){EXC_IRQ1, EXC_IRQ0}, 2);
}

Test(machine_exceptions, does_not_preempt_within_a_priority_group)
{
    enable_irqs(3);
    set_priority(EXC_IRQ0, 0x40);
    set_priority(EXC_IRQ1, 0x30);
    rig_write(&r, AIRCR, 0x05FA0600u); // one group bit: 0x30 and 0x40 are of one group
    rig_set_vector(&r, EXC_IRQ0, "record_pend_record");
    rig_goto(&r, "straight");
    pend_irqs(1);
    rig_run_to_halt(&r);
    expect_log((const uint32_t[]){EXC_IRQ0, EXC_IRQ1}, 2);
}

Test(machine_exceptions, lets_a_late_arrival_go_first)
{
    // SysTick runs out while the frame for IRQ0 is being pushed.
    enable_irqs(1);
    set_priority(EXC_IRQ0, 0x40);
    set_priority(EXC_SYSTICK, 0x30);
    rig_write(&r, SYSTICK + 4, 5);
    rig_write(&r, SYSTICK + 8, 0);
    rig_goto(&r, "straight");
    pend_irqs(1);
    rig_write(&r, SYSTICK, 7);
    rig_write(&r, DHCSR, STEP_UNMASKED_KEY);
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, EXC_SYSTICK);
    cr_expect_eq(rig_reg(&r, RIG_SP), STACK_TOP - 32);
    rig_write(&r, SYSTICK, 0);
    rig_run_to_halt(&r);
    expect_log((const uint32_t[]){EXC_SYSTICK, EXC_IRQ0}, 2);
}

Test(machine_exceptions, hides_interrupts_from_a_step_with_maskints)
{
    enable_irqs(1);
    rig_goto(&r, "straight");
    pend_irqs(1);
    rig_step(&r);
    cr_expect_eq(pc_offset("straight"), 2);
    rig_write(&r, DHCSR, STEP_UNMASKED_KEY);
    cr_expect_eq(pc_offset("record"), 0);
}

Test(machine_exceptions, ticks)
{
    rig_set_reg(&r, 5, 0x20020000u);
    rig_write(&r, SYSTICK + 4, 999);
    rig_write(&r, SYSTICK + 8, 0);
    rig_write(&r, SYSTICK, 7);
    rig_goto(&r, "count_up");
    rig_resume(&r);
    uint64_t start = board_machine_cycles(r.m);

    while (board_machine_cycles(r.m) - start < 100500) {
        rig_run(&r, 1000);
    }
    while ((rig_read(&r, ICSR) & 0x040001FFu) != 0) { // a tick is being served
        rig_run(&r, 1);
    }
    cr_expect_eq(rig_log_count(&r), (board_machine_cycles(r.m) - start) / 1000);
    rig_halt(&r);
    cr_expect_eq(rig_read(&r, SYSTICK) >> 16 & 1u, 1);
}

Test(machine_exceptions, counts_systick_down_at_an_eighth_of_the_clock)
{
    rig_write(&r, SYSTICK + 4, 10000);
    rig_write(&r, SYSTICK + 8, 0);
    rig_write(&r, SYSTICK, 1);
    rig_set_reg(&r, 5, 0x20020000u);
    rig_goto(&r, "count_up");
    rig_resume(&r);
    uint64_t start = board_machine_cycles(r.m);

    rig_run(&r, 8000);
    rig_halt(&r);
    cr_expect_eq(rig_read(&r, SYSTICK + 8), 10000 - ((board_machine_cycles(r.m) - start) / 8 - 1));
}

Test(machine_exceptions, sleeps_until_an_interrupt)
{
    rig_write(&r, SYSTICK + 4, 16000 - 1);
    rig_write(&r, SYSTICK + 8, 0);
    rig_write(&r, SYSTICK, 7);
    rig_goto(&r, "wait_for_interrupt");
    rig_resume(&r);
    uint64_t start = board_machine_cycles(r.m);

    cr_expect_eq(board_machine_run(r.m, 100000), BOARD_RUN_SLEEPING);
    cr_expect_eq(rig_read(&r, DHCSR) & S_SLEEP, S_SLEEP);
    cr_expect_leq(board_machine_sleep_ns(r.m), 1000000); // 1 ms at 16 MHz
    cr_expect_gt(board_machine_sleep_ns(r.m), 990000);
    cr_expect(board_machine_runnable(r.m));
    cr_expect_eq(board_machine_run(r.m, 100000), BOARD_RUN_HALTED);
    expect_log((const uint32_t[]){EXC_SYSTICK}, 1);
    cr_expect_eq(rig_reg(&r, 4), 1);
    cr_expect_lt(board_machine_cycles(r.m) - start - 16000, 100);
}

Test(machine_exceptions, sleeps_for_good_without_a_source)
{
    rig_goto(&r, "wait_for_interrupt");
    rig_resume(&r);
    cr_expect_eq(board_machine_run(r.m, 100000), BOARD_RUN_SLEEPING);
    cr_expect_eq(board_machine_run(r.m, 100000), BOARD_RUN_SLEEPING);
    cr_expect_eq(board_machine_sleep_ns(r.m), UINT64_MAX);
    cr_expect_not(board_machine_runnable(r.m));
    rig_halt(&r);
    cr_expect_eq(pc_offset("wait_for_interrupt"), 2);
}

Test(machine_exceptions, wakes_with_primask_without_a_handler)
{
    enable_irqs(1);
    rig_goto(&r, "wait_for_interrupt");
    rig_set_reg(&r, RIG_SPECIAL, 1);
    rig_resume(&r);
    cr_assert_eq(board_machine_run(r.m, 1000), BOARD_RUN_SLEEPING);
    pend_irqs(1);
    cr_expect_eq(board_machine_run(r.m, 1000), BOARD_RUN_HALTED);
    expect_log(NULL, 0);
    cr_expect_eq(rig_reg(&r, 4), 1);
}

Test(machine_exceptions, consumes_an_event)
{
    rig_goto(&r, "send_event_then_wait");
    rig_resume(&r);
    // The first WFE falls through, the second sleeps.
    cr_expect_eq(board_machine_run(r.m, 1000), BOARD_RUN_SLEEPING);
    rig_halt(&r);
    cr_expect_eq(pc_offset("wait_for_event"), 2);
}

Test(machine_exceptions, goes_on_behind_yield)
{
    rig_call(&r, "yields");
    cr_expect_eq(rig_reg(&r, 4), 1);
}

Test(machine_exceptions, sleeps_on_exit)
{
    enable_irqs(1);
    rig_write(&r, SCR, 2);
    rig_goto(&r, "straight");
    rig_resume(&r);
    pend_irqs(1);
    cr_expect_eq(board_machine_run(r.m, 1000), BOARD_RUN_SLEEPING);
    expect_log((const uint32_t[]){EXC_IRQ0}, 1);
}

Test(machine_exceptions, saves_and_restores_floating_point_state)
{
    rig_write(&r, CPACR, 0x00F00000u);
    rig_set_vector(&r, 11, "record_with_fpu");
    rig_call(&r, "float_then_svc");
    cr_expect_eq(rig_reg(&r, RIG_S0), 0x3F800000u);
    cr_expect_eq(rig_reg(&r, RIG_S0 + 1), 0x40200000u); // 1 + 1.5
    cr_expect_eq(rig_reg(&r, RIG_S0 + 16), 0x40800000u);
    cr_expect_eq(rig_reg(&r, RIG_SP), STACK_TOP);
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL) >> 24, 4);
}

Test(machine_exceptions, keeps_floating_point_status_over_an_exception)
{
    rig_write(&r, CPACR, 0x00F00000u);
    rig_call(&r, "compare_then_svc");
    cr_expect_eq(rig_reg(&r, 4), 0x60000000u);
    rig_set_vector(&r, 11, "record_with_fpu");
    rig_call(&r, "compare_then_svc");
    cr_expect_eq(rig_reg(&r, 4), 0x60000000u);
}

Test(machine_exceptions, shows_control_as_an_armv7m_core_has_it)
{
    rig_write(&r, CPACR, 0x00F00000u);
    rig_set_reg(&r, 6, 0xFFFFFFFFu);
    rig_call(&r, "read_control");
    cr_expect_eq(rig_reg(&r, 4), 0);
    cr_expect_eq(rig_reg(&r, 5), 4);
    cr_expect_eq(rig_reg(&r, 6), 0xFFFFFFFFu);
    cr_expect_eq(rig_reg(&r, 7), 9);
    rig_goto(&r, "read_control");
    for (int i = 0; i < 4; i++) {
        rig_step(&r);
    }
    cr_expect_eq(rig_reg(&r, 5), 4);
}

#define FRAME (STACK_TOP - 0x68)
#define MARK 0xA5A5A5A5u

/** Up to the first instruction of the handler of float_then_svc, the frame's memory marked. */
static void enter_with_floats(const char *handler)
{
    rig_write(&r, CPACR, 0x00F00000u);
    rig_set_vector(&r, 11, handler);
    for (uint32_t i = 0; i < 17; i++) {
        rig_write(&r, FRAME + 0x20 + 4 * i, MARK);
    }
    rig_goto(&r, "float_then_svc");
    for (int i = 0; i < 4; i++) {
        rig_step(&r);
    }
}

Test(machine_exceptions, leaves_room_for_floating_point_state_until_it_is_needed)
{
    enter_with_floats("record_with_fpu");
    cr_expect_eq(rig_reg(&r, RIG_LR), 0xFFFFFFE9u);
    cr_expect_eq(rig_reg(&r, RIG_SP), FRAME);
    cr_expect_eq(rig_read(&r, FRAME + 0x20), MARK);
    cr_expect_eq(rig_read(&r, FPCCR) & 0xBu, 9); // LSPACT, in thread mode, privileged
    cr_expect_eq(rig_read(&r, 0xE000EF38u), FRAME + 0x20);
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL) >> 24, 0);
    rig_step(&r); // the handler's first floating-point instruction
    cr_expect_eq(rig_read(&r, FRAME + 0x20), 0x3F800000u);
    cr_expect_eq(rig_read(&r, FRAME + 0x20 + 60), 0x3FC00000u);
    cr_expect_neq(rig_read(&r, FRAME + 0x60), MARK); // FPSCR
    cr_expect_eq(rig_read(&r, FPCCR) & 1u, 0);
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL) >> 24, 4);
}

Test(machine_exceptions, never_saves_floating_point_state_that_is_not_needed)
{
    enter_with_floats("record");
    rig_run_to_halt(&r);
    cr_expect_eq(rig_read(&r, FRAME + 0x20), MARK);
    cr_expect_eq(rig_read(&r, FPCCR) & 1u, 0);
    cr_expect_eq(rig_reg(&r, RIG_S0), 0x3F800000u);
    cr_expect_eq(rig_reg(&r, RIG_S0 + 1), 0x40200000u);
}

Test(machine_exceptions, saves_floating_point_state_where_the_address_register_says)
{
    enter_with_floats("record_with_fpu");
    rig_write(&r, 0xE000EF38u, FRAME - 0x80);
    rig_run_to_halt(&r);
    cr_expect_eq(rig_read(&r, FRAME - 0x80), 0x3F800000u);
    cr_expect_eq(rig_read(&r, FRAME + 0x20), MARK);
    cr_expect_eq(rig_reg(&r, RIG_S0), MARK); // from the frame, as silicon does
}

Test(machine_exceptions, faults_when_floating_point_state_cannot_be_saved)
{
    enter_with_floats("record_with_fpu");
    rig_write(&r, SHCSR, 1u << 17);
    rig_write(&r, 0xE000ED18u, 0);
    rig_write(&r, 0xE000ED1Cu, 0x80000000u); // SVC below the bus fault
    rig_write(&r, 0xE000EF38u, 0x30000000u);
    rig_run_to_halt(&r);
    cr_expect_eq(rig_read(&r, CFSR), 1u << 13); // LSPERR
    cr_expect_eq(rig_reg(&r, RIG_XPSR) & 0x1FFu, 5);
}

Test(machine_exceptions, stores_floating_point_state_at_once_when_not_lazy)
{
    rig_write(&r, FPCCR, 1u << 31);
    enter_with_floats("record");
    cr_expect_eq(rig_read(&r, FRAME + 0x20 + 60), 0x3FC00000u);
    cr_expect_eq(rig_read(&r, FPCCR) & 1u, 0);
}

#define FPDSCR 0xE000EF3Cu

Test(machine_exceptions, begins_floating_point_state_with_the_defaults)
{
    rig_write(&r, FPDSCR, 0xFFC00000u); // what else is written is ignored
    enter_with_floats("record_with_fpu");
    cr_expect_eq(rig_reg(&r, RIG_FPSCR), 0x07C00000u); // of the thread
    rig_set_reg(&r, RIG_FPSCR, 0x90000000u);
    rig_step(&r);
    cr_expect_eq(rig_reg(&r, RIG_FPSCR) & 0x07C00000u, 0x07C00000u); // of the handler
    cr_expect_eq(rig_read(&r, FRAME + 0x60), 0x90000000u);
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL) >> 24, 4);
    rig_run_to_halt(&r);
    cr_expect_eq(rig_reg(&r, RIG_FPSCR), 0x90000000u);
}

Test(machine_exceptions, begins_floating_point_state_in_a_free_run)
{
    rig_write(&r, CPACR, 0x00F00000u);
    rig_write(&r, FPDSCR, 0x01000000u);
    rig_set_vector(&r, 11, "record_with_fpu");
    rig_call(&r, "float_then_svc");
    cr_expect_eq(rig_reg(&r, RIG_FPSCR) & 0x07C00000u, 0x01000000u);
}

Test(machine_exceptions, omits_floating_point_state_when_told_to)
{
    rig_write(&r, CPACR, 0x00F00000u);
    rig_write(&r, FPCCR, 0);
    rig_goto(&r, "float_then_svc");
    for (int i = 0; i < 4; i++) {
        rig_step(&r);
    }
    cr_expect_eq(rig_reg(&r, RIG_LR), 0xFFFFFFF9u);
    cr_expect_eq(rig_reg(&r, RIG_SP), STACK_TOP - 0x20);
}

Test(machine_exceptions, drops_privilege)
{
    rig_call(&r, "drop_privilege");
    cr_expect_eq(rig_reg(&r, 4), 1);
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL) >> 24, 1);
}
