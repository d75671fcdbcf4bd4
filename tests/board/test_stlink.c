// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "probe/board/stlink_server.h"
#include "probe/board/wire.h"
#include "tests/board/fake_machine.h"

#define OUT 0
#define IN 1
#define STATUS_OK 1U

static struct board_machine *machine;
static struct board_faults faults;
static struct board_dap dap;
static struct board_stlink probe;
static struct board_stlink_server server;
static uint8_t output_bytes[16384];
static struct board_output output;

static bool feed(const uint8_t *bytes, size_t size)
{
    bool close = false;
    size_t took = 0;
    output.size = 0;
    do {
        took += board_stlink_protocol.feed(&server, bytes + took, size - took, &output, &close);
    } while (took < size && output.size == 0 && !close);
    return close;
}

static void open_probe(void)
{
    const uint8_t request[8] = {3, 0, 0, 0, 1, 0, 0, 0};
    cr_assert_not(feed(request, sizeof(request)));
    cr_assert_eq(output.size, 8U);
    cr_assert_eq(board_get_le32(output_bytes), STATUS_OK);
}

/** One USB command; returns the data of the reply, behind the status word. */
static const uint8_t *usb(const uint8_t *cdb, size_t cdb_size, uint8_t direction,
                          const uint8_t *data, uint32_t size)
{
    static uint8_t request[32 + 10240];
    memset(request, 0, 32);
    request[0] = 5;
    board_put_le32(request + 4, 1);
    memcpy(request + 8, cdb, cdb_size);
    request[24] = direction;
    board_put_le32(request + 28, size);
    if (direction == OUT && size > 0) {
        memcpy(request + 32, data, size);
    }
    cr_assert_not(feed(request, 32 + (direction == OUT ? size : 0)));
    cr_assert_eq(board_get_le32(output_bytes), STATUS_OK);
    return output_bytes + 4;
}

#define COMMAND_IN(size, ...)                                                                      \
    usb((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), IN, NULL, size)

static void set_up(void)
{
    const char *error = NULL;
    struct board_machine_config config = {0};
    machine = board_machine_create(&config, &error);
    memset(&faults, 0, sizeof(faults));
    board_dap_init(&dap, machine, &faults);
    board_stlink_init(&probe, &dap, machine, &faults);
    board_stlink_server_init(&server, &probe);
    output = (struct board_output){output_bytes, 0, sizeof(output_bytes)};
    board_stlink_protocol.connected(&server);
    open_probe();
    cr_assert_eq(COMMAND_IN(2, 0xF2, 0x30, 0xA3)[0], BOARD_STLINK_OK);
}

static void tear_down(void)
{
    board_machine_destroy(machine);
}

TestSuite(stlink, .init = set_up, .fini = tear_down);

static void arm(const char *spec)
{
    char error[128];
    cr_assert(board_faults_add(&faults, spec, error, sizeof(error)), "%s", error);
}

static const uint8_t *memory(uint8_t command, uint32_t addr, uint16_t length, uint8_t direction,
                             const uint8_t *data, uint32_t size)
{
    uint8_t cdb[16] = {0xF2, command};
    board_put_le32(cdb + 2, addr);
    board_put_le16(cdb + 6, length);
    return usb(cdb, sizeof(cdb), direction, data, size);
}

static uint8_t last_status(void)
{
    return COMMAND_IN(12, 0xF2, 0x3E)[0];
}

Test(stlink, server_says_api_3)
{
    const uint8_t request[4] = {6, 1, 0, 0};
    cr_assert_not(feed(request, sizeof(request)));
    cr_assert_eq(output.size, 16U);
    cr_assert_eq(board_get_le32(output_bytes), 3U);
}

Test(stlink, lists_one_probe)
{
    const uint8_t count[1] = {1};
    cr_assert_not(feed(count, sizeof(count)));
    cr_assert_eq(output.size, 4U);
    cr_assert_eq(board_get_le32(output_bytes), 1U);
    const uint8_t info[8] = {2, 0, 0, 0, 41, 0, 0, 0};
    cr_assert_not(feed(info, sizeof(info)));
    cr_assert_eq(output.size, 45U);
    cr_assert_eq(board_get_le16(output_bytes + 40), 0x0483);
    cr_assert_eq(board_get_le16(output_bytes + 42), 0x374E);
    cr_assert_eq(output_bytes[44], 0);
}

Test(stlink, refuses_info_about_another_probe)
{
    const uint8_t info[8] = {2, 1, 0, 0, 41, 0, 0, 0};
    cr_assert_not(feed(info, sizeof(info)));
    cr_assert_eq(output.size, 4U);
    cr_assert_neq(board_get_le32(output_bytes), STATUS_OK);
}

