// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_JTAG_TAP_H
#define UTVM_BOARD_JTAG_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/board/dap.h"

/**
 * The scan chain of an STM32F746: TDI, boundary-scan TAP (IR of 5 bits), CPU TAP (IR of 4 bits),
 * TDO. The CPU TAP is the JTAG-DP. The boundary-scan TAP answers IDCODE; its other instructions
 * select BYPASS, since this board has no pins. Source: IEEE 1149.1 chapters 6 to 12, ARM IHI 0031
 * (ADIv5) chapter 3, ST RM0385 section 40.6.
 */
enum board_tap_state {
    BOARD_TAP_RESET,
    BOARD_TAP_IDLE,
    BOARD_TAP_SELECT_DR,
    BOARD_TAP_CAPTURE_DR,
    BOARD_TAP_SHIFT_DR,
    BOARD_TAP_EXIT1_DR,
    BOARD_TAP_PAUSE_DR,
    BOARD_TAP_EXIT2_DR,
    BOARD_TAP_UPDATE_DR,
    BOARD_TAP_SELECT_IR,
    BOARD_TAP_CAPTURE_IR,
    BOARD_TAP_SHIFT_IR,
    BOARD_TAP_EXIT1_IR,
    BOARD_TAP_PAUSE_IR,
    BOARD_TAP_EXIT2_IR,
    BOARD_TAP_UPDATE_IR,
};

/** The state after a rising edge of TCK with the given TMS. */
enum board_tap_state board_tap_next(enum board_tap_state state, bool tms);

struct board_tap_register {
    uint64_t bits;
    unsigned length;
};

struct board_jtag {
    struct board_dap *dap; /**< borrowed */
    enum board_tap_state state;
    unsigned cpu_ir;
    unsigned bs_ir;
    struct board_tap_register cpu; /**< what the CPU TAP shifts: its IR or the selected DR */
    struct board_tap_register bs;
    bool tdo; /**< as latched at the last falling edge of TCK */
};

#define BOARD_CPU_IR_ABORT 0x8U
#define BOARD_CPU_IR_DPACC 0xAU
#define BOARD_CPU_IR_APACC 0xBU
#define BOARD_CPU_IR_IDCODE 0xEU
#define BOARD_BS_IR_IDCODE 0x1U
#define BOARD_BS_IDCODE 0x06449041U

void board_jtag_init(struct board_jtag *jtag, struct board_dap *dap);

/** Test-Logic-Reset at once, as nTRST does it; the DAP's registers keep their values. */
void board_jtag_reset(struct board_jtag *jtag);

/** Edges of TCK. TMS and TDI are sampled at the rising one, TDO changes at the falling one. */
void board_jtag_rising_edge(struct board_jtag *jtag, bool tms, bool tdi);
void board_jtag_falling_edge(struct board_jtag *jtag);

#endif
