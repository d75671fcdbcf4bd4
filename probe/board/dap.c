// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/dap.h"

#include <string.h>

#define STICKY_FLAGS                                                                               \
    (BOARD_DP_STICKYORUN | BOARD_DP_STICKYCMP | BOARD_DP_STICKYERR | BOARD_DP_WDATAERR)

// Writable bits of CTRL/STAT that this port stores. Pushed compare and the transaction counter
// (TRNMODE, MASKLANE, TRNCNT) are left at zero, as a port without them reads.
#define CTRL_STORED                                                                                \
    (BOARD_DP_ORUNDETECT | (1U << 26) | BOARD_DP_CDBGPWRUPREQ | BOARD_DP_CSYSPWRUPREQ)

// ABORT register: which bit clears which flag.
#define ABORT_STKCMPCLR (1U << 1)
#define ABORT_STKERRCLR (1U << 2)
#define ABORT_WDERRCLR (1U << 3)
#define ABORT_ORUNERRCLR (1U << 4)

void board_dap_init(struct board_dap *dap, struct board_machine *machine,
                    struct board_faults *faults)
{
    memset(dap, 0, sizeof(*dap));
    dap->ap.machine = machine;
    dap->faults = faults;
    board_ahb_ap_reset(&dap->ap);
}

static void lose_power(struct board_dap *dap)
{
    board_machine_power_cycle(dap->ap.machine);
    dap->ctrl_stat = 0;
    dap->select = 0;
    dap->rdbuff = 0;
    dap->busy_scans = 0;
    board_ahb_ap_reset(&dap->ap);
}

static void after_transfer(struct board_dap *dap, size_t bytes_written)
{
    switch (board_faults_transferred(dap->faults, bytes_written)) {
    case BOARD_STRIKE_BROWN_OUT:
        lose_power(dap);
        break;
    case BOARD_STRIKE_RESET:
        board_machine_set_srst(dap->ap.machine, true);
        board_machine_set_srst(dap->ap.machine, false);
        break;
    case BOARD_STRIKE_NONE:
        break;
    }
}

static uint32_t read_ctrl_stat(const struct board_dap *dap)
{
    uint32_t value = dap->ctrl_stat;
    // The power domains of this part answer at once.
    value |= (value & (BOARD_DP_CDBGPWRUPREQ | BOARD_DP_CSYSPWRUPREQ)) << 1;
    return value;
}

static bool is_powered(const struct board_dap *dap)
{
    return (dap->ctrl_stat & BOARD_DP_CDBGPWRUPREQ) != 0;
}

/**
 * Carries out an accepted AP access. A bus fault, missing debug power or an injected FAULT sets
 * STICKYERR.
 */
static void access_ap(struct board_dap *dap, unsigned apsel, unsigned reg, bool write,
                      uint32_t *value)
{
    if (!is_powered(dap)) {
        dap->ctrl_stat |= BOARD_DP_STICKYERR;
        return;
    }
    if (apsel != 0) {
        *value = write ? *value : 0;
        return;
    }
    bool transfer = board_ahb_ap_is_transfer(reg);
    if (transfer && board_faults_ack_fault(dap->faults)) {
        dap->ctrl_stat |= BOARD_DP_STICKYERR;
        return;
    }
    size_t bytes = transfer && write ? board_ahb_ap_transfer_bytes(&dap->ap, reg) : 0;
    bool ok =
        write ? board_ahb_ap_write(&dap->ap, reg, *value) : board_ahb_ap_read(&dap->ap, reg, value);
    if (!ok) {
        dap->ctrl_stat |= BOARD_DP_STICKYERR;
    }
    if (transfer) {
        after_transfer(dap, ok ? bytes : 0);
    }
}

static void clear_by_abort(struct board_dap *dap, uint32_t value)
{
    uint32_t clear = 0;
    clear |= (value & ABORT_STKCMPCLR) ? BOARD_DP_STICKYCMP : 0;
    clear |= (value & ABORT_STKERRCLR) ? BOARD_DP_STICKYERR : 0;
    clear |= (value & ABORT_WDERRCLR) ? BOARD_DP_WDATAERR : 0;
    clear |= (value & ABORT_ORUNERRCLR) ? BOARD_DP_STICKYORUN : 0;
    dap->ctrl_stat &= ~clear;
}

