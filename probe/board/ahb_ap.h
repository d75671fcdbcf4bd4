// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_AHB_AP_H
#define UTVM_BOARD_AHB_AP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/machine.h"

/**
 * The Cortex-M7's AHB access port: turns CSW, TAR, DRW and BD0-3 into accesses of the machine's
 * bus. Source: ARM IHI 0031 (ADIv5) chapter 8, ARM DDI 0489 (Cortex-M7 TRM) chapter 10.
 */
struct board_ahb_ap {
    struct board_machine *machine; /**< borrowed */
    uint32_t csw;
    uint32_t tar;
};

#define BOARD_AP_CSW 0x00U
#define BOARD_AP_TAR 0x04U
#define BOARD_AP_DRW 0x0CU
#define BOARD_AP_BD0 0x10U
#define BOARD_AP_BD3 0x1CU
#define BOARD_AP_CFG 0xF4U
#define BOARD_AP_BASE 0xF8U
#define BOARD_AP_IDR 0xFCU

#define BOARD_CSW_SIZE_MASK 0x7U
#define BOARD_CSW_INC_MASK 0x30U
#define BOARD_CSW_INC_SINGLE 0x10U
#define BOARD_CSW_INC_PACKED 0x20U
#define BOARD_CSW_DEVICE_EN 0x40U

/** Registers to their values after power-on; the machine stays attached. */
void board_ahb_ap_reset(struct board_ahb_ap *ap);

/** True for the registers whose access is a memory transfer: DRW and BD0-3. */
bool board_ahb_ap_is_transfer(unsigned reg);

/** Bytes that one access of DRW or a BD register moves under the present CSW. */
size_t board_ahb_ap_transfer_bytes(const struct board_ahb_ap *ap, unsigned reg);

/**
 * Reads or writes a register.
 * @param reg  byte address in the AP, a multiple of 4; registers that do not exist read 0
 * @return false when a memory transfer met a bus fault: TAR then still shows the failed address
 */
bool board_ahb_ap_read(struct board_ahb_ap *ap, unsigned reg, uint32_t *value);
bool board_ahb_ap_write(struct board_ahb_ap *ap, unsigned reg, uint32_t value);

/** A run of memory transfers as a probe's firmware issues it. */
struct board_ap_block {
    uint32_t addr;        /**< aligned to width_bytes */
    unsigned width_bytes; /**< 1, 2 or 4 */
    bool increment;       /**< false: every transfer uses addr */
    uint32_t csw;         /**< Prot bits 31:8; size and increment are filled in */
};

/**
 * Equal in effect to setting CSW and TAR and to as many DRW accesses as the buffer needs, TAR being
 * set again at every 1 KB border; plain memory moves at memcpy speed. Between repeated reads of one
 * address a running core gets on, as it does on silicon.
 * @param size_bytes  a multiple of the block's width
 * @param done_bytes  how far it came
 * @return false after the first transfer that met a bus fault
 */
bool board_ahb_ap_read_block(struct board_ahb_ap *ap, const struct board_ap_block *block,
                             uint8_t *buf, size_t size_bytes, size_t *done_bytes);
bool board_ahb_ap_write_block(struct board_ahb_ap *ap, const struct board_ap_block *block,
                              const uint8_t *buf, size_t size_bytes, size_t *done_bytes);

#endif
