// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: Armv7-M ARM C1.6 (DHCSR, DCRSR, DCRDR, DEMCR), C1.5 (debug state), C1.3 (vector catch).

#define DHCSR 0xDF0u
#define DCRSR 0xDF4u
#define DCRDR 0xDF8u
#define DEMCR 0xDFCu
#define DHCSR_KEY 0xA05Fu
#define C_DEBUGEN 1u
#define C_HALT 2u
#define C_STEP 4u
#define C_MASKINTS 8u
#define C_CONTROL 0x2Fu
#define S_REGRDY (1u << 16)
#define S_HALT (1u << 17)
#define S_SLEEP (1u << 18)
#define S_LOCKUP (1u << 19)
#define S_RETIRE_ST (1u << 24)
#define S_RESET_ST (1u << 25)
#define DCRSR_WRITE (1u << 16)
#define SEL_PC 15u
#define SEL_XPSR 16u
#define SEL_MSP 17u
#define SEL_PSP 18u
#define SEL_SPECIAL 20u
#define SEL_FPSCR 33u
#define SEL_S0 64u
#define SEL_S31 95u
#define XPSR_WRITABLE 0xFF0FFDFFu

bool board_debug_enabled(const struct board_machine *m)
{
    return (m->debug.dhcsr_control & C_DEBUGEN) != 0;
}

void board_debug_power_on(struct board_machine *m)
{
    memset(&m->debug, 0, sizeof m->debug);
    memset(&m->fpb, 0, sizeof m->fpb);
    m->exits_stale = true;
}

void board_debug_halt(struct board_machine *m, uint32_t why)
{
    m->debug.halted = true;
    m->debug.dhcsr_control |= C_HALT;
    m->debug.dfsr |= why;
    m->locked_up = false;
    board_dwt_update(m, board_engine_now(m->engine));
    board_attention(m);
}

bool board_debug_catches(const struct board_machine *m, unsigned exc)
{
    uint32_t demcr = m->debug.demcr;
    uint32_t cfsr = m->scb.cfsr;
    uint32_t wanted;

    if (!board_debug_enabled(m)) {
        return false;
    }
    switch (exc) {
    case BOARD_EXC_HARD_FAULT:
        wanted = 1u << 10;
        break;
    case BOARD_EXC_MEM_MANAGE:
        wanted = 1u << 4;
        break;
    case BOARD_EXC_BUS_FAULT:
        wanted = 1u << 8;
        break;
    case BOARD_EXC_USAGE_FAULT:
        wanted = (cfsr & BOARD_CFSR_NOCP) != 0 ? 1u << 5 : 0;
        wanted |= (cfsr & (BOARD_CFSR_UNALIGNED | BOARD_CFSR_DIVBYZERO)) != 0 ? 1u << 6 : 0;
        wanted |= (cfsr & (BOARD_CFSR_UNDEFINSTR | BOARD_CFSR_INVSTATE | BOARD_CFSR_INVPC)) != 0
                      ? 1u << 7
                      : 0;
        break;
    default:
        return false;
    }
    if ((cfsr & (BOARD_CFSR_STKERR | BOARD_CFSR_UNSTKERR)) != 0 ||
        (m->scb.hfsr & BOARD_HFSR_VECTTBL) != 0) {
        wanted |= 1u << 9; // VC_INTERR
    }
    return (demcr & wanted) != 0;
}

// ---------------------------------------------------------------------------------------------
// Core registers

static uint32_t read_special(struct board_machine *m)
{
    return board_engine_reg(m->engine, BOARD_REG_CONTROL) << 24 |
           (board_engine_reg(m->engine, BOARD_REG_FAULTMASK) & 1u) << 16 |
           (board_engine_reg(m->engine, BOARD_REG_BASEPRI) & 0xF0u) << 8 |
           (board_engine_reg(m->engine, BOARD_REG_PRIMASK) & 1u);
}

static void write_special(struct board_machine *m, uint32_t value)
{
    bool in_handler = (board_engine_reg(m->engine, BOARD_REG_XPSR) & 0x1FFu) != 0;

    board_engine_set_reg(m->engine, BOARD_REG_PRIMASK, value & 1u);
    board_engine_set_reg(m->engine, BOARD_REG_BASEPRI, value >> 8 & 0xF0u);
    board_engine_set_reg(m->engine, BOARD_REG_FAULTMASK, value >> 16 & 1u);
    board_engine_set_reg(m->engine, BOARD_REG_CONTROL, value >> 24 & (in_handler ? 5u : 7u));
}

