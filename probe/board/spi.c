// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385, chapter on the SPI. Nothing is connected: a master sends at once and receives
// ones, a slave is never clocked. There is no I2S, and no CRC.

#define CR1 0x00u
#define CR2 0x04u
#define SR 0x08u
#define DR 0x0Cu
#define CRCPR 0x10u
#define I2SCFGR 0x1Cu
#define I2SPR 0x20u
#define CR1_MSTR (1u << 2)
#define CR1_SPE (1u << 6)
#define CR1_RXONLY (1u << 10)
#define CR1_BIDIOE (1u << 14)
#define CR1_BIDIMODE (1u << 15)
#define CR2_RXDMAEN (1u << 0)
#define CR2_TXDMAEN (1u << 1)
#define CR2_ERRIE (1u << 5)
#define CR2_RXNEIE (1u << 6)
#define CR2_TXEIE (1u << 7)
#define CR2_FRXTH (1u << 12)
#define CR2_RESET 0x0700u
#define SR_RXNE (1u << 0)
#define SR_TXE (1u << 1)
#define SR_OVR (1u << 6)
#define SR_FRLVL_SHIFT 9u
#define SR_FTLVL_SHIFT 11u
#define I2SCFGR_I2SMOD (1u << 11)
#define FIFO_BYTES 4u

static const uint8_t irqs[BOARD_NUM_SPIS] = {35, 36, 51, 84, 85, 86};

static unsigned frame_bits(const struct board_spi *s)
{
    unsigned bits = (s->cr2 >> 8 & 15u) + 1;

    return bits < 4 ? 8 : bits;
}

static unsigned frame_bytes(const struct board_spi *s)
{
    return frame_bits(s) > 8 ? 2 : 1;
}

static bool is_master(const struct board_spi *s)
{
    return (s->cr1 & (CR1_SPE | CR1_MSTR)) == (CR1_SPE | CR1_MSTR) &&
           (s->i2scfgr & I2SCFGR_I2SMOD) == 0;
}

/** A master that only receives clocks for as long as it is on. */
static bool only_receives(const struct board_spi *s)
{
    return is_master(s) &&
           ((s->cr1 & CR1_BIDIMODE) != 0 ? (s->cr1 & CR1_BIDIOE) == 0 : (s->cr1 & CR1_RXONLY) != 0);
}

/** Bytes in the receive FIFO; while data comes in by itself there is always enough. */
static unsigned rx_level(const struct board_spi *s)
{
    return s->rx_bytes < 2 && only_receives(s) ? 2 : s->rx_bytes;
}

/** A FIFO's level in SR: quarters, rounded up to a half or the whole. */
static uint32_t level_field(unsigned bytes)
{
    return bytes > 2 ? 3 : bytes;
}

static uint32_t status(const struct board_spi *s)
{
    unsigned threshold = (s->cr2 & CR2_FRXTH) != 0 ? 1 : 2;
    uint32_t value = level_field(rx_level(s)) << SR_FRLVL_SHIFT | level_field(s->tx_bytes)
                                                                      << SR_FTLVL_SHIFT;

    if ((s->i2scfgr & I2SCFGR_I2SMOD) != 0) {
        return 0;
    }
    value |= s->tx_bytes <= FIFO_BYTES / 2 ? SR_TXE : 0;
    value |= rx_level(s) >= threshold ? SR_RXNE : 0;
    return value | (s->overrun ? SR_OVR : 0);
}

static void update_line(struct board_machine *m, const struct board_spi *s)
{
    uint32_t sr = status(s);

    board_nvic_set_line(m, irqs[s - m->spi],
                        ((sr & SR_RXNE) != 0 && (s->cr2 & CR2_RXNEIE) != 0) ||
                            ((sr & SR_TXE) != 0 && (s->cr2 & CR2_TXEIE) != 0) ||
                            ((sr & SR_OVR) != 0 && (s->cr2 & CR2_ERRIE) != 0));
}

void board_spi_reset(struct board_machine *m, unsigned index)
{
    m->spi[index] = (struct board_spi){.cr2 = CR2_RESET, .crcpr = 7, .i2spr = 2};
    update_line(m, &m->spi[index]);
}

