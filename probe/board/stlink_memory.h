// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_STLINK_MEMORY_H
#define UTVM_BOARD_STLINK_MEMORY_H

#include "probe/board/stlink_commands.h"

/** Internals of the ST-LINK firmware: its memory commands, and word accesses for the others. */

/** How a memory command wants its transfers; width 0 = the byte is not a memory command. */
struct board_stlink_memory {
    unsigned width_bytes;
    bool write;
    bool increment;
};

struct board_stlink_memory board_stlink_decode_memory(uint8_t command);

/** The status code that an acknowledgement of an AP access is reported as. */
uint8_t board_stlink_ap_status(enum board_ack ack);

/** One word, the address rounded down to a multiple of 4. @return the status code */
uint8_t board_stlink_read_word(struct board_stlink *probe, uint32_t addr, uint32_t *value);
uint8_t board_stlink_write_word(struct board_stlink *probe, uint32_t addr, uint32_t value);

/**
 * A memory command: address at byte 2 of the CDB, length at 6, AP at 8, CSW bits 31:8 at 9. What
 * came of it is left in the probe's rw_status and rw_address, which the host asks for afterwards.
 * @param reply, data  of buffer_size bytes; a reading command uses the one, a writing one the other
 */
void board_stlink_access_memory(struct board_stlink *probe, struct board_stlink_memory command,
                                const uint8_t *cdb, uint8_t *reply, const uint8_t *data,
                                size_t buffer_size);

/** RW_MISC: a list of single word accesses, whose results a second command fetches. */
void board_stlink_misc_out(struct board_stlink *probe, const uint8_t *cdb, const uint8_t *data,
                           size_t data_size);
void board_stlink_misc_in(const struct board_stlink *probe, uint8_t *reply, size_t reply_size);

#endif
