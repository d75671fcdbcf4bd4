// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385, chapter on the QUADSPI. No memory is connected: commands, addresses and data are
// sent at once, what is received is ones, and a poll for anything else waits for ever. There is no
// DMA, and nothing at the addresses of the memory-mapped mode.

#define CR 0x00u
#define DCR 0x04u
#define SR 0x08u
#define FCR 0x0Cu
#define DLR 0x10u
#define CCR 0x14u
#define AR 0x18u
#define DR 0x20u
#define PSMKR 0x24u
#define PSMAR 0x28u
#define CR_EN (1u << 0)
#define CR_ABORT (1u << 1)
#define CR_FTHRES_SHIFT 8u
#define CR_IE_SHIFT 16u // TEIE, TCIE, FTIE, SMIE and TOIE as the flags of SR
#define CR_PMM (1u << 23)
#define SR_TCF (1u << 1)
#define SR_FTF (1u << 2)
#define SR_SMF (1u << 3)
#define SR_BUSY (1u << 5)
#define SR_FLEVEL_SHIFT 8u
#define SR_CLEARABLE 0x1Bu
#define SR_INTERRUPTS 0x1Fu
#define CCR_ADMODE (3u << 10)
#define CCR_DMODE (3u << 24)
#define FIFO_BYTES 32u
#define QUADSPI_IRQ 92u

enum mode {
    MODE_WRITE,
    MODE_READ,
    MODE_POLL,
    MODE_MAPPED,
};

static uint32_t *reg(struct board_machine *m, uint32_t offset)
{
    return &m->quadspi.regs[offset / 4];
}

static enum mode mode_of(const struct board_machine *m)
{
    return (enum mode)(m->quadspi.regs[CCR / 4] >> 26 & 3u);
}

static uint32_t level(const struct board_machine *m)
{
    if (mode_of(m) != MODE_READ) {
        return 0; // what is written leaves the FIFO at once
    }
    return m->quadspi.remaining < FIFO_BYTES ? (uint32_t)m->quadspi.remaining : FIFO_BYTES;
}

static uint32_t status(const struct board_machine *m)
{
    const struct board_quadspi *q = &m->quadspi;
    uint32_t threshold = (q->regs[CR / 4] >> CR_FTHRES_SHIFT & 31u) + 1;
    uint32_t value = q->flags | level(m) << SR_FLEVEL_SHIFT;

    if (q->is_busy) {
        value |= SR_BUSY;
        value |= mode_of(m) == MODE_WRITE || (mode_of(m) == MODE_READ && level(m) >= threshold)
                     ? SR_FTF
                     : 0;
    }
    // The end of a read is said as long as there is something to fetch.
    return value |
           (mode_of(m) == MODE_READ && (q->flags & SR_TCF) != 0 && level(m) != 0 ? SR_FTF : 0);
}

static void update_line(struct board_machine *m)
{
    board_nvic_set_line(m, QUADSPI_IRQ,
                        (status(m) & SR_INTERRUPTS & *reg(m, CR) >> CR_IE_SHIFT) != 0);
}

static void follow_data(struct board_machine *m)
{
    struct board_quadspi *q = &m->quadspi;

    if (mode_of(m) == MODE_READ && q->remaining <= FIFO_BYTES) {
        q->flags |= SR_TCF;
    }
    if (q->remaining == 0) {
        q->flags |= SR_TCF;
        q->is_busy = false;
    }
}

/** Ones are what is compared, as far as the mask lets them through. */
static void compare_status(struct board_machine *m)
{
    uint32_t mask = *reg(m, PSMKR);
    uint32_t differ = (UINT32_MAX ^ *reg(m, PSMAR)) & mask;
    bool matches = (*reg(m, CR) & CR_PMM) != 0 ? differ != mask : differ == 0;

    if (matches) {
        m->quadspi.flags |= SR_SMF;
        m->quadspi.is_busy = false;
    }
}

/** Everything that the command needs is there. */
static void begin(struct board_machine *m)
{
    struct board_quadspi *q = &m->quadspi;
    bool has_data = (*reg(m, CCR) & CCR_DMODE) != 0;

    if ((*reg(m, CR) & CR_EN) == 0) {
        return;
    }
    q->is_busy = true;
    q->remaining = has_data && mode_of(m) < MODE_POLL ? (uint64_t)*reg(m, DLR) + 1 : 0;
    if (mode_of(m) == MODE_POLL) {
        compare_status(m);
    } else if (mode_of(m) != MODE_MAPPED) {
        follow_data(m);
    }
}

static void write_command(struct board_machine *m, uint32_t offset)
{
    bool has_address = (*reg(m, CCR) & CCR_ADMODE) != 0;

    if (offset == (has_address ? AR : CCR)) {
        begin(m);
    }
}

static void move_data(struct board_machine *m, unsigned size_bytes)
{
    struct board_quadspi *q = &m->quadspi;

    if (q->is_busy && mode_of(m) < MODE_POLL) {
        q->remaining -= q->remaining < size_bytes ? q->remaining : size_bytes;
        follow_data(m);
    }
}

static void write_control(struct board_machine *m, uint32_t value)
{
    struct board_quadspi *q = &m->quadspi;

    *reg(m, CR) = value & ~CR_ABORT;
    if ((value & CR_ABORT) != 0 || (value & CR_EN) == 0) {
        q->flags |= q->is_busy && (value & CR_ABORT) != 0 ? SR_TCF : 0;
        q->is_busy = false;
        q->remaining = 0;
    }
}

void board_quadspi_reset(struct board_machine *m, unsigned index)
{
    (void)index;
    memset(&m->quadspi, 0, sizeof m->quadspi);
    update_line(m);
}

uint32_t board_quadspi_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    uint32_t offset = io->offset & ~3u;

    (void)index;
    if (offset == SR) {
        return status(m);
    }
    if (offset != DR) {
        return offset < sizeof m->quadspi.regs ? *reg(m, offset) : 0;
    }
    if (io->by_debugger || mode_of(m) != MODE_READ || level(m) == 0) {
        return 0;
    }
    move_data(m, io->size_bytes);
    update_line(m);
    return UINT32_MAX;
}

void board_quadspi_write(struct board_machine *m, unsigned index, const struct board_io *io,
                         uint32_t value)
{
    uint32_t offset = io->offset & ~3u;

    (void)index;
    switch (offset) {
    case CR:
        write_control(m, value);
        break;
    case FCR:
        m->quadspi.flags &= ~(value & SR_CLEARABLE);
        break;
    case SR:
        break;
    case DR:
        if (mode_of(m) == MODE_WRITE) {
            move_data(m, io->size_bytes);
        }
        break;
    default:
        // While a command lasts its registers are kept.
        if (offset < sizeof m->quadspi.regs && (!m->quadspi.is_busy || offset == DCR)) {
            *reg(m, offset) = value;
            write_command(m, offset);
        }
        break;
    }
    update_line(m);
}
