// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385, chapter on the DAC. A value goes out at once, or when software triggers it;
// timers and pins trigger none, and there are neither waves nor DMA.

#define CR 0x00u
#define SWTRIGR 0x04u
#define DHR12R1 0x08u // then 12 bits left-aligned, then 8 bits; the same for the other channel
#define DHR12RD 0x20u
#define DHR12LD 0x24u
#define DHR8RD 0x28u
#define DOR1 0x2Cu
#define DOR2 0x30u
#define CR_TEN 4u
#define CR_WRITABLE 0x3FFF3FFFu

void board_dac_reset(struct board_machine *m, unsigned index)
{
    (void)index;
    memset(&m->dac, 0, sizeof m->dac);
}

static uint32_t channel_control(const struct board_dac *d, unsigned channel)
{
    return d->cr >> (16 * channel);
}

/** @param format 0 = 12 bits right-aligned, 1 = left-aligned, 2 = 8 bits */
static void hold(struct board_dac *d, unsigned channel, unsigned format, uint32_t value)
{
    d->held[channel] = (format == 0 ? value : format == 1 ? value >> 4 : value << 4) & 0xFFFu;
    if ((channel_control(d, channel) & CR_TEN) == 0) {
        d->out[channel] = d->held[channel];
    }
}

uint32_t board_dac_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    const struct board_dac *d = &m->dac;
    unsigned channel = (io->offset - DHR12R1) / 12 & 1u;

    (void)index;
    switch (io->offset) {
    case CR:
        return d->cr;
    case DOR1:
        return d->out[0];
    case DOR2:
        return d->out[1];
    case DHR12RD:
        return d->held[0] | d->held[1] << 16;
    case DHR12LD:
        return d->held[0] << 4 | d->held[1] << 20;
    case DHR8RD:
        return d->held[0] >> 4 | d->held[1] >> 4 << 8;
    default:
        break;
    }
    if (io->offset < DHR12R1 || io->offset >= DHR12RD) {
        return 0;
    }
    switch ((io->offset - DHR12R1) / 4 % 3) {
    case 0:
        return d->held[channel];
    case 1:
        return d->held[channel] << 4;
    default:
        return d->held[channel] >> 4;
    }
}

void board_dac_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    struct board_dac *d = &m->dac;

    (void)index;
    if (io->offset == CR) {
        d->cr = value & CR_WRITABLE;
    } else if (io->offset == SWTRIGR) {
        for (unsigned i = 0; i < 2; i++) {
            bool by_software = (channel_control(d, i) & 0x38u) == 0x38u; // TSEL

            if ((value >> i & 1u) != 0 && by_software) {
                d->out[i] = d->held[i];
            }
        }
    } else if (io->offset >= DHR12R1 && io->offset < DHR12RD) {
        hold(d, (io->offset - DHR12R1) / 12, (io->offset - DHR12R1) / 4 % 3, value);
    } else if (io->offset >= DHR12RD && io->offset <= DHR8RD) {
        unsigned format = (io->offset - DHR12RD) / 4;

        hold(d, 0, format, format == 2 ? value & 0xFFu : value & 0xFFFFu);
        hold(d, 1, format, format == 2 ? value >> 8 & 0xFFu : value >> 16);
    }
}
