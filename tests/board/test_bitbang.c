// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "probe/board/bitbang.h"
#include "tests/board/fake_machine.h"

static struct board_machine *machine;
static struct board_faults faults;
static struct board_dap dap;
static struct board_bitbang bitbang;
static uint8_t output_bytes[256];
static struct board_output output;

static void set_up(void)
{
    const char *error = NULL;
    struct board_machine_config config = {0};
    machine = board_machine_create(&config, &error);
    memset(&faults, 0, sizeof(faults));
    board_dap_init(&dap, machine, &faults);
    board_bitbang_init(&bitbang, &dap, machine, &faults);
    output = (struct board_output){output_bytes, 0, sizeof(output_bytes)};
    board_bitbang_protocol.connected(&bitbang);
}

static void tear_down(void)
{
    board_machine_destroy(machine);
}

TestSuite(bitbang, .init = set_up, .fini = tear_down);

static bool send_bytes(const char *bytes)
{
    bool close = false;
    (void)board_bitbang_protocol.feed(&bitbang, (const uint8_t *)bytes, strlen(bytes), &output,
                                      &close);
    return close;
}

/** One clock with TDO sampled before the rising edge, as OpenOCD does it. */
static unsigned clock_bit(unsigned tms, unsigned tdi)
{
    char bytes[] = {(char)('0' + tms * 2 + tdi), 'R', (char)('4' + tms * 2 + tdi), '\0'};
    output.size = 0;
    cr_assert_not(send_bytes(bytes));
    cr_assert_eq(output.size, 1U);
    return output_bytes[0] == '1';
}

static void walk(const char *tms)
{
    for (; *tms; tms++) {
        (void)clock_bit(*tms == '1', 0);
    }
}

/** Shifts and leaves the shift state by the last bit. */
static uint64_t shift_bits(uint64_t out, unsigned count)
{
    uint64_t in = 0;
    for (unsigned i = 0; i < count; i++) {
        in |= (uint64_t)clock_bit(i == count - 1, out >> i & 1U) << i;
    }
    return in;
}

static void to_idle(void)
{
    walk("111110");
}

/** Scans both IRs from idle to idle: the CPU TAP's bits leave first. */
static uint64_t scan_ir(unsigned bs, unsigned cpu)
{
    walk("1100");
    uint64_t in = shift_bits((uint64_t)bs << 4 | cpu, 9);
    walk("10");
    return in;
}

static uint64_t scan_dr(uint64_t out, unsigned count)
{
    walk("100");
    uint64_t in = shift_bits(out, count);
    walk("10");
    return in;
}

Test(tap, five_ones_reach_reset_from_everywhere)
{
    for (int state = BOARD_TAP_RESET; state <= BOARD_TAP_UPDATE_IR; state++) {
        enum board_tap_state s = (enum board_tap_state)state;
        for (int i = 0; i < 5; i++) {
            s = board_tap_next(s, true);
        }
        cr_assert_eq(s, BOARD_TAP_RESET, "from state %d", state);
    }
}

Test(tap, pause_and_return_to_shift)
{
    enum board_tap_state s = BOARD_TAP_SHIFT_DR;
    static const struct {
        bool tms;
        enum board_tap_state state;
    } path[] = {{1, BOARD_TAP_EXIT1_DR},   {0, BOARD_TAP_PAUSE_DR},  {0, BOARD_TAP_PAUSE_DR},
                {1, BOARD_TAP_EXIT2_DR},   {0, BOARD_TAP_SHIFT_DR},  {1, BOARD_TAP_EXIT1_DR},
                {1, BOARD_TAP_UPDATE_DR},  {1, BOARD_TAP_SELECT_DR}, {1, BOARD_TAP_SELECT_IR},
                {0, BOARD_TAP_CAPTURE_IR}, {1, BOARD_TAP_EXIT1_IR},  {0, BOARD_TAP_PAUSE_IR},
                {1, BOARD_TAP_EXIT2_IR},   {1, BOARD_TAP_UPDATE_IR}, {0, BOARD_TAP_IDLE}};
    for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
        s = board_tap_next(s, path[i].tms);
        cr_assert_eq(s, path[i].state, "step %zu", i);
    }
}

