// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdio.h>
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 22.4 (TIM1, TIM8), 23.4 (TIM2 to TIM5), 24.4 (TIM9 to TIM14), 25.4 (TIM6, TIM7).
// Up and down counting, update and compare events, repetition, one-pulse mode; no outputs, DMA or
// slave modes; an update can trigger an ADC. On the inputs nothing ever happens: a counter of their
// edges stands still. Period and compare values act at once, the prescaler with the next update
// event.

#define CR1 0x00u
#define CR2 0x04u
#define SMCR 0x08u
#define DIER 0x0Cu
#define SR 0x10u
#define EGR 0x14u
#define CCMR1 0x18u
#define CCMR2 0x1Cu
#define CCER 0x20u
#define CNT 0x24u
#define PSC 0x28u
#define ARR 0x2Cu
#define CCR1 0x34u
#define CCR4 0x40u
#define RCR 0x30u
#define BDTR 0x44u
#define DCR 0x48u
#define OPTION 0x50u
#define CR1_CEN (1u << 0)
#define CR1_UDIS (1u << 1)
#define CR1_URS (1u << 2)
#define CR1_OPM (1u << 3)
#define CR1_DIR (1u << 4)
#define SMCR_ECE (1u << 14)
#define SMS_ENCODER_LAST 3u
#define SMS_GATED 5u
#define SMS_EXTERNAL_CLOCK 7u
#define TS_LAST_INTERNAL 3u
#define MMS_UPDATE 2u
#define SR_UIF (1u << 0)
#define SR_COMPARES 0x1Eu

/** What differs from timer to timer; by number less one. Source: RM0385 table 46. */
static const struct {
    uint8_t irq;         // update
    uint8_t compare_irq; // the compares
    uint8_t num_channels;
    bool is_wide; // 32 bits
    bool on_apb2;
} shapes[BOARD_NUM_TIMERS] = {
    {25, 27, 4, false, true},  {28, 28, 4, true, false},  {29, 29, 4, false, false},
    {30, 30, 4, false, false}, {50, 50, 4, true, false},  {54, 54, 0, false, false},
    {55, 55, 0, false, false}, {44, 46, 4, false, true},  {24, 24, 2, false, true},
    {25, 25, 1, false, true},  {26, 26, 1, false, true},  {43, 43, 2, false, false},
    {44, 44, 1, false, false}, {45, 45, 1, false, false},
};

static unsigned index_of(const struct board_machine *m, const struct board_timer *t)
{
    return (unsigned)(t - m->timer);
}

static uint32_t largest(const struct board_machine *m, const struct board_timer *t)
{
    return shapes[index_of(m, t)].is_wide ? 0xFFFFFFFFu : 0xFFFFu;
}

static uint64_t cycles_per_tick(const struct board_machine *m, const struct board_timer *t)
{
    unsigned bus = shapes[index_of(m, t)].on_apb2 ? 2 : 1;

    return (uint64_t)board_rcc_timer_divider(m, bus) * ((uint64_t)t->psc_active + 1);
}

/** False when the counter's clock is the edges of pins, or waits for a level on one. */
static bool is_clocked(const struct board_timer *t)
{
    uint32_t mode = (t->smcr & 7u) | (t->smcr >> 13 & 8u);

    return (t->smcr & SMCR_ECE) == 0 && (mode == 0 || mode > SMS_ENCODER_LAST) &&
           mode != SMS_GATED && mode != SMS_EXTERNAL_CLOCK;
}

static bool is_counting(const struct board_timer *t)
{
    return (t->cr1 & CR1_CEN) != 0 && is_clocked(t);
}

/** Some interrupts belong to two timers. */
static bool is_raised(const struct board_machine *m, unsigned irq)
{
    for (unsigned i = 0; i < BOARD_NUM_TIMERS; i++) {
        uint32_t raised = m->timer[i].sr & m->timer[i].dier;

        if (((raised & SR_UIF) != 0 && shapes[i].irq == irq) ||
            ((raised & SR_COMPARES) != 0 && shapes[i].compare_irq == irq)) {
            return true;
        }
    }
    return false;
}

static void update_line(struct board_machine *m, const struct board_timer *t)
{
    unsigned i = index_of(m, t);
    uint32_t bit = 1u << i;

    board_nvic_set_line(m, shapes[i].irq, is_raised(m, shapes[i].irq));
    if (shapes[i].compare_irq != shapes[i].irq) {
        board_nvic_set_line(m, shapes[i].compare_irq, is_raised(m, shapes[i].compare_irq));
    }
    m->timers_on = is_counting(t) ? m->timers_on | bit : m->timers_on & ~bit;
}

