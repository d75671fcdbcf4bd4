// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/board/machine_rig.h"

static struct rig r;

static void set_up(void)
{
    rig_init(&r);
}

static void tear_down(void)
{
    rig_deinit(&r);
}

TestSuite(machine_debug, .init = set_up, .fini = tear_down);

static uint32_t pc(void)
{
    return rig_reg(&r, RIG_PC);
}

static void set_breakpoint(unsigned i, uint32_t addr)
{
    rig_write(&r, FPB + 8 + 4 * i, addr | 1u);
    rig_write(&r, FPB, 3);
}

Test(machine_debug, shows_the_registers_that_a_debugger_examines)
{
    static const uint32_t expected[][2] = {
        {0xE000ED00u, 0x410FC271u}, {0xE000EF40u, 0x10110021u}, {0xE000EF44u, 0x11000011u},
        {0xE0042000u, 0x10016449u}, {0x1FF0F440u, 0x0400FFFFu}, {0xE0002000u, 0x10000080u},
        {0xE0001FBCu, 0},           {0xE000E004u, 3},           {0xE000ED90u, 0x800u},
        {0xE00FD000u, 0x00001003u},
    };

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        cr_expect_eq(rig_read(&r, expected[i][0]), expected[i][1], "0x%08X reads 0x%08X",
                     expected[i][0], rig_read(&r, expected[i][0]));
    }
    cr_expect_eq(rig_read(&r, DWT) >> 28, 4);
}

Test(machine_debug, faults_on_addresses_where_nothing_is)
{
    static const uint32_t nowhere[] = {0x00100000u, 0x20050000u, 0x60000000u,
                                       0x80000000u, 0xC0000000u, 0xE0100000u};
    uint32_t value;

    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        cr_expect_eq(board_machine_read(r.m, nowhere[i], 4, &value), BOARD_ACCESS_FAULT);
        cr_expect_eq(board_machine_write(r.m, nowhere[i], 4, 0), BOARD_ACCESS_FAULT);
    }
}

Test(machine_debug, halts_and_resumes)
{
    rig_set_reg(&r, 5, 0x20020000u);
    rig_goto(&r, "count_up");
    rig_resume(&r);
    cr_expect_not(rig_is_halted(&r));
    rig_run(&r, 3000);
    rig_halt(&r);
    cr_expect(rig_is_halted(&r));
    uint32_t first = rig_read(&r, 0x20020000u);

    cr_expect_gt(first, 900);
    cr_expect_eq(rig_reg(&r, 0) - first, rig_reg(&r, 0) == first ? 0 : 1);
    cr_expect_eq(board_machine_run(r.m, 1000), BOARD_RUN_HALTED);
    cr_expect_eq(rig_read(&r, 0x20020000u), first);
    rig_resume(&r);
    rig_run(&r, 3000);
    cr_expect_gt(rig_read(&r, 0x20020000u), first);
}

Test(machine_debug, reads_and_writes_memory_while_the_core_runs)
{
    rig_set_reg(&r, 5, 0x20020000u);
    rig_goto(&r, "count_up");
    rig_resume(&r);
    rig_run(&r, 3000);
    uint32_t first = rig_read(&r, 0x20020000u);

    rig_write(&r, 0x20020010u, 0xCAFEF00Du);
    rig_run(&r, 3000);
    cr_expect_gt(rig_read(&r, 0x20020000u), first);
    cr_expect_eq(rig_read(&r, 0x20020010u), 0xCAFEF00Du);
}

