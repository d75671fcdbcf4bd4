// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 17.8 (RNG), 12.4 (CRC), 4.1.2 (backup SRAM).

#define RNG_CR 0x0u
#define RNG_SR 0x4u
#define RNG_DR 0x8u
#define RNG_ENABLE (1u << 2)
#define RNG_INTERRUPT (1u << 3)
#define RNG_READY 1u
#define RNG_SEED 0x9E3779B9u
#define IRQ_RNG 80u

static void update_rng(struct board_machine *m)
{
    board_nvic_set_line(m, IRQ_RNG,
                        (m->rng.cr & (RNG_ENABLE | RNG_INTERRUPT)) == (RNG_ENABLE | RNG_INTERRUPT));
}

void board_rng_reset(struct board_machine *m)
{
    m->rng = (struct board_rng){.cr = 0, .state = RNG_SEED};
    update_rng(m);
}

/** Numbers without a pattern, but the same ones on every run: a run can be repeated. */
static uint32_t next_random(struct board_rng *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 17;
    r->state ^= r->state << 5;
    return r->state;
}

uint32_t board_rng_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    bool on = (m->rng.cr & RNG_ENABLE) != 0;

    (void)index;
    switch (io->offset) {
    case RNG_CR:
        return m->rng.cr;
    case RNG_SR:
        return on ? RNG_READY : 0;
    case RNG_DR:
        return !on ? 0 : io->by_debugger ? m->rng.state : next_random(&m->rng);
    default:
        return 0;
    }
}

void board_rng_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    (void)index;
    if (io->offset == RNG_CR) {
        m->rng.cr = value & 0x2Cu;
        update_rng(m);
    }
}

// ---------------------------------------------------------------------------------------------
// CRC

#define CRC_DR 0x00u
#define CRC_IDR 0x04u
#define CRC_CR 0x08u
#define CRC_INIT 0x10u
#define CRC_POL 0x14u
#define CRC_RESET 1u
#define CRC_REV_OUT (1u << 7)

static uint32_t reverse(uint32_t value, unsigned bits)
{
    uint32_t result = 0;

    for (unsigned i = 0; i < bits; i++) {
        result |= (value >> i & 1u) << (bits - 1 - i);
    }
    return result;
}

static unsigned polynomial_bits(const struct board_crc *c)
{
    static const uint8_t bits[4] = {32, 16, 8, 7};

    return bits[c->cr >> 3 & 3u];
}

/** Reverses the bits of each unit of 8, 16 or 32 bits in a value of so many. */
static uint32_t reverse_units(uint32_t value, unsigned bits, unsigned unit)
{
    uint32_t result = 0;

    unit = unit > bits ? bits : unit;
    for (unsigned at = 0; at < bits; at += unit) {
        uint32_t part = unit == 32 ? value : value >> at & ((1u << unit) - 1);

        result |= reverse(part, unit) << at;
    }
    return result;
}

static void feed(struct board_crc *c, uint32_t value, unsigned bits)
{
    static const uint8_t units[4] = {0, 8, 16, 32};
    unsigned size = polynomial_bits(c);
    unsigned unit = units[c->cr >> 5 & 3u];

    if (unit != 0) {
        value = reverse_units(value, bits, unit);
    }
    for (unsigned i = bits; i-- > 0;) {
        uint32_t top = (c->value >> (size - 1) ^ value >> i) & 1u;

        c->value = c->value << 1 ^ (top != 0 ? c->pol : 0);
    }
    c->value &= size == 32 ? 0xFFFFFFFFu : (1u << size) - 1;
}

uint32_t board_crc_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    const struct board_crc *c = &m->crc;

    (void)index;
    switch (io->offset) {
    case CRC_DR:
        return (c->cr & CRC_REV_OUT) != 0 ? reverse(c->value, polynomial_bits(c)) : c->value;
    case CRC_IDR:
        return c->idr;
    case CRC_CR:
        return c->cr;
    case CRC_INIT:
        return c->init;
    case CRC_POL:
        return c->pol;
    default:
        return 0;
    }
}

void board_crc_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    struct board_crc *c = &m->crc;

    (void)index;
    switch (io->offset) {
    case CRC_DR:
        feed(c, value, 8 * io->size_bytes);
        break;
    case CRC_IDR:
        c->idr = value & 0xFFu;
        break;
    case CRC_CR:
        c->cr = value & 0xF8u;
        if ((value & CRC_RESET) != 0) {
            c->value = c->init;
        }
        break;
    case CRC_INIT:
        c->init = value;
        c->value = value;
        break;
    case CRC_POL:
        c->pol = value;
        break;
    default:
        break;
    }
}

// ---------------------------------------------------------------------------------------------
// Backup SRAM, and all of it

uint32_t board_backup_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    (void)index;
    return m->backup_sram[io->offset % BOARD_BACKUP_SRAM_SIZE / 4];
}

void board_backup_write(struct board_machine *m, unsigned index, const struct board_io *io,
                        uint32_t value)
{
    (void)index;
    m->backup_sram[io->offset % BOARD_BACKUP_SRAM_SIZE / 4] = value;
}

void board_units_reset(struct board_machine *m)
{
    board_rng_reset(m);
    m->crc = (struct board_crc){0xFFFFFFFFu, 0, 0, 0xFFFFFFFFu, 0x04C11DB7u};
}
