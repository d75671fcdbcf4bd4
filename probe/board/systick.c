// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/state.h"

// Source: Armv7-M ARM B3.3; RM0385 5.2 (the external reference is HCLK / 8).

#define CTRL 0x010u
#define LOAD 0x014u
#define VALUE 0x018u
#define CALIB 0x01Cu
#define CTRL_ENABLE 1u
#define CTRL_TICKINT 2u
#define CTRL_CLKSOURCE 4u
#define CTRL_COUNTFLAG (1u << 16)
#define COUNT_MASK 0x00FFFFFFu
#define BASE 0xE000E000u

static uint64_t cycles_per_tick(const struct board_systick *s)
{
    return (s->ctrl & CTRL_CLKSOURCE) != 0 ? 1 : 8;
}

void board_systick_sync(struct board_machine *m, uint64_t now)
{
    struct board_systick *s = &m->systick;
    uint64_t per_tick = cycles_per_tick(s);
    uint64_t ticks;
    bool reached_zero;

    if (now < s->synced_at) {
        return;
    }
    ticks = (now - s->synced_at) / per_tick;
    if ((s->ctrl & CTRL_ENABLE) == 0) {
        s->synced_at = now;
        return;
    }
    s->synced_at += ticks * per_tick;
    if (ticks == 0) {
        return;
    }
    if (s->value == 0) { // the next tick loads
        s->value = s->load;
        ticks--;
    }
    if (s->load == 0 && s->value == 0) {
        return;
    }
    reached_zero = s->value != 0 && ticks >= s->value;
    if (!reached_zero) {
        s->value -= (uint32_t)ticks;
        return;
    }
    ticks -= s->value;
    s->value = 0;
    if (ticks != 0 && s->load != 0) {
        uint64_t phase = ticks % ((uint64_t)s->load + 1);

        s->value = phase == 0 ? 0 : (uint32_t)(s->load + 1 - phase);
    }
    s->ctrl |= CTRL_COUNTFLAG;
    if ((s->ctrl & CTRL_TICKINT) != 0) {
        board_nvic_set_pending(m, BOARD_EXC_SYSTICK, true);
    }
}

uint64_t board_systick_next(const struct board_machine *m)
{
    const struct board_systick *s = &m->systick;
    uint64_t ticks = s->value != 0 ? s->value : (uint64_t)s->load + 1;

    if ((s->ctrl & CTRL_ENABLE) == 0 || (s->ctrl & CTRL_TICKINT) == 0 ||
        (s->value == 0 && s->load == 0)) {
        return UINT64_MAX;
    }
    return s->synced_at + ticks * cycles_per_tick(s);
}

uint32_t board_systick_read(struct board_machine *m, const struct board_io *io)
{
    struct board_systick *s = &m->systick;
    uint32_t value;

    board_systick_sync(m, board_now(m, BASE + io->offset, false));
    switch (io->offset) {
    case CTRL:
        value = s->ctrl;
        if (!io->by_debugger) {
            s->ctrl &= ~CTRL_COUNTFLAG;
        }
        return value;
    case LOAD:
        return s->load;
    case VALUE:
        return s->value;
    default:
        return 0x40000000u; // CALIB: no exact 10 ms value
    }
}

void board_systick_write(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    struct board_systick *s = &m->systick;

    board_systick_sync(m, board_now(m, BASE + io->offset, true));
    switch (io->offset) {
    case CTRL:
        s->ctrl = (s->ctrl & CTRL_COUNTFLAG) | (value & 7u);
        break;
    case LOAD:
        s->load = value & COUNT_MASK;
        break;
    case VALUE:
        s->value = 0;
        s->ctrl &= ~CTRL_COUNTFLAG;
        break;
    default:
        break;
    }
    board_attention(m);
}
