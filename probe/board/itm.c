// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdio.h>
#include <string.h>

#include "probe/board/state.h"

// Source: Armv7-M ARM C1.7 (ITM). What a program says on a stimulus port goes nowhere: nobody
// listens at the trace port, so it never has to wait for room. Without TRCENA, a Cortex-M7's ports
// are never ready (as the STM32H7's are seen to be), and a program that polls one waits for ever;
// OpenOCD sets TRCENA when it finds the core.

#define BASE 0xE0000000u
#define NUM_PORTS 256u
#define TER 0xE00u
#define TPR 0xE40u
#define TCR 0xE80u
#define LAR 0xFB0u
#define LSR 0xFB4u
#define LAR_KEY 0xC5ACCE55u
#define TPR_WRITABLE 0xFu
#define TCR_WRITABLE 0x007F0F1Fu // BUSY, bit 23, is never seen
#define FIFO_READY 1u
#define SPIN_READS 1000000u

void board_itm_power_on(struct board_machine *m)
{
    memset(&m->itm, 0, sizeof m->itm);
}

static void log_spinning(struct board_machine *m, const struct board_io *io)
{
    if (!io->by_debugger && ++m->itm.spin_reads == SPIN_READS) {
        fprintf(stderr,
                "utvm-board: the firmware keeps reading 0x%08X (ITM) at pc 0x%08X, which is not "
                "ready as long as TRCENA in DEMCR is off: it may wait there for ever\n",
                io->addr, board_access_pc(m, io->addr, false));
    }
}

uint32_t board_itm_read(struct board_machine *m, const struct board_io *io)
{
    uint32_t value = 0;

    if (io->offset < 4 * NUM_PORTS) {
        if ((m->debug.demcr & BOARD_DEMCR_TRCENA) != 0) {
            return FIFO_READY;
        }
        log_spinning(m, io);
        return 0;
    }
    switch (io->offset) {
    case TER:
        return m->itm.ter;
    case TPR:
        return m->itm.tpr;
    case TCR:
        return m->itm.tcr;
    case LSR:
        return io->by_debugger ? 0 : m->itm.unlocked ? 1u : 3u;
    default:
        board_id_register(BASE + io->offset, 0, &value);
        return value;
    }
}

void board_itm_write(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    if (io->offset == LAR) {
        m->itm.unlocked = io->by_debugger ? m->itm.unlocked : value == LAR_KEY;
        return;
    }
    if (!io->by_debugger && !m->itm.unlocked) {
        return;
    }
    switch (io->offset) {
    case TER:
        m->itm.ter = value;
        break;
    case TPR:
        m->itm.tpr = value & TPR_WRITABLE;
        break;
    case TCR:
        m->itm.tcr = value & TCR_WRITABLE;
        break;
    default:
        break;
    }
}
