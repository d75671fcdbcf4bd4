// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/state.h"
#include "probe/board/thumb.h"

/*
 * The engine's FPU is always on, its divider never traps, and its CONTROL has a bit that an Armv7-M
 * core has not. While the firmware has asked for something else, the addresses of such instructions
 * become exits as they are met: the engine stops before them, the operands decide, and a step
 * executes the instruction if it may, and puts its result in order.
 * Source: Armv7-M ARM B3.2.20 (CPACR), B3.2.8 (CCR), B1.4.4 (CONTROL).
 */

#define CCR_UNALIGN_TRP (1u << 3)
#define CCR_DIV_0_TRP (1u << 4)
#define CPACR_CP10_SHIFT 20u
#define ACCESS_PRIVILEGED 1u
#define ACCESS_FULL 3u

static uint32_t fp_access(const struct board_machine *m)
{
    return m->scb.cpacr >> CPACR_CP10_SHIFT & 3u;
}

unsigned board_traps_armed(const struct board_machine *m)
{
    unsigned flags = BOARD_THUMB_CONTROL;

    if (fp_access(m) != ACCESS_FULL) {
        flags |= BOARD_THUMB_FP;
    }
    if ((m->scb.ccr & CCR_DIV_0_TRP) != 0) {
        flags |= BOARD_THUMB_DIV;
    }
    return flags;
}

bool board_traps_alignment(const struct board_machine *m)
{
    return (m->scb.ccr & CCR_UNALIGN_TRP) != 0;
}

bool board_trap_at(const struct board_machine *m, uint32_t pc)
{
    for (size_t i = 0; i < m->num_traps; i++) {
        if (m->traps[i] == pc) {
            return true;
        }
    }
    return false;
}

void board_traps_scan(struct board_machine *m, uint32_t addr, uint32_t size_bytes)
{
    unsigned armed = board_traps_armed(m);
    const uint8_t *code = board_bus_memory(m, addr, size_bytes);

    for (uint32_t at = 0; code != NULL && at + 2 <= size_bytes;) {
        unsigned length = board_thumb_length(board_thumb_half(code + at));

        if (at + length > size_bytes) {
            return;
        }
        if ((board_thumb_flags(code + at) & armed) != 0 && !board_trap_at(m, addr + at)) {
            if (m->num_traps == BOARD_MAX_TRAPS) {
                m->num_traps = 0; // the rest comes back when it is met again
            }
            m->traps[m->num_traps++] = addr + at;
            m->exits_stale = true;
        }
        at += length;
    }
}

static bool is_skipped(uint32_t xpsr)
{
    uint8_t it = board_thumb_it(xpsr);

    return (it & 15u) != 0 && !board_thumb_condition(it >> 4, xpsr);
}

static bool is_privileged(struct board_machine *m, uint32_t xpsr)
{
    return (xpsr & 0x1FFu) != 0 || (board_engine_reg(m->engine, BOARD_REG_CONTROL) & 1u) == 0;
}

bool board_trap_check(struct board_machine *m, uint32_t pc)
{
    const uint8_t *code = board_bus_memory(m, pc, 4);
    uint32_t xpsr = board_engine_reg(m->engine, BOARD_REG_XPSR);
    struct board_fault f = {BOARD_EXC_USAGE_FAULT, 0, false, 0};
    unsigned flags = code == NULL ? 0 : board_thumb_flags(code) & board_traps_armed(m);

    if ((flags & ~(unsigned)BOARD_THUMB_CONTROL) == 0 || is_skipped(xpsr)) {
        return false;
    }
    if ((flags & BOARD_THUMB_FP) != 0) {
        if (fp_access(m) == ACCESS_PRIVILEGED && is_privileged(m, xpsr)) {
            return false;
        }
        f.cfsr = BOARD_CFSR_NOCP;
    } else {
        if (board_engine_reg(m->engine, board_thumb_half(code + 2) & 15u) != 0) {
            return false;
        }
        f.cfsr = BOARD_CFSR_DIVBYZERO;
    }
    board_fault_raise(m, &f);
    return true;
}

unsigned board_trap_mends(struct board_machine *m, uint32_t pc)
{
    const uint8_t *code = board_bus_memory(m, pc, 4);

    if (code == NULL || (board_thumb_flags(code) & BOARD_THUMB_CONTROL) == 0 ||
        is_skipped(board_engine_reg(m->engine, BOARD_REG_XPSR))) {
        return BOARD_REG_PC;
    }
    return board_thumb_half(code + 2) >> 8 & 15u;
}