Test(machine_debug, keeps_every_register_that_is_written)
{
    for (unsigned i = 0; i < 13; i++) {
        rig_set_reg(&r, i, 0x11110000u + i);
    }
    rig_set_reg(&r, RIG_MSP, 0x20031000u);
    rig_set_reg(&r, RIG_PSP, 0x20032000u);
    rig_set_reg(&r, RIG_LR, 0x12345678u);
    for (unsigned i = 0; i < 32; i++) {
        rig_set_reg(&r, RIG_S0 + i, 0x3F800000u + i);
    }
    rig_set_reg(&r, RIG_FPSCR, 0x03C00000u);
    rig_set_reg(&r, RIG_XPSR, 0xF90F0000u);
    for (unsigned i = 0; i < 13; i++) {
        cr_expect_eq(rig_reg(&r, i), 0x11110000u + i);
    }
    cr_expect_eq(rig_reg(&r, RIG_SP), 0x20031000u);
    cr_expect_eq(rig_reg(&r, RIG_PSP), 0x20032000u);
    cr_expect_eq(rig_reg(&r, RIG_LR), 0x12345678u);
    for (unsigned i = 0; i < 32; i++) {
        cr_expect_eq(rig_reg(&r, RIG_S0 + i), 0x3F800000u + i);
    }
    cr_expect_eq(rig_reg(&r, RIG_FPSCR), 0x03C00000u);
    cr_expect_eq(rig_reg(&r, RIG_XPSR), 0xF90F0000u);
}

Test(machine_debug, keeps_masks_and_control_also_for_unprivileged_code)
{
    rig_set_reg(&r, RIG_PSP, 0x20032000u);
    rig_set_reg(&r, RIG_SPECIAL, 0x03014001u);
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL), 0x03014001u);
    cr_expect_eq(rig_reg(&r, RIG_SP), 0x20032000u);
    cr_expect_eq(rig_reg(&r, RIG_MSP), 0x20040000u);
    rig_set_reg(&r, RIG_SPECIAL, 0);
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL), 0);
    cr_expect_eq(rig_reg(&r, RIG_SP), 0x20040000u);
}

Test(machine_debug, steps_one_instruction)
{
    uint32_t start = rig_symbol("straight");
    static const uint32_t offset[] = {2, 4, 6, 8, 12};

    rig_goto(&r, "straight");
    for (size_t i = 0; i < 5; i++) {
        rig_step(&r);
        cr_expect_eq(pc(), start + offset[i], "step %zu: 0x%08X", i, pc());
        cr_expect_eq(rig_read(&r, DFSR) & 1u, 1);
    }
    cr_expect_eq(rig_reg(&r, 3), 48);
    cr_expect_eq(rig_reg(&r, 4), 0x1234);
}

Test(machine_debug, steps_through_an_it_block)
{
    uint32_t start = rig_symbol("it_block");

    rig_goto(&r, "it_block");
    for (unsigned i = 1; i < 6; i++) {
        rig_set_reg(&r, i, 0x77u);
    }
    for (unsigned i = 1; i <= 8; i++) {
        rig_step(&r);
        cr_expect_eq(pc(), start + 2 * i);
    }
    cr_expect_eq(rig_reg(&r, 1), 1);
    cr_expect_eq(rig_reg(&r, 2), 0x77u);
    cr_expect_eq(rig_reg(&r, 3), 3);
    cr_expect_eq(rig_reg(&r, 4), 0x77u);
    cr_expect_eq(rig_reg(&r, 5), 9);
}

Test(machine_debug, steps_a_branch_to_itself)
{
    rig_goto(&r, "self_branch");
    rig_step(&r);
    cr_expect_eq(pc(), rig_symbol("self_branch"));
}

Test(machine_debug, halts_at_bkpt_and_stays_there)
{
    rig_call(&r, "straight");
    cr_expect_eq(pc(), rig_symbol("straight") + 12);
    cr_expect_eq(rig_read(&r, DFSR) & 2u, 2);
    rig_step(&r);
    cr_expect_eq(pc(), rig_symbol("straight") + 12);
}

Test(machine_debug, stops_at_each_of_eight_breakpoints)
{
    uint32_t start = rig_symbol("it_block");

    for (unsigned i = 0; i < 8; i++) {
        set_breakpoint(i, start + 2 + 2 * i);
    }
    rig_goto(&r, "it_block");
    for (unsigned i = 0; i < 8; i++) {
        rig_run_to_halt(&r);
        cr_expect_eq(pc(), start + 2 + 2 * i);
        cr_expect_eq(rig_read(&r, DFSR) & 2u, 2);
        rig_write(&r, FPB + 8 + 4 * i, 0);
    }
    cr_expect_eq(rig_reg(&r, 1), 1);
}

