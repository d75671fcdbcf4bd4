// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/stlink_commands.h"

#include <string.h>

#include "probe/board/stlink_memory.h"
#include "probe/board/wire.h"

// Commands, first byte.
#define CMD_GET_VERSION 0xF1
#define CMD_DEBUG 0xF2
#define CMD_DFU 0xF3
#define CMD_SWIM 0xF4
#define CMD_GET_MODE 0xF5
#define CMD_GET_VOLTAGE 0xF7
#define CMD_GET_VERSION_EX 0xFB

// Debug commands, second byte.
#define DBG_EXIT 0x21
#define DBG_READ_CORE_ID 0x22
#define DBG_ENTER 0x30
#define DBG_READ_IDCODES 0x31
#define DBG_RESET_SYSTEM 0x32
#define DBG_READ_REG 0x33
#define DBG_WRITE_REG 0x34
#define DBG_WRITE_DEBUG_REG 0x35
#define DBG_READ_DEBUG_REG 0x36
#define DBG_READ_ALL_REGS 0x3A
#define DBG_LAST_RW_STATUS 0x3B
#define DBG_DRIVE_NRST 0x3C
#define DBG_LAST_RW_STATUS2 0x3E
#define DBG_START_TRACE 0x40
#define DBG_STOP_TRACE 0x41
#define DBG_TRACE_SIZE 0x42
#define DBG_READ_DAP_REG 0x45
#define DBG_WRITE_DAP_REG 0x46
#define DBG_INIT_AP 0x4B
#define DBG_CLOSE_AP 0x4C
#define DBG_MISC_OUT 0x51
#define DBG_MISC_IN 0x52
#define DBG_SET_FREQUENCY 0x61
#define DBG_GET_FREQUENCY 0x62

#define MODE_MASS_STORAGE 0x01
#define MODE_DEBUG 0x02
#define DP_PORT 0xFFFFU

#define USB_VENDOR 0x0483
#define USB_PRODUCT 0x374E

#define REG_AIRCR 0xE000ED0CU
#define AIRCR_SYSRESETREQ 0x05FA0004U
#define REG_DHCSR 0xE000EDF0U
#define REG_DCRSR 0xE000EDF4U
#define REG_DCRDR 0xE000EDF8U
#define DHCSR_S_REGRDY (1U << 16)
#define DCRSR_WRITE (1U << 16)
#define DCRSR_SELECT_MASK 0x7FU

#define ABORT_ALL_FLAGS 0x1EU
#define POWER_UP (BOARD_DP_CDBGPWRUPREQ | BOARD_DP_CSYSPWRUPREQ)

static const uint32_t swd_speeds_khz[] = {24000, 8000, 3300, 1000, 200, 50, 5};
static const uint32_t jtag_speeds_khz[] = {21333, 16000, 12000, 8000, 1777, 750};

void board_stlink_init(struct board_stlink *probe, struct board_dap *dap,
                       struct board_machine *machine, struct board_faults *faults)
{
    memset(probe, 0, sizeof(*probe));
    probe->dap = dap;
    probe->machine = machine;
    probe->faults = faults;
    board_stlink_unplug(probe);
}

void board_stlink_unplug(struct board_stlink *probe)
{
    probe->debug_mode = false;
    probe->frequency_khz[0] = swd_speeds_khz[3];
    probe->frequency_khz[1] = jtag_speeds_khz[5];
    probe->rw_status = BOARD_STLINK_OK;
    probe->misc_items = 0;
    board_machine_set_srst(probe->machine, false);
}

static uint8_t dp_status(enum board_ack ack)
{
    switch (ack) {
    case BOARD_ACK_WAIT:
        return BOARD_STLINK_DP_WAIT;
    case BOARD_ACK_FAULT:
        return BOARD_STLINK_DP_FAULT;
    case BOARD_ACK_OK:
        break;
    }
    return BOARD_STLINK_OK;
}

/** A reply under construction: writes beyond what the host asked for are left out. */
struct reply {
    uint8_t *bytes;
    size_t size;
};

static void put8(struct reply *reply, size_t at, uint8_t value)
{
    if (at < reply->size) {
        reply->bytes[at] = value;
    }
}

static void put16(struct reply *reply, size_t at, uint16_t value)
{
    if (at + 2 <= reply->size) {
        board_put_le16(reply->bytes + at, value);
    }
}

static void put32(struct reply *reply, size_t at, uint32_t value)
{
    if (at + 4 <= reply->size) {
        board_put_le32(reply->bytes + at, value);
    }
}

static uint8_t enter_debug(struct board_stlink *probe)
{
    probe->debug_mode = true;
    (void)board_dap_dp_write(probe->dap, BOARD_DP_ABORT, ABORT_ALL_FLAGS);
    return dp_status(board_dap_dp_write(probe->dap, BOARD_DP_CTRL_STAT, POWER_UP));
}

static uint8_t drive_nrst(struct board_stlink *probe, uint8_t level)
{
    if (level > 2) {
        return BOARD_STLINK_FAULT;
    }
    // 0 low, 1 high, 2 a pulse.
    if (level != 1) {
        board_machine_set_srst(probe->machine, true);
    }
    if (level != 0) {
        board_machine_set_srst(probe->machine, false);
    }
    return BOARD_STLINK_OK;
}

