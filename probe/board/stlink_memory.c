// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/stlink_memory.h"

#include "probe/board/wire.h"

// Memory commands, second byte of a debug command.
#define DBG_READMEM_32 0x07
#define DBG_WRITEMEM_32 0x08
#define DBG_READMEM_8 0x0C
#define DBG_WRITEMEM_8 0x0D
#define DBG_READMEM_16 0x47
#define DBG_WRITEMEM_16 0x48
#define DBG_WRITEMEM_32_NO_INC 0x50
#define DBG_READMEM_32_NO_INC 0x54

// Items of RW_MISC.
#define MISC_ADDRESS 1
#define MISC_WRITE 2
#define MISC_READ 3
#define MISC_AP 5

#define ABORT_ALL_FLAGS 0x1EU

uint8_t board_stlink_ap_status(enum board_ack ack)
{
    switch (ack) {
    case BOARD_ACK_WAIT:
        return BOARD_STLINK_AP_WAIT;
    case BOARD_ACK_FAULT:
        return BOARD_STLINK_AP_FAULT;
    case BOARD_ACK_OK:
        break;
    }
    return BOARD_STLINK_OK;
}

/** The firmware's own memory commands leave no sticky flag behind. */
static uint8_t finish_transfer(struct board_stlink *probe, enum board_ack ack)
{
    if (ack == BOARD_ACK_FAULT) {
        (void)board_dap_dp_write(probe->dap, BOARD_DP_ABORT, ABORT_ALL_FLAGS);
    }
    return board_stlink_ap_status(ack);
}

uint8_t board_stlink_read_word(struct board_stlink *probe, uint32_t addr, uint32_t *value)
{
    struct board_ap_block block = {.addr = addr & ~3U, .width_bytes = 4, .increment = true};
    uint8_t bytes[4] = {0};
    size_t done = 0;
    enum board_ack ack = board_dap_read_block(probe->dap, &block, bytes, sizeof(bytes), &done);
    *value = board_get_le32(bytes);
    return finish_transfer(probe, ack);
}

uint8_t board_stlink_write_word(struct board_stlink *probe, uint32_t addr, uint32_t value)
{
    struct board_ap_block block = {.addr = addr & ~3U, .width_bytes = 4, .increment = true};
    uint8_t bytes[4];
    size_t done = 0;
    board_put_le32(bytes, value);
    return finish_transfer(probe,
                           board_dap_write_block(probe->dap, &block, bytes, sizeof(bytes), &done));
}

struct board_stlink_memory board_stlink_decode_memory(uint8_t command)
{
    switch (command) {
    case DBG_READMEM_8:
        return (struct board_stlink_memory){1, false, true};
    case DBG_READMEM_16:
        return (struct board_stlink_memory){2, false, true};
    case DBG_READMEM_32:
        return (struct board_stlink_memory){4, false, true};
    case DBG_READMEM_32_NO_INC:
        return (struct board_stlink_memory){4, false, false};
    case DBG_WRITEMEM_8:
        return (struct board_stlink_memory){1, true, true};
    case DBG_WRITEMEM_16:
        return (struct board_stlink_memory){2, true, true};
    case DBG_WRITEMEM_32:
        return (struct board_stlink_memory){4, true, true};
    case DBG_WRITEMEM_32_NO_INC:
        return (struct board_stlink_memory){4, true, false};
    default:
        return (struct board_stlink_memory){0, false, false};
    }
}

void board_stlink_access_memory(struct board_stlink *probe, struct board_stlink_memory command,
                                const uint8_t *cdb, uint8_t *reply, const uint8_t *data,
                                size_t buffer_size)
{
    struct board_ap_block block = {
        .addr = board_get_le32(cdb + 2),
        .width_bytes = command.width_bytes,
        .increment = command.increment,
        .csw = board_get_le32(cdb + 8) & ~0xFFU,
    };
    size_t size = board_get_le16(cdb + 6);
    if (size > buffer_size) {
        size = buffer_size;
    }
    probe->rw_address = block.addr;
    if (cdb[8] != 0) {
        probe->rw_status = BOARD_STLINK_BAD_AP;
        return;
    }
    if (!probe->debug_mode || block.addr % block.width_bytes != 0 ||
        size % block.width_bytes != 0) {
        probe->rw_status = BOARD_STLINK_FAULT;
        return;
    }
    size_t done = 0;
    enum board_ack ack = command.write
                             ? board_dap_write_block(probe->dap, &block, data, size, &done)
                             : board_dap_read_block(probe->dap, &block, reply, size, &done);
    probe->rw_status = finish_transfer(probe, ack);
    probe->rw_address = block.addr + (uint32_t)done;
}

void board_stlink_misc_out(struct board_stlink *probe, const uint8_t *cdb, const uint8_t *data,
                           size_t data_size)
{
    probe->misc_items = 0;
    uint32_t items = board_get_le32(cdb + 2);
    if (items > BOARD_STLINK_MISC_MAX || !probe->debug_mode) {
        return;
    }
    size_t values_at = (items + 3U) & ~(size_t)3U;
    if (values_at + 4U * (size_t)items > data_size) {
        return;
    }
    uint32_t addr = 0;
    uint32_t apsel = 0;
    for (uint32_t i = 0; i < items; i++) {
        uint32_t value = board_get_le32(data + values_at + 4U * (size_t)i);
        uint8_t status = BOARD_STLINK_OK;
        switch (data[i]) {
        case MISC_ADDRESS:
            addr = value;
            break;
        case MISC_AP:
            apsel = value;
            break;
        case MISC_WRITE:
            status = apsel == 0 ? board_stlink_write_word(probe, addr, value) : BOARD_STLINK_BAD_AP;
            break;
        case MISC_READ:
            addr = value;
            value = 0;
            status = apsel == 0 ? board_stlink_read_word(probe, addr, &value) : BOARD_STLINK_BAD_AP;
            break;
        default:
            status = BOARD_STLINK_FAULT;
            break;
        }
        probe->misc_values[i] = value;
        probe->misc_status[i] = status;
    }
    probe->misc_items = items;
}

void board_stlink_misc_in(const struct board_stlink *probe, uint8_t *reply, size_t reply_size)
{
    size_t items = probe->misc_items;
    if (8U * items > reply_size) {
        items = reply_size / 8U;
    }
    for (size_t i = 0; i < items; i++) {
        board_put_le32(reply + 4U * i, probe->misc_values[i]);
        board_put_le32(reply + 4U * (items + i), probe->misc_status[i]);
    }
}
