// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "probe/board/dap.h"
#include "tests/board/fake_machine.h"

#define POWER_REQUEST (BOARD_DP_CDBGPWRUPREQ | BOARD_DP_CSYSPWRUPREQ)
#define NO_MEMORY 0x30000000U
#define ABORT_STKERRCLR (1U << 2)

static struct board_machine *machine;
static struct board_faults faults;
static struct board_dap dap;

static void set_up(void)
{
    const char *error = NULL;
    struct board_machine_config config = {0};
    machine = board_machine_create(&config, &error);
    memset(&faults, 0, sizeof(faults));
    board_dap_init(&dap, machine, &faults);
    cr_assert_eq(board_dap_dp_write(&dap, BOARD_DP_CTRL_STAT, POWER_REQUEST), BOARD_ACK_OK);
}

static void tear_down(void)
{
    board_machine_destroy(machine);
}

TestSuite(dap, .init = set_up, .fini = tear_down);

static void arm(const char *spec)
{
    char error[128];
    cr_assert(board_faults_add(&faults, spec, error, sizeof(error)), "%s", error);
}

static uint32_t dp(unsigned reg)
{
    uint32_t value = 0;
    cr_assert_eq(board_dap_dp_read(&dap, reg, &value), BOARD_ACK_OK);
    return value;
}

static uint32_t ap(unsigned reg)
{
    uint32_t value = 0;
    cr_assert_eq(board_dap_ap_read(&dap, 0, reg, &value), BOARD_ACK_OK);
    return value;
}

static void set_ap(unsigned reg, uint32_t value)
{
    cr_assert_eq(board_dap_ap_write(&dap, 0, reg, value), BOARD_ACK_OK);
}

static bool sticky_error(void)
{
    return (dp(BOARD_DP_CTRL_STAT) & BOARD_DP_STICKYERR) != 0;
}

Test(dap, identifies_itself)
{
    cr_assert_eq(dp(BOARD_DP_DPIDR), 0x5BA02477U);
    cr_assert_eq(ap(BOARD_AP_IDR), 0x74770001U);
    cr_assert_eq(ap(BOARD_AP_BASE), 0xE00FD003U);
    cr_assert_eq(ap(BOARD_AP_CFG), 0U);
}

Test(dap, acknowledges_power_requests)
{
    uint32_t status = dp(BOARD_DP_CTRL_STAT);
    cr_assert(status & BOARD_DP_CDBGPWRUPACK);
    cr_assert(status & BOARD_DP_CSYSPWRUPACK);
    cr_assert_eq(board_dap_dp_write(&dap, BOARD_DP_CTRL_STAT, 0), BOARD_ACK_OK);
    cr_assert_eq(dp(BOARD_DP_CTRL_STAT) & (BOARD_DP_CDBGPWRUPACK | BOARD_DP_CSYSPWRUPACK), 0U);
}

Test(dap, refuses_ap_without_power)
{
    uint32_t value = 0;
    cr_assert_eq(board_dap_dp_write(&dap, BOARD_DP_CTRL_STAT, 0), BOARD_ACK_OK);
    cr_assert_eq(board_dap_ap_read(&dap, 0, BOARD_AP_IDR, &value), BOARD_ACK_FAULT);
    cr_assert(sticky_error());
}

Test(dap, absent_aps_read_zero)
{
    uint32_t value = 1;
    cr_assert_eq(board_dap_ap_read(&dap, 1, BOARD_AP_IDR, &value), BOARD_ACK_OK);
    cr_assert_eq(value, 0U);
}

Test(dap, dp_banks_that_are_not_there_read_zero_and_take_nothing)
{
    uint32_t value = 1;
    cr_assert_eq(board_dap_dp_read(&dap, BOARD_DP_CTRL_STAT | 0x20U, &value), BOARD_ACK_OK);
    cr_assert_eq(value, 0U);
    cr_assert_eq(board_dap_dp_write(&dap, BOARD_DP_CTRL_STAT | 0x20U, 0), BOARD_ACK_OK);
    cr_assert(dp(BOARD_DP_CTRL_STAT) & BOARD_DP_CDBGPWRUPACK, "the power request stands");
}

Test(dap, transfers_of_absent_aps_are_no_transfers)
{
    uint32_t value = 1;
    arm("wait=1");
    cr_assert_eq(board_dap_ap_read(&dap, 1, BOARD_AP_DRW, &value), BOARD_ACK_OK);
    cr_assert_eq(value, 0U);
    set_ap(BOARD_AP_CSW, 0x2U);
    set_ap(BOARD_AP_TAR, 0x20000000U);
    cr_assert_eq(board_dap_ap_read(&dap, 0, BOARD_AP_DRW, &value), BOARD_ACK_WAIT,
                 "the fault waits for the first transfer of AP 0");
}

