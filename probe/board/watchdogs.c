// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/state.h"

// Source: RM0385 28 (IWDG, clocked by the LSI at 32 kHz), 29 (WWDG, by PCLK1 / 4096). They stand
// still with the core in debug state, whatever DBGMCU says: no modelled time passes then.

#define LSI_HZ 32000u
#define KR 0x00u
#define PR 0x04u
#define RLR 0x08u
#define WINR 0x10u
#define KEY_RELOAD 0xAAAAu
#define KEY_UNLOCK 0x5555u
#define KEY_START 0xCCCCu
#define WWDG_CR 0x0u
#define WWDG_CFR 0x4u
#define WWDG_SR 0x8u
#define WWDG_ACTIVE 0x80u
#define WWDG_COUNT 0x7Fu
#define WWDG_ALIVE 0x40u
#define WWDG_EARLY (1u << 9)
#define IRQ_WWDG 0u

static void reload(struct board_machine *m)
{
    struct board_watchdog *w = &m->iwdg;
    uint64_t ticks = ((uint64_t)w->rlr + 1) * (4u << (w->pr > 6 ? 6 : w->pr));

    w->deadline = board_engine_now(m->engine) + ticks * m->rcc.hclk_hz / LSI_HZ;
}

void board_watchdogs_reset(struct board_machine *m)
{
    m->iwdg = (struct board_watchdog){.rlr = 0xFFFu};
    m->wwdg = (struct board_window_watchdog){.cr = WWDG_COUNT, .cfr = WWDG_COUNT};
    board_nvic_set_line(m, IRQ_WWDG, false);
}

uint32_t board_iwdg_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    (void)index;
    switch (io->offset) {
    case PR:
        return m->iwdg.pr;
    case RLR:
        return m->iwdg.rlr;
    case WINR:
        return 0xFFFu;
    default:
        return 0; // SR: an update takes no time
    }
}

void board_iwdg_write(struct board_machine *m, unsigned index, const struct board_io *io,
                      uint32_t value)
{
    struct board_watchdog *w = &m->iwdg;

    (void)index;
    switch (io->offset) {
    case KR:
        w->started |= (value & 0xFFFFu) == KEY_START;
        w->unlocked = (value & 0xFFFFu) == KEY_UNLOCK;
        if ((value & 0xFFFFu) != KEY_UNLOCK) {
            reload(m);
        }
        break;
    case PR:
        w->pr = w->unlocked ? value & 7u : w->pr;
        break;
    case RLR:
        w->rlr = w->unlocked ? value & 0xFFFu : w->rlr;
        break;
    default:
        break;
    }
    board_attention(m);
}

// ---------------------------------------------------------------------------------------------
// The window watchdog

static uint64_t cycles_per_count(const struct board_machine *m)
{
    return UINT64_C(4096) * board_rcc_apb_divider(m, 1) << (m->wwdg.cfr >> 7 & 3u);
}

static bool counts(const struct board_machine *m)
{
    return (m->wwdg.cr & WWDG_ACTIVE) != 0;
}

static void sync_wwdg(struct board_machine *m, uint64_t now)
{
    struct board_window_watchdog *w = &m->wwdg;
    uint64_t ticks;
    uint32_t count = w->cr & WWDG_COUNT;

    if (!counts(m) || now < w->synced_at) {
        return;
    }
    ticks = (now - w->synced_at) / cycles_per_count(m);
    w->synced_at += ticks * cycles_per_count(m);
    if (ticks == 0) {
        return;
    }
    if (ticks + WWDG_ALIVE > count) {
        board_request_reset(m, BOARD_RESET_WINDOW_WATCHDOG);
        return;
    }
    w->cr -= (uint32_t)ticks;
    if ((w->cr & WWDG_COUNT) == WWDG_ALIVE) {
        w->sr = 1;
    }
    board_nvic_set_line(m, IRQ_WWDG, w->sr != 0 && (w->cfr & WWDG_EARLY) != 0);
}

uint32_t board_wwdg_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    (void)index;
    sync_wwdg(m, board_now(m, io->addr, false));
    switch (io->offset) {
    case WWDG_CR:
        return m->wwdg.cr;
    case WWDG_CFR:
        return m->wwdg.cfr;
    case WWDG_SR:
        return m->wwdg.sr;
    default:
        return 0;
    }
}

void board_wwdg_write(struct board_machine *m, unsigned index, const struct board_io *io,
                      uint32_t value)
{
    struct board_window_watchdog *w = &m->wwdg;
    bool was_on = counts(m);

    (void)index;
    sync_wwdg(m, board_now(m, io->addr, true));
    switch (io->offset) {
    case WWDG_CR:
        if (was_on && (w->cr & WWDG_COUNT) > (w->cfr & WWDG_COUNT)) {
            board_request_reset(m, BOARD_RESET_WINDOW_WATCHDOG); // too early
        }
        w->cr = (value & 0xFFu) | (w->cr & WWDG_ACTIVE);
        w->synced_at = was_on ? w->synced_at : board_now(m, io->addr, true);
        if (counts(m) && (w->cr & WWDG_ALIVE) == 0) {
            board_request_reset(m, BOARD_RESET_WINDOW_WATCHDOG);
        }
        break;
    case WWDG_CFR:
        w->cfr = (value & 0x3FFu) | (w->cfr & WWDG_EARLY);
        break;
    case WWDG_SR:
        w->sr &= value;
        break;
    default:
        break;
    }
    board_nvic_set_line(m, IRQ_WWDG, w->sr != 0 && (w->cfr & WWDG_EARLY) != 0);
    board_attention(m);
}

// ---------------------------------------------------------------------------------------------
// Both

uint64_t board_watchdogs_next(const struct board_machine *m)
{
    uint64_t next = m->iwdg.started ? m->iwdg.deadline : UINT64_MAX;

    if (counts(m)) {
        uint32_t count = m->wwdg.cr & WWDG_COUNT;
        uint64_t ticks = count > WWDG_ALIVE ? count - WWDG_ALIVE : 1;
        uint64_t due = m->wwdg.synced_at + ticks * cycles_per_count(m);

        next = due < next ? due : next;
    }
    return next;
}

void board_watchdogs_sync(struct board_machine *m, uint64_t now)
{
    sync_wwdg(m, now);
    if (m->iwdg.started && now >= m->iwdg.deadline) {
        board_request_reset(m, BOARD_RESET_WATCHDOG);
    }
}

void board_watchdogs_rescale(struct board_machine *m, uint64_t old_hz, uint64_t new_hz)
{
    uint64_t now = board_engine_now(m->engine);

    if (m->iwdg.started && m->iwdg.deadline > now && old_hz != 0) {
        m->iwdg.deadline = now + (m->iwdg.deadline - now) * new_hz / old_hz;
    }
}