Test(stlink, requests_may_arrive_byte_by_byte)
{
    const uint8_t request[8] = {2, 0, 0, 0, 41, 0, 0, 0};
    for (size_t i = 0; i < sizeof(request); i++) {
        cr_assert_eq(output.size == 45, false);
        cr_assert_not(feed(request + i, 1));
    }
    cr_assert_eq(output.size, 45U);
}

Test(stlink, two_requests_in_one_segment_are_answered_in_turn)
{
    const uint8_t bytes[5] = {1, 6, 1, 0, 0};
    bool close = false;
    output.size = 0;
    cr_assert_eq(board_stlink_protocol.feed(&server, bytes, 5, &output, &close), 1U);
    cr_assert_eq(output.size, 4U);
    output.size = 0;
    cr_assert_eq(board_stlink_protocol.feed(&server, bytes + 1, 4, &output, &close), 4U);
    cr_assert_eq(output.size, 16U);
}

Test(stlink, oversized_data_ends_the_session)
{
    uint8_t request[32] = {5};
    board_put_le32(request + 4, 1);
    board_put_le32(request + 28, 10237);
    cr_assert(feed(request, sizeof(request)));
    board_stlink_protocol.connected(&server);
    open_probe();
    request[24] = IN;
    board_put_le32(request + 28, 0xFFFFFFFFU);
    cr_assert(feed(request, sizeof(request)));
}

Test(stlink, unknown_request_ends_the_session)
{
    const uint8_t request[1] = {0x47};
    cr_assert(feed(request, sizeof(request)));
}

Test(stlink, usb_command_needs_an_open_probe)
{
    uint8_t request[32] = {5};
    board_stlink_protocol.connected(&server);
    board_put_le32(request + 4, 1);
    request[8] = 0xF5;
    request[24] = IN;
    board_put_le32(request + 28, 2);
    cr_assert_not(feed(request, sizeof(request)));
    cr_assert_eq(output.size, 4U);
    cr_assert_neq(board_get_le32(output_bytes), STATUS_OK);
}

Test(stlink, version_is_v3j10)
{
    cr_assert_eq(COMMAND_IN(6, 0xF1)[0], 0x30);
    const uint8_t *version = COMMAND_IN(12, 0xFB);
    cr_assert_eq(version[0], 3);
    cr_assert_eq(version[2], 10);
}

Test(stlink, mode_follows_enter_and_exit)
{
    cr_assert_eq(COMMAND_IN(2, 0xF5)[0], 2);
    const uint8_t leave[2] = {0xF2, 0x21};
    (void)usb(leave, sizeof(leave), OUT, NULL, 0);
    cr_assert_eq(COMMAND_IN(2, 0xF5)[0], 1);
    cr_assert_eq(COMMAND_IN(8, 0xF2, 0x36, 0, 0xED, 0, 0xE0)[0], BOARD_STLINK_FAULT,
                 "no target access outside debug mode");
}

Test(stlink, memory_round_trip_in_each_width)
{
    static const uint8_t writes[] = {0x0D, 0x48, 0x08};
    static const uint8_t reads[] = {0x0C, 0x47, 0x07};
    uint8_t data[512];
    for (size_t w = 0; w < 3; w++) {
        for (size_t i = 0; i < sizeof(data); i++) {
            data[i] = (uint8_t)(i * 3 + w);
        }
        (void)memory(writes[w], FAKE_RAM_BASE + 0x200, sizeof(data), OUT, data, sizeof(data));
        cr_assert_eq(last_status(), BOARD_STLINK_OK);
        cr_assert_arr_eq(machine->ram + 0x200, data, sizeof(data));
        const uint8_t *got =
            memory(reads[w], FAKE_RAM_BASE + 0x200, sizeof(data), IN, NULL, sizeof(data));
        cr_assert_arr_eq(got, data, sizeof(data));
    }
}

Test(stlink, a_single_byte_comes_in_a_reply_of_two)
{
    machine->ram[3] = 0x77;
    const uint8_t *got = memory(0x0C, FAKE_RAM_BASE + 3, 1, IN, NULL, 2);
    cr_assert_eq(got[0], 0x77);
    cr_assert_eq(output.size, 6U);
}

Test(stlink, the_length_in_the_command_cannot_exceed_the_data_sent)
{
    const uint8_t data[4] = {1, 2, 3, 4};
    (void)memory(0x08, FAKE_RAM_BASE, 0xFFFC, OUT, data, sizeof(data));
    cr_assert_eq(last_status(), BOARD_STLINK_OK);
    cr_assert_eq(machine->ram[3], 4);
    cr_assert_eq(machine->ram[4], 0);
}