Test(dap, abort_clears_what_it_is_told_to)
{
    uint32_t value = 0;
    set_ap(BOARD_AP_CSW, 0x2U);
    set_ap(BOARD_AP_TAR, NO_MEMORY);
    (void)board_dap_ap_read(&dap, 0, BOARD_AP_DRW, &value);
    cr_assert(sticky_error());
    cr_assert_eq(board_dap_dp_write(&dap, BOARD_DP_ABORT, 1U << 1 | 1U << 3 | 1U << 4),
                 BOARD_ACK_OK);
    cr_assert(sticky_error(), "the other three flags were named");
    cr_assert_eq(board_dap_dp_write(&dap, BOARD_DP_ABORT, ABORT_STKERRCLR), BOARD_ACK_OK);
    cr_assert_not(sticky_error());
    cr_assert_eq(dp(BOARD_DP_CTRL_STAT) & POWER_REQUEST, POWER_REQUEST, "nothing else changed");
}

Test(dap, csw_reads_back_packed_and_device_enable)
{
    set_ap(BOARD_AP_CSW, 0x23000020U);
    cr_assert_eq(ap(BOARD_AP_CSW), 0x23000020U | BOARD_CSW_DEVICE_EN);
}

Test(dap, csw_keeps_its_size_when_asked_for_one_it_lacks)
{
    set_ap(BOARD_AP_CSW, 0x12U);
    set_ap(BOARD_AP_CSW, 0x13U);
    cr_assert_eq(ap(BOARD_AP_CSW) & BOARD_CSW_SIZE_MASK, 2U);
}

Test(dap, single_increment_steps_by_size)
{
    set_ap(BOARD_AP_CSW, 0x12U);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE);
    set_ap(BOARD_AP_DRW, 0x11223344U);
    set_ap(BOARD_AP_DRW, 0x55667788U);
    cr_assert_eq(ap(BOARD_AP_TAR), FAKE_RAM_BASE + 8);
    cr_assert_eq(machine->ram[0], 0x44);
    cr_assert_eq(machine->ram[4], 0x88);
}

Test(dap, no_increment_stays)
{
    set_ap(BOARD_AP_CSW, 0x02U);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE + 4);
    set_ap(BOARD_AP_DRW, 1);
    cr_assert_eq(ap(BOARD_AP_TAR), FAKE_RAM_BASE + 4);
}

Test(dap, increment_wraps_at_one_kilobyte)
{
    set_ap(BOARD_AP_CSW, 0x12U);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE + 0x7FC);
    set_ap(BOARD_AP_DRW, 1);
    cr_assert_eq(ap(BOARD_AP_TAR), FAKE_RAM_BASE + 0x400);
}

Test(dap, bytes_travel_on_their_lane)
{
    set_ap(BOARD_AP_CSW, 0x10U);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE + 2);
    set_ap(BOARD_AP_DRW, 0xAABBCCDDU);
    cr_assert_eq(machine->ram[2], 0xBB);
    cr_assert_eq(machine->ram[1], 0);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE + 2);
    cr_assert_eq(ap(BOARD_AP_DRW), 0x00BB0000U);
    cr_assert_eq(machine->last_size_bytes, 1U);
}

Test(dap, packed_halfwords_fill_the_word)
{
    set_ap(BOARD_AP_CSW, 0x21U);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE);
    set_ap(BOARD_AP_DRW, 0xAABBCCDDU);
    cr_assert_eq(machine->single_accesses, 2U);
    cr_assert_eq(machine->last_size_bytes, 2U);
    cr_assert_eq(ap(BOARD_AP_TAR), FAKE_RAM_BASE + 4);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE);
    cr_assert_eq(ap(BOARD_AP_DRW), 0xAABBCCDDU);
}

Test(dap, packed_bytes_fill_the_word)
{
    set_ap(BOARD_AP_CSW, 0x20U);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE + 0x3FC);
    set_ap(BOARD_AP_DRW, 0x04030201U);
    cr_assert_eq(machine->ram[0x3FC], 1);
    cr_assert_eq(machine->ram[0x3FF], 4);
    cr_assert_eq(machine->single_accesses, 4U);
    cr_assert_eq(ap(BOARD_AP_TAR), FAKE_RAM_BASE);
}