Test(machine_debug, forgets_a_removed_breakpoint)
{
    uint32_t start = rig_symbol("straight");

    set_breakpoint(0, start + 4);
    rig_call(&r, "straight");
    cr_assert_eq(pc(), start + 4);
    rig_write(&r, FPB + 8, 0);
    rig_call(&r, "straight");
    cr_expect_eq(pc(), start + 12);
    rig_goto(&r, "straight");
    rig_set_reg(&r, RIG_PC, start + 4);
    rig_run_to_halt(&r);
    cr_expect_eq(pc(), start + 12);
}

Test(machine_debug, ignores_breakpoints_while_the_unit_is_disabled)
{
    rig_write(&r, FPB + 8, (rig_symbol("straight") + 4) | 1u);
    rig_call(&r, "straight");
    cr_expect_eq(pc(), rig_symbol("straight") + 12);
}

Test(machine_debug, keeps_breakpoints_over_a_system_reset)
{
    set_breakpoint(3, 0x20010100u);
    rig_write(&r, AIRCR, 0x05FA0004u);
    cr_expect_eq(rig_read(&r, FPB + 8 + 12), 0x20010101u);
    cr_expect_eq(rig_read(&r, FPB) & 1u, 1);
    cr_expect_eq(rig_read(&r, DEMCR), 1u << 24);
}

static void expect_watch(uint32_t function, uint32_t mask, uint32_t addr, uint32_t stop_offset)
{
    rig_write(&r, DWT + 0x20, addr);
    rig_write(&r, DWT + 0x24, mask);
    rig_write(&r, DWT + 0x28, function);
    rig_set_reg(&r, 0, 0x20020000u);
    rig_call(&r, "stores");
    cr_expect_eq(pc() - rig_symbol("stores"), stop_offset, "function %u: offset %u", function,
                 pc() - rig_symbol("stores"));
    cr_expect_eq(rig_read(&r, DFSR) & 4u, 4);
    rig_write(&r, DFSR, 0x1F);
    cr_expect_eq(rig_read(&r, DWT + 0x28) >> 24 & 1u, 1);
    cr_expect_eq(rig_read(&r, DWT + 0x28) >> 24 & 1u, 0);
    rig_write(&r, DWT + 0x28, 0);
}

Test(machine_debug, stops_behind_a_watched_access)
{
    expect_watch(6, 2, 0x20020000u, 2); // write: after str
    expect_watch(5, 2, 0x20020000u, 6); // read: after ldr
    expect_watch(7, 0, 0x20020008u, 8); // either: after strb
    expect_watch(5, 0, 0x20020003u, 6); // part of the word
    expect_watch(7, 4, 0x20020000u, 2); // 16 bytes
    rig_set_reg(&r, 0, 0x20020000u);
    rig_call(&r, "stores");
    cr_expect_eq(pc() - rig_symbol("stores"), 10);
}

Test(machine_debug, reports_a_watched_access_when_stepping)
{
    rig_write(&r, DWT + 0x20, 0x20020000u);
    rig_write(&r, DWT + 0x24, 2);
    rig_write(&r, DWT + 0x28, 6);
    rig_set_reg(&r, 0, 0x20020000u);
    rig_goto(&r, "stores");
    rig_step(&r);
    cr_expect_eq(pc() - rig_symbol("stores"), 2);
    cr_expect_eq(rig_read(&r, DFSR) & 4u, 4);
}

Test(machine_debug, sees_reset_once)
{
    (void)rig_read(&r, DHCSR);
    cr_expect_eq(rig_read(&r, DHCSR) & S_RESET_ST, 0);
    rig_write(&r, AIRCR, 0x05FA0004u);
    cr_expect_eq(rig_read(&r, DHCSR) & S_RESET_ST, S_RESET_ST);
    cr_expect_eq(rig_read(&r, DHCSR) & S_RESET_ST, 0);
    board_machine_set_srst(r.m, true);
    board_machine_set_srst(r.m, false);
    cr_expect_eq(rig_read(&r, DHCSR) & S_RESET_ST, S_RESET_ST);
}

Test(machine_debug, ignores_a_reset_without_the_key)
{
    (void)rig_read(&r, DHCSR);
    rig_write(&r, AIRCR, 0x00000004u);
    cr_expect_eq(rig_read(&r, DHCSR) & S_RESET_ST, 0);
    cr_expect_eq(rig_read(&r, VTOR), 0x20010000u);
}

