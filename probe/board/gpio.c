// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 6.4 (GPIO), 40.16 (DBGMCU). Nothing is connected to the pins: an output reads
// back, an input reads its pull resistor.

#define MODER 0x00u
#define OTYPER 0x04u
#define OSPEEDR 0x08u
#define PUPDR 0x0Cu
#define IDR 0x10u
#define ODR 0x14u
#define BSRR 0x18u
#define LCKR 0x1Cu
#define AFRL 0x20u
#define AFRH 0x24u
#define DBGMCU_IDCODE 0x10016449u
#define DBGMCU_DEBUG_BITS 0x000000E7u

void board_gpio_reset(struct board_machine *m, unsigned port)
{
    struct board_gpio_port *p = &m->port[port];

    memset(p, 0, sizeof *p);
    if (port == 0) { // the debug pins
        p->moder = 0xA8000000u;
        p->ospeedr = 0x0C000000u;
        p->pupdr = 0x64000000u;
    } else if (port == 1) {
        p->moder = 0x00000280u;
        p->ospeedr = 0x000000C0u;
        p->pupdr = 0x00000100u;
    }
}

static uint32_t input(const struct board_gpio_port *p)
{
    uint32_t value = 0;

    for (unsigned pin = 0; pin < 16; pin++) {
        bool is_output = (p->moder >> (2 * pin) & 3u) == 1;
        bool pulled_up = (p->pupdr >> (2 * pin) & 3u) == 1;
        bool driven = (p->odr >> pin & 1u) != 0;

        value |= (uint32_t)(is_output ? driven : pulled_up) << pin;
    }
    return value;
}

static uint32_t *plain_register(struct board_gpio_port *p, uint32_t offset)
{
    switch (offset) {
    case MODER:
        return &p->moder;
    case OTYPER:
        return &p->otyper;
    case OSPEEDR:
        return &p->ospeedr;
    case PUPDR:
        return &p->pupdr;
    case ODR:
        return &p->odr;
    case LCKR:
        return &p->lckr;
    case AFRL:
        return &p->afrl;
    case AFRH:
        return &p->afrh;
    default:
        return NULL;
    }
}

uint32_t board_gpio_read(struct board_machine *m, unsigned port, const struct board_io *io)
{
    const uint32_t *r = plain_register(&m->port[port], io->offset);

    if (io->offset == IDR) {
        return input(&m->port[port]);
    }
    return r != NULL ? *r : 0;
}

void board_gpio_write(struct board_machine *m, unsigned port, const struct board_io *io,
                      uint32_t value)
{
    struct board_gpio_port *p = &m->port[port];
    uint32_t *r = plain_register(p, io->offset);
    uint32_t before = input(p);

    if (io->offset == BSRR) {
        p->odr = ((p->odr & ~(value >> 16)) | value) & 0xFFFFu;
    } else if (r != NULL) {
        *r = io->offset == ODR || io->offset == OTYPER ? value & 0xFFFFu : value;
    }
    board_exti_pins(m, port, before, input(p));
}

uint32_t board_dbgmcu_read(struct board_machine *m, uint32_t offset)
{
    switch (offset) {
    case 0x0:
        return DBGMCU_IDCODE;
    case 0x4:
        return m->dbgmcu.cr;
    case 0x8:
        return m->dbgmcu.apb1_fz;
    case 0xC:
        return m->dbgmcu.apb2_fz;
    default:
        return 0;
    }
}

void board_dbgmcu_write(struct board_machine *m, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case 0x4:
        m->dbgmcu.cr = value & DBGMCU_DEBUG_BITS;
        break;
    case 0x8:
        m->dbgmcu.apb1_fz = value;
        break;
    case 0xC:
        m->dbgmcu.apb2_fz = value;
        break;
    default:
        break;
    }
}