Test(dap, banked_registers_address_around_tar)
{
    set_ap(BOARD_AP_CSW, 0x12U);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE + 0x18);
    set_ap(BOARD_AP_BD0, 0x10);
    set_ap(BOARD_AP_BD0 + 4, 0x14);
    set_ap(BOARD_AP_BD3, 0x1C);
    cr_assert_eq(machine->ram[0x10], 0x10);
    cr_assert_eq(machine->ram[0x14], 0x14);
    cr_assert_eq(machine->ram[0x1C], 0x1C);
    cr_assert_eq(ap(BOARD_AP_TAR), FAKE_RAM_BASE + 0x18, "banked accesses do not increment");
    cr_assert_eq(ap(BOARD_AP_BD3), 0x1CU);
}

Test(dap, bus_fault_sets_sticky_error_and_keeps_tar)
{
    uint32_t value = 0;
    set_ap(BOARD_AP_CSW, 0x12U);
    set_ap(BOARD_AP_TAR, NO_MEMORY);
    cr_assert_eq(board_dap_ap_read(&dap, 0, BOARD_AP_DRW, &value), BOARD_ACK_FAULT);
    cr_assert(sticky_error());
    cr_assert_eq(board_dap_ap_read(&dap, 0, BOARD_AP_TAR, &value), BOARD_ACK_FAULT,
                 "every AP access is refused until the flag is cleared");
    cr_assert_eq(board_dap_dp_write(&dap, BOARD_DP_SELECT, 0), BOARD_ACK_FAULT);
    cr_assert_eq(board_dap_dp_write(&dap, BOARD_DP_ABORT, ABORT_STKERRCLR), BOARD_ACK_OK);
    cr_assert_not(sticky_error());
    cr_assert_eq(ap(BOARD_AP_TAR), NO_MEMORY);
}

Test(dap, write_fault_shows_afterwards)
{
    set_ap(BOARD_AP_TAR, NO_MEMORY);
    cr_assert_eq(board_dap_ap_write(&dap, 0, BOARD_AP_DRW, 1), BOARD_ACK_OK);
    cr_assert(sticky_error());
}

Test(dap, readok_follows_the_last_ap_read)
{
    uint32_t value = 0;
    (void)ap(BOARD_AP_IDR);
    cr_assert(dp(BOARD_DP_CTRL_STAT) & BOARD_DP_READOK);
    set_ap(BOARD_AP_TAR, NO_MEMORY);
    (void)board_dap_ap_read(&dap, 0, BOARD_AP_DRW, &value);
    cr_assert_eq(dp(BOARD_DP_CTRL_STAT) & BOARD_DP_READOK, 0U);
}

Test(dap, overrun_is_noted_when_detection_is_on)
{
    uint32_t value = 0;
    arm("wait=1");
    (void)board_dap_dp_write(&dap, BOARD_DP_CTRL_STAT, POWER_REQUEST | BOARD_DP_ORUNDETECT);
    set_ap(BOARD_AP_TAR, FAKE_RAM_BASE);
    cr_assert_eq(board_dap_ap_read(&dap, 0, BOARD_AP_DRW, &value), BOARD_ACK_WAIT);
    cr_assert(dp(BOARD_DP_CTRL_STAT) & BOARD_DP_STICKYORUN);
}

static struct board_ap_block block_of(uint32_t addr, unsigned width)
{
    return (struct board_ap_block){.addr = addr, .width_bytes = width, .increment = true};
}

Test(dap, block_is_one_machine_access)
{
    uint8_t data[4096];
    size_t done = 0;
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 7);
    }
    struct board_ap_block block = block_of(FAKE_RAM_BASE, 4);
    cr_assert_eq(board_dap_write_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_OK);
    cr_assert_eq(done, sizeof(data));
    cr_assert_eq(machine->block_accesses, 1U);
    cr_assert_arr_eq(machine->ram, data, sizeof(data));
    cr_assert_eq(ap(BOARD_AP_TAR), FAKE_RAM_BASE + 0xC00, "as after the last word, wrapped");
}

Test(dap, registers_are_accessed_in_the_width_asked_for)
{
    uint8_t data[4] = {1, 2, 3, 4};
    size_t done = 0;
    struct board_ap_block block = block_of(FAKE_PPB_BASE, 2);
    cr_assert_eq(board_dap_write_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_OK);
    cr_assert_eq(machine->single_accesses, 2U);
    cr_assert_eq(machine->last_size_bytes, 2U);
}