Test(stlink, bus_fault_is_reported_with_its_address_and_leaves_no_flag)
{
    (void)memory(0x07, FAKE_RAM_BASE + FAKE_RAM_BYTES - 4, 8, IN, NULL, 8);
    const uint8_t *status = COMMAND_IN(12, 0xF2, 0x3E);
    cr_assert_eq(status[0], BOARD_STLINK_AP_FAULT);
    cr_assert_eq(board_get_le32(status + 4), FAKE_RAM_BASE + FAKE_RAM_BYTES);
    const uint8_t *ctrl_stat = COMMAND_IN(8, 0xF2, 0x45, 0xFF, 0xFF, 4, 0);
    cr_assert_eq(ctrl_stat[0], BOARD_STLINK_OK);
    cr_assert_eq(board_get_le32(ctrl_stat + 4) & BOARD_DP_STICKYERR, 0U);
}

Test(stlink, unaligned_words_and_foreign_aps_are_refused)
{
    (void)memory(0x07, FAKE_RAM_BASE + 2, 4, IN, NULL, 4);
    cr_assert_eq(last_status(), BOARD_STLINK_FAULT);
    uint8_t cdb[16] = {0xF2, 0x07};
    board_put_le32(cdb + 2, FAKE_RAM_BASE);
    board_put_le16(cdb + 6, 4);
    cdb[8] = 1;
    (void)usb(cdb, sizeof(cdb), IN, NULL, 4);
    cr_assert_eq(last_status(), BOARD_STLINK_BAD_AP);
}

Test(stlink, burst_without_increment_reads_one_address)
{
    machine->ram[0] = 5;
    machine->ram[4] = 6;
    const uint8_t *got = memory(0x54, FAKE_RAM_BASE, 8, IN, NULL, 8);
    cr_assert_eq(got[0], 5);
    cr_assert_eq(got[4], 5);
}

Test(stlink, dap_registers_are_reachable)
{
    const uint8_t *idr = COMMAND_IN(8, 0xF2, 0x45, 0, 0, 0xFC, 0);
    cr_assert_eq(idr[0], BOARD_STLINK_OK);
    cr_assert_eq(board_get_le32(idr + 4), 0x74770001U);
    cr_assert_eq(COMMAND_IN(2, 0xF2, 0x46, 0, 0, 4, 0, 0, 0, 0, 0x20)[0], BOARD_STLINK_OK);
    const uint8_t *tar = COMMAND_IN(8, 0xF2, 0x45, 0, 0, 4, 0);
    cr_assert_eq(board_get_le32(tar + 4), 0x20000000U);
}

Test(stlink, misc_list_answers_each_item)
{
    uint8_t cdb[16] = {0xF2, 0x51, 4};
    uint8_t data[4 + 16] = {5, 1, 2, 3};
    board_put_le32(data + 4, 0);
    board_put_le32(data + 8, FAKE_RAM_BASE + 8);
    board_put_le32(data + 12, 0xCAFEF00DU);
    board_put_le32(data + 16, FAKE_RAM_BASE + 8);
    (void)usb(cdb, sizeof(cdb), OUT, data, sizeof(data));
    const uint8_t *got = COMMAND_IN(32, 0xF2, 0x52);
    cr_assert_eq(board_get_le32(got + 12), 0xCAFEF00DU);
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(board_get_le32(got + 16 + 4 * i), BOARD_STLINK_OK);
    }
}

Test(stlink, misc_list_reports_the_item_that_failed)
{
    uint8_t cdb[16] = {0xF2, 0x51, 2};
    uint8_t data[4 + 8] = {3, 3};
    board_put_le32(data + 4, 0x30000000U);
    board_put_le32(data + 8, FAKE_RAM_BASE);
    (void)usb(cdb, sizeof(cdb), OUT, data, sizeof(data));
    const uint8_t *got = COMMAND_IN(16, 0xF2, 0x52);
    cr_assert_eq(board_get_le32(got + 8), BOARD_STLINK_AP_FAULT);
    cr_assert_eq(board_get_le32(got + 12), BOARD_STLINK_OK);
}

Test(stlink, misc_list_longer_than_its_data_does_nothing)
{
    uint8_t cdb[16] = {0xF2, 0x51, 0xFF, 0xFF, 0xFF, 0xFF};
    uint8_t data[12] = {3};
    (void)usb(cdb, sizeof(cdb), OUT, data, sizeof(data));
    const uint8_t *got = COMMAND_IN(16, 0xF2, 0x52);
    cr_assert_eq(board_get_le32(got + 8), 0U);
}

