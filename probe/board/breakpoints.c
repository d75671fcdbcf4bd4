// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/state.h"

// Source: Armv7-M ARM C1.11 (FPB version 2), C1.8.17 (DWT functions).

#define FP_CTRL 0x000u
#define FP_REMAP 0x004u
#define FP_COMP0 0x008u
#define FP_CTRL_FIXED 0x10000080u // version 2, eight code comparators
#define FP_CTRL_KEY 2u
#define FUNCTION_MASK 15u
#define FUNCTION_PC 4u

uint32_t board_fpb_read(struct board_machine *m, uint32_t offset)
{
    uint32_t value = 0;

    if (offset == FP_CTRL) {
        return FP_CTRL_FIXED | (m->fpb.enabled ? 1u : 0);
    }
    if (offset >= FP_COMP0 && offset < FP_COMP0 + 4 * BOARD_NUM_FPB) {
        return m->fpb.comparator[(offset - FP_COMP0) / 4];
    }
    board_id_register(0xE0002000u + offset, 0, &value);
    return value;
}

void board_fpb_write(struct board_machine *m, uint32_t offset, uint32_t value)
{
    if (offset == FP_CTRL) {
        if ((value & FP_CTRL_KEY) != 0) {
            m->fpb.enabled = (value & 1u) != 0;
        }
    } else if (offset >= FP_COMP0 && offset < FP_COMP0 + 4 * BOARD_NUM_FPB) {
        m->fpb.comparator[(offset - FP_COMP0) / 4] = value;
    }
    m->exits_stale = true;
    board_attention(m);
}

/** A breakpoint needs somebody to take the event: a debugger, or the debug monitor. */
static bool events_have_a_taker(const struct board_machine *m)
{
    return board_debug_enabled(m) || board_nvic_is_enabled(m, BOARD_EXC_DEBUG_MONITOR);
}

static bool fpb_matches(const struct board_machine *m, unsigned i)
{
    return m->fpb.enabled && (m->fpb.comparator[i] & 1u) != 0;
}

static bool dwt_matches_pc(const struct board_machine *m, unsigned i)
{
    return (m->debug.demcr & BOARD_DEMCR_TRCENA) != 0 &&
           (m->dwt.function[i] & FUNCTION_MASK) == FUNCTION_PC;
}

uint32_t board_breakpoint_at(struct board_machine *m, uint32_t pc)
{
    uint32_t why = 0;

    if (!events_have_a_taker(m)) {
        return 0;
    }
    for (unsigned i = 0; i < BOARD_NUM_FPB; i++) {
        if (fpb_matches(m, i) && (m->fpb.comparator[i] & ~1u) == pc) {
            why |= BOARD_DFSR_BKPT;
        }
    }
    for (unsigned i = 0; i < BOARD_NUM_DWT; i++) {
        if (dwt_matches_pc(m, i) && (m->dwt.comp[i] & ~1u) == pc) {
            m->dwt.function[i] |= 1u << 24; // MATCHED
            why |= BOARD_DFSR_DWTTRAP;
        }
    }
    return why;
}

void board_breakpoints_apply(struct board_machine *m)
{
    uint32_t exits[BOARD_NUM_FPB + BOARD_NUM_DWT + BOARD_MAX_TRAPS];
    size_t count = 0;
    unsigned armed = board_traps_armed(m);

    if (armed != m->traps_armed) {
        m->traps_armed = armed;
        m->num_traps = 0;
        board_engine_set_traps(m->engine, armed);
    }
    if (events_have_a_taker(m)) {
        for (unsigned i = 0; i < BOARD_NUM_FPB; i++) {
            if (fpb_matches(m, i)) {
                exits[count++] = m->fpb.comparator[i] & ~1u;
            }
        }
        for (unsigned i = 0; i < BOARD_NUM_DWT; i++) {
            if (dwt_matches_pc(m, i)) {
                exits[count++] = m->dwt.comp[i] & ~1u;
            }
        }
    }
    for (size_t i = 0; i < m->num_traps; i++) {
        exits[count++] = m->traps[i];
    }
    board_engine_set_exits(m->engine, exits, count);
    board_engine_set_careful(m->engine, board_dwt_watches(m), board_traps_alignment(m));
    m->exits_stale = false;
    m->watch_stale = false;
}
