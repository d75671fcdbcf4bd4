// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_STLINK_COMMANDS_H
#define UTVM_BOARD_STLINK_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/dap.h"
#include "probe/board/fault.h"

/**
 * The firmware of an ST-LINK/V3 (V3J10) as a host sees it: commands of 16 bytes with a data phase
 * out or in. Every command that OpenOCD 0.12's st-link driver uses is here, for SWD and JTAG,
 * direct DAP access and high-level adapter. Source: behaviour that OpenOCD's st-link driver relies
 * on (src/jtag/drivers/stlink_usb.c); ST publishes no description.
 */
#define BOARD_STLINK_CDB_BYTES 16U

/** Largest data phase: what an stlink-server client's buffer of 10240 bytes leaves. */
#define BOARD_STLINK_DATA_MAX 10236U

/** Items of one RW_MISC request. */
#define BOARD_STLINK_MISC_MAX 1227U

struct board_stlink {
    struct board_dap *dap;         /**< borrowed */
    struct board_machine *machine; /**< borrowed */
    struct board_faults *faults;   /**< borrowed */
    bool debug_mode;               /**< between ENTER and EXIT */
    uint32_t frequency_khz[2];     /**< SWD, JTAG */
    uint8_t rw_status;             /**< of the last memory command */
    uint32_t rw_address;           /**< where it failed */
    uint32_t misc_items;
    uint32_t misc_values[BOARD_STLINK_MISC_MAX];
    uint8_t misc_status[BOARD_STLINK_MISC_MAX];
};

/** Status codes, the first byte of most replies. */
#define BOARD_STLINK_OK 0x80U
#define BOARD_STLINK_FAULT 0x81U
#define BOARD_STLINK_AP_WAIT 0x10U
#define BOARD_STLINK_AP_FAULT 0x11U
#define BOARD_STLINK_DP_WAIT 0x14U
#define BOARD_STLINK_DP_FAULT 0x15U
#define BOARD_STLINK_BAD_AP 0x1DU

/** @param dap, machine, faults  borrowed */
void board_stlink_init(struct board_stlink *probe, struct board_dap *dap,
                       struct board_machine *machine, struct board_faults *faults);

/** The USB plug is pulled and put in again: mode and reset line go back to their defaults. */
void board_stlink_unplug(struct board_stlink *probe);

/**
 * Executes a command with a data phase to the probe, or none.
 * @param cdb  BOARD_STLINK_CDB_BYTES bytes
 */
void board_stlink_command_out(struct board_stlink *probe, const uint8_t *cdb, const uint8_t *data,
                              size_t data_size);

/**
 * Executes a command with a data phase from the probe.
 * @param reply  reply_size bytes, zero on entry; what the command does not fill stays zero
 * @param reply_size  at most BOARD_STLINK_DATA_MAX
 * @return how many bytes of the reply are sent; less than reply_size under an armed fault only
 */
size_t board_stlink_command_in(struct board_stlink *probe, const uint8_t *cdb, uint8_t *reply,
                               size_t reply_size);

#endif