void board_timer_reset(struct board_machine *m, unsigned index)
{
    struct board_timer *t = &m->timer[index];

    memset(t, 0, sizeof *t);
    t->arr = largest(m, t);
    t->synced_at = board_engine_now(m->engine);
    update_line(m, t);
}

/** Ticks from the counter's value until it has the value target, at least 1. */
static uint64_t ticks_until(const struct board_machine *m, const struct board_timer *t,
                            uint32_t target)
{
    uint64_t period = (uint64_t)t->arr + 1;
    uint64_t distance;

    if (t->count > t->arr) {
        // A shorter period was set behind the counter's back: it first runs to its natural end.
        return (t->cr1 & CR1_DIR) != 0 ? t->count - target
                                       : (uint64_t)largest(m, t) + 1 - t->count + target;
    }
    if (target > t->arr) {
        return UINT64_MAX;
    }
    if ((t->cr1 & CR1_DIR) != 0) {
        distance = (t->count + period - target) % period;
    } else {
        distance = (target + period - t->count) % period;
    }
    return distance == 0 ? period : distance;
}

/** Ticks until the counter overflows or underflows: to the value after the wrap. */
static uint64_t ticks_until_update(const struct board_machine *m, const struct board_timer *t)
{
    return ticks_until(m, t, (t->cr1 & CR1_DIR) != 0 ? t->arr : 0);
}

static void advance(const struct board_machine *m, struct board_timer *t, uint64_t ticks)
{
    uint64_t period = (uint64_t)t->arr + 1;

    if (t->count > t->arr) {
        t->count = (t->cr1 & CR1_DIR) != 0 ? t->count - ticks : t->count + ticks;
        t->count &= largest(m, t);
    } else if ((t->cr1 & CR1_DIR) != 0) {
        t->count = (t->count + period - ticks % period) % period;
    } else {
        t->count = (t->count + ticks) % period;
    }
}

static void note_compares(const struct board_machine *m, struct board_timer *t, uint64_t ticks)
{
    for (unsigned i = 0; i < shapes[index_of(m, t)].num_channels; i++) {
        if (ticks_until(m, t, t->ccr[i]) <= ticks) {
            t->sr |= 2u << i;
        }
    }
}

/** True when an update is TRGO, and somebody waits for that. */
static bool is_trigger(const struct board_machine *m, const struct board_timer *t)
{
    return (t->cr2 >> 4 & 7u) == MMS_UPDATE && board_adc_listens(m, index_of(m, t));
}

/** The counter has wrapped so many times: true when a repetition ended, in an update event. */
static bool note_wraps(struct board_timer *t, uint64_t wraps)
{
    if (wraps <= t->repeats) {
        t->repeats -= (uint32_t)wraps;
        return false;
    }
    t->repeats = t->rcr - (uint32_t)((wraps - t->repeats - 1) % ((uint64_t)t->rcr + 1));
    t->psc_active = t->psc;
    t->sr |= SR_UIF;
    if ((t->cr1 & CR1_OPM) != 0) {
        t->cr1 &= ~CR1_CEN;
    }
    return true;
}

void board_timer_sync(struct board_machine *m, unsigned index, uint64_t now)
{
    struct board_timer *t = &m->timer[index];

    if ((m->timers_on >> index & 1u) == 0 || t->arr == 0) {
        t->synced_at = now;
        return;
    }
    while (is_counting(t) && now > t->synced_at) {
        uint64_t per_tick = cycles_per_tick(m, t);
        uint64_t ticks = (now - t->synced_at) / per_tick;
        uint64_t to_update = ticks_until_update(m, t);
        uint64_t wraps = 1;

        if (ticks == 0) {
            break;
        }
        if (ticks < to_update) {
            note_compares(m, t, ticks);
            advance(m, t, ticks);
            t->synced_at += ticks * per_tick;
            break;
        }
        if (t->psc == t->psc_active && (t->cr1 & CR1_OPM) == 0) {
            // Nothing changes from period to period: all whole ones at once.
            uint64_t period = (uint64_t)t->arr + 1;

            wraps += (ticks - to_update) / period;
            ticks = to_update + (wraps - 1) * period;
        } else {
            ticks = to_update;
        }
        note_compares(m, t, ticks);
        advance(m, t, ticks);
        t->synced_at += ticks * per_tick;
        if ((t->cr1 & CR1_UDIS) == 0 && note_wraps(t, wraps) && is_trigger(m, t)) {
            board_adc_trigger(m, index, t->synced_at);
        }
    }
    update_line(m, t);
}

