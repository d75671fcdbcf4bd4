// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: Armv7-M ARM C1.8 (DWT). The lock is the one of the CoreSight architecture: software has
// to write its key to LAR, a debugger does not (Cortex-M7 TRM, appendix of the STM32F7's ES0290).

#define CTRL 0x000u
#define CYCCNT 0x004u
#define CPICNT 0x008u
#define FOLDCNT 0x018u
#define PCSR 0x01Cu
#define COMP0 0x020u
#define COMP_END 0x060u
#define LAR 0xFB0u
#define LSR 0xFB4u
#define LAR_KEY 0xC5ACCE55u
#define CTRL_NUMCOMP 0x40000000u
#define CTRL_WRITABLE 0x007F1FFFu
#define CTRL_CYCCNTENA 1u
#define CTRL_CPIEVTENA (1u << 17)
#define FUNCTION_WRITABLE 0x000FFDAFu
#define FUNCTION_MATCHED (1u << 24)
#define FUNCTION_LNK1ENA (1u << 9)
#define FUNCTION_READ 5u
#define FUNCTION_WRITE 6u
#define FUNCTION_READ_WRITE 7u
#define BASE 0xE0001000u

static bool is_traced(const struct board_machine *m)
{
    return (m->debug.demcr & BOARD_DEMCR_TRCENA) != 0;
}

/** The model's counter behind an event counter. */
static uint64_t event_total(const struct board_machine *m, enum board_event event)
{
    const struct board_timing_counters *c = board_timing_counters(m->timing);
    uint64_t lsu = c->cycles[BOARD_CYCLES_DATA_FILL] + c->cycles[BOARD_CYCLES_UNALIGNED];
    uint64_t total = 0;

    switch (event) {
    case BOARD_EVENT_EXC:
        return m->dwt.exception_cycles;
    case BOARD_EVENT_SLEEP:
        return m->dwt.sleep_cycles;
    case BOARD_EVENT_LSU:
        return lsu;
    case BOARD_EVENT_FOLD:
        return c->folded;
    case BOARD_EVENT_CPI:
    case BOARD_NUM_EVENTS:
        break;
    }
    for (unsigned i = 0; i < BOARD_CYCLES_KINDS; i++) {
        total += c->cycles[i];
    }
    // What remains of the architecture's sum: cycles = instructions + CPI + LSU + EXC + SLEEP -
    // FOLD.
    return total - lsu - c->cycles[BOARD_CYCLES_SYSTEM] - c->instructions + c->folded;
}

static bool event_counts(const struct board_machine *m, unsigned event)
{
    return m->dwt.counting && (m->dwt.ctrl & CTRL_CPIEVTENA << event) != 0;
}

static uint8_t event_value(const struct board_machine *m, unsigned event)
{
    const struct board_event_counter *c = &m->dwt.events[event];

    if (!event_counts(m, event)) {
        return c->held;
    }
    return (uint8_t)(event_total(m, event) - c->base);
}

static uint32_t cycle_value(const struct board_machine *m, uint64_t now)
{
    const struct board_dwt *d = &m->dwt;

    return d->counting && (d->ctrl & CTRL_CYCCNTENA) != 0 ? (uint32_t)(now - d->cycles_base)
                                                          : d->cycles_held;
}

/** Freezes every counter at its value of now. */
static void hold(struct board_machine *m, uint64_t now)
{
    struct board_dwt *d = &m->dwt;

    d->cycles_held = cycle_value(m, now);
    for (unsigned i = 0; i < BOARD_NUM_EVENTS; i++) {
        d->events[i].held = event_value(m, i);
    }
}

/** Lets them go on from there. */
static void release(struct board_machine *m, uint64_t now)
{
    struct board_dwt *d = &m->dwt;

    d->counting = is_traced(m) && !m->debug.halted;
    d->cycles_base = now - d->cycles_held;
    for (unsigned i = 0; i < BOARD_NUM_EVENTS; i++) {
        d->events[i].base = event_total(m, i) - d->events[i].held;
    }
}

void board_dwt_update(struct board_machine *m, uint64_t now)
{
    hold(m, now);
    release(m, now);
}

void board_dwt_power_on(struct board_machine *m)
{
    uint64_t exception_cycles = m->dwt.exception_cycles;
    uint64_t sleep_cycles = m->dwt.sleep_cycles;

    memset(&m->dwt, 0, sizeof m->dwt);
    m->dwt.exception_cycles = exception_cycles;
    m->dwt.sleep_cycles = sleep_cycles;
    m->watch_stale = true;
}

static bool is_data_function(uint32_t function)
{
    return (function & 15u) >= FUNCTION_READ && (function & 15u) <= FUNCTION_READ_WRITE;
}