Test(machine_debug, halts_at_the_reset_vector_when_asked_to)
{
    rig_unlock_flash(&r);
    rig_write(&r, 0x40023C10u, 0x201u);
    rig_write(&r, 0x08000000u, 0x20001000u);
    rig_write(&r, 0x08000004u, 0x08000101u);
    rig_write(&r, DEMCR, 1u << 24 | 1u);
    rig_write(&r, AIRCR, 0x05FA0004u);
    cr_expect(rig_is_halted(&r));
    cr_expect_eq(pc(), 0x08000100u);
    cr_expect_eq(rig_reg(&r, RIG_SP), 0x20001000u);
    cr_expect_eq(rig_reg(&r, RIG_LR), 0xFFFFFFFFu);
    cr_expect_eq(rig_reg(&r, RIG_XPSR), 0x01000000u);
    cr_expect_eq(rig_read(&r, DFSR) & 8u, 8);
    cr_expect_eq(rig_read(&r, VTOR), 0x00200000u);
}

Test(machine_debug, resets_when_the_program_asks)
{
    rig_goto(&r, "reset_itself");
    (void)rig_read(&r, DHCSR);
    rig_resume(&r);
    rig_run(&r, 1000);
    cr_expect_eq(rig_read(&r, DHCSR) & S_RESET_ST, S_RESET_ST);
    cr_expect_eq(rig_read(&r, 0x40023874u) >> 28 & 1u, 1); // software reset flag
}

Test(machine_debug, does_not_run_while_held_in_reset)
{
    rig_goto(&r, "count_up");
    rig_resume(&r);
    board_machine_set_srst(r.m, true);
    cr_expect_not(board_machine_runnable(r.m));
    rig_run(&r, 1000);
    uint64_t before = board_machine_instructions(r.m);

    rig_run(&r, 1000);
    cr_expect_eq(board_machine_instructions(r.m), before);
    rig_write(&r, 0x20020000u, 5);
    cr_expect_eq(rig_read(&r, 0x20020000u), 5);
}

Test(machine_debug, loses_ram_and_debug_state_but_not_flash_without_power)
{
    rig_unlock_flash(&r);
    rig_write(&r, 0x40023C10u, 0x201u);
    rig_write(&r, 0x08000100u, 0x12345678u);
    rig_write(&r, 0x20020000u, 0x12345678u);
    set_breakpoint(0, 0x20010100u);
    board_machine_power_cycle(r.m);
    cr_expect_eq(rig_read(&r, 0x08000100u), 0x12345678u);
    cr_expect_eq(rig_read(&r, 0x20020000u), 0);
    cr_expect_eq(rig_read(&r, FPB + 8), 0);
    cr_expect_eq(rig_read(&r, DHCSR) & 0xFFFFu, 0);
}

Test(machine_debug, locks_up_on_empty_flash_and_can_be_halted)
{
    rig_write(&r, AIRCR, 0x05FA0004u);
    rig_run(&r, 1000);
    cr_expect_eq(rig_read(&r, DHCSR) & S_LOCKUP, S_LOCKUP);
    cr_expect_not(board_machine_runnable(r.m));
    rig_halt(&r);
    cr_expect(rig_is_halted(&r));
    cr_expect_eq(pc(), 0xFFFFFFFEu);
}

Test(machine_debug, executes_code_that_the_debugger_replaced)
{
    uint32_t at = rig_symbol("straight");

    rig_call(&r, "straight");
    cr_assert_eq(rig_reg(&r, 0), 1);
    cr_assert_eq(board_machine_write(r.m, at, 2, 0x2055u), BOARD_ACCESS_OK);
    rig_call(&r, "straight");
    cr_expect_eq(rig_reg(&r, 0), 0x55);
}

Test(machine_debug, executes_code_that_the_program_replaced)
{
    rig_call(&r, "patched");
    cr_assert_eq(rig_reg(&r, 0), 1);
    rig_call(&r, "rewrite_code");
    cr_expect_eq(rig_reg(&r, 0), 9);
}

Test(machine_debug, counts_the_instructions_between_two_reads_of_one_block)
{
    rig_call(&r, "read_cycles_twice");
    cr_expect_eq(rig_reg(&r, 1) - rig_reg(&r, 0), 5);
}

