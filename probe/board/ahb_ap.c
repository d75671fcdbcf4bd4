// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/ahb_ap.h"

// IDR: revision 7, JEP106 code of ARM, class MEM-AP, type AHB. BASE: format ADIv5, entry present.
#define IDR_VALUE 0x74770001U
#define BASE_VALUE 0xE00FD003U
#define CSW_RESET 0x03000002U
#define CSW_WRITABLE 0xFF000037U

// TAR increments in its lower ten bits only: ADIv5 8.1.2 promises no more, and this part does none.
#define TAR_WRAP_MASK 0x3FFU

void board_ahb_ap_reset(struct board_ahb_ap *ap)
{
    ap->csw = CSW_RESET;
    ap->tar = 0;
}

bool board_ahb_ap_is_transfer(unsigned reg)
{
    return reg == BOARD_AP_DRW || (reg >= BOARD_AP_BD0 && reg <= BOARD_AP_BD3);
}

static unsigned csw_width_bytes(uint32_t csw)
{
    return 1U << (csw & BOARD_CSW_SIZE_MASK);
}

/** Transfers per DRW access: packed transfers fill the word, others move one item. */
static unsigned drw_transfers(uint32_t csw)
{
    bool packed = (csw & BOARD_CSW_INC_MASK) == BOARD_CSW_INC_PACKED;
    return packed ? 4U / csw_width_bytes(csw) : 1U;
}

size_t board_ahb_ap_transfer_bytes(const struct board_ahb_ap *ap, unsigned reg)
{
    if (reg != BOARD_AP_DRW) {
        return 4;
    }
    return (size_t)drw_transfers(ap->csw) * csw_width_bytes(ap->csw);
}

static void increment_tar(struct board_ahb_ap *ap)
{
    if ((ap->csw & BOARD_CSW_INC_MASK) == 0) {
        return;
    }
    uint32_t next = ap->tar + csw_width_bytes(ap->csw);
    ap->tar = (ap->tar & ~TAR_WRAP_MASK) | (next & TAR_WRAP_MASK);
}

static uint32_t lane_mask(unsigned width)
{
    return width == 4 ? UINT32_MAX : (1U << (8 * width)) - 1U;
}

/** Items travel on the byte lanes of their address. */
static unsigned lane_shift(uint32_t addr)
{
    return 8U * (addr & 3U);
}

static bool read_drw(struct board_ahb_ap *ap, uint32_t *value)
{
    unsigned width = csw_width_bytes(ap->csw);
    unsigned count = drw_transfers(ap->csw);
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t addr = ap->tar & ~(width - 1U);
        uint32_t item = 0;
        if (board_machine_read(ap->machine, addr, width, &item) != BOARD_ACCESS_OK) {
            return false;
        }
        *value |= (item & lane_mask(width)) << lane_shift(addr);
        increment_tar(ap);
    }
    return true;
}

static bool write_drw(struct board_ahb_ap *ap, uint32_t value)
{
    unsigned width = csw_width_bytes(ap->csw);
    unsigned count = drw_transfers(ap->csw);
    for (unsigned i = 0; i < count; i++) {
        uint32_t addr = ap->tar & ~(width - 1U);
        uint32_t item = (value >> lane_shift(addr)) & lane_mask(width);
        if (board_machine_write(ap->machine, addr, width, item) != BOARD_ACCESS_OK) {
            return false;
        }
        increment_tar(ap);
    }
    return true;
}

static uint32_t banked_address(const struct board_ahb_ap *ap, unsigned reg)
{
    return (ap->tar & ~0xFU) | (reg & 0xCU);
}

bool board_ahb_ap_read(struct board_ahb_ap *ap, unsigned reg, uint32_t *value)
{
    if (reg == BOARD_AP_DRW) {
        return read_drw(ap, value);
    }
    if (board_ahb_ap_is_transfer(reg)) {
        *value = 0;
        return board_machine_read(ap->machine, banked_address(ap, reg), 4, value) ==
               BOARD_ACCESS_OK;
    }
    switch (reg) {
    case BOARD_AP_CSW:
        *value = ap->csw | BOARD_CSW_DEVICE_EN;
        break;
    case BOARD_AP_TAR:
        *value = ap->tar;
        break;
    case BOARD_AP_BASE:
        *value = BASE_VALUE;
        break;
    case BOARD_AP_IDR:
        *value = IDR_VALUE;
        break;
    default:
        // CFG is one of these: little-endian, no large data, no long addresses.
        *value = 0;
        break;
    }
    return true;
}

static void write_csw(struct board_ahb_ap *ap, uint32_t value)
{
    uint32_t csw = value & CSW_WRITABLE;
    // The port has no size above a word and no fourth increment mode; such values do not stick.
    if ((csw & BOARD_CSW_SIZE_MASK) > 2) {
        csw = (csw & ~BOARD_CSW_SIZE_MASK) | (ap->csw & BOARD_CSW_SIZE_MASK);
    }
    if ((csw & BOARD_CSW_INC_MASK) == BOARD_CSW_INC_MASK) {
        csw = (csw & ~BOARD_CSW_INC_MASK) | (ap->csw & BOARD_CSW_INC_MASK);
    }
    ap->csw = csw;
}