bool board_dwt_watches(const struct board_machine *m)
{
    for (unsigned i = 0; i < BOARD_NUM_DWT; i++) {
        if (is_traced(m) && is_data_function(m->dwt.function[i])) {
            return true;
        }
    }
    return false;
}

bool board_dwt_watch(void *machine, uint32_t addr, unsigned size_bytes, bool is_write)
{
    struct board_machine *m = machine;
    bool hit = false;

    for (unsigned i = 0; i < BOARD_NUM_DWT; i++) {
        uint32_t function = m->dwt.function[i] & 15u;
        uint64_t length = (uint64_t)1 << (m->dwt.mask[i] & 31u);
        uint64_t first = m->dwt.comp[i] & ~(length - 1);

        if (!is_data_function(function) ||
            function == (is_write ? FUNCTION_READ : FUNCTION_WRITE)) {
            continue;
        }
        if (addr < first + length && first < (uint64_t)addr + size_bytes) {
            m->dwt.function[i] |= FUNCTION_MATCHED;
            hit = true;
        }
    }
    return hit && is_traced(m);
}

static uint32_t read_comparator(struct board_machine *m, const struct board_io *io)
{
    unsigned i = (io->offset - COMP0) / 16;
    uint32_t value = 0;

    switch (io->offset & 15u) {
    case 0:
        return m->dwt.comp[i];
    case 4:
        return m->dwt.mask[i];
    case 8:
        value = m->dwt.function[i] | (i == 0 ? 0 : FUNCTION_LNK1ENA);
        m->dwt.function[i] &= ~FUNCTION_MATCHED;
        return value;
    default:
        return 0;
    }
}

uint32_t board_dwt_read(struct board_machine *m, const struct board_io *io)
{
    uint32_t offset = io->offset;
    uint32_t value = 0;

    if (offset >= COMP0 && offset < COMP_END) {
        return read_comparator(m, io);
    }
    if (offset >= CPICNT && offset <= FOLDCNT) {
        return event_value(m, (offset - CPICNT) / 4);
    }
    switch (offset) {
    case CTRL:
        return CTRL_NUMCOMP | m->dwt.ctrl;
    case CYCCNT:
        return cycle_value(m, board_now(m, BASE + CYCCNT, false));
    case PCSR:
        if (m->debug.halted || !is_traced(m) || m->srst) {
            return 0xFFFFFFFFu;
        }
        if (io->by_debugger) {
            board_run_sample(m);
        }
        return m->sleeping || m->debug.halted ? 0xFFFFFFFFu
                                              : board_engine_reg(m->engine, BOARD_REG_PC);
    case LSR:
        return io->by_debugger ? 0 : m->dwt.unlocked ? 1u : 3u;
    default:
        board_id_register(BASE + offset, 0, &value);
        return value;
    }
}

static void write_ctrl(struct board_machine *m, uint32_t value, uint64_t now)
{
    uint32_t started = ~m->dwt.ctrl & value;

    hold(m, now);
    m->dwt.ctrl = value & CTRL_WRITABLE;
    for (unsigned i = 0; i < BOARD_NUM_EVENTS; i++) {
        if ((started & CTRL_CPIEVTENA << i) != 0) {
            m->dwt.events[i].held = 0;
        }
    }
    release(m, now);
}

static void write_comparator(struct board_machine *m, uint32_t offset, uint32_t value)
{
    unsigned i = (offset - COMP0) / 16;

    switch (offset & 15u) {
    case 0:
        m->dwt.comp[i] = value;
        break;
    case 4:
        m->dwt.mask[i] = value & 31u;
        break;
    case 8:
        m->dwt.function[i] = value & FUNCTION_WRITABLE;
        break;
    default:
        return;
    }
    m->exits_stale = true;
    m->watch_stale = true;
    board_attention(m);
}

void board_dwt_write(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    uint32_t offset = io->offset;
    uint64_t now;

    if (offset == LAR) {
        m->dwt.unlocked = io->by_debugger ? m->dwt.unlocked : value == LAR_KEY;
        return;
    }
    if (!io->by_debugger && !m->dwt.unlocked) {
        return;
    }
    now = board_now(m, BASE + offset, true);
    if (offset >= COMP0 && offset < COMP_END) {
        write_comparator(m, offset, value);
    } else if (offset == CTRL) {
        write_ctrl(m, value, now);
    } else if (offset == CYCCNT) {
        m->dwt.cycles_held = value;
        m->dwt.cycles_base = now - value;
    } else if (offset >= CPICNT && offset <= FOLDCNT) {
        unsigned i = (offset - CPICNT) / 4;

        m->dwt.events[i].held = (uint8_t)value;
        m->dwt.events[i].base = event_total(m, i) - (uint8_t)value;
    }
}
