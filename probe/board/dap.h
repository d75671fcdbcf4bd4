// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_DAP_H
#define UTVM_BOARD_DAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/ahb_ap.h"
#include "probe/board/fault.h"

/**
 * The debug port (SWJ-DP) with one AHB-AP behind it, as both front ends see it: the ST-LINK uses it
 * as an SW-DP, the bit-bang TAP as a JTAG-DP. Sticky flags, power-up handshake and selection are
 * shared, as on silicon.
 * Source: ARM IHI 0031 (ADIv5) chapters 2 to 4 and 6.
 */
struct board_dap {
    struct board_ahb_ap ap;      /**< AP 0; every other number is an absent AP that reads 0 */
    struct board_faults *faults; /**< borrowed */
    uint32_t ctrl_stat;          /**< stored bits; the acknowledge bits are derived */
    uint32_t select;
    uint32_t rdbuff;     /**< result of the last accepted read */
    bool read_ok;        /**< SW-DP only: READOK */
    uint64_t busy_scans; /**< JTAG-DP: how many scans are still answered WAIT */
    bool scan_accepted;  /**< JTAG-DP: the scan being shifted was not answered WAIT */
};

/** SWD acknowledgements. */
enum board_ack {
    BOARD_ACK_OK,
    BOARD_ACK_WAIT,
    BOARD_ACK_FAULT,
};

#define BOARD_DP_ABORT 0x0U /**< write */
#define BOARD_DP_DPIDR 0x0U /**< read */
#define BOARD_DP_CTRL_STAT 0x4U
#define BOARD_DP_SELECT 0x8U
#define BOARD_DP_RDBUFF 0xCU

#define BOARD_DP_ORUNDETECT (1U << 0)
#define BOARD_DP_STICKYORUN (1U << 1)
#define BOARD_DP_STICKYCMP (1U << 4)
#define BOARD_DP_STICKYERR (1U << 5)
#define BOARD_DP_READOK (1U << 6)
#define BOARD_DP_WDATAERR (1U << 7)
#define BOARD_DP_CDBGPWRUPREQ (1U << 28)
#define BOARD_DP_CDBGPWRUPACK (1U << 29)
#define BOARD_DP_CSYSPWRUPREQ (1U << 30)
#define BOARD_DP_CSYSPWRUPACK (1U << 31)

#define BOARD_SW_DPIDR 0x5BA02477U
#define BOARD_JTAG_IDCODE 0x5BA00477U

/** @param machine, faults borrowed for the DAP's life */
void board_dap_init(struct board_dap *dap, struct board_machine *machine,
                    struct board_faults *faults);

/**
 * SW-DP register access. While a sticky flag is set only DPIDR and CTRL/STAT reads and ABORT writes
 * are answered OK.
 * @param reg  register address in bits 3:0, DPBANKSEL in bits 7:4
 */
enum board_ack board_dap_dp_read(struct board_dap *dap, unsigned reg, uint32_t *value);
enum board_ack board_dap_dp_write(struct board_dap *dap, unsigned reg, uint32_t value);

/**
 * SW-DP access of an AP register, carried out to its end as a probe does it: a read collects
 * RDBUFF, so a bus fault shows as FAULT at once; a write's bus fault shows in STICKYERR only.
 */
enum board_ack board_dap_ap_read(struct board_dap *dap, unsigned apsel, unsigned reg,
                                 uint32_t *value);
enum board_ack board_dap_ap_write(struct board_dap *dap, unsigned apsel, unsigned reg,
                                  uint32_t value);

/**
 * A run of transfers on AP 0 through the SW-DP.
 * @param done_bytes  how far it came
 * @return FAULT when a sticky flag was set before, debug power is off or a transfer met a bus fault
 */
enum board_ack board_dap_read_block(struct board_dap *dap, const struct board_ap_block *block,
                                    uint8_t *buf, size_t size_bytes, size_t *done_bytes);
enum board_ack board_dap_write_block(struct board_dap *dap, const struct board_ap_block *block,
                                     const uint8_t *buf, size_t size_bytes, size_t *done_bytes);

/** The JTAG-DP's data registers of 35 bits. */
enum board_jtag_dr {
    BOARD_JTAG_ABORT,
    BOARD_JTAG_DPACC,
    BOARD_JTAG_APACC,
};

#define BOARD_JTAG_ACK_OK_FAULT 2U
#define BOARD_JTAG_ACK_WAIT 1U

/** Capture-DR: the previous read's result in bits 34:3, the acknowledgement in bits 2:0. */
uint64_t board_dap_jtag_capture(struct board_dap *dap, enum board_jtag_dr dr);

/** Update-DR: data in bits 34:3, A[3:2] in bits 2:1, RnW in bit 0. Ignored after a WAIT. */
void board_dap_jtag_update(struct board_dap *dap, enum board_jtag_dr dr, uint64_t scan);

#endif
