// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385, chapter on the bxCAN. The bus is idle and nobody else is on it: in loop-back mode
// a frame comes back at once, through the filters; otherwise nobody acknowledges it, and it is sent
// for ever. No time stamps, no wake-up.

#define MCR 0x00u
#define MSR 0x04u
#define TSR 0x08u
#define RF0R 0x0Cu
#define RF1R 0x10u
#define IER 0x14u
#define ESR 0x18u
#define BTR 0x1Cu
#define TX_MAILBOXES 0x180u
#define RX_MAILBOXES 0x1B0u
#define MAILBOXES_END 0x1D0u
#define FMR 0x200u
#define FM1R 0x204u
#define FS1R 0x20Cu
#define FFA1R 0x214u
#define FA1R 0x21Cu
#define BANKS 0x240u
#define FILTERS_END 0x320u
#define NUM_TX 3u
#define NUM_BANKS 28u
#define MCR_INRQ (1u << 0)
#define MCR_SLEEP (1u << 1)
#define MCR_NART (1u << 4)
#define MCR_RFLM (1u << 3)
#define MCR_RESET (1u << 15)
#define MCR_RESET_VALUE 0x00010002u
#define MSR_PINS 0xC00u // recessive
#define TSR_RQCP 1u     // these four in a byte for each mailbox
#define TSR_TXOK 2u
#define TSR_TERR 8u
#define TSR_ABRQ 0x80u
#define TSR_DONE 0xFu
#define TSR_TME0 (1u << 26)
#define TSR_ALL_FREE (7u << 26)
#define RFR_FULL (1u << 3)
#define RFR_FOVR (1u << 4)
#define RFR_RFOM (1u << 5)
#define IER_TMEIE (1u << 0)
#define IER_ERRIE (1u << 15)
#define ESR_UNACKNOWLEDGED 0x00800033u // TEC 128, last error: no acknowledge; passive, warning
#define BTR_RESET 0x01230000u
#define BTR_LBKM (1u << 30)
#define TIR_TXRQ 1u
#define TIR_RTR 2u
#define TIR_IDE 4u
#define FMR_RESET 0x2A1C0E01u
#define FMR_FINIT 1u

/** Of transmission; then come FIFO 0, FIFO 1 and state changes. */
static const uint8_t irqs[BOARD_NUM_CANS] = {19, 63};

static uint32_t *reg(struct board_can *c, uint32_t offset)
{
    return &c->regs[offset / 4];
}

static uint32_t fifo_status(const struct board_can *c, unsigned fifo)
{
    unsigned count = c->fifo[fifo].count;

    return count | (count == BOARD_CAN_FIFO ? RFR_FULL : 0) |
           (c->fifo[fifo].overrun ? RFR_FOVR : 0);
}

static void update_lines(struct board_machine *m, unsigned index)
{
    struct board_can *c = &m->can[index];
    uint32_t ier = *reg(c, IER);
    bool errors = (*reg(c, ESR) & ier >> 8 & 7u) != 0 && (ier & IER_ERRIE) != 0;

    board_nvic_set_line(m, irqs[index],
                        (ier & IER_TMEIE) != 0 && (*reg(c, TSR) & (TSR_RQCP * 0x010101u)) != 0);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t status = fifo_status(c, i);
        uint32_t enable = ier >> (i == 0 ? 1 : 4);

        board_nvic_set_line(m, irqs[index] + 1 + i,
                            ((status & 3u) != 0 && (enable & 1u) != 0) ||
                                ((status & RFR_FULL) != 0 && (enable & 2u) != 0) ||
                                ((status & RFR_FOVR) != 0 && (enable & 4u) != 0));
    }
    board_nvic_set_line(m, irqs[index] + 3u, errors);
}

void board_can_reset(struct board_machine *m, unsigned index)
{
    struct board_can *c = &m->can[index];

    memset(c, 0, sizeof *c);
    *reg(c, MCR) = MCR_RESET_VALUE;
    *reg(c, TSR) = TSR_ALL_FREE;
    *reg(c, BTR) = BTR_RESET;
    *reg(c, FMR) = FMR_RESET;
    update_lines(m, index);
}

// ---------------------------------------------------------------------------------------------
// Filters

static bool matches(uint32_t id, uint32_t mask, uint32_t value)
{
    return ((id ^ value) & mask) == 0;
}