Test(dap, block_without_increment_repeats_the_address)
{
    uint8_t data[8] = {1, 0, 0, 0, 2, 0, 0, 0};
    size_t done = 0;
    struct board_ap_block block = {.addr = FAKE_RAM_BASE, .width_bytes = 4, .increment = false};
    cr_assert_eq(board_dap_write_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_OK);
    cr_assert_eq(machine->ram[0], 2);
    cr_assert_eq(machine->ram[4], 0);
}

Test(dap, core_gets_on_between_samples_of_one_address)
{
    uint8_t data[16];
    size_t done = 0;
    struct board_ap_block block = {.addr = FAKE_PPB_BASE, .width_bytes = 4, .increment = false};
    cr_assert_eq(board_dap_read_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_OK);
    cr_assert_eq(machine->instructions, 0U, "a halted core stays");
    machine->runnable = true;
    cr_assert_eq(board_dap_read_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_OK);
    cr_assert_geq(machine->instructions, 4U * 200U);
    uint64_t before = machine->instructions;
    block.increment = true;
    cr_assert_eq(board_dap_read_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_OK);
    cr_assert_eq(machine->instructions, before);
}

Test(dap, block_stops_at_a_bus_fault)
{
    uint8_t data[16];
    size_t done = 0;
    struct board_ap_block block = block_of(FAKE_RAM_BASE + FAKE_RAM_BYTES - 8, 4);
    cr_assert_eq(board_dap_read_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_FAULT);
    cr_assert_eq(done, 8U);
    cr_assert(sticky_error());
}

Test(dap, injected_fault_refuses_exactly_that_transfer)
{
    uint8_t data[16] = {1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4};
    size_t done = 0;
    arm("ack-fault=3");
    struct board_ap_block block = block_of(FAKE_RAM_BASE, 4);
    cr_assert_eq(board_dap_write_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_FAULT);
    cr_assert_eq(done, 8U);
    cr_assert_eq(machine->ram[7], 2);
    cr_assert_eq(machine->ram[8], 0);
    (void)board_dap_dp_write(&dap, BOARD_DP_ABORT, ABORT_STKERRCLR);
    cr_assert_eq(board_dap_write_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_OK);
}

Test(dap, injected_wait_passes_after_its_count)
{
    uint8_t data[4] = {9, 9, 9, 9};
    size_t done = 0;
    arm("wait=1:2");
    struct board_ap_block block = block_of(FAKE_RAM_BASE, 4);
    cr_assert_eq(board_dap_write_block(&dap, &block, data, 4, &done), BOARD_ACK_WAIT);
    cr_assert_eq(board_dap_write_block(&dap, &block, data, 4, &done), BOARD_ACK_WAIT);
    cr_assert_eq(machine->ram[0], 0);
    cr_assert_eq(board_dap_write_block(&dap, &block, data, 4, &done), BOARD_ACK_OK);
    cr_assert_eq(machine->ram[0], 9);
}

Test(dap, brown_out_loses_power_in_mid_block)
{
    uint8_t data[64];
    size_t done = 0;
    memset(data, 0x5A, sizeof(data));
    arm("brown-out=32");
    struct board_ap_block block = block_of(FAKE_RAM_BASE, 4);
    cr_assert_eq(board_dap_write_block(&dap, &block, data, sizeof(data), &done), BOARD_ACK_FAULT);
    cr_assert_eq(done, 32U);
    cr_assert_eq(machine->power_cycles, 1U);
    cr_assert_eq(machine->ram[0], 0);
    cr_assert_eq(dp(BOARD_DP_CTRL_STAT) & BOARD_DP_CDBGPWRUPACK, 0U);
}

Test(dap, reset_comes_after_its_access)
{
    uint8_t data[8] = {0};
    size_t done = 0;
    arm("reset-access=2");
    struct board_ap_block block = block_of(FAKE_RAM_BASE, 4);
    (void)board_dap_read_block(&dap, &block, data, 4, &done);
    cr_assert_eq(machine->resets, 0U);
    (void)board_dap_read_block(&dap, &block, data, 4, &done);
    cr_assert_eq(machine->resets, 1U);
    cr_assert_not(machine->srst);
}

/** A JTAG-DP scan as a host does it: capture, then update. Returns the captured 35 bits. */
static uint64_t scan(enum board_jtag_dr dr, unsigned reg, bool read, uint32_t value)
{
    uint64_t captured = board_dap_jtag_capture(&dap, dr);
    board_dap_jtag_update(&dap, dr,
                          (uint64_t)value << 3 | (uint64_t)(reg >> 2 & 3U) << 1 | (read ? 1U : 0U));
    return captured;
}

