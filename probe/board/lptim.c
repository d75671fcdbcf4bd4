// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/state.h"

// Source: RM0385, chapters on the LPTIM, RCC (DCKCFGR2: its clock) and EXTI (line 23). It counts
// clocks and not edges of its inputs, where nothing ever happens. Values written to ARR and CMP act
// at once.

#define ISR 0x00u
#define ICR 0x04u
#define IER 0x08u
#define CFGR 0x0Cu
#define CR 0x10u
#define CMP 0x14u
#define ARR 0x18u
#define CNT 0x1Cu
#define OPTION 0x20u
#define ISR_CMPM (1u << 0)
#define ISR_ARRM (1u << 1)
#define ISR_CMPOK (1u << 3)
#define ISR_ARROK (1u << 4)
#define CFGR_INPUTS (1u << 0 | 3u << 17 | 1u << 23 | 1u << 24) // external clock, trigger, encoder
#define CR_ENABLE 1u
#define CR_SNGSTRT 2u
#define CR_CNTSTRT 4u
#define EXTI_LPTIM (1u << 23)
#define DCKCFGR2 0x90u
#define LSI_HZ 32000u
#define HSI_HZ 16000000u
#define LSE_HZ 32768u

static bool is_counting(const struct board_lptim *t)
{
    return t->started && (t->cfgr & CFGR_INPUTS) == 0;
}

/** Ticks in so many cycles since the start. */
static uint64_t ticks_of(const struct board_machine *m, uint64_t cycles)
{
    static const uint32_t hz[4] = {0, LSI_HZ, HSI_HZ, LSE_HZ};
    uint32_t select = m->rcc.regs[DCKCFGR2 / 4] >> 24 & 3u;
    unsigned prescaler = m->lptim.cfgr >> 9 & 7u;

    if (select == 0) {
        return (cycles / board_rcc_apb_divider(m, 1)) >> prescaler;
    }
    return (cycles / m->rcc.hclk_hz * hz[select] +
            cycles % m->rcc.hclk_hz * hz[select] / m->rcc.hclk_hz) >>
           prescaler;
}

/** The first cycle since the start at which so many ticks have passed. */
static uint64_t cycles_of(const struct board_machine *m, uint64_t ticks)
{
    static const uint32_t hz[4] = {1, LSI_HZ, HSI_HZ, LSE_HZ};
    uint32_t select = m->rcc.regs[DCKCFGR2 / 4] >> 24 & 3u;

    ticks <<= m->lptim.cfgr >> 9 & 7u;
    if (select == 0) {
        return ticks * board_rcc_apb_divider(m, 1);
    }
    return ticks / hz[select] * m->rcc.hclk_hz +
           (ticks % hz[select] * m->rcc.hclk_hz + hz[select] - 1) / hz[select];
}

void board_lptim_reset(struct board_machine *m, unsigned index)
{
    (void)index;
    m->lptim = (struct board_lptim){.arr = 1};
}

/** How often the counter has had a value at a tick. */
static uint64_t times_at(const struct board_lptim *t, uint32_t value, uint64_t ticks)
{
    uint64_t period = (uint64_t)t->arr + 1;

    return value > t->arr ? 0 : (ticks + period - value) / period;
}

/** The line to EXTI rises with each flag that is set and enabled now, and was not both before. */
static void announce(struct board_machine *m, uint32_t raised)
{
    if ((m->lptim.isr & m->lptim.ier & ~raised) != 0) {
        board_exti_rise(m, EXTI_LPTIM);
    }
}

void board_lptim_sync(struct board_machine *m, uint64_t now)
{
    struct board_lptim *t = &m->lptim;
    uint32_t raised = t->isr & t->ier;
    uint64_t ticks;

    if (!is_counting(t) || now < t->started_at) {
        return;
    }
    ticks = t->before + ticks_of(m, now - t->started_at);
    if (times_at(t, t->arr, ticks) > times_at(t, t->arr, t->seen)) {
        t->isr |= ISR_ARRM;
    }
    if (times_at(t, t->cmp, ticks) > times_at(t, t->cmp, t->seen)) {
        t->isr |= ISR_CMPM;
    }
    if (t->is_single && ticks >= t->arr) {
        t->started = false;
        t->cr &= CR_ENABLE;
        ticks = t->arr; // where it stands, however late somebody looks
    }
    t->seen = ticks;
    announce(m, raised);
}