/** Whether a bank lets an identifier (as in TIR) pass: the filter in the bank, or -1. */
static int bank_passes(struct board_can *filters, unsigned bank, uint32_t tir)
{
    uint32_t first = *reg(filters, BANKS + 8 * bank);
    uint32_t second = *reg(filters, BANKS + 8 * bank + 4);
    bool is_list = (*reg(filters, FM1R) >> bank & 1u) != 0;
    uint32_t half = tir >> 21 << 5 | (tir & TIR_RTR) << 3 | (tir & TIR_IDE) << 1 | (tir >> 18 & 7u);

    if ((*reg(filters, FS1R) >> bank & 1u) != 0) {
        tir &= ~TIR_TXRQ;
        return !is_list                          ? (matches(first, second & ~1u, tir) ? 0 : -1)
               : matches(first, ~TIR_TXRQ, tir)  ? 0
               : matches(second, ~TIR_TXRQ, tir) ? 1
                                                 : -1;
    }
    if (!is_list) {
        return matches(first, first >> 16, half) ? 0 : matches(second, second >> 16, half) ? 1 : -1;
    }
    for (int i = 0; i < 4; i++) {
        uint32_t pair = i < 2 ? first : second;

        if ((pair >> (16 * (i & 1)) & 0xFFFFu) == (half & 0xFFFFu)) {
            return i;
        }
    }
    return -1;
}

/** Filters of a bank, as the match index counts them. */
static unsigned bank_filters(struct board_can *filters, unsigned bank)
{
    unsigned is_list = *reg(filters, FM1R) >> bank & 1u;
    unsigned is_wide = *reg(filters, FS1R) >> bank & 1u;

    return (is_wide ? 1u : 2u) << is_list;
}

/** @return the FIFO that a frame goes to, or -1; *match = its filter match index */
static int filter(struct board_machine *m, unsigned index, uint32_t tir, unsigned *match)
{
    struct board_can *filters = &m->can[0]; // CAN1 has those of both
    unsigned split = *reg(filters, FMR) >> 8 & 63u;
    unsigned first = index == 0 ? 0 : split;
    unsigned end = index == 0 ? split : NUM_BANKS;
    unsigned count[2] = {0, 0};

    if ((*reg(filters, FMR) & FMR_FINIT) != 0) {
        return -1;
    }
    for (unsigned bank = first; bank < end && bank < NUM_BANKS; bank++) {
        unsigned fifo = *reg(filters, FFA1R) >> bank & 1u;
        int passes = (*reg(filters, FA1R) >> bank & 1u) != 0 ? bank_passes(filters, bank, tir) : -1;

        if (passes >= 0) {
            *match = count[fifo] + (unsigned)passes;
            return (int)fifo;
        }
        count[fifo] += bank_filters(filters, bank);
    }
    return -1;
}

// ---------------------------------------------------------------------------------------------
// Frames

static void receive(struct board_machine *m, unsigned index, const uint32_t frame[4])
{
    struct board_can *c = &m->can[index];
    unsigned match = 0;
    int to = filter(m, index, frame[0], &match);
    struct board_can_fifo *f;
    uint32_t *slot;

    if (to < 0) {
        return;
    }
    f = &c->fifo[to];
    if (f->count == BOARD_CAN_FIFO) {
        f->overrun = true;
        if ((*reg(c, MCR) & MCR_RFLM) != 0) {
            return;
        }
        f->count--; // the newest is overwritten
    }
    slot = f->frame[f->count++];
    memcpy(slot, frame, 4 * sizeof *slot);
    slot[0] &= ~TIR_TXRQ;
    slot[1] = (frame[1] & 15u) | match << 8;
}

static void release(struct board_can_fifo *f)
{
    if (f->count != 0) {
        f->count--;
        memmove(f->frame[0], f->frame[1], f->count * sizeof f->frame[0]);
    }
}

static void finish(struct board_can *c, unsigned mailbox, uint32_t flags)
{
    *reg(c, TX_MAILBOXES + 16 * mailbox) &= ~TIR_TXRQ;
    *reg(c, TSR) &= ~(TSR_DONE << (8 * mailbox));
    *reg(c, TSR) |= (TSR_RQCP | flags) << (8 * mailbox) | TSR_TME0 << mailbox;
}

