// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/state.h"

// Source: Armv7-M ARM B1.5.14 (fault behaviour, escalation), B1.5.15 (lock-up), C1.4 (debug
// events).

#define LOCKUP_PC 0xFFFFFFFEu

void board_lock_up(struct board_machine *m)
{
    m->locked_up = true;
    board_engine_set_reg(m->engine, BOARD_REG_PC, LOCKUP_PC);
    board_attention(m);
}

unsigned board_fault_record(struct board_machine *m, const struct board_fault *f, int priority)
{
    m->scb.cfsr |= f->cfsr;
    if (f->has_addr && f->exc == BOARD_EXC_MEM_MANAGE) {
        m->scb.mmfar = f->addr;
        m->scb.cfsr |= BOARD_CFSR_MMARVALID;
    } else if (f->has_addr) {
        m->scb.bfar = f->addr;
        m->scb.cfsr |= BOARD_CFSR_BFARVALID;
    }
    if (board_nvic_is_enabled(m, f->exc) &&
        board_nvic_group(m, board_nvic_priority(m, f->exc)) < priority) {
        return f->exc;
    }
    if (priority <= -1) {
        return 0;
    }
    m->scb.hfsr |= BOARD_HFSR_FORCED;
    return BOARD_EXC_HARD_FAULT;
}

void board_fault_raise(struct board_machine *m, const struct board_fault *f)
{
    unsigned exc = board_fault_record(m, f, board_nvic_execution_priority(m, false));

    if (exc == 0) {
        board_lock_up(m);
    } else {
        board_exception_take(m, exc);
    }
}

void board_fault_svc(struct board_machine *m)
{
    int priority = board_nvic_execution_priority(m, false);

    if (board_nvic_group(m, board_nvic_priority(m, BOARD_EXC_SVCALL)) < priority) {
        board_exception_take(m, BOARD_EXC_SVCALL);
    } else if (priority <= -1) {
        board_lock_up(m);
    } else {
        m->scb.hfsr |= BOARD_HFSR_FORCED;
        board_exception_take(m, BOARD_EXC_HARD_FAULT);
    }
}

void board_fault_breakpoint(struct board_machine *m)
{
    int priority = board_nvic_execution_priority(m, false);

    m->debug.dfsr |= BOARD_DFSR_BKPT;
    if (board_nvic_is_enabled(m, BOARD_EXC_DEBUG_MONITOR) &&
        board_nvic_group(m, board_nvic_priority(m, BOARD_EXC_DEBUG_MONITOR)) < priority) {
        board_exception_take(m, BOARD_EXC_DEBUG_MONITOR);
    } else if (priority <= -1) {
        board_lock_up(m);
    } else {
        m->scb.hfsr |= BOARD_HFSR_DEBUGEVT;
        board_exception_take(m, BOARD_EXC_HARD_FAULT);
    }
}