static uint8_t read_core_register(struct board_stlink *probe, uint32_t select, uint32_t *value)
{
    *value = 0;
    uint8_t status = board_stlink_write_word(probe, REG_DCRSR, select & DCRSR_SELECT_MASK);
    uint32_t dhcsr = 0;
    if (status == BOARD_STLINK_OK) {
        status = board_stlink_read_word(probe, REG_DHCSR, &dhcsr);
    }
    if (status == BOARD_STLINK_OK && (dhcsr & DHCSR_S_REGRDY) == 0) {
        return BOARD_STLINK_FAULT;
    }
    return status == BOARD_STLINK_OK ? board_stlink_read_word(probe, REG_DCRDR, value) : status;
}

static uint8_t write_core_register(struct board_stlink *probe, uint32_t select, uint32_t value)
{
    uint8_t status = board_stlink_write_word(probe, REG_DCRDR, value);
    if (status != BOARD_STLINK_OK) {
        return status;
    }
    return board_stlink_write_word(probe, REG_DCRSR, DCRSR_WRITE | (select & DCRSR_SELECT_MASK));
}

/** r0 to pc, xPSR, MSP, PSP, the word of CONTROL, FAULTMASK, BASEPRI and PRIMASK, and a zero. */
static uint8_t read_all_registers(struct board_stlink *probe, struct reply *reply)
{
    static const uint8_t special = 20;
    for (uint8_t i = 0; i < 20; i++) {
        uint32_t value = 0;
        uint8_t status = read_core_register(probe, i == 19 ? special : i, &value);
        if (status != BOARD_STLINK_OK) {
            return status;
        }
        put32(reply, 4 + 4U * (size_t)i, value);
    }
    return BOARD_STLINK_OK;
}

static uint8_t read_dap_register(struct board_stlink *probe, const uint8_t *cdb, uint32_t *value)
{
    uint16_t port = board_get_le16(cdb + 2);
    uint16_t reg = board_get_le16(cdb + 4);
    if (port == DP_PORT) {
        return dp_status(board_dap_dp_read(probe->dap, reg, value));
    }
    return board_stlink_ap_status(board_dap_ap_read(probe->dap, port, reg & 0xFCU, value));
}

static uint8_t write_dap_register(struct board_stlink *probe, const uint8_t *cdb)
{
    uint16_t port = board_get_le16(cdb + 2);
    uint16_t reg = board_get_le16(cdb + 4);
    uint32_t value = board_get_le32(cdb + 6);
    if (port == DP_PORT) {
        return dp_status(board_dap_dp_write(probe->dap, reg, value));
    }
    return board_stlink_ap_status(board_dap_ap_write(probe->dap, port, reg & 0xFCU, value));
}

static void get_frequency(const struct board_stlink *probe, bool jtag, struct reply *reply)
{
    const uint32_t *speeds = jtag ? jtag_speeds_khz : swd_speeds_khz;
    size_t num = jtag ? sizeof(jtag_speeds_khz) / sizeof(jtag_speeds_khz[0])
                      : sizeof(swd_speeds_khz) / sizeof(swd_speeds_khz[0]);
    put32(reply, 4, probe->frequency_khz[jtag]);
    put8(reply, 8, (uint8_t)num);
    for (size_t i = 0; i < num; i++) {
        put32(reply, 12 + 4 * i, speeds[i]);
    }
}

/** Commands that need a target. @return the status byte */
static uint8_t target_command(struct board_stlink *probe, const uint8_t *cdb, struct reply *reply)
{
    uint32_t value = 0;
    uint8_t status = BOARD_STLINK_FAULT;
    switch (cdb[1]) {
    case DBG_RESET_SYSTEM:
        return board_stlink_write_word(probe, REG_AIRCR, AIRCR_SYSRESETREQ);
    case DBG_READ_REG:
        status = read_core_register(probe, cdb[2], &value);
        put32(reply, 4, value);
        return status;
    case DBG_WRITE_REG:
        return write_core_register(probe, cdb[2], board_get_le32(cdb + 3));
    case DBG_WRITE_DEBUG_REG:
        return board_stlink_write_word(probe, board_get_le32(cdb + 2), board_get_le32(cdb + 6));
    case DBG_READ_DEBUG_REG:
        status = board_stlink_read_word(probe, board_get_le32(cdb + 2), &value);
        put32(reply, 4, value);
        return status;
    case DBG_READ_ALL_REGS:
        return read_all_registers(probe, reply);
    case DBG_READ_DAP_REG:
        status = read_dap_register(probe, cdb, &value);
        put32(reply, 4, value);
        return status;
    case DBG_WRITE_DAP_REG:
        return write_dap_register(probe, cdb);
    case DBG_INIT_AP:
    case DBG_CLOSE_AP:
        return cdb[2] == 0 ? BOARD_STLINK_OK : BOARD_STLINK_BAD_AP;
    default:
        return status;
    }
}

