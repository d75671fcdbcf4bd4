// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385, chapter on the SDMMC. There is no card: a command that wants no response is sent,
// any other times out, and so does data; all at once.

#define CMD 0x0Cu
#define RESPCMD 0x10u
#define RESP4 0x20u
#define DCTRL 0x2Cu
#define DCOUNT 0x30u
#define STA 0x34u
#define ICR 0x38u
#define MASK 0x3Cu
#define CMD_WAITRESP (1u << 6)
#define CMD_CPSMEN (1u << 10)
#define DCTRL_DTEN 1u
#define STA_CTIMEOUT (1u << 2)
#define STA_DTIMEOUT (1u << 3)
#define STA_CMDSENT (1u << 7)
#define STA_CLEARABLE 0x004005FFu
#define SDMMC_IRQ 49u

static void update_line(struct board_machine *m)
{
    board_nvic_set_line(m, SDMMC_IRQ, (m->sdmmc.regs[STA / 4] & m->sdmmc.regs[MASK / 4]) != 0);
}

void board_sdmmc_reset(struct board_machine *m, unsigned index)
{
    (void)index;
    memset(&m->sdmmc, 0, sizeof m->sdmmc);
    update_line(m);
}

uint32_t board_sdmmc_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    (void)index;
    return io->offset < sizeof m->sdmmc.regs ? m->sdmmc.regs[io->offset / 4] : 0;
}

void board_sdmmc_write(struct board_machine *m, unsigned index, const struct board_io *io,
                       uint32_t value)
{
    uint32_t *status = &m->sdmmc.regs[STA / 4];

    (void)index;
    if (io->offset == ICR) {
        *status &= ~(value & STA_CLEARABLE);
    } else if (io->offset < sizeof m->sdmmc.regs && io->offset != STA && io->offset != DCOUNT &&
               (io->offset < RESPCMD || io->offset > RESP4)) {
        m->sdmmc.regs[io->offset / 4] = value;
    }
    if (io->offset == CMD && (value & CMD_CPSMEN) != 0) {
        *status |= (value & CMD_WAITRESP) != 0 ? STA_CTIMEOUT : STA_CMDSENT;
    } else if (io->offset == DCTRL && (value & DCTRL_DTEN) != 0) {
        *status |= STA_DTIMEOUT;
    }
    update_line(m);
}
