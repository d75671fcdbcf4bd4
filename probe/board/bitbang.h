// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_BITBANG_H
#define UTVM_BOARD_BITBANG_H

#include "probe/board/fault.h"
#include "probe/board/jtag_tap.h"
#include "probe/board/link.h"

/**
 * The remote_bitbang protocol: one character an event. '0' to '7' set the pins TCK, TMS, TDI (bits
 * 2, 1, 0), 'R' asks for TDO and is answered '0' or '1', 'r' 's' 't' 'u' set nTRST and nSRST (bits
 * 1, 0; set = asserted), 'B' and 'b' switch a lamp that this board does not have, 'Q' ends. Source:
 * OpenOCD manual, "remote_bitbang".
 */
struct board_bitbang {
    struct board_jtag jtag;
    struct board_machine *machine; /**< borrowed */
    struct board_faults *faults;   /**< borrowed */
    bool tck;
};

/** @param dap, machine, faults  borrowed */
void board_bitbang_init(struct board_bitbang *bitbang, struct board_dap *dap,
                        struct board_machine *machine, struct board_faults *faults);

/** What speaks on the link; the context is the struct board_bitbang. */
extern const struct board_protocol board_bitbang_protocol;

#endif