static uint32_t rdbuff(void)
{
    uint64_t captured = scan(BOARD_JTAG_DPACC, BOARD_DP_RDBUFF, true, 0);
    cr_assert_eq(captured & 7U, BOARD_JTAG_ACK_OK_FAULT);
    return (uint32_t)(captured >> 3);
}

Test(dap, jtag_read_arrives_with_the_next_scan)
{
    machine->ram[0] = 0x42;
    scan(BOARD_JTAG_APACC, BOARD_AP_CSW, false, 0x12);
    scan(BOARD_JTAG_APACC, BOARD_AP_TAR, false, FAKE_RAM_BASE);
    scan(BOARD_JTAG_APACC, BOARD_AP_DRW, true, 0);
    cr_assert_eq(rdbuff(), 0x42U);
    cr_assert_eq(rdbuff(), 0U, "RDBUFF itself reads zero on a JTAG-DP");
}

Test(dap, jtag_select_chooses_the_bank)
{
    scan(BOARD_JTAG_DPACC, BOARD_DP_SELECT, false, 0xF0);
    scan(BOARD_JTAG_APACC, 0xC, true, 0);
    cr_assert_eq(rdbuff(), 0x74770001U);
    scan(BOARD_JTAG_DPACC, BOARD_DP_SELECT, true, 0);
    cr_assert_eq(rdbuff(), 0xF0U);
}

Test(dap, jtag_ignores_ap_while_sticky_and_clears_by_writing_one)
{
    scan(BOARD_JTAG_APACC, BOARD_AP_CSW, false, 0x12);
    scan(BOARD_JTAG_APACC, BOARD_AP_TAR, false, NO_MEMORY);
    scan(BOARD_JTAG_APACC, BOARD_AP_DRW, true, 0);
    scan(BOARD_JTAG_DPACC, BOARD_DP_CTRL_STAT, true, 0);
    cr_assert(rdbuff() & BOARD_DP_STICKYERR);
    scan(BOARD_JTAG_APACC, BOARD_AP_TAR, false, FAKE_RAM_BASE);
    scan(BOARD_JTAG_DPACC, BOARD_DP_CTRL_STAT, false, POWER_REQUEST | BOARD_DP_STICKYERR);
    scan(BOARD_JTAG_DPACC, BOARD_DP_CTRL_STAT, true, 0);
    cr_assert_eq(rdbuff() & BOARD_DP_STICKYERR, 0U);
    scan(BOARD_JTAG_APACC, BOARD_AP_TAR, true, 0);
    cr_assert_eq(rdbuff(), NO_MEMORY, "the write under the flag was ignored");
}

Test(dap, jtag_wait_discards_the_scan_and_keeps_the_result)
{
    machine->ram[0] = 0x42;
    arm("wait=1:2");
    scan(BOARD_JTAG_APACC, BOARD_AP_CSW, false, 0x12);
    scan(BOARD_JTAG_APACC, BOARD_AP_TAR, false, FAKE_RAM_BASE);
    scan(BOARD_JTAG_APACC, BOARD_AP_DRW, true, 0);
    cr_assert_eq(scan(BOARD_JTAG_APACC, BOARD_AP_TAR, false, NO_MEMORY) & 7U, BOARD_JTAG_ACK_WAIT);
    cr_assert_eq(scan(BOARD_JTAG_DPACC, BOARD_DP_RDBUFF, true, 0) & 7U, BOARD_JTAG_ACK_WAIT);
    cr_assert_eq(rdbuff(), 0x42U);
    scan(BOARD_JTAG_APACC, BOARD_AP_TAR, true, 0);
    cr_assert_eq(rdbuff(), FAKE_RAM_BASE + 4);
}

Test(dap, jtag_abort_ends_waiting)
{
    arm("wait=1:1000");
    scan(BOARD_JTAG_APACC, BOARD_AP_TAR, false, FAKE_RAM_BASE);
    scan(BOARD_JTAG_APACC, BOARD_AP_DRW, true, 0);
    cr_assert_eq(scan(BOARD_JTAG_DPACC, BOARD_DP_RDBUFF, true, 0) & 7U, BOARD_JTAG_ACK_WAIT);
    scan(BOARD_JTAG_ABORT, 0, false, 1);
    cr_assert_eq(scan(BOARD_JTAG_DPACC, BOARD_DP_RDBUFF, true, 0) & 7U, BOARD_JTAG_ACK_OK_FAULT);
}
