// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/state.h"

// Source: RM0385, chapters on the RTC (alarms, wake-up timer) and EXTI (lines 17 and 22). Alarms go
// off when a second begins; fractions of one are not compared.

#define CR_WUCKSEL 7u
#define CR_ALRAE (1u << 8)
#define CR_WUTE (1u << 10)
#define CR_ALRAIE (1u << 12)
#define CR_WUTIE (1u << 14)
#define ISR_ALRAF (1u << 8)
#define ISR_WUTF (1u << 10)
#define ALARM_MASK 0x80u // in each byte: do not compare it
#define ALARM_WEEKDAY (1u << 30)
#define NUM_ALARMS 2u
#define EXTI_ALARM (1u << 17)
#define EXTI_WAKEUP (1u << 22)
#define BDCR 0x70u
#define CFGR 0x08u
#define HSE_HZ 8000000u
#define LSE_HZ 32768u
#define LSI_HZ 32000u

static uint64_t clock_hz(const struct board_machine *m)
{
    uint32_t divider = m->rcc.regs[CFGR / 4] >> 16 & 31u;

    switch (m->rcc.regs[BDCR / 4] >> 8 & 3u) {
    case 2:
        return LSI_HZ;
    case 3:
        return HSE_HZ / (divider < 2 ? 2 : divider);
    default:
        return LSE_HZ;
    }
}

/** HCLK cycles of the wake-up timer's period; one at least, which HCLK may be too slow for. */
static uint64_t wakeup_period(const struct board_machine *m)
{
    uint32_t select = m->rtc.cr & CR_WUCKSEL;
    uint64_t ticks = (m->rtc.wutr & 0xFFFFu) + 1u;
    uint64_t cycles;

    if ((select & 4u) != 0) { // seconds
        return (ticks + ((select & 2u) != 0 ? 0x10000u : 0)) * m->rcc.hclk_hz;
    }
    cycles = ticks * (16u >> select) * m->rcc.hclk_hz / clock_hz(m);
    return cycles == 0 ? 1 : cycles;
}

static uint64_t second_of(const struct board_machine *m, uint64_t now)
{
    return m->rtc.base_s + (now > m->rtc.base_at ? (now - m->rtc.base_at) / m->rcc.hclk_hz : 0);
}

static bool has_alarms(const struct board_machine *m)
{
    return (m->rtc.cr & (CR_ALRAE | CR_ALRAE << 1)) != 0 && board_rtc_is_running(m);
}

uint64_t board_rtc_next(const struct board_machine *m)
{
    uint64_t next = UINT64_MAX;

    if (has_alarms(m)) {
        uint64_t seconds = m->rtc.alarms_at + 1;

        seconds = seconds > m->rtc.base_s ? seconds - m->rtc.base_s : 0;
        next = m->rtc.base_at + seconds * m->rcc.hclk_hz;
    }
    if ((m->rtc.cr & CR_WUTE) != 0 && m->rtc.wakeup_at < next) {
        next = m->rtc.wakeup_at;
    }
    return next;
}

static bool goes_off(uint32_t alarm, uint32_t time, uint32_t date)
{
    uint32_t day = (alarm & ALARM_WEEKDAY) != 0 ? date >> 13 & 7u : date & 0x3Fu;
    uint32_t want = (time & 0x7F7F7Fu) | day << 24;
    uint32_t mask = 0x3F7F7F7Fu;

    for (unsigned i = 0; i < 4; i++) {
        if ((alarm >> (8 * i) & ALARM_MASK) != 0) {
            mask &= ~(0xFFu << (8 * i));
        }
    }
    return ((alarm ^ want) & mask) == 0;
}

static void sync_alarms(struct board_machine *m, uint64_t now)
{
    const uint64_t longest = 86400; // of what nobody looked at
    uint64_t end = second_of(m, now);

    if (end > m->rtc.alarms_at + longest) {
        m->rtc.alarms_at = end - longest;
    }
    while (m->rtc.alarms_at < end) {
        uint64_t s = ++m->rtc.alarms_at;

        for (unsigned i = 0; i < NUM_ALARMS; i++) {
            if ((m->rtc.cr & CR_ALRAE << i) == 0 ||
                !goes_off(m->rtc.alarm[i], board_rtc_time(s), board_rtc_date(m, s))) {
                continue;
            }
            m->rtc.flags |= ISR_ALRAF << i;
            if ((m->rtc.cr & CR_ALRAIE << i) != 0) {
                board_exti_rise(m, EXTI_ALARM);
            }
        }
    }
}

void board_rtc_sync(struct board_machine *m, uint64_t now)
{
    if (has_alarms(m)) {
        sync_alarms(m, now);
    }
    if ((m->rtc.cr & CR_WUTE) != 0 && now >= m->rtc.wakeup_at) {
        uint64_t period = wakeup_period(m);

        m->rtc.wakeup_at += ((now - m->rtc.wakeup_at) / period + 1) * period;
        m->rtc.flags |= ISR_WUTF;
        if ((m->rtc.cr & CR_WUTIE) != 0) {
            board_exti_rise(m, EXTI_WAKEUP);
        }
    }
}

void board_rtc_control(struct board_machine *m, uint32_t value, uint64_t now)
{
    uint32_t started = value & ~m->rtc.cr;

    m->rtc.cr = value;
    if ((started & (CR_ALRAE | CR_ALRAE << 1)) != 0) {
        m->rtc.alarms_at = second_of(m, now);
    }
    if ((started & CR_WUTE) != 0) {
        m->rtc.wakeup_at = now + wakeup_period(m);
    }
}

void board_rtc_rescale(struct board_machine *m, uint64_t old_hz, uint64_t new_hz)
{
    uint64_t now = board_engine_now(m->engine);

    if (m->rtc.wakeup_at > now) {
        uint64_t left = m->rtc.wakeup_at - now;

        m->rtc.wakeup_at = now + left / old_hz * new_hz + left % old_hz * new_hz / old_hz;
    }
}
