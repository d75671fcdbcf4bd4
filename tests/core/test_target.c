// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>

#include "core/target.h"
#include "tests/core/fixture.h"

static struct fake_target *fake;

static void create(void)
{
    fake = fake_target_create();
}

static void destroy(void)
{
    utvm_target_destroy(&fake->base);
}

TestSuite(target, .init = create, .fini = destroy);

Test(target, turns_a_missing_slot_into_unsupported)
{
    fixture_fails(utvm_target_reset_run(&fake->base), UTVM_ERROR_UNSUPPORTED,
                  "target 'fake' cannot reset");
    char *reply = NULL;
    fixture_fails(utvm_target_monitor(&fake->base, "x", &reply), UTVM_ERROR_UNSUPPORTED,
                  "cannot take server commands");
}

Test(target, refuses_registers_while_running)
{
    fixture_ok(utvm_target_resume(&fake->base));
    uint32_t value = 0;
    fixture_fails(utvm_target_read_register(&fake->base, UTVM_REG_PC, &value), UTVM_ERROR_STATE,
                  "the core is running");
    fixture_fails(utvm_target_resume(&fake->base), UTVM_ERROR_STATE, "halt it first");
    fixture_ok(utvm_target_read(&fake->base, 0x20000000, &value, sizeof(value)));
    fixture_ok(utvm_target_halt(&fake->base));
    fixture_ok(utvm_target_read_register(&fake->base, UTVM_REG_PC, &value));
}

Test(target, remembers_that_the_link_is_lost)
{
    uint8_t byte = 0;
    fake->lost = true;
    fixture_fails(utvm_target_read(&fake->base, 0x20000000, &byte, 1), UTVM_ERROR_LOST, "closed");
    cr_expect_eq(fake->base.state, UTVM_TARGET_LOST);
    fake->lost = false; // it is gone for good all the same
    fixture_fails(utvm_target_read(&fake->base, 0x20000000, &byte, 1), UTVM_ERROR_LOST,
                  "connect again");
    fixture_fails(utvm_target_halt(&fake->base), UTVM_ERROR_LOST, "connect again");
}

Test(target, refuses_a_range_beyond_the_address_space)
{
    uint8_t bytes[8] = {0};
    fixture_fails(utvm_target_read(&fake->base, 0xFFFFFFFC, bytes, 8), UTVM_ERROR_INVALID,
                  "beyond the address space");
    fixture_fails(utvm_target_write(&fake->base, 0xFFFFFFFC, bytes, 8), UTVM_ERROR_INVALID,
                  "beyond the address space");
    fixture_fails(utvm_target_write_flash(&fake->base, 0xFFFFFFFC, bytes, 8), UTVM_ERROR_INVALID,
                  "beyond the address space");
    fixture_ok(utvm_target_read(&fake->base, 0xFFFFFFFF, bytes, 0));
}

Test(target, halts_a_call_that_takes_too_long)
{
    fixture_ok(utvm_target_write(&fake->base, TOY_MAILBOX, "", 1));
    fake->hang_layer = 0;
    const struct utvm_call call = {.pc = TOY_ENTRY, .args = {0, 5, 0}};
    struct utvm_call_result result = {0};
    fixture_ok(utvm_target_call(&fake->base, &call, 1, &result));
    cr_expect(result.interrupted);
    cr_expect(result.timed_out);
    cr_expect_eq(result.state, UTVM_TARGET_HALTED);
    cr_expect_eq(fake->base.state, UTVM_TARGET_HALTED);
    cr_expect_eq(result.pc, TOY_CODE + 8);
    fixture_ok(utvm_target_call_continue(&fake->base, &call, 1000, &result));
    cr_expect_not(result.interrupted);
    cr_expect_eq(result.pc, TOY_STOP);
}

Test(target, halts_a_call_on_cancel)
{
    volatile sig_atomic_t cancelled = 1;
    fake->base.cancelled = &cancelled;
    fake->hang_layer = 0;
    const struct utvm_call call = {.pc = TOY_ENTRY, .args = {0, 5, 0}};
    struct utvm_call_result result = {0};
    fixture_ok(utvm_target_call(&fake->base, &call, 0, &result));
    cr_expect(result.interrupted);
    cr_expect_not(result.timed_out);
    fake->base.cancelled = NULL;
}
