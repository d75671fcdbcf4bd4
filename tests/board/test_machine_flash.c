// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Locks and interrupts of the flash controller. Source: RM0385 3.3.5, 3.4.2, 3.6, 3.7.
#include <criterion/criterion.h>

#include "tests/board/machine_rig.h"

#define FLASH_KEYR 0x40023C04u
#define FLASH_OPTKEYR 0x40023C08u
#define FLASH_SR 0x40023C0Cu
#define FLASH_CR 0x40023C10u
#define FLASH_OPTCR 0x40023C14u
#define CR_PG_X32 0x201u
#define CR_EOPIE (1u << 24)
#define CR_ERRIE (1u << 25)
#define CR_LOCK (1u << 31)
#define OPTCR_LOCK 1u
#define NVIC_ISPR0 0xE000E200u
#define NVIC_ICPR0 0xE000E280u
#define FLASH_IRQ_BIT (1u << 4)

static struct rig r;

static void set_up(void)
{
    rig_init(&r);
}

static void tear_down(void)
{
    rig_deinit(&r);
}

TestSuite(machine_flash, .init = set_up, .fini = tear_down);

static bool locked(void)
{
    return (rig_read(&r, FLASH_CR) & CR_LOCK) != 0;
}

static void unlock_options(void)
{
    rig_write(&r, FLASH_OPTKEYR, 0x08192A3Bu);
    rig_write(&r, FLASH_OPTKEYR, 0x4C5D6E7Fu);
}

static bool options_locked(void)
{
    return (rig_read(&r, FLASH_OPTCR) & OPTCR_LOCK) != 0;
}

static void system_reset(void)
{
    rig_write(&r, AIRCR, 0x05FA0004u);
}

Test(machine_flash, one_key_does_not_unlock)
{
    rig_write(&r, FLASH_KEYR, 0x45670123u);
    cr_expect(locked());
    rig_write(&r, FLASH_KEYR, 0xCDEF89ABu);
    cr_expect_not(locked());
}

Test(machine_flash, can_be_locked_and_unlocked_again)
{
    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_LOCK);
    cr_expect(locked());
    rig_write(&r, FLASH_CR, CR_PG_X32);
    cr_expect_eq(rig_read(&r, FLASH_CR), CR_LOCK, "nothing can be written while it is locked");
    rig_unlock_flash(&r);
    cr_expect_not(locked());
}

Test(machine_flash, keys_while_unlocked_do_no_harm)
{
    rig_unlock_flash(&r);
    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_LOCK);
    rig_unlock_flash(&r);
    cr_expect_not(locked());
}

Test(machine_flash, option_bytes_stay_locked_after_a_wrong_key_until_reset)
{
    rig_write(&r, FLASH_OPTKEYR, 0x08192A3Bu);
    rig_write(&r, FLASH_OPTKEYR, 0x11111111u);
    unlock_options();
    cr_expect(options_locked());
    system_reset();
    unlock_options();
    cr_expect_not(options_locked());
}

Test(machine_flash, option_bytes_can_be_locked_and_unlocked_again)
{
    unlock_options();
    cr_expect_not(options_locked());
    unlock_options();
    rig_write(&r, FLASH_OPTCR, rig_read(&r, FLASH_OPTCR) | OPTCR_LOCK);
    cr_expect(options_locked());
    unlock_options();
    cr_expect_not(options_locked());
}

Test(machine_flash, erases_only_when_started)
{
    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_PG_X32);
    rig_write(&r, 0x08000100u, 0x12345678u);
    rig_write(&r, FLASH_CR, 0x202u); // sector erase, sector 0, no start
    cr_expect_eq(rig_read(&r, 0x08000100u), 0x12345678u);
    rig_write(&r, FLASH_CR, 0x10202u);
    cr_expect_eq(rig_read(&r, 0x08000100u), 0xFFFFFFFFu);
}

static bool interrupts(void)
{
    return (rig_read(&r, NVIC_ISPR0) & FLASH_IRQ_BIT) != 0;
}

Test(machine_flash, interrupts_at_the_end_of_an_operation_when_told_to)
{
    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_PG_X32);
    rig_write(&r, 0x08000100u, 0);
    cr_expect_not(interrupts());
    cr_expect_eq(rig_read(&r, FLASH_SR), 0, "EOP comes with its interrupt only");
    rig_write(&r, FLASH_CR, CR_PG_X32 | CR_EOPIE);
    cr_expect_not(interrupts());
    rig_write(&r, 0x08000104u, 0);
    cr_expect_eq(rig_read(&r, FLASH_SR), 1);
    cr_expect(interrupts());
    rig_write(&r, FLASH_SR, 1);
    rig_write(&r, NVIC_ICPR0, FLASH_IRQ_BIT);
    cr_expect_not(interrupts(), "the request is gone with its cause");
}

Test(machine_flash, interrupts_at_an_error_when_told_to)
{
    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_EOPIE); // PG is not set
    rig_write(&r, 0x08000100u, 0);
    cr_expect_neq(rig_read(&r, FLASH_SR), 0);
    cr_expect_not(interrupts());
    rig_write(&r, FLASH_SR, 0xFFFFFFFFu);
    rig_write(&r, FLASH_CR, CR_ERRIE);
    rig_write(&r, 0x08000100u, 0);
    cr_expect(interrupts());
}
