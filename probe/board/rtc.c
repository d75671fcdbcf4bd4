// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 30.6 (RTC). The calendar runs on modelled time, and what follows from it is in
// rtc_events.c; there are no time stamps or tamper events. A year is 2000 to 2099.

#define TR 0x00u
#define DR 0x04u
#define CR 0x08u
#define ISR 0x0Cu
#define PRER 0x10u
#define WUTR 0x14u
#define ALRMAR 0x1Cu
#define ALRMBR 0x20u
#define WPR 0x24u
#define SSR 0x28u
#define CALR 0x3Cu
#define TAMPCR 0x40u
#define ALRMASSR 0x44u
#define ALRMBSSR 0x48u
#define BKP0R 0x50u
#define PRER_RESET 0x007F00FFu
#define WUTR_RESET 0x0000FFFFu
#define CR_WRITABLE 0x01FCFF7Fu // not those that add and subtract an hour
#define CR_ENABLES_SHIFT 8u     // alarms and wake-up timer: ISR allows writes while they are off
#define ISR_WRITES_ALLOWED 7u
#define ISR_EVENTS 0x700u
#define ISR_INITS (1u << 4)
#define ISR_RSF (1u << 5)
#define ISR_INITF (1u << 6)
#define ISR_INIT (1u << 7)
#define BDCR_RTCEN (1u << 15)
#define SECONDS_A_DAY 86400u

bool board_rtc_is_running(const struct board_machine *m)
{
    return (m->rcc.regs[0x70 / 4] & BDCR_RTCEN) != 0 && !m->rtc.init;
}

static uint64_t seconds(const struct board_machine *m, uint64_t now)
{
    if (!board_rtc_is_running(m) || now < m->rtc.base_at) {
        return m->rtc.base_s;
    }
    return m->rtc.base_s + (now - m->rtc.base_at) / m->rcc.hclk_hz;
}

void board_rtc_keep(struct board_machine *m)
{
    uint64_t now = board_engine_now(m->engine);
    uint64_t s = seconds(m, now);

    // The fraction of a second is lost with the old clock.
    m->rtc.base_s = s;
    m->rtc.base_at = now;
}

void board_rtc_reset(struct board_machine *m)
{
    memset(&m->rtc, 0, sizeof m->rtc);
    m->rtc.prer = PRER_RESET;
    m->rtc.wutr = WUTR_RESET;
    m->rtc.base_at = board_engine_now(m->engine);
}

static uint32_t to_bcd(uint32_t value)
{
    return value / 10 << 4 | value % 10;
}

static uint32_t from_bcd(uint32_t value)
{
    return (value >> 4) * 10 + (value & 15u);
}

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month] + (uint32_t)(month == 1 && year % 4 == 0);
}

uint32_t board_rtc_time(uint64_t s)
{
    uint32_t of_day = (uint32_t)(s % SECONDS_A_DAY);

    return to_bcd(of_day / 3600) << 16 | to_bcd(of_day / 60 % 60) << 8 | to_bcd(of_day % 60);
}

uint32_t board_rtc_date(const struct board_machine *m, uint64_t s)
{
    uint32_t day = (uint32_t)(s / SECONDS_A_DAY);
    uint32_t weekday = (day + m->rtc.first_weekday) % 7 + 1;
    uint32_t year = 0;
    uint32_t month = 0;

    while (day >= 365u + (year % 4 == 0)) {
        day -= 365u + (year % 4 == 0);
        year++;
    }
    while (day >= days_of_month(year, month)) {
        day -= days_of_month(year, month);
        month++;
    }
    return to_bcd(year % 100) << 16 | weekday << 13 | to_bcd(month + 1) << 8 | to_bcd(day + 1);
}

static uint64_t seconds_of_time(uint32_t tr)
{
    return from_bcd(tr >> 16 & 0x3Fu) * 3600u + from_bcd(tr >> 8 & 0x7Fu) * 60u +
           from_bcd(tr & 0x7Fu);
}

static uint64_t seconds_of_date(uint32_t dr)
{
    uint32_t year = from_bcd(dr >> 16 & 0xFFu);
    uint32_t month = from_bcd(dr >> 8 & 0x1Fu);
    uint32_t day = from_bcd(dr & 0x3Fu);
    uint64_t days = day == 0 ? 0 : day - 1;

    for (uint32_t y = 0; y < year; y++) {
        days += 365u + (y % 4 == 0);
    }
    for (uint32_t i = 0; i + 1 < month && i < 12; i++) {
        days += days_of_month(year, i);
    }
    return days * SECONDS_A_DAY;
}