static enum board_ack refuse(struct board_dap *dap, enum board_ack ack)
{
    if (dap->ctrl_stat & BOARD_DP_ORUNDETECT) {
        dap->ctrl_stat |= BOARD_DP_STICKYORUN;
    }
    dap->read_ok = false;
    return ack;
}

enum board_ack board_dap_dp_read(struct board_dap *dap, unsigned reg, uint32_t *value)
{
    *value = 0;
    unsigned bank = reg >> 4 & 0xFU;
    switch (reg & 0xCU) {
    case BOARD_DP_DPIDR:
        *value = BOARD_SW_DPIDR;
        return BOARD_ACK_OK;
    case BOARD_DP_CTRL_STAT:
        // The other banks (DLCR, TARGETID, DLPIDR) are not modelled and read zero.
        if (bank == 0) {
            *value = read_ctrl_stat(dap) | (dap->read_ok ? BOARD_DP_READOK : 0);
        }
        return BOARD_ACK_OK;
    default:
        break;
    }
    if (dap->ctrl_stat & STICKY_FLAGS) {
        return refuse(dap, BOARD_ACK_FAULT);
    }
    // RESEND and RDBUFF both yield the last result.
    *value = dap->rdbuff;
    return BOARD_ACK_OK;
}

enum board_ack board_dap_dp_write(struct board_dap *dap, unsigned reg, uint32_t value)
{
    if ((reg & 0xCU) == BOARD_DP_ABORT) {
        clear_by_abort(dap, value);
        return BOARD_ACK_OK;
    }
    if (dap->ctrl_stat & STICKY_FLAGS) {
        return refuse(dap, BOARD_ACK_FAULT);
    }
    unsigned bank = reg >> 4 & 0xFU;
    if ((reg & 0xCU) == BOARD_DP_CTRL_STAT && bank == 0) {
        dap->ctrl_stat = (dap->ctrl_stat & ~CTRL_STORED) | (value & CTRL_STORED);
    } else if ((reg & 0xCU) == BOARD_DP_SELECT) {
        dap->select = value;
    }
    return BOARD_ACK_OK;
}

/** The acknowledgement phase of an SW-DP access to AP 0. */
static enum board_ack acknowledge(struct board_dap *dap, bool transfer)
{
    if (dap->ctrl_stat & STICKY_FLAGS) {
        return refuse(dap, BOARD_ACK_FAULT);
    }
    if (transfer && board_faults_wait(dap->faults)) {
        return refuse(dap, BOARD_ACK_WAIT);
    }
    return BOARD_ACK_OK;
}

enum board_ack board_dap_ap_read(struct board_dap *dap, unsigned apsel, unsigned reg,
                                 uint32_t *value)
{
    *value = 0;
    enum board_ack ack = acknowledge(dap, apsel == 0 && board_ahb_ap_is_transfer(reg));
    if (ack != BOARD_ACK_OK) {
        return ack;
    }
    access_ap(dap, apsel, reg, false, &dap->rdbuff);
    dap->read_ok = (dap->ctrl_stat & STICKY_FLAGS) == 0;
    return board_dap_dp_read(dap, BOARD_DP_RDBUFF, value);
}

enum board_ack board_dap_ap_write(struct board_dap *dap, unsigned apsel, unsigned reg,
                                  uint32_t value)
{
    enum board_ack ack = acknowledge(dap, apsel == 0 && board_ahb_ap_is_transfer(reg));
    if (ack == BOARD_ACK_OK) {
        access_ap(dap, apsel, reg, true, &value);
    }
    return ack;
}

/** A block is one machine access unless some fault counts its transfers. */
static size_t chunk_bytes(const struct board_dap *dap, const struct board_ap_block *block,
                          size_t size_bytes)
{
    return dap->faults->transfers_armed ? block->width_bytes : size_bytes;
}

/** Checks before a chunk of a block: acknowledgement, power, injected FAULT. */
static enum board_ack begin_chunk(struct board_dap *dap)
{
    enum board_ack ack = acknowledge(dap, true);
    if (ack != BOARD_ACK_OK) {
        return ack;
    }
    if (!is_powered(dap) || board_faults_ack_fault(dap->faults)) {
        dap->ctrl_stat |= BOARD_DP_STICKYERR;
        return BOARD_ACK_FAULT;
    }
    return BOARD_ACK_OK;
}

