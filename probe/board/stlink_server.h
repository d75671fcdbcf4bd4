// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_STLINK_SERVER_H
#define UTVM_BOARD_STLINK_SERVER_H

#include "probe/board/link.h"
#include "probe/board/stlink_commands.h"

/**
 * The stlink-server protocol: how OpenOCD's "st-link backend tcp" and ST's own tools share an
 * ST-LINK over TCP. Requests are a command byte with fixed fields, replies begin with a status
 * word.
 *
 * | byte 0 | request | reply |
 * | 0 refresh list | 2 | 4: status |
 * | 1 number of probes | 1 | 4: number |
 * | 2 probe info, index in byte 1, size at 4 | 8 | 4 + size: status, id, serial[32], VID, PID, used
 * | | 3 open, id at 4 | 8 | 8: status, connection | | 4 close, connection at 4 | 8 | 4: status | |
 * 5 USB command, connection at 4, command at 8, direction at 24, size at 28 | 32 + data out | 4 +
 * data in: status, data | | 6 server version | 4 | 16: API, major, minor, build |
 *
 * Source: behaviour that OpenOCD's st-link driver relies on (src/jtag/drivers/stlink_usb.c).
 */
#define BOARD_STLINK_REQUEST_MAX (32U + 10240U)

struct board_stlink_server {
    struct board_stlink *probe; /**< borrowed */
    bool opened;
    size_t request_size; /**< bytes gathered so far */
    uint8_t request[BOARD_STLINK_REQUEST_MAX];
};

/** @param probe  borrowed */
void board_stlink_server_init(struct board_stlink_server *server, struct board_stlink *probe);

/** What speaks on the link; the context is the struct board_stlink_server. */
extern const struct board_protocol board_stlink_protocol;

#endif