static uint32_t cycles_of(const char *name, bool stepped)
{
    uint32_t before;

    rig_goto(&r, name);
    before = rig_read(&r, CYCCNT);
    if (!stepped) {
        rig_run_to_halt(&r);
        return rig_read(&r, CYCCNT) - before;
    }
    for (int i = 0; i < 20000; i++) {
        uint32_t code = 0;

        cr_assert_eq(board_machine_read(r.m, pc(), 2, &code), BOARD_ACCESS_OK);
        if (code >> 8 == 0xBE) {
            return rig_read(&r, CYCCNT) - before;
        }
        rig_step(&r);
    }
    cr_assert_fail("%s does not end", name);
    return 0;
}

Test(machine_debug, counts_the_same_stepped_and_free)
{
    uint32_t free_running = cycles_of("mixed_work", false);
    uint32_t result = rig_reg(&r, 0);
    uint32_t stepped = cycles_of("mixed_work", true);

    cr_expect_eq(rig_reg(&r, 0), result);
    cr_expect_gt(free_running, 300);
    cr_expect_eq(stepped, free_running, "stepped %u, free %u", stepped, free_running);
    // A breakpoint in the loop splits its block; that must not count.
    set_breakpoint(0, rig_symbol("mixed_leaf"));
    rig_goto(&r, "mixed_work");
    uint32_t before = rig_read(&r, CYCCNT);

    for (unsigned i = 0; i < 20; i++) {
        rig_run_to_halt(&r);
        cr_assert_eq(pc(), rig_symbol("mixed_leaf"));
        rig_write(&r, FPB, 2);
        rig_step(&r);
        rig_write(&r, FPB, 3);
    }
    rig_run_to_halt(&r);
    cr_expect_eq(rig_read(&r, CYCCNT) - before, free_running);
}

Test(machine_debug, counts_nothing_while_halted)
{
    uint32_t before = rig_read(&r, CYCCNT);

    rig_run(&r, 10000);
    cr_expect_eq(rig_read(&r, CYCCNT), before);
    rig_write(&r, CYCCNT, 77);
    cr_expect_eq(rig_read(&r, CYCCNT), 77);
}

Test(machine_debug, locks_the_counters_to_software_without_the_key)
{
    rig_write(&r, AIRCR, 0x05FA0004u);
    board_machine_power_cycle(r.m);
    rig_deinit(&r);
    rig_init(&r);
    rig_call(&r, "straight");
    uint32_t before = rig_read(&r, CYCCNT);

    cr_assert_gt(before, 0);
    rig_call(&r, "write_dwt"); // a debugger does not open the lock for the program
    cr_expect_gt(rig_read(&r, CYCCNT), before);
}

/** What software reads at addr after it has written value there. */
static uint32_t poke(uint32_t addr, uint32_t value)
{
    rig_set_reg(&r, 0, addr);
    rig_set_reg(&r, 1, value);
    rig_call(&r, "poke");
    return rig_reg(&r, 2);
}

Test(machine_debug, trace_ports_take_what_a_program_prints)
{
    rig_write(&r, DEMCR, 1u << 24);
    cr_expect_eq(poke(0xE0000000u, 'x'), 1); // ready for the next one
    cr_expect_eq(poke(0xE0000E80u, 0xFFFFFFFFu), 0, "locked to software without the key");
    cr_expect_eq(poke(0xE0000FB4u, 0), 3);
    poke(0xE0000FB0u, 0xC5ACCE55u);
    cr_expect_eq(poke(0xE0000FB4u, 0), 1);
    cr_expect_eq(poke(0xE0000E80u, 0xFFFFFFFFu), 0x007F0F1Fu);
    cr_expect_eq(poke(0xE0000E00u, 5), 5);
    rig_write(&r, DEMCR, 0);
    cr_expect_eq(poke(0xE0000000u, 'x'), 0, "no trace, no room in the FIFO");
}