bool board_ahb_ap_write(struct board_ahb_ap *ap, unsigned reg, uint32_t value)
{
    if (reg == BOARD_AP_DRW) {
        return write_drw(ap, value);
    }
    if (board_ahb_ap_is_transfer(reg)) {
        return board_machine_write(ap->machine, banked_address(ap, reg), 4, value) ==
               BOARD_ACCESS_OK;
    }
    if (reg == BOARD_AP_CSW) {
        write_csw(ap, value);
    } else if (reg == BOARD_AP_TAR) {
        ap->tar = value;
    }
    return true;
}

/**
 * Repeated reads of one address are samples of something that changes, DWT_PCSR above all, and come
 * in one request. On silicon some microseconds pass between two of them; here a few hundred
 * instructions do, never the same number twice in a row, so that sampling does not keep step with a
 * loop of the firmware.
 */
static void pass_time(struct board_ahb_ap *ap, size_t sample)
{
    if (board_machine_runnable(ap->machine)) {
        (void)board_machine_run(ap->machine, 200U + sample * 61U % 256U);
    }
}

static void set_up_block(struct board_ahb_ap *ap, const struct board_ap_block *block)
{
    uint32_t size = block->width_bytes == 4 ? 2U : block->width_bytes - 1U;
    uint32_t inc = block->increment ? BOARD_CSW_INC_SINGLE : 0U;
    write_csw(ap, (block->csw & ~0xFFU) | inc | size);
    ap->tar = block->addr;
}

/**
 * Whether the machine's block access may stand for accesses of the block's width: it may choose its
 * own width, which memory cannot tell apart but registers and the flash controller can.
 */
static bool may_use_bulk(const struct board_ap_block *block, size_t size_bytes, bool write)
{
    if (!block->increment || size_bytes == block->width_bytes) {
        return false;
    }
    if (block->width_bytes == 4) {
        return true;
    }
    bool ram = block->addr < 0x00200000U || (block->addr >> 28) == 2;
    return ram || (!write && block->addr < 0x40000000U);
}

static void finish_block(struct board_ahb_ap *ap, const struct board_ap_block *block, size_t done)
{
    if (!block->increment) {
        return;
    }
    // What TAR shows after the last DRW access of a probe that set it at every 1 KB border.
    uint32_t end = block->addr + (uint32_t)done;
    uint32_t last = done == 0 ? block->addr : end - block->width_bytes;
    ap->tar = (last & ~TAR_WRAP_MASK) | (end & TAR_WRAP_MASK);
}

bool board_ahb_ap_read_block(struct board_ahb_ap *ap, const struct board_ap_block *block,
                             uint8_t *buf, size_t size_bytes, size_t *done_bytes)
{
    set_up_block(ap, block);
    bool ok = true;
    size_t done = 0;
    if (may_use_bulk(block, size_bytes, false)) {
        ok = board_machine_read_block(ap->machine, block->addr, buf, size_bytes, &done) ==
             BOARD_ACCESS_OK;
    } else {
        for (; ok && done < size_bytes; done += ok ? block->width_bytes : 0) {
            uint32_t addr = block->addr + (block->increment ? (uint32_t)done : 0);
            uint32_t item = 0;
            ok =
                board_machine_read(ap->machine, addr, block->width_bytes, &item) == BOARD_ACCESS_OK;
            for (unsigned i = 0; ok && i < block->width_bytes; i++) {
                buf[done + i] = (uint8_t)(item >> (8 * i));
            }
            if (!block->increment) {
                pass_time(ap, done / sizeof(uint32_t));
            }
        }
    }
    finish_block(ap, block, done);
    *done_bytes = done;
    return ok;
}

bool board_ahb_ap_write_block(struct board_ahb_ap *ap, const struct board_ap_block *block,
                              const uint8_t *buf, size_t size_bytes, size_t *done_bytes)
{
    set_up_block(ap, block);
    bool ok = true;
    size_t done = 0;
    if (may_use_bulk(block, size_bytes, true)) {
        ok = board_machine_write_block(ap->machine, block->addr, buf, size_bytes, &done) ==
             BOARD_ACCESS_OK;
    } else {
        for (; ok && done < size_bytes; done += ok ? block->width_bytes : 0) {
            uint32_t addr = block->addr + (block->increment ? (uint32_t)done : 0);
            uint32_t item = 0;
            for (unsigned i = 0; i < block->width_bytes; i++) {
                item |= (uint32_t)buf[done + i] << (8 * i);
            }
            ok =
                board_machine_write(ap->machine, addr, block->width_bytes, item) == BOARD_ACCESS_OK;
        }
    }
    finish_block(ap, block, done);
    *done_bytes = done;
    return ok;
}
