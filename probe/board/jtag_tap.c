// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/jtag_tap.h"

#define CPU_IR_LENGTH 4U
#define BS_IR_LENGTH 5U
#define DP_DR_LENGTH 35U

// Capture-IR loads a pattern that ends in 01, by which a host finds the length of the chain.
#define IR_CAPTURE 1U

enum board_tap_state board_tap_next(enum board_tap_state state, bool tms)
{
    static const uint8_t next[][2] = {
        [BOARD_TAP_RESET] = {BOARD_TAP_IDLE, BOARD_TAP_RESET},
        [BOARD_TAP_IDLE] = {BOARD_TAP_IDLE, BOARD_TAP_SELECT_DR},
        [BOARD_TAP_SELECT_DR] = {BOARD_TAP_CAPTURE_DR, BOARD_TAP_SELECT_IR},
        [BOARD_TAP_CAPTURE_DR] = {BOARD_TAP_SHIFT_DR, BOARD_TAP_EXIT1_DR},
        [BOARD_TAP_SHIFT_DR] = {BOARD_TAP_SHIFT_DR, BOARD_TAP_EXIT1_DR},
        [BOARD_TAP_EXIT1_DR] = {BOARD_TAP_PAUSE_DR, BOARD_TAP_UPDATE_DR},
        [BOARD_TAP_PAUSE_DR] = {BOARD_TAP_PAUSE_DR, BOARD_TAP_EXIT2_DR},
        [BOARD_TAP_EXIT2_DR] = {BOARD_TAP_SHIFT_DR, BOARD_TAP_UPDATE_DR},
        [BOARD_TAP_UPDATE_DR] = {BOARD_TAP_IDLE, BOARD_TAP_SELECT_DR},
        [BOARD_TAP_SELECT_IR] = {BOARD_TAP_CAPTURE_IR, BOARD_TAP_RESET},
        [BOARD_TAP_CAPTURE_IR] = {BOARD_TAP_SHIFT_IR, BOARD_TAP_EXIT1_IR},
        [BOARD_TAP_SHIFT_IR] = {BOARD_TAP_SHIFT_IR, BOARD_TAP_EXIT1_IR},
        [BOARD_TAP_EXIT1_IR] = {BOARD_TAP_PAUSE_IR, BOARD_TAP_UPDATE_IR},
        [BOARD_TAP_PAUSE_IR] = {BOARD_TAP_PAUSE_IR, BOARD_TAP_EXIT2_IR},
        [BOARD_TAP_EXIT2_IR] = {BOARD_TAP_SHIFT_IR, BOARD_TAP_UPDATE_IR},
        [BOARD_TAP_UPDATE_IR] = {BOARD_TAP_IDLE, BOARD_TAP_SELECT_DR},
    };
    return (enum board_tap_state)next[state][tms];
}

void board_jtag_reset(struct board_jtag *jtag)
{
    jtag->state = BOARD_TAP_RESET;
    jtag->cpu_ir = BOARD_CPU_IR_IDCODE;
    jtag->bs_ir = BOARD_BS_IR_IDCODE;
}

void board_jtag_init(struct board_jtag *jtag, struct board_dap *dap)
{
    *jtag = (struct board_jtag){.dap = dap, .tdo = true};
    // Length 1 keeps a shift before the first capture within the registers.
    jtag->cpu.length = 1;
    jtag->bs.length = 1;
    board_jtag_reset(jtag);
}

static void capture_dr(struct board_jtag *jtag)
{
    jtag->cpu = (struct board_tap_register){0, 1};
    switch (jtag->cpu_ir) {
    case BOARD_CPU_IR_ABORT:
        jtag->cpu.bits = board_dap_jtag_capture(jtag->dap, BOARD_JTAG_ABORT);
        jtag->cpu.length = DP_DR_LENGTH;
        break;
    case BOARD_CPU_IR_DPACC:
        jtag->cpu.bits = board_dap_jtag_capture(jtag->dap, BOARD_JTAG_DPACC);
        jtag->cpu.length = DP_DR_LENGTH;
        break;
    case BOARD_CPU_IR_APACC:
        jtag->cpu.bits = board_dap_jtag_capture(jtag->dap, BOARD_JTAG_APACC);
        jtag->cpu.length = DP_DR_LENGTH;
        break;
    case BOARD_CPU_IR_IDCODE:
        jtag->cpu = (struct board_tap_register){BOARD_JTAG_IDCODE, 32};
        break;
    default:
        break;
    }
    jtag->bs = (struct board_tap_register){0, 1};
    if (jtag->bs_ir == BOARD_BS_IR_IDCODE) {
        jtag->bs = (struct board_tap_register){BOARD_BS_IDCODE, 32};
    }
}

static void update_dr(struct board_jtag *jtag)
{
    switch (jtag->cpu_ir) {
    case BOARD_CPU_IR_ABORT:
        board_dap_jtag_update(jtag->dap, BOARD_JTAG_ABORT, jtag->cpu.bits);
        break;
    case BOARD_CPU_IR_DPACC:
        board_dap_jtag_update(jtag->dap, BOARD_JTAG_DPACC, jtag->cpu.bits);
        break;
    case BOARD_CPU_IR_APACC:
        board_dap_jtag_update(jtag->dap, BOARD_JTAG_APACC, jtag->cpu.bits);
        break;
    default:
        break;
    }
}

static void shift(struct board_jtag *jtag, bool tdi)
{
    uint64_t between = jtag->bs.bits & 1U;
    jtag->cpu.bits = jtag->cpu.bits >> 1 | between << (jtag->cpu.length - 1);
    jtag->bs.bits = jtag->bs.bits >> 1 | (uint64_t)tdi << (jtag->bs.length - 1);
}

/** What happens on entering a state. */
static void enter(struct board_jtag *jtag, enum board_tap_state state)
{
    jtag->state = state;
    if (state == BOARD_TAP_RESET) {
        board_jtag_reset(jtag);
    } else if (state == BOARD_TAP_CAPTURE_DR) {
        capture_dr(jtag);
    } else if (state == BOARD_TAP_CAPTURE_IR) {
        jtag->cpu = (struct board_tap_register){IR_CAPTURE, CPU_IR_LENGTH};
        jtag->bs = (struct board_tap_register){IR_CAPTURE, BS_IR_LENGTH};
    } else if (state == BOARD_TAP_UPDATE_DR) {
        update_dr(jtag);
    } else if (state == BOARD_TAP_UPDATE_IR) {
        jtag->cpu_ir = (unsigned)jtag->cpu.bits;
        jtag->bs_ir = (unsigned)jtag->bs.bits;
    }
}

void board_jtag_rising_edge(struct board_jtag *jtag, bool tms, bool tdi)
{
    if (jtag->state == BOARD_TAP_SHIFT_DR || jtag->state == BOARD_TAP_SHIFT_IR) {
        shift(jtag, tdi);
    }
    enter(jtag, board_tap_next(jtag->state, tms));
}

void board_jtag_falling_edge(struct board_jtag *jtag)
{
    // Outside the shift states TDO floats; the pull-up of the cable reads as one.
    bool shifting = jtag->state == BOARD_TAP_SHIFT_DR || jtag->state == BOARD_TAP_SHIFT_IR;
    jtag->tdo = shifting ? (jtag->cpu.bits & 1U) != 0 : true;
}