static uint32_t read_core(struct board_machine *m, unsigned sel)
{
    struct board_engine *e = m->engine;

    if (sel <= SEL_PC) {
        return board_engine_reg(e, sel);
    }
    if (sel >= SEL_S0 && sel <= SEL_S31) {
        return board_engine_reg(e, BOARD_REG_S0 + (sel - SEL_S0));
    }
    switch (sel) {
    case SEL_XPSR:
        return board_engine_reg(e, BOARD_REG_XPSR);
    case SEL_MSP:
        return board_engine_reg(e, BOARD_REG_MSP);
    case SEL_PSP:
        return board_engine_reg(e, BOARD_REG_PSP);
    case SEL_SPECIAL:
        return read_special(m);
    case SEL_FPSCR:
        return board_engine_reg(e, BOARD_REG_FPSCR);
    default:
        return 0;
    }
}

static void write_core(struct board_machine *m, unsigned sel, uint32_t value)
{
    struct board_engine *e = m->engine;

    if (sel == SEL_PC) {
        board_engine_set_reg(e, BOARD_REG_PC, value & ~1u);
        m->sleeping = false;
    } else if (sel < SEL_PC) {
        board_engine_set_reg(e, sel, sel == BOARD_REG_SP ? value & ~3u : value);
    } else if (sel >= SEL_S0 && sel <= SEL_S31) {
        board_engine_set_reg(e, BOARD_REG_S0 + (sel - SEL_S0), value);
    } else if (sel == SEL_XPSR) {
        board_engine_set_reg(e, BOARD_REG_XPSR, value & XPSR_WRITABLE);
    } else if (sel == SEL_MSP || sel == SEL_PSP) {
        board_engine_set_reg(e, sel == SEL_MSP ? BOARD_REG_MSP : BOARD_REG_PSP, value & ~3u);
    } else if (sel == SEL_SPECIAL) {
        write_special(m, value);
    } else if (sel == SEL_FPSCR) {
        board_engine_set_reg(e, BOARD_REG_FPSCR, value);
    }
}

// ---------------------------------------------------------------------------------------------
// The four registers

static uint32_t read_dhcsr(struct board_machine *m, bool by_debugger)
{
    uint32_t value = m->debug.dhcsr_control | S_REGRDY;

    value |= m->debug.halted ? S_HALT : 0;
    value |= m->sleeping && !m->debug.halted ? S_SLEEP : 0;
    value |= m->locked_up ? S_LOCKUP : 0;
    value |= m->debug.reset_seen ? S_RESET_ST : 0;
    value |= m->debug.retired || board_machine_runnable(m) ? S_RETIRE_ST : 0;
    if (by_debugger) {
        m->debug.reset_seen = false;
        m->debug.retired = false;
    }
    return value;
}

uint32_t board_debug_read(struct board_machine *m, const struct board_io *io)
{
    switch (io->offset) {
    case DHCSR:
        return read_dhcsr(m, io->by_debugger);
    case DCRDR:
        return m->debug.dcrdr;
    case DEMCR:
        return m->debug.demcr;
    default:
        return 0;
    }
}

static void write_dhcsr(struct board_machine *m, uint32_t value)
{
    struct board_debug *d = &m->debug;

    if (value >> 16 != DHCSR_KEY) {
        return;
    }
    if (((d->dhcsr_control ^ value) & C_DEBUGEN) != 0) {
        m->exits_stale = true;
    }
    d->dhcsr_control = value & C_CONTROL;
    if ((value & C_DEBUGEN) == 0) {
        d->dhcsr_control &= ~(C_HALT | C_STEP | C_MASKINTS);
        d->halted = false;
    } else if ((value & C_HALT) != 0) {
        if (!d->halted && !m->srst) {
            board_debug_halt(m, BOARD_DFSR_HALTED);
        }
    } else if (d->halted && (value & C_STEP) != 0) {
        board_run_step(m);
    } else {
        d->halted = false;
    }
    board_dwt_update(m, board_engine_now(m->engine));
}

static void write_demcr(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    m->debug.demcr = value & 0x010F07F1u;
    if ((value & 1u << 17) != 0) {
        board_nvic_set_pending(m, BOARD_EXC_DEBUG_MONITOR, true);
    }
    m->watch_stale = true;
    board_dwt_update(m, board_now(m, 0xE000E000u + io->offset, true));
    board_attention(m);
}

void board_debug_write(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    switch (io->offset) {
    case DHCSR:
        if (io->by_debugger) {
            write_dhcsr(m, value);
        }
        break;
    case DCRSR:
        if (!io->by_debugger || !m->debug.halted) {
            break;
        }
        if ((value & DCRSR_WRITE) != 0) {
            write_core(m, value & 0x7Fu, m->debug.dcrdr);
        } else {
            m->debug.dcrdr = read_core(m, value & 0x7Fu);
        }
        break;
    case DCRDR:
        m->debug.dcrdr = value;
        break;
    default:
        write_demcr(m, io, value);
        break;
    }
}
