// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385, chapter on the I2C. The bus has its pull-ups and nobody else on it: it is free,
// and no address that a master sends is acknowledged. That happens at once.

#define CR1 0x00u
#define CR2 0x04u
#define OAR1 0x08u
#define OAR2 0x0Cu
#define TIMINGR 0x10u
#define TIMEOUTR 0x14u
#define ISR 0x18u
#define ICR 0x1Cu
#define TXDR 0x28u
#define CR1_PE (1u << 0)
#define CR1_TXIE (1u << 1)
#define CR1_NACKIE (1u << 4)
#define CR1_STOPIE (1u << 5)
#define CR2_START (1u << 13)
#define CR2_STOP (1u << 14)
#define CR2_NACK (1u << 15)
#define ISR_TXE (1u << 0)
#define ISR_TXIS (1u << 1)
#define ISR_NACKF (1u << 4)
#define ISR_STOPF (1u << 5)
#define ISR_CLEARABLE 0x3F38u

/** Of events; the one of errors, which cannot happen here, is the next. */
static const uint8_t irqs[BOARD_NUM_I2CS] = {31, 33, 72, 95};

static void update_line(struct board_machine *m, const struct board_i2c *b)
{
    board_nvic_set_line(m, irqs[b - m->i2c],
                        ((b->isr & ISR_NACKF) != 0 && (b->cr1 & CR1_NACKIE) != 0) ||
                            ((b->isr & ISR_STOPF) != 0 && (b->cr1 & CR1_STOPIE) != 0) ||
                            ((b->isr & ISR_TXIS) != 0 && (b->cr1 & CR1_TXIE) != 0));
}

void board_i2c_reset(struct board_machine *m, unsigned index)
{
    m->i2c[index] = (struct board_i2c){.isr = ISR_TXE};
    update_line(m, &m->i2c[index]);
}

uint32_t board_i2c_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    const struct board_i2c *b = &m->i2c[index];

    switch (io->offset) {
    case CR1:
        return b->cr1;
    case CR2:
        return b->cr2;
    case OAR1:
        return b->oar1;
    case OAR2:
        return b->oar2;
    case TIMINGR:
        return b->timingr;
    case TIMEOUTR:
        return b->timeoutr;
    case ISR:
        return b->isr;
    case TXDR:
        return b->txdr;
    default:
        return 0;
    }
}

static void write_control(struct board_i2c *b, uint32_t value)
{
    b->cr2 = value & 0x07FFFFFFu & ~(CR2_START | CR2_STOP | CR2_NACK); // these clear themselves
    if ((value & CR2_START) != 0 && (b->cr1 & CR1_PE) != 0) {
        // The address is not acknowledged, and a STOP follows by itself.
        b->isr |= ISR_NACKF | ISR_STOPF;
    }
}

void board_i2c_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    struct board_i2c *b = &m->i2c[index];

    switch (io->offset) {
    case CR1:
        b->cr1 = value & 0x00FFDFFFu;
        if ((value & CR1_PE) == 0) {
            b->isr = ISR_TXE;
        }
        break;
    case CR2:
        write_control(b, value);
        break;
    case OAR1:
        b->oar1 = value & 0x87FFu;
        break;
    case OAR2:
        b->oar2 = value & 0x87FEu;
        break;
    case TIMINGR:
        b->timingr = value & 0xF0FFFFFFu;
        break;
    case TIMEOUTR:
        b->timeoutr = value & 0x8FFF9FFFu;
        break;
    case ISR:
        b->isr |= value & ISR_TXE; // flushes TXDR
        break;
    case ICR:
        b->isr &= ~(value & ISR_CLEARABLE);
        break;
    case TXDR:
        b->txdr = value & 0xFFu;
        b->isr &= ~(ISR_TXE | ISR_TXIS);
        break;
    default:
        break;
    }
    update_line(m, b);
}