static uint32_t status(const struct board_machine *m)
{
    uint32_t value = ISR_RSF | m->rtc.flags;

    value |= ~(m->rtc.cr >> CR_ENABLES_SHIFT) & ISR_WRITES_ALLOWED;
    value |= m->rtc.initialised ? ISR_INITS : 0;
    return m->rtc.init ? value | ISR_INIT | ISR_INITF : value;
}

/** Registers that only remember, and where. */
static uint32_t *plain_register(struct board_rtc *r, uint32_t offset)
{
    switch (offset) {
    case CR:
        return &r->cr;
    case PRER:
        return &r->prer;
    case WUTR:
        return &r->wutr;
    case ALRMAR:
        return &r->alarm[0];
    case ALRMBR:
        return &r->alarm[1];
    case CALR:
        return &r->calr;
    case TAMPCR:
        return &r->tafcr;
    case ALRMASSR:
        return &r->alarm_ss[0];
    case ALRMBSSR:
        return &r->alarm_ss[1];
    default:
        break;
    }
    if (offset >= BKP0R && offset < BKP0R + 4 * BOARD_NUM_RTC_BACKUP) {
        return &r->backup[(offset - BKP0R) / 4];
    }
    return NULL;
}

/** SSR counts down within a second. */
static uint32_t subsecond(const struct board_machine *m, uint64_t now)
{
    uint64_t steps = (m->rtc.prer & 0x7FFFu) + 1u;
    uint64_t in_second = board_rtc_is_running(m) && now > m->rtc.base_at
                             ? (now - m->rtc.base_at) % m->rcc.hclk_hz
                             : 0;

    return (uint32_t)(steps - 1 - in_second * steps / m->rcc.hclk_hz);
}

uint32_t board_rtc_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    uint64_t now = board_now(m, io->addr, false);
    const uint32_t *r = plain_register(&m->rtc, io->offset);

    (void)index;
    board_rtc_sync(m, now);
    switch (io->offset) {
    case TR:
        return board_rtc_time(seconds(m, now));
    case DR:
        return board_rtc_date(m, seconds(m, now));
    case ISR:
        return status(m);
    case SSR:
        return subsecond(m, now);
    default:
        return r != NULL ? *r : 0;
    }
}

static void unlock(struct board_rtc *r, uint32_t key)
{
    r->unlocked = r->key_step == 1 && (key & 0xFFu) == 0x53u;
    r->key_step = (key & 0xFFu) == 0xCAu ? 1 : 0;
}

void board_rtc_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    struct board_rtc *r = &m->rtc;
    uint64_t now = board_now(m, io->addr, true);
    uint32_t *plain = plain_register(r, io->offset);
    bool is_backup = io->offset >= BKP0R;

    (void)index;
    board_rtc_sync(m, now);
    board_attention(m);
    if ((m->rcc.pwr_cr1 & 1u << 8) == 0 && !io->by_debugger) {
        return; // DBP: the backup domain is write-protected
    }
    if (io->offset == WPR) {
        unlock(r, value);
    } else if (io->offset == CR && r->unlocked) {
        board_rtc_control(m, value & CR_WRITABLE, now);
    } else if (plain != NULL && (is_backup || r->unlocked || io->offset == TAMPCR)) {
        *plain = value;
    } else if (io->offset == ISR) { // the flags of events are not locked
        r->flags &= value;
        if (r->unlocked && r->init != ((value & ISR_INIT) != 0)) {
            board_rtc_keep(m);
            r->init = !r->init;
        }
    } else if (!r->unlocked) {
        return;
    } else if (io->offset == TR && r->init) {
        r->base_s = r->base_s / SECONDS_A_DAY * SECONDS_A_DAY + seconds_of_time(value);
        r->alarms_at = r->base_s;
    } else if (io->offset == DR && r->init) {
        uint64_t days = seconds_of_date(value) / SECONDS_A_DAY;

        r->base_s = r->base_s % SECONDS_A_DAY + days * SECONDS_A_DAY;
        r->alarms_at = r->base_s;
        // The day of the week is what software says, and counts on from there.
        r->first_weekday = (uint32_t)(((value >> 13 & 7u) + 6 + 7 - days % 7) % 7);
        r->initialised = (value & 0x00FF0000u) != 0; // INITS: the year is not zero
    }
}
