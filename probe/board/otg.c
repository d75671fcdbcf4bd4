// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385, chapter on OTG_FS and OTG_HS. No cable is plugged in: the core initialises, in
// device and in host mode, and then nothing happens on its bus. What it can do is said by its
// configuration registers, which RM0385 leaves out; here they are as STM32F76x chips show them.

#define GOTGCTL 0x000u
#define GAHBCFG 0x008u
#define GUSBCFG 0x00Cu
#define GRSTCTL 0x010u
#define GINTSTS 0x014u
#define GINTMSK 0x018u
#define GRXSTSR 0x01Cu
#define GRXSTSP 0x020u
#define GRXFSIZ 0x024u
#define DIEPTXF0 0x028u
#define GNPTXSTS 0x02Cu
#define CID 0x03Cu
#define GSNPSID 0x040u
#define GHWCFG2 0x048u
#define GHWCFG3 0x04Cu
#define GHWCFG4 0x050u
#define HPTXFSIZ 0x100u
#define DIEPTXF1 0x104u
#define HFIR 0x404u
#define HFNUM 0x408u
#define HPTXSTS 0x410u
#define HPRT 0x440u
#define CHANNELS 0x500u // and of each its HCCHAR, every 0x20
#define CHANNELS_END 0x700u
#define DCFG 0x800u
#define DCTL 0x804u
#define DSTS 0x808u
#define DAINT 0x818u
#define ENDPOINTS 0x900u // DIEPCTL of each, every 0x20, and from 0xB00 DOEPCTL
#define OUT_ENDPOINTS 0xB00u
#define ENDPOINTS_END 0xD00u
#define STEP 0x20u
#define EP_INTERRUPTS 0x08u
#define EP_FIFO_SPACE 0x18u
#define FIFOS 0x1000u
#define GOTGCTL_CIDSTS (1u << 16)
#define GOTGCTL_WRITABLE 0x00101EFEu
#define GAHBCFG_GINT 1u
#define GUSBCFG_FHMOD (1u << 29)
#define GRSTCTL_AHBIDL (1u << 31)
#define GRSTCTL_TXFNUM 0x7C0u
#define GINTSTS_CMOD 1u
#define GINTSTS_IN_NAK (1u << 6)
#define GINTSTS_OUT_NAK (1u << 7)
#define GINTSTS_CLEARABLE 0xF8B0FC0Au
#define GINTSTS_RESET 0x04000020u
#define HPRT_PPWR (1u << 12)
#define DCTL_IN_NAK (1u << 2)
#define DCTL_OUT_NAK (1u << 3)
#define DCTL_COMMANDS 0x780u // set and clear the global NAKs
#define EP_ENABLE (1u << 31)
#define EP_DISABLE (1u << 30)
#define EP_COMMANDS 0x7C000000u
#define EP_SET_NAK (1u << 27)
#define EP_CLEAR_NAK (1u << 26)
#define EP_NAK (1u << 17)
#define EP_DISABLED 2u
#define EP_FIFO_EMPTY 0x80u
#define FIFO_WORDS 0x200u

static const uint8_t irqs[BOARD_NUM_OTGS] = {67, 77};

static uint32_t *reg(struct board_otg *o, uint32_t offset)
{
    return &o->regs[offset / 4];
}

static void update_line(struct board_machine *m, unsigned index)
{
    struct board_otg *o = &m->otg[index];

    board_nvic_set_line(m, irqs[index],
                        (*reg(o, GAHBCFG) & GAHBCFG_GINT) != 0 &&
                            (*reg(o, GINTSTS) & *reg(o, GINTMSK)) != 0);
}

void board_otg_reset(struct board_machine *m, unsigned index)
{
    static const struct {
        uint16_t offset;
        uint32_t value[BOARD_NUM_OTGS];
    } values[] = {
        {GOTGCTL, {GOTGCTL_CIDSTS, GOTGCTL_CIDSTS}},
        {GUSBCFG, {0x00001440u, 0x00001400u}},
        {GRSTCTL, {GRSTCTL_AHBIDL, GRSTCTL_AHBIDL}},
        {GINTSTS, {GINTSTS_RESET, GINTSTS_RESET}},
        {GRXFSIZ, {0x200u, 0x200u}},
        {DIEPTXF0, {0x02000200u, 0x02000200u}},
        {GNPTXSTS, {0x00080200u, 0x00080200u}},
        {CID, {0x2000u, 0x2100u}},
        {GSNPSID, {0x4F54320Au, 0x4F54320Au}},
        {GHWCFG2, {0x229ED520u, 0x229FE190u}},
        {GHWCFG3, {0x0200D1E8u, 0x03EED2E8u}},
        {GHWCFG4, {0x17F08030u, 0x23F00030u}},
        {HPTXFSIZ, {0x02000600u, 0x02000600u}},
        {HFIR, {0xEA60u, 0xEA60u}},
        {HFNUM, {0x3FFFu, 0x3FFFu}},
        {HPTXSTS, {0x00080100u, 0x00080100u}},
        {DCFG, {0x02200000u, 0x02200000u}},
        {DSTS, {0x10u, 0x10u}},
        {OUT_ENDPOINTS, {0x8000u, 0x8000u}},
    };
    struct board_otg *o = &m->otg[index];

    memset(o, 0, sizeof *o);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        *reg(o, values[i].offset) = values[i].value[index];
    }
    for (uint32_t i = 0; i < 8; i++) {
        *reg(o, DIEPTXF1 + 4 * i) = 0x02000400u;
    }
    for (uint32_t at = ENDPOINTS; at < OUT_ENDPOINTS; at += STEP) {
        *reg(o, at + EP_INTERRUPTS) = EP_FIFO_EMPTY;
        *reg(o, at + EP_FIFO_SPACE) = FIFO_WORDS;
    }
    update_line(m, index);
}

