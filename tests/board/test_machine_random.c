// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/board/machine_rig.h"

/*
 * A debugger that does anything at random to a program with interrupts must not be noticed by it:
 * same result, same number of ticks at the same instructions, same CYCCNT as in a free run.
 * UTVM_RANDOM_OPERATIONS sets how many (default 400), UTVM_RANDOM_SEED which.
 */

#define EXC_SYSTICK 15
#define ROUNDS 300

struct outcome {
    uint32_t result;
    uint32_t ticks;
    uint32_t trace; // of the PCs at which ticks came
    uint32_t cycles;
};

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static uint32_t setting(const char *name, uint32_t fallback)
{
    const char *text = getenv(name);

    return text == NULL ? fallback : (uint32_t)strtoul(text, NULL, 0);
}

static void prepare(struct rig *r, enum board_timing_mode timing)
{
    const struct board_machine_config config = {.timing = timing};

    rig_init_with(r, &config);
    rig_set_vector(r, EXC_SYSTICK, "tick");
    rig_goto(r, "long_work");
    rig_set_reg(r, 7, ROUNDS);
    rig_write(r, SYSTICK + 4, 1500);
    rig_write(r, SYSTICK + 8, 0);
    rig_write(r, SYSTICK, 7);
    rig_write(r, CYCCNT, 0);
}

static struct outcome finish(struct rig *r)
{
    rig_run_to_halt(r);
    struct outcome o = {rig_reg(r, 6), rig_read(r, rig_symbol("ticks")),
                        rig_read(r, rig_symbol("ticks") + 4), rig_read(r, CYCCNT)};

    rig_deinit(r);
    return o;
}

static bool at_end(struct rig *r)
{
    uint32_t code = 0;

    return board_machine_read(r->m, rig_reg(r, RIG_PC), 2, &code) == BOARD_ACCESS_OK &&
           code == 0xBE1C;
}

static void step_over_breakpoint(struct rig *r)
{
    rig_write(r, FPB, 2);
    rig_write(r, DHCSR, STEP_UNMASKED_KEY);
    rig_write(r, FPB, 3);
}

/** One thing that debuggers do; the core is halted before and after. */
static void disturb(struct rig *r, uint32_t *seed)
{
    uint32_t where = rig_symbol("long_work") + 2 * (next_random(seed) % 30);

    switch (next_random(seed) % 7) {
    case 0:
        for (uint32_t n = next_random(seed) % 12; n > 0 && !at_end(r); n--) {
            step_over_breakpoint(r);
        }
        break;
    case 1:
        rig_write(r, FPB + 8 + 4 * (next_random(seed) % 8), where | 1u);
        rig_write(r, FPB, 3);
        break;
    case 2:
        for (unsigned i = 0; i < 8; i++) {
            rig_write(r, FPB + 8 + 4 * i, 0);
        }
        break;
    case 3: {
        uint32_t value = rig_reg(r, 5);

        rig_set_reg(r, 5, ~value);
        rig_set_reg(r, 5, value);
        rig_set_reg(r, RIG_XPSR, rig_reg(r, RIG_XPSR));
        rig_set_reg(r, RIG_PC, rig_reg(r, RIG_PC));
        break;
    }
    case 4: { // rewrite the code with itself
        uint32_t word = rig_read(r, where & ~3u);

        rig_write(r, where & ~3u, word);
        break;
    }
    case 5:
        rig_write(r, DWT + 0x20, rig_symbol("scratch") + 4 * (next_random(seed) % 14));
        rig_write(r, DWT + 0x24, 2);
        rig_write(r, DWT + 0x28, next_random(seed) % 4 == 0 ? 6 : 0);
        break;
    default:
        break;
    }
    if (!at_end(r)) {
        step_over_breakpoint(r);
        rig_resume(r);
        rig_run(r, next_random(seed) % 900);
        rig_halt(r);
    }
}

static void compare(enum board_timing_mode timing)
{
    uint32_t seed = setting("UTVM_RANDOM_SEED", 0x1234567u);
    uint32_t operations = setting("UTVM_RANDOM_OPERATIONS", 400);
    struct rig r;
    struct outcome wanted;
    struct outcome got;

    prepare(&r, timing);
    wanted = finish(&r);
    cr_expect_gt(wanted.ticks, 50);
    prepare(&r, timing);
    for (uint32_t i = 0; i < operations; i++) {
        if (at_end(&r)) { // start over; every pass must come to the same
            got = finish(&r);
            cr_assert_eq(got.cycles, wanted.cycles, "operation %u: %u cycles, not %u", i,
                         got.cycles, wanted.cycles);
            cr_assert_eq(got.result, wanted.result, "operation %u", i);
            cr_assert_eq(got.trace, wanted.trace, "operation %u", i);
            prepare(&r, timing);
        }
        disturb(&r, &seed);
    }
    for (unsigned i = 0; i < 8; i++) {
        rig_write(&r, FPB + 8 + 4 * i, 0);
    }
    rig_write(&r, DWT + 0x28, 0);
    got = finish(&r);
    cr_expect_eq(got.result, wanted.result);
    cr_expect_eq(got.ticks, wanted.ticks, "%u ticks, not %u", got.ticks, wanted.ticks);
    cr_expect_eq(got.trace, wanted.trace);
    cr_expect_eq(got.cycles, wanted.cycles, "%u cycles, not %u", got.cycles, wanted.cycles);
}

Test(machine_random, notices_no_debugger_when_counting_instructions)
{
    compare(BOARD_TIMING_COUNT);
}

Test(machine_random, notices_no_debugger_in_fast_mode)
{
    compare(BOARD_TIMING_FAST);
}

Test(machine_random, notices_no_debugger_in_memory_mode)
{
    compare(BOARD_TIMING_MEMORY);
}
