// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/stlink_server.h"

#include <string.h>

#include "probe/board/wire.h"

#define CMD_REFRESH 0
#define CMD_COUNT 1
#define CMD_INFO 2
#define CMD_OPEN 3
#define CMD_CLOSE 4
#define CMD_USB 5
#define CMD_VERSION 6

#define STATUS_OK 0x00000001U
#define STATUS_BAD_PARAMETER 0x00001002U
#define STATUS_NOT_AVAILABLE 0x00001053U

#define USB_HEADER_BYTES 32U
#define DIRECTION_OUT 0
#define DEVICE_ID 1U
#define CONNECT_ID 1U

// Hosts ask for the device information with or without its last byte, "in use".
#define INFO_MIN 40U
#define INFO_MAX 41U
#define SERIAL_BYTES 32U

// API 3 tells OpenOCD that it may merge mixed register accesses into one RW_MISC request.
#define API_VERSION 3U

static const char serial[SERIAL_BYTES] = "UTVMBOARD000000000000001";

void board_stlink_server_init(struct board_stlink_server *server, struct board_stlink *probe)
{
    server->probe = probe;
    server->opened = false;
    server->request_size = 0;
}

static void server_connected(void *context)
{
    struct board_stlink_server *server = context;
    server->opened = false;
    server->request_size = 0;
}

static void server_disconnected(void *context)
{
    struct board_stlink_server *server = context;
    board_stlink_unplug(server->probe);
}

static void put_word(struct board_output *output, uint32_t value)
{
    board_put_le32(output->bytes + output->size, value);
    output->size += 4;
}

/** Length of the fixed part of a request, 0 for a command that does not exist. */
static size_t header_bytes(uint8_t command)
{
    switch (command) {
    case CMD_REFRESH:
        return 2;
    case CMD_COUNT:
        return 1;
    case CMD_INFO:
    case CMD_OPEN:
    case CMD_CLOSE:
        return 8;
    case CMD_USB:
        return USB_HEADER_BYTES;
    case CMD_VERSION:
        return 4;
    default:
        return 0;
    }
}

static void answer_info(const uint8_t *request, struct board_output *output)
{
    uint32_t size = board_get_le32(request + 4);
    if (request[1] != 0 || size < INFO_MIN) {
        put_word(output, STATUS_BAD_PARAMETER);
        return;
    }
    if (size > INFO_MAX) {
        size = INFO_MAX;
    }
    put_word(output, STATUS_OK);
    uint8_t *info = output->bytes + output->size;
    memset(info, 0, size);
    board_put_le32(info, DEVICE_ID);
    memcpy(info + 4, serial, SERIAL_BYTES);
    board_put_le16(info + 36, 0x0483);
    board_put_le16(info + 38, 0x374E);
    output->size += size;
}

static void answer_usb(struct board_stlink_server *server, struct board_output *output)
{
    const uint8_t *request = server->request;
    size_t data_size = board_get_le32(request + 28);
    if (!server->opened || board_get_le32(request + 4) != CONNECT_ID) {
        put_word(output, STATUS_BAD_PARAMETER);
        return;
    }
    put_word(output, STATUS_OK);
    if (request[24] == DIRECTION_OUT) {
        board_stlink_command_out(server->probe, request + 8, request + USB_HEADER_BYTES, data_size);
        return;
    }
    uint8_t *reply = output->bytes + output->size;
    memset(reply, 0, data_size);
    output->size += board_stlink_command_in(server->probe, request + 8, reply, data_size);
}

/** Answers the complete request. */
static void answer(struct board_stlink_server *server, struct board_output *output)
{
    const uint8_t *request = server->request;
    switch (request[0]) {
    case CMD_REFRESH:
        put_word(output, STATUS_OK);
        break;
    case CMD_COUNT:
        put_word(output, 1);
        break;
    case CMD_INFO:
        answer_info(request, output);
        break;
    case CMD_OPEN:
        server->opened = board_get_le32(request + 4) == DEVICE_ID;
        put_word(output, server->opened ? STATUS_OK : STATUS_BAD_PARAMETER);
        put_word(output, server->opened ? CONNECT_ID : 0);
        break;
    case CMD_CLOSE:
        put_word(output, server->opened ? STATUS_OK : STATUS_BAD_PARAMETER);
        server->opened = false;
        break;
    case CMD_USB:
        answer_usb(server, output);
        break;
    default:
        // header_bytes() lets only the version request through to here.
        put_word(output, API_VERSION);
        put_word(output, 2);
        put_word(output, 1);
        put_word(output, 1);
        break;
    }
}

/** Length of the request gathered so far, as far as it is known; 0 when it cannot be one. */
static size_t wanted_bytes(const struct board_stlink_server *server)
{
    if (server->request_size == 0) {
        return 1;
    }
    size_t wanted = header_bytes(server->request[0]);
    if (server->request[0] != CMD_USB || server->request_size < wanted) {
        return wanted;
    }
    uint32_t data_size = board_get_le32(server->request + 28);
    if (data_size > BOARD_STLINK_DATA_MAX) {
        return 0;
    }
    return server->request[24] == DIRECTION_OUT ? wanted + data_size : wanted;
}

static size_t server_feed(void *context, const uint8_t *bytes, size_t size,
                          struct board_output *output, bool *close)
{
    struct board_stlink_server *server = context;
    size_t took = 0;
    // One request at a time, so that its reply always fits into the output.
    while (output->size == 0) {
        size_t wanted = wanted_bytes(server);
        if (wanted == 0) {
            put_word(output, STATUS_NOT_AVAILABLE);
            *close = true;
            break;
        }
        if (server->request_size == wanted) {
            answer(server, output);
            server->request_size = 0;
            break;
        }
        if (took == size) {
            break;
        }
        size_t part = wanted - server->request_size;
        if (part > size - took) {
            part = size - took;
        }
        memcpy(server->request + server->request_size, bytes + took, part);
        server->request_size += part;
        took += part;
    }
    return took;
}

const struct board_protocol board_stlink_protocol = {
    .connected = server_connected,
    .disconnected = server_disconnected,
    .feed = server_feed,
    .output_capacity = 4U + BOARD_STLINK_DATA_MAX,
};