static void debug_command_in(struct board_stlink *probe, const uint8_t *cdb, struct reply *reply)
{
    struct board_stlink_memory memory = board_stlink_decode_memory(cdb[1]);
    if (memory.width_bytes != 0 && !memory.write) {
        board_stlink_access_memory(probe, memory, cdb, reply->bytes, NULL, reply->size);
        return;
    }
    uint8_t status = BOARD_STLINK_OK;
    switch (cdb[1]) {
    case DBG_ENTER:
        status = enter_debug(probe);
        break;
    case DBG_READ_CORE_ID:
        put32(reply, 0, BOARD_SW_DPIDR);
        return;
    case DBG_READ_IDCODES:
        put32(reply, 4, BOARD_SW_DPIDR);
        break;
    case DBG_LAST_RW_STATUS:
        status = probe->rw_status;
        break;
    case DBG_LAST_RW_STATUS2:
        status = probe->rw_status;
        put32(reply, 4, probe->rw_address);
        break;
    case DBG_DRIVE_NRST:
        status = drive_nrst(probe, cdb[2]);
        break;
    case DBG_START_TRACE:
    case DBG_STOP_TRACE:
        // Trace is accepted and stays silent: this board has no SWO pin.
        break;
    case DBG_TRACE_SIZE:
        put16(reply, 0, 0);
        return;
    case DBG_MISC_IN:
        board_stlink_misc_in(probe, reply->bytes, reply->size);
        return;
    case DBG_SET_FREQUENCY:
        probe->frequency_khz[cdb[2] & 1U] = board_get_le32(cdb + 4);
        put32(reply, 4, probe->frequency_khz[cdb[2] & 1U]);
        break;
    case DBG_GET_FREQUENCY:
        get_frequency(probe, (cdb[2] & 1U) != 0, reply);
        break;
    default:
        status = probe->debug_mode ? target_command(probe, cdb, reply) : BOARD_STLINK_FAULT;
        break;
    }
    put8(reply, 0, status);
}

/** A command that a fault answers in place of the probe. */
static void answer_status(struct board_stlink *probe, const uint8_t *cdb, struct reply *reply,
                          uint8_t status)
{
    if (cdb[0] == CMD_DEBUG && board_stlink_decode_memory(cdb[1]).width_bytes != 0) {
        // Memory commands carry no status; the host asks for it afterwards.
        probe->rw_status = status;
        probe->rw_address = board_get_le32(cdb + 2);
        return;
    }
    if (reply) {
        put8(reply, 0, status);
    }
}

void board_stlink_command_out(struct board_stlink *probe, const uint8_t *cdb, const uint8_t *data,
                              size_t data_size)
{
    uint8_t status = 0;
    size_t no_reply = 0;
    board_faults_stlink_command(probe->faults, &status, &no_reply);
    if (status != 0) {
        answer_status(probe, cdb, NULL, status);
        return;
    }
    if (cdb[0] != CMD_DEBUG) {
        // Leaving DFU or SWIM, modes that this probe is never in.
        return;
    }
    struct board_stlink_memory memory = board_stlink_decode_memory(cdb[1]);
    if (memory.write) {
        board_stlink_access_memory(probe, memory, cdb, NULL, data, data_size);
    } else if (cdb[1] == DBG_MISC_OUT) {
        board_stlink_misc_out(probe, cdb, data, data_size);
    } else if (cdb[1] == DBG_EXIT) {
        probe->debug_mode = false;
    }
}

size_t board_stlink_command_in(struct board_stlink *probe, const uint8_t *cdb, uint8_t *reply,
                               size_t reply_size)
{
    struct reply out = {reply, reply_size};
    uint8_t status = 0;
    size_t sent = reply_size;
    board_faults_stlink_command(probe->faults, &status, &sent);
    if (status != 0) {
        answer_status(probe, cdb, &out, status);
        return sent;
    }
    switch (cdb[0]) {
    case CMD_GET_VERSION:
        // Big-endian V.J.S; a V3 answers zero for J and S and sends the host to the longer form.
        put8(&out, 0, 3U << 4);
        put16(&out, 2, USB_VENDOR);
        put16(&out, 4, USB_PRODUCT);
        break;
    case CMD_GET_VERSION_EX:
        put8(&out, 0, 3);  // probe generation
        put8(&out, 2, 10); // J: JTAG and SWD firmware
        put8(&out, 3, 3);  // M: mass storage
        put16(&out, 8, USB_VENDOR);
        put16(&out, 10, USB_PRODUCT);
        break;
    case CMD_GET_MODE:
        put8(&out, 0, probe->debug_mode ? MODE_DEBUG : MODE_MASS_STORAGE);
        break;
    case CMD_GET_VOLTAGE:
        // Two conversions: the 1.2 V reference and half the target's supply, here 3.3 V.
        put32(&out, 0, 1489);
        put32(&out, 4, 2047);
        break;
    case CMD_DEBUG:
        debug_command_in(probe, cdb, &out);
        break;
    default:
        put8(&out, 0, BOARD_STLINK_FAULT);
        break;
    }
    return sent;
}
