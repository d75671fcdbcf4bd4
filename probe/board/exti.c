// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 7.2 (SYSCFG), 11.9 (EXTI). Nothing drives a pin from outside, so edges come from
// the firmware itself: outputs that it toggles, pulls that it changes, and SWIER; and from the RTC.

#define IMR 0x00u
#define EMR 0x04u
#define RTSR 0x08u
#define FTSR 0x0Cu
#define SWIER 0x10u
#define PR 0x14u
#define LINES ((1u << BOARD_NUM_EXTI_LINES) - 1)
#define EXTICR1 0x08u
#define CMPCR 0x20u
#define NUM_PINS 16u

/** The interrupts of the lines; Source: RM0385 table 46. */
static const struct {
    uint8_t irq;
    uint32_t lines;
} interrupts[] = {
    {6, 1u << 0},   {7, 1u << 1},   {8, 1u << 2},  {9, 1u << 3},   {10, 1u << 4},
    {23, 0x03E0u},  {40, 0xFC00u},  {1, 1u << 16}, {41, 1u << 17}, {42, 1u << 18},
    {62, 1u << 19}, {76, 1u << 20}, {2, 1u << 21}, {3, 1u << 22},  {93, 1u << 23},
};

static void update_lines(struct board_machine *m)
{
    uint32_t raised = m->exti.pr & m->exti.imr;

    for (size_t i = 0; i < sizeof interrupts / sizeof interrupts[0]; i++) {
        board_nvic_set_line(m, interrupts[i].irq, (raised & interrupts[i].lines) != 0);
    }
}

static void trigger(struct board_machine *m, uint32_t lines)
{
    m->exti.pr |= lines & m->exti.imr;
    if ((lines & m->exti.emr) != 0) {
        m->event = true;
    }
    update_lines(m);
    board_attention(m);
}

void board_exti_reset(struct board_machine *m)
{
    memset(&m->exti, 0, sizeof m->exti);
    memset(m->syscfg, 0, sizeof m->syscfg);
    update_lines(m);
}

void board_exti_pins(struct board_machine *m, unsigned port, uint32_t before, uint32_t after)
{
    uint32_t lines = 0;

    if (before == after) {
        return;
    }
    for (unsigned pin = 0; pin < NUM_PINS; pin++) {
        uint32_t select = m->syscfg[EXTICR1 / 4 + pin / 4] >> (4 * (pin % 4)) & 15u;
        uint32_t edges = (after >> pin & 1u) != 0 ? m->exti.rtsr : m->exti.ftsr;

        if (select == port && ((before ^ after) >> pin & 1u) != 0) {
            lines |= edges & 1u << pin;
        }
    }
    if (lines != 0) {
        trigger(m, lines);
    }
}

void board_exti_rise(struct board_machine *m, uint32_t lines)
{
    trigger(m, lines & m->exti.rtsr);
}

uint32_t board_exti_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    (void)index;
    switch (io->offset) {
    case IMR:
        return m->exti.imr;
    case EMR:
        return m->exti.emr;
    case RTSR:
        return m->exti.rtsr;
    case FTSR:
        return m->exti.ftsr;
    case SWIER:
    case PR:
        return m->exti.pr; // a software trigger stays set as long as its line is pending
    default:
        return 0;
    }
}

void board_exti_write(struct board_machine *m, unsigned index, const struct board_io *io,
                      uint32_t value)
{
    (void)index;
    value &= LINES;
    switch (io->offset) {
    case IMR:
        m->exti.imr = value;
        break;
    case EMR:
        m->exti.emr = value;
        break;
    case RTSR:
        m->exti.rtsr = value;
        break;
    case FTSR:
        m->exti.ftsr = value;
        break;
    case SWIER:
        trigger(m, value & ~m->exti.pr);
        break;
    case PR:
        m->exti.pr &= ~value;
        break;
    default:
        break;
    }
    update_lines(m);
}

uint32_t board_syscfg_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    uint32_t value;

    (void)index;
    if (io->offset >= sizeof m->syscfg) {
        return 0;
    }
    value = m->syscfg[io->offset / 4];
    return io->offset == CMPCR ? value | (value & 1u) << 8 : value; // compensation cell ready
}

void board_syscfg_write(struct board_machine *m, unsigned index, const struct board_io *io,
                        uint32_t value)
{
    (void)index;
    if (io->offset < sizeof m->syscfg) {
        m->syscfg[io->offset / 4] = value;
    }
}