Test(stlink, nrst_levels)
{
    cr_assert_eq(COMMAND_IN(2, 0xF2, 0x3C, 0)[0], BOARD_STLINK_OK);
    cr_assert(machine->srst);
    cr_assert_eq(COMMAND_IN(2, 0xF2, 0x3C, 1)[0], BOARD_STLINK_OK);
    cr_assert_not(machine->srst);
    cr_assert_eq(COMMAND_IN(2, 0xF2, 0x3C, 2)[0], BOARD_STLINK_OK);
    cr_assert_eq(machine->resets, 2U);
    cr_assert_not(machine->srst);
    cr_assert_eq(COMMAND_IN(2, 0xF2, 0x3C, 3)[0], BOARD_STLINK_FAULT);
}

Test(stlink, reset_line_is_released_when_the_client_goes)
{
    (void)COMMAND_IN(2, 0xF2, 0x3C, 0);
    board_stlink_protocol.disconnected(&server);
    cr_assert_not(machine->srst);
}

Test(stlink, system_reset_writes_aircr)
{
    cr_assert_eq(COMMAND_IN(2, 0xF2, 0x32)[0], BOARD_STLINK_OK);
    cr_assert_eq(board_get_le32(machine->ppb + 0xED0C), 0x05FA0004U);
}

Test(stlink, register_access_goes_through_dcrsr)
{
    board_put_le32(machine->ppb + 0xEDF0, 1U << 16);
    board_put_le32(machine->ppb + 0xEDF8, 0x1234U);
    const uint8_t *reg = COMMAND_IN(8, 0xF2, 0x33, 15);
    cr_assert_eq(reg[0], BOARD_STLINK_OK);
    cr_assert_eq(board_get_le32(reg + 4), 0x1234U);
    cr_assert_eq(board_get_le32(machine->ppb + 0xEDF4), 15U);
    cr_assert_eq(COMMAND_IN(2, 0xF2, 0x34, 13, 0x78, 0x56, 0, 0x20)[0], BOARD_STLINK_OK);
    cr_assert_eq(board_get_le32(machine->ppb + 0xEDF8), 0x20005678U);
    cr_assert_eq(board_get_le32(machine->ppb + 0xEDF4), 0x1000DU);
}

Test(stlink, register_that_does_not_get_ready_is_an_error)
{
    board_put_le32(machine->ppb + 0xEDF0, 0);
    cr_assert_eq(COMMAND_IN(8, 0xF2, 0x33, 15)[0], BOARD_STLINK_FAULT);
}

Test(stlink, speeds_are_offered_and_taken)
{
    const uint8_t *speeds = COMMAND_IN(52, 0xF2, 0x62, 0);
    cr_assert_eq(speeds[8], 7);
    cr_assert_eq(board_get_le32(speeds + 12), 24000U);
    (void)COMMAND_IN(8, 0xF2, 0x61, 0, 0, 0x40, 0x1F, 0, 0);
    cr_assert_eq(board_get_le32(COMMAND_IN(52, 0xF2, 0x62, 0) + 4), 8000U);
}

Test(stlink, unknown_debug_command_is_a_fault)
{
    cr_assert_eq(COMMAND_IN(2, 0xF2, 0x99)[0], BOARD_STLINK_FAULT);
}

Test(stlink, status_fault_answers_instead_of_the_probe)
{
    const uint8_t data[4] = {1, 2, 3, 4};
    arm("stlink-status=2:0x10:2"); // the command after the next; ENTER was the first
    faults.stlink_commands = 0;
    cr_assert_eq(COMMAND_IN(8, 0xF2, 0x45, 0, 0, 0xFC, 0)[0], BOARD_STLINK_OK);
    cr_assert_eq(COMMAND_IN(8, 0xF2, 0x45, 0, 0, 0xFC, 0)[0], 0x10);
    (void)memory(0x08, FAKE_RAM_BASE, 4, OUT, data, sizeof(data));
    cr_assert_eq(last_status(), 0x10, "a memory command reports it afterwards");
    cr_assert_eq(machine->ram[0], 0, "and was not carried out");
}

Test(stlink, short_fault_cuts_one_reply)
{
    faults.stlink_commands = 0;
    arm("stlink-short=1:3");
    (void)COMMAND_IN(8, 0xF2, 0x45, 0, 0, 0xFC, 0);
    cr_assert_eq(output.size, 4U + 3U);
    (void)COMMAND_IN(8, 0xF2, 0x45, 0, 0, 0xFC, 0);
    cr_assert_eq(output.size, 4U + 8U);
}