uint64_t board_timer_next(const struct board_machine *m, unsigned index)
{
    const struct board_timer *t = &m->timer[index];
    uint64_t ticks = UINT64_MAX;

    bool is_heard = (t->dier & SR_UIF) != 0 || is_trigger(m, t);

    if (!is_counting(t) || (!is_heard && (t->dier & SR_COMPARES) == 0) || t->arr == 0) {
        return UINT64_MAX;
    }
    if (is_heard) {
        ticks = ticks_until_update(m, t) + t->repeats * ((uint64_t)t->arr + 1);
    }
    for (unsigned i = 0; i < shapes[index].num_channels; i++) {
        if ((t->dier & 2u << i) != 0 && ticks_until(m, t, t->ccr[i]) < ticks) {
            ticks = ticks_until(m, t, t->ccr[i]);
        }
    }
    if (ticks == UINT64_MAX) {
        return UINT64_MAX;
    }
    return t->synced_at + ticks * cycles_per_tick(m, t);
}

/** Registers that only remember, and where. */
static uint32_t *plain_register(struct board_timer *t, uint32_t offset)
{
    switch (offset) {
    case CR1:
        return &t->cr1;
    case CR2:
        return &t->cr2;
    case SMCR:
        return &t->smcr;
    case DIER:
        return &t->dier;
    case SR:
        return &t->sr;
    case CCMR1:
        return &t->ccmr1;
    case CCMR2:
        return &t->ccmr2;
    case CCER:
        return &t->ccer;
    case PSC:
        return &t->psc;
    case ARR:
        return &t->arr;
    case RCR:
        return &t->rcr;
    case BDTR:
        return &t->bdtr;
    case DCR:
        return &t->dcr;
    case OPTION:
        return &t->option;
    default:
        break;
    }
    if (offset >= CCR1 && offset <= CCR4) {
        return &t->ccr[(offset - CCR1) / 4];
    }
    return NULL;
}

uint32_t board_timer_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    struct board_timer *t = &m->timer[index];
    const uint32_t *r = plain_register(t, io->offset);

    board_timer_sync(m, index, board_now(m, io->addr, false));
    if (io->offset == CNT) {
        return (uint32_t)t->count;
    }
    return r != NULL ? *r : 0;
}

/** Timers that clock each other are not emulated, and stand still here. */
static void log_chain(struct board_machine *m, const struct board_timer *t,
                      const struct board_io *io)
{
    bool is_chained = (t->smcr & 7u) == SMS_EXTERNAL_CLOCK &&
                      (t->smcr >> 4 & 7u) <= TS_LAST_INTERNAL && (t->smcr & SMCR_ECE) == 0;

    if (is_chained && !io->by_debugger && board_is_news(m, io->addr | 3u)) {
        fprintf(stderr,
                "utvm-board: the firmware clocks TIM%u by another timer at pc 0x%08X: not "
                "emulated, the counter stands still\n",
                index_of(m, t) + 1, board_access_pc(m, io->addr, true));
    }
}

void board_timer_write(struct board_machine *m, unsigned index, const struct board_io *io,
                       uint32_t value)
{
    uint64_t now = board_now(m, io->addr, true);
    struct board_timer *t = &m->timer[index];
    uint32_t *r = plain_register(t, io->offset);

    board_timer_sync(m, index, now);
    if (io->offset == SR) {
        t->sr &= value; // cleared by writing zero
    } else if (io->offset == CNT) {
        t->count = value & largest(m, t);
    } else if (io->offset == EGR) {
        t->sr |= value & 0x1Eu;
        if ((value & 1u) != 0) {
            t->count = (t->cr1 & CR1_DIR) != 0 ? t->arr : 0;
            t->psc_active = t->psc;
            t->repeats = t->rcr;
            t->synced_at = now;
            t->sr |= (t->cr1 & (CR1_URS | CR1_UDIS)) == 0 ? SR_UIF : 0;
        }
    } else if (r != NULL) {
        bool is_count = io->offset == ARR || (io->offset >= CCR1 && io->offset <= CCR4);

        *r = io->offset == PSC ? value & 0xFFFFu : is_count ? value & largest(m, t) : value;
        if (io->offset == RCR) { // only the advanced timers have one
            *r = index == 0 || index == 7 ? value & 0xFFFFu : 0;
        } else if (io->offset == SMCR) {
            log_chain(m, t, io);
        }
    }
    update_line(m, t);
    board_attention(m);
}