void board_lptim_keep(struct board_machine *m)
{
    struct board_lptim *t = &m->lptim;
    uint64_t now = board_engine_now(m->engine);

    board_lptim_sync(m, now);
    if (t->started) {
        t->before = t->seen; // the fraction of a tick is lost with the old clock
        t->started_at = now;
    }
}

uint64_t board_lptim_next(const struct board_machine *m)
{
    const struct board_lptim *t = &m->lptim;
    uint64_t period = (uint64_t)t->arr + 1;
    uint64_t next = UINT64_MAX;

    if (!is_counting(t)) {
        return UINT64_MAX;
    }
    if ((t->ier & ISR_ARRM) != 0) {
        next = times_at(t, t->arr, t->seen) * period + t->arr;
    }
    if ((t->ier & ISR_CMPM) != 0 && t->cmp <= t->arr) {
        uint64_t compare = times_at(t, t->cmp, t->seen) * period + t->cmp;

        next = compare < next ? compare : next;
    }
    return next == UINT64_MAX ? next : t->started_at + cycles_of(m, next - t->before);
}

uint32_t board_lptim_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    const struct board_lptim *t = &m->lptim;

    (void)index;
    board_lptim_sync(m, board_now(m, io->addr, false));
    switch (io->offset) {
    case ISR:
        return t->isr;
    case IER:
        return t->ier;
    case CFGR:
        return t->cfgr;
    case CR:
        return t->cr;
    case CMP:
        return t->cmp;
    case ARR:
        return t->arr;
    case CNT:
        return (t->cr & CR_ENABLE) != 0 ? (uint32_t)(t->seen % ((uint64_t)t->arr + 1)) : 0;
    case OPTION:
        return t->option;
    default:
        return 0;
    }
}

static void write_control(struct board_lptim *t, uint32_t value, uint64_t now)
{
    if ((value & CR_ENABLE) == 0) {
        t->cr = 0;
        t->started = false;
        t->seen = 0;
        t->isr = 0;
        return;
    }
    if ((value & (CR_SNGSTRT | CR_CNTSTRT)) != 0 && (t->cr & CR_ENABLE) != 0) {
        t->is_single = (value & CR_SNGSTRT) != 0;
        if (!t->started) {
            t->started = true;
            t->started_at = now;
            t->before = 0;
            t->seen = 0;
        }
    }
    t->cr |= value & (CR_ENABLE | CR_SNGSTRT | CR_CNTSTRT);
}

void board_lptim_write(struct board_machine *m, unsigned index, const struct board_io *io,
                       uint32_t value)
{
    struct board_lptim *t = &m->lptim;
    uint64_t now = board_now(m, io->addr, true);
    uint32_t raised;

    (void)index;
    board_lptim_sync(m, now);
    raised = t->isr & t->ier;
    switch (io->offset) {
    case ICR:
        t->isr &= ~value;
        break;
    case IER:
        t->ier = value & 0x7Fu;
        break;
    case CFGR:
        if ((t->cr & CR_ENABLE) == 0) {
            t->cfgr = value & 0x01FEEEDFu;
        }
        break;
    case CR:
        write_control(t, value, now);
        break;
    case CMP:
        t->cmp = value & 0xFFFFu;
        t->isr |= ISR_CMPOK;
        break;
    case ARR:
        t->arr = value & 0xFFFFu;
        t->isr |= ISR_ARROK;
        break;
    case OPTION:
        t->option = value & 3u;
        break;
    default:
        break;
    }
    announce(m, raised);
    board_attention(m);
}