uint32_t board_otg_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    return io->offset < FIFOS ? *reg(&m->otg[index], io->offset) : 0;
}

/** Commands that an endpoint's control register takes are done at once. */
static uint32_t endpoint_control(struct board_otg *o, uint32_t offset, uint32_t value)
{
    uint32_t nak = *reg(o, offset) & EP_NAK;

    nak = (value & EP_SET_NAK) != 0 ? EP_NAK : (value & EP_CLEAR_NAK) != 0 ? 0 : nak;
    if ((value & EP_DISABLE) != 0 && (*reg(o, offset) & EP_ENABLE) != 0) {
        *reg(o, offset + EP_INTERRUPTS) |= EP_DISABLED;
    }
    if ((value & EP_DISABLE) != 0) {
        value &= ~EP_ENABLE;
    }
    return (value & ~(EP_COMMANDS | EP_NAK)) | nak;
}

static void write_device_control(struct board_otg *o, uint32_t value)
{
    uint32_t state = *reg(o, DCTL) & (DCTL_IN_NAK | DCTL_OUT_NAK);
    uint32_t set = (value >> 5 & DCTL_IN_NAK) | (value >> 6 & DCTL_OUT_NAK);
    uint32_t clear = (value >> 6 & DCTL_IN_NAK) | (value >> 7 & DCTL_OUT_NAK);

    state = (state | set) & ~clear;
    *reg(o, DCTL) = (value & ~(DCTL_COMMANDS | DCTL_IN_NAK | DCTL_OUT_NAK)) | state;
    *reg(o, GINTSTS) &= ~(GINTSTS_IN_NAK | GINTSTS_OUT_NAK);
    *reg(o, GINTSTS) |= (state & DCTL_IN_NAK) != 0 ? GINTSTS_IN_NAK : 0;
    *reg(o, GINTSTS) |= (state & DCTL_OUT_NAK) != 0 ? GINTSTS_OUT_NAK : 0;
}

static void write_block(struct board_otg *o, uint32_t offset, uint32_t value)
{
    if (offset >= ENDPOINTS && offset < ENDPOINTS_END && offset % STEP == 0) {
        *reg(o, offset) = endpoint_control(o, offset, value);
    } else if (offset >= ENDPOINTS && offset < ENDPOINTS_END && offset % STEP == EP_INTERRUPTS) {
        *reg(o, offset) &= ~value | (offset < OUT_ENDPOINTS ? EP_FIFO_EMPTY : 0);
    } else if (offset >= ENDPOINTS && offset < OUT_ENDPOINTS && offset % STEP == EP_FIFO_SPACE) {
        return;
    } else if (offset >= CHANNELS && offset < CHANNELS_END && offset % STEP == 0) {
        *reg(o, offset) = (value & EP_DISABLE) != 0 ? value & ~(EP_ENABLE | EP_DISABLE) : value;
    } else if (offset >= CHANNELS && offset < CHANNELS_END && offset % STEP == EP_INTERRUPTS) {
        *reg(o, offset) &= ~value;
    } else {
        *reg(o, offset) = value;
    }
}

void board_otg_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    struct board_otg *o = &m->otg[index];

    if (io->offset >= FIFOS) {
        return;
    }
    switch (io->offset) {
    case GOTGCTL:
        *reg(o, GOTGCTL) = (value & GOTGCTL_WRITABLE) | GOTGCTL_CIDSTS;
        break;
    case GUSBCFG:
        *reg(o, GUSBCFG) = value;
        // Without a cable the chip is the device, unless software says otherwise.
        *reg(o, GINTSTS) &= ~GINTSTS_CMOD;
        *reg(o, GINTSTS) |= (value & GUSBCFG_FHMOD) != 0 ? GINTSTS_CMOD : 0;
        break;
    case GRSTCTL: // resets and flushes are done at once
        *reg(o, GRSTCTL) = (value & GRSTCTL_TXFNUM) | GRSTCTL_AHBIDL;
        break;
    case GINTSTS:
        *reg(o, GINTSTS) &= ~(value & GINTSTS_CLEARABLE);
        break;
    case HPRT:
        *reg(o, HPRT) = value & HPRT_PPWR; // nothing is attached
        break;
    case DCTL:
        write_device_control(o, value);
        break;
    case GRXSTSR:
    case GRXSTSP:
    case GNPTXSTS:
    case GSNPSID:
    case GHWCFG2:
    case GHWCFG3:
    case GHWCFG4:
    case HFNUM:
    case HPTXSTS:
    case DSTS:
    case DAINT:
        break; // only to be read
    default:
        write_block(o, io->offset, value);
        break;
    }
    update_line(m, index);
}