/** Sends what is to be sent as far as that is possible. */
static void transmit(struct board_machine *m, unsigned index)
{
    struct board_can *c = &m->can[index];

    for (unsigned i = 0; i < NUM_TX; i++) {
        uint32_t *mailbox = reg(c, TX_MAILBOXES + 16 * i);

        if ((mailbox[0] & TIR_TXRQ) == 0 || (*reg(c, MCR) & (MCR_INRQ | MCR_SLEEP)) != 0) {
            continue;
        }
        if ((*reg(c, BTR) & BTR_LBKM) != 0) {
            receive(m, index, mailbox);
            finish(c, i, TSR_TXOK);
            continue;
        }
        *reg(c, ESR) = ESR_UNACKNOWLEDGED;
        if ((*reg(c, MCR) & MCR_NART) != 0) {
            finish(c, i, TSR_TERR);
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Registers

uint32_t board_can_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    struct board_can *c = &m->can[index];
    uint32_t mcr = *reg(c, MCR);
    unsigned free = *reg(c, TSR) >> 26 & 7u;

    if (io->offset >= RX_MAILBOXES && io->offset < MAILBOXES_END) {
        unsigned at = (io->offset - RX_MAILBOXES) / 4;

        return c->fifo[at / 4].count != 0 ? c->fifo[at / 4].frame[0][at % 4] : 0;
    }
    switch (io->offset) {
    case MSR:
        return MSR_PINS | ((mcr & MCR_INRQ) != 0 ? 1u : (mcr & MCR_SLEEP) != 0 ? 2u : 0);
    case TSR: // and the number of a free mailbox
        return *reg(c, TSR) | ((free & 1u) != 0 ? 0 : (free & 2u) != 0 ? 1u : 2u) << 24;
    case RF0R:
        return fifo_status(c, 0);
    case RF1R:
        return fifo_status(c, 1);
    default:
        return io->offset < FILTERS_END && (index == 0 || io->offset < FMR) ? *reg(c, io->offset)
                                                                            : 0;
    }
}

static void write_transmit_status(struct board_can *c, uint32_t value)
{
    for (unsigned i = 0; i < NUM_TX; i++) {
        if ((value >> (8 * i) & TSR_RQCP) != 0) {
            *reg(c, TSR) &= ~(TSR_DONE << (8 * i));
        }
        if ((value >> (8 * i) & TSR_ABRQ) != 0 && (*reg(c, TSR) & TSR_TME0 << i) == 0) {
            finish(c, i, 0);
        }
    }
}

static void write_block(struct board_can *c, unsigned index, uint32_t offset, uint32_t value)
{
    if (offset >= TX_MAILBOXES && offset < RX_MAILBOXES) {
        unsigned mailbox = (offset - TX_MAILBOXES) / 16;

        *reg(c, offset) = value;
        if (offset % 16 == 0 && (value & TIR_TXRQ) != 0) {
            *reg(c, TSR) &= ~(TSR_TME0 << mailbox | TSR_DONE << (8 * mailbox));
        }
    } else if (offset >= FMR && offset < FILTERS_END && index == 0) {
        *reg(c, offset) = value;
    }
}

void board_can_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    struct board_can *c = &m->can[index];

    switch (io->offset) {
    case MCR:
        *reg(c, MCR) = value & 0x100FFu;
        if ((value & MCR_RESET) != 0) { // of this register and the FIFOs; all else stays
            *reg(c, MCR) = MCR_RESET_VALUE;
            memset(c->fifo, 0, sizeof c->fifo);
        }
        break;
    case TSR:
        write_transmit_status(c, value);
        break;
    case RF0R:
    case RF1R:
        c->fifo[io->offset == RF1R].overrun &= (value & RFR_FOVR) == 0;
        if ((value & RFR_RFOM) != 0) {
            release(&c->fifo[io->offset == RF1R]);
        }
        break;
    case IER:
        *reg(c, IER) = value & 0x38F7Fu;
        break;
    case ESR:
        *reg(c, ESR) = (*reg(c, ESR) & ~0x70u) | (value & 0x70u);
        break;
    case BTR:
        if ((*reg(c, MCR) & MCR_INRQ) != 0) {
            *reg(c, BTR) = value & 0xC37F03FFu;
        }
        break;
    default:
        write_block(c, index, io->offset, value);
        break;
    }
    transmit(m, index);
    update_lines(m, index);
}