// A block in either direction: to or from the debugger; the other is NULL.
static enum board_ack move_block(struct board_dap *dap, const struct board_ap_block *block,
                                 uint8_t *to, const uint8_t *from, size_t size_bytes,
                                 size_t *done_bytes)
{
    size_t chunk = chunk_bytes(dap, block, size_bytes);
    struct board_ap_block part = *block;
    *done_bytes = 0;
    while (*done_bytes < size_bytes) {
        enum board_ack ack = begin_chunk(dap);
        if (ack != BOARD_ACK_OK) {
            return ack;
        }
        part.addr = block->addr + (block->increment ? (uint32_t)*done_bytes : 0);
        size_t done = 0;
        bool ok = to ? board_ahb_ap_read_block(&dap->ap, &part, to + *done_bytes, chunk, &done)
                     : board_ahb_ap_write_block(&dap->ap, &part, from + *done_bytes, chunk, &done);
        *done_bytes += done;
        after_transfer(dap, to ? 0 : done);
        if (!ok) {
            dap->ctrl_stat |= BOARD_DP_STICKYERR;
            return BOARD_ACK_FAULT;
        }
    }
    return BOARD_ACK_OK;
}

enum board_ack board_dap_read_block(struct board_dap *dap, const struct board_ap_block *block,
                                    uint8_t *buf, size_t size_bytes, size_t *done_bytes)
{
    return move_block(dap, block, buf, NULL, size_bytes, done_bytes);
}

enum board_ack board_dap_write_block(struct board_dap *dap, const struct board_ap_block *block,
                                     const uint8_t *buf, size_t size_bytes, size_t *done_bytes)
{
    return move_block(dap, block, NULL, buf, size_bytes, done_bytes);
}

uint64_t board_dap_jtag_capture(struct board_dap *dap, enum board_jtag_dr dr)
{
    dap->scan_accepted = true;
    if (dr == BOARD_JTAG_ABORT) {
        return 0;
    }
    if (dap->busy_scans > 0) {
        dap->busy_scans--;
        dap->scan_accepted = false;
        (void)refuse(dap, BOARD_ACK_WAIT);
        return BOARD_JTAG_ACK_WAIT;
    }
    return (uint64_t)dap->rdbuff << 3 | BOARD_JTAG_ACK_OK_FAULT;
}

static void jtag_dp_access(struct board_dap *dap, unsigned reg, bool read, uint32_t value)
{
    if (read) {
        dap->rdbuff = 0;
        if (reg == BOARD_DP_CTRL_STAT) {
            dap->rdbuff = read_ctrl_stat(dap);
        } else if (reg == BOARD_DP_SELECT) {
            dap->rdbuff = dap->select;
        }
        return;
    }
    if (reg == BOARD_DP_CTRL_STAT) {
        // On a JTAG-DP the sticky flags are cleared by writing one to them.
        dap->ctrl_stat &= ~(value & STICKY_FLAGS);
        dap->ctrl_stat = (dap->ctrl_stat & ~CTRL_STORED) | (value & CTRL_STORED);
    } else if (reg == BOARD_DP_SELECT) {
        dap->select = value;
    }
}

void board_dap_jtag_update(struct board_dap *dap, enum board_jtag_dr dr, uint64_t scan)
{
    unsigned reg = (unsigned)(scan >> 1 & 3U) << 2;
    bool read = (scan & 1U) != 0;
    uint32_t value = (uint32_t)(scan >> 3);
    if (dr == BOARD_JTAG_ABORT) {
        // DAPABORT ends a transaction that is stuck; other bits are reserved on a JTAG-DP.
        if (reg == 0 && !read && (value & 1U)) {
            dap->busy_scans = 0;
        }
        return;
    }
    if (!dap->scan_accepted) {
        return;
    }
    if (dr == BOARD_JTAG_DPACC) {
        jtag_dp_access(dap, reg, read, value);
        return;
    }
    if (dap->ctrl_stat & STICKY_FLAGS) {
        return;
    }
    unsigned apsel = dap->select >> 24;
    reg |= dap->select & 0xF0U;
    if (apsel == 0 && board_ahb_ap_is_transfer(reg)) {
        while (board_faults_wait(dap->faults)) {
            dap->busy_scans++;
        }
    }
    if (read) {
        access_ap(dap, apsel, reg, false, &dap->rdbuff);
    } else {
        access_ap(dap, apsel, reg, true, &value);
    }
}
