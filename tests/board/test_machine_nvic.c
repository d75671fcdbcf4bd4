// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// The NVIC's registers as a debugger reads and writes them. Source: Armv7-M ARM B3.4, B3.2.4.
#include <criterion/criterion.h>

#include "tests/board/machine_rig.h"

#define ISER 0xE000E100u
#define ICER 0xE000E180u
#define ISPR 0xE000E200u
#define ICPR 0xE000E280u
#define IABR 0xE000E300u
#define IPR 0xE000E400u
#define ICSR_ADDR 0xE000ED04u
#define SHPR3 0xE000ED20u

static struct rig r;

static void set_up(void)
{
    rig_init(&r);
}

static void tear_down(void)
{
    rig_deinit(&r);
}

TestSuite(machine_nvic, .init = set_up, .fini = tear_down);

Test(machine_nvic, enables_and_disables_bit_by_bit)
{
    rig_write(&r, ISER + 4, 0x80000001u);
    rig_write(&r, ISER + 4, 0x00000010u);
    cr_expect_eq(rig_read(&r, ISER + 4), 0x80000011u);
    cr_expect_eq(rig_read(&r, ICER + 4), 0x80000011u, "both registers show what is enabled");
    rig_write(&r, ICER + 4, 0x00000001u);
    cr_expect_eq(rig_read(&r, ISER + 4), 0x80000010u);
    cr_expect_eq(rig_read(&r, ISER), 0);
}

Test(machine_nvic, pends_and_clears_bit_by_bit)
{
    rig_write(&r, ISPR, 0x00000300u);
    cr_expect_eq(rig_read(&r, ISPR), 0x300);
    cr_expect_eq(rig_read(&r, ICPR), 0x300);
    rig_write(&r, ICPR, 0x00000100u);
    cr_expect_eq(rig_read(&r, ISPR), 0x200);
    cr_expect_eq(rig_read(&r, IABR), 0, "nothing runs");
}

Test(machine_nvic, has_98_interrupts)
{
    for (uint32_t at = 0; at < 0x40; at += 4) {
        rig_write(&r, ISER + at, 0xFFFFFFFFu);
    }
    cr_expect_eq(rig_read(&r, ISER + 8), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, ISER + 12), 0x3);
    cr_expect_eq(rig_read(&r, ISER + 16), 0);
}

Test(machine_nvic, keeps_four_bits_of_each_priority)
{
    rig_write(&r, IPR + 8, 0x12F03455u);
    cr_expect_eq(rig_read(&r, IPR + 8), 0x10F03050u);
    cr_expect_eq(rig_read(&r, IPR + 4), 0);
    cr_expect_eq(rig_read(&r, IPR + 12), 0);
    cr_expect_eq(board_machine_write(r.m, IPR + 9, 1, 0xA0u), BOARD_ACCESS_OK);
    cr_expect_eq(rig_read(&r, IPR + 8), 0x10F0A050u, "a byte alone");
    rig_write(&r, IPR + 96, 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, IPR + 96), 0x0000F0F0u, "97 is the last");
}

Test(machine_nvic, names_the_most_urgent_pending_exception)
{
    cr_expect_eq(rig_read(&r, ICSR_ADDR) >> 12 & 0x1FFu, 0);
    rig_write(&r, IPR, 0x00402080u); // 0: 0x80, 1: 0x20, 2: 0x40
    rig_write(&r, ISER, 0x7u);
    rig_write(&r, ISPR, 0x5u);
    cr_expect_eq(rig_read(&r, ICSR_ADDR) >> 12 & 0x1FFu, 16 + 2);
    cr_expect_eq(rig_read(&r, ICSR_ADDR) >> 22 & 1u, 1, "an interrupt is pending");
    rig_write(&r, ISPR, 0x2u);
    cr_expect_eq(rig_read(&r, ICSR_ADDR) >> 12 & 0x1FFu, 16 + 1);
    rig_write(&r, ICER, 0x2u);
    cr_expect_eq(rig_read(&r, ICSR_ADDR) >> 12 & 0x1FFu, 16 + 2, "what is disabled does not count");
    rig_write(&r, ICPR, 0x7u);
    cr_expect_eq(rig_read(&r, ICSR_ADDR) >> 22 & 1u, 0);
}

Test(machine_nvic, shows_pending_system_exceptions)
{
    rig_write(&r, ICSR_ADDR, 1u << 28 | 1u << 26);
    cr_expect_eq(rig_read(&r, ICSR_ADDR) & (1u << 28 | 1u << 26), 1u << 28 | 1u << 26);
    cr_expect_eq(rig_read(&r, ICSR_ADDR) >> 12 & 0x1FFu, 14, "equal priorities: the lower number");
    rig_write(&r, SHPR3, 0x10200000u); // SysTick 0x10, PendSV 0x20
    cr_expect_eq(rig_read(&r, ICSR_ADDR) >> 12 & 0x1FFu, 15);
    rig_write(&r, ICSR_ADDR, 1u << 27 | 1u << 25);
    cr_expect_eq(rig_read(&r, ICSR_ADDR) & (1u << 28 | 1u << 26), 0);
}