Test(bitbang, chain_shows_cpu_then_boundary_scan)
{
    to_idle();
    uint64_t ids = scan_dr(0, 64);
    cr_assert_eq((uint32_t)ids, 0x5BA00477U);
    cr_assert_eq((uint32_t)(ids >> 32), 0x06449041U);
}

Test(bitbang, ir_capture_shows_the_lengths)
{
    to_idle();
    cr_assert_eq(scan_ir(0x1F, 0xF), 1U << 4 | 1U);
}

Test(bitbang, unknown_instructions_select_bypass)
{
    to_idle();
    (void)scan_ir(0x00, 0x3);
    // Two bypass bits: what goes in comes out two clocks later.
    cr_assert_eq(scan_dr(0xAB, 10), (uint64_t)0xAB << 2);
}

Test(bitbang, bits_pass_through_to_the_other_tap)
{
    to_idle();
    (void)scan_ir(0x1F, BOARD_CPU_IR_IDCODE);
    uint64_t in = scan_dr(0, 33);
    cr_assert_eq((uint32_t)in, 0x5BA00477U);
    cr_assert_eq(in >> 32, 0U, "the boundary-scan TAP is in bypass");
}

Test(bitbang, pins_reach_memory)
{
    to_idle();
    machine->ram[0x10] = 0x99;
    (void)scan_ir(0x1F, BOARD_CPU_IR_DPACC);
    (void)scan_dr((uint64_t)0x50000000U << 3 | 1U << 1, 36);
    (void)scan_ir(0x1F, BOARD_CPU_IR_APACC);
    (void)scan_dr((uint64_t)0x12 << 3, 36);
    (void)scan_dr((uint64_t)(FAKE_RAM_BASE + 0x10) << 3 | 1U << 1, 36);
    (void)scan_dr(3U << 1 | 1U, 36);
    (void)scan_ir(0x1F, BOARD_CPU_IR_DPACC);
    uint64_t in = scan_dr(3U << 1 | 1U, 36);
    cr_assert_eq(in & 7U, BOARD_JTAG_ACK_OK_FAULT);
    cr_assert_eq((uint32_t)(in >> 3), 0x99U);
}

Test(bitbang, trst_resets_the_tap_only)
{
    to_idle();
    (void)scan_ir(0x1F, 0xF);
    cr_assert_not(send_bytes("tr"));
    walk("0");
    cr_assert_eq((uint32_t)scan_dr(0, 32), 0x5BA00477U);
    cr_assert_eq(machine->resets, 0U);
}

Test(bitbang, srst_follows_its_letters)
{
    cr_assert_not(send_bytes("s"));
    cr_assert(machine->srst);
    cr_assert_not(send_bytes("r"));
    cr_assert_not(machine->srst);
    cr_assert_not(send_bytes("u"));
    cr_assert(machine->srst);
    board_bitbang_protocol.disconnected(&bitbang);
    cr_assert_not(machine->srst, "released with the cable");
}

Test(bitbang, quit_and_nonsense_end_the_session)
{
    cr_assert(send_bytes("BbQ"));
    cr_assert(send_bytes("\n"));
    cr_assert(send_bytes("GET / HTTP/1.0"));
}

Test(bitbang, answers_wait_for_room)
{
    char many[400];
    bool close = false;
    memset(many, 'R', sizeof(many));
    size_t took =
        board_bitbang_protocol.feed(&bitbang, (const uint8_t *)many, sizeof(many), &output, &close);
    cr_assert_eq(took, sizeof(output_bytes));
    cr_assert_not(close);
}

Test(bitbang, tdo_fault_inverts_its_sample)
{
    char error[128];
    cr_assert(board_faults_add(&faults, "bitbang-tdo=2:2", error, sizeof(error)));
    cr_assert_not(send_bytes("RRRR"));
    cr_assert_arr_eq(output_bytes, "1001", 4);
}