Test(machine_debug, sums_up_the_event_counters)
{
    uint32_t before;
    uint32_t cycles;

    rig_write(&r, DWT, 1u | 0x1Fu << 17);
    before = rig_read(&r, CYCCNT);
    rig_goto(&r, "call_svc");
    uint64_t instructions = board_machine_instructions(r.m);

    rig_run_to_halt(&r);
    cycles = rig_read(&r, CYCCNT) - before;
    instructions = board_machine_instructions(r.m) - instructions;
    cr_expect_gt(rig_read(&r, DWT + 0x0C), 0); // EXCCNT
    cr_expect_eq(cycles & 0xFFu,
                 (instructions + rig_read(&r, DWT + 0x08) + rig_read(&r, DWT + 0x0C) +
                  rig_read(&r, DWT + 0x10) + rig_read(&r, DWT + 0x14) - rig_read(&r, DWT + 0x18)) &
                     0xFFu);
}

Test(machine_debug, samples_the_pc_of_a_running_core_only)
{
    cr_expect_eq(rig_read(&r, DWT + 0x1C), 0xFFFFFFFFu);
    rig_set_reg(&r, 5, 0x20020000u);
    rig_goto(&r, "count_up");
    rig_resume(&r);
    bool differs = false;
    uint32_t first = rig_read(&r, DWT + 0x1C);

    for (int i = 0; i < 50; i++) {
        uint32_t sample = rig_read(&r, DWT + 0x1C);

        cr_expect_leq(sample - rig_symbol("count_up"), 8);
        differs |= sample != first;
    }
    rig_halt(&r);
    cr_expect_gt(rig_read(&r, 0x20020000u), 100);
    (void)differs;
}

Test(machine_debug, breaks_down_all_cycles_in_the_vendor_block)
{
    uint64_t sum = 0;

    cr_expect_eq(rig_read(&r, 0xF0000000u), 0x4D565455u);
    cr_expect_eq(rig_read(&r, 0xF0000004u), 2);
    cr_expect_eq(rig_read(&r, 0xF0000008u), BOARD_TIMING_COUNT);
    rig_call(&r, "mixed_work");
    rig_call(&r, "call_svc");
    rig_write(&r, 0xF0000014u, 0);
    for (unsigned kind = 0; kind < 8; kind++) {
        sum += rig_read(&r, 0xF0000200u + 8 * kind);
        sum += (uint64_t)rig_read(&r, 0xF0000204u + 8 * kind) << 32;
    }
    cr_expect_eq(sum, board_machine_cycles(r.m));
    cr_expect_eq(rig_read(&r, 0xF0000240u), board_machine_instructions(r.m));
}

static long peak_kib(void)
{
    struct rusage usage;

    cr_assert_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

Test(machine_debug, steps_for_long_in_little_memory)
{
    const uint32_t steps = 210000; // so many that the engine is made anew
    uint32_t count;

    rig_write(&r, CPACR, 0x00F00000u);
    rig_set_reg(&r, 5, 0x20020000u);
    rig_set_reg(&r, RIG_S0 + 31, 0x40490FDBu);
    rig_set_reg(&r, RIG_FPSCR, 0x01000000u);
    rig_set_reg(&r, RIG_PSP, 0x20021000u);
    rig_goto(&r, "count_up");
    rig_set_reg(&r, RIG_SPECIAL, 0x03004000u); // a task without privilege, on its own stack
    for (uint32_t i = 0; i < steps; i++) {
        rig_step(&r);
    }
    count = rig_reg(&r, 0);
    cr_expect_eq(count, steps / 3);
    cr_expect_eq(rig_reg(&r, RIG_S0 + 31), 0x40490FDBu);
    cr_expect_eq(rig_reg(&r, RIG_FPSCR), 0x01000000u);
    cr_expect_eq(rig_reg(&r, RIG_PSP), 0x20021000u);
    cr_expect_eq(rig_reg(&r, RIG_SP), 0x20021000u);
    cr_expect_eq(rig_reg(&r, RIG_SPECIAL), 0x03004000u, "0x%08x", rig_reg(&r, RIG_SPECIAL));
    // Breakpoints are still met.
    rig_write(&r, FPB, 3);
    rig_write(&r, FPB + 8, (rig_symbol("count_up") + 4) | 1u);
    rig_run_to_halt(&r);
    cr_expect_eq(rig_reg(&r, RIG_PC), rig_symbol("count_up") + 4);
    cr_expect_lt(peak_kib(), 500 * 1024, "%ld KiB", peak_kib());
}