/** A frame goes out; in a master, ones come in. */
static void send_frame(struct board_spi *s)
{
    unsigned bytes = frame_bytes(s);
    bool sends_only = (s->cr1 & CR1_BIDIMODE) != 0;

    if (!is_master(s)) {
        s->tx_bytes += s->tx_bytes + bytes <= FIFO_BYTES ? bytes : 0;
    } else if (!sends_only && s->rx_bytes + bytes > FIFO_BYTES) {
        s->overrun = true; // what came is lost
    } else if (!sends_only) {
        s->rx_bytes += bytes;
    }
}

/** Two frames of up to 8 bits can be written, and read, at one go. */
static void write_data(struct board_spi *s, unsigned size_bytes)
{
    if (only_receives(s)) {
        return;
    }
    send_frame(s);
    if (size_bytes > 1 && frame_bytes(s) == 1) {
        send_frame(s);
    }
}

static uint32_t read_data(struct board_spi *s, unsigned size_bytes)
{
    uint32_t ones = (1u << frame_bits(s)) - 1;
    unsigned bytes = size_bytes > 1 || frame_bytes(s) == 2 ? 2 : 1;
    unsigned available = rx_level(s);
    uint32_t value = available == 0                             ? 0
                     : frame_bytes(s) == 2 || available < bytes ? ones
                     : bytes == 2                               ? ones << 8 | ones
                                                                : ones;

    s->rx_bytes -= s->rx_bytes < bytes ? s->rx_bytes : bytes;
    return value;
}

uint32_t board_spi_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    struct board_spi *s = &m->spi[index];
    uint32_t value;

    switch (io->offset) {
    case CR1:
        return s->cr1;
    case CR2:
        return s->cr2;
    case SR:
        value = status(s);
        if (s->data_read && !io->by_debugger) { // DR, then SR: that is how an overrun is cleared
            s->overrun = false;
            s->data_read = false;
            update_line(m, s);
        }
        return value;
    case DR:
        if (io->by_debugger) {
            return 0;
        }
        s->data_read = s->overrun;
        value = read_data(s, io->size_bytes);
        update_line(m, s);
        return value;
    case CRCPR:
        return s->crcpr;
    case I2SCFGR:
        return s->i2scfgr;
    case I2SPR:
        return s->i2spr;
    default:
        return 0;
    }
}

void board_spi_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    struct board_spi *s = &m->spi[index];

    switch (io->offset) {
    case CR1:
        s->cr1 = value & 0xFFFFu;
        s->tx_bytes = (value & CR1_SPE) == 0 ? 0 : s->tx_bytes;
        break;
    case CR2:
        s->cr2 = value & 0x7FFFu;
        break;
    case DR:
        if ((s->cr1 & CR1_SPE) != 0) {
            write_data(s, io->size_bytes);
        }
        break;
    case CRCPR:
        s->crcpr = value & 0xFFFFu;
        break;
    case I2SCFGR:
        s->i2scfgr = value & 0x1FBFu;
        break;
    case I2SPR:
        s->i2spr = value & 0x3FFu;
        break;
    default:
        break;
    }
    if ((s->cr2 & (CR2_RXDMAEN | CR2_TXDMAEN)) != 0) {
        m->dma_due = true;
        board_attention(m);
    }
    update_line(m, s);
}

bool board_spi_dma_send(struct board_machine *m, unsigned index, uint32_t value)
{
    struct board_spi *s = &m->spi[index];

    (void)value; // nobody listens
    if ((s->cr1 & CR1_SPE) == 0 || (s->cr2 & CR2_TXDMAEN) == 0 || (status(s) & SR_TXE) == 0) {
        return false;
    }
    write_data(s, 1);
    update_line(m, s);
    return true;
}

bool board_spi_dma_take(struct board_machine *m, unsigned index, uint32_t *value)
{
    struct board_spi *s = &m->spi[index];

    if ((s->cr2 & CR2_RXDMAEN) == 0 || rx_level(s) == 0) {
        return false;
    }
    *value = read_data(s, 1);
    update_line(m, s);
    return true;
}
