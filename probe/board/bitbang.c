// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/bitbang.h"

void board_bitbang_init(struct board_bitbang *bitbang, struct board_dap *dap,
                        struct board_machine *machine, struct board_faults *faults)
{
    board_jtag_init(&bitbang->jtag, dap);
    bitbang->machine = machine;
    bitbang->faults = faults;
    bitbang->tck = false;
}

static void bitbang_connected(void *context)
{
    struct board_bitbang *bitbang = context;
    bitbang->tck = false;
}

static void bitbang_disconnected(void *context)
{
    struct board_bitbang *bitbang = context;
    // The pull-ups release both reset lines when the cable is pulled off.
    board_machine_set_srst(bitbang->machine, false);
}

static void set_pins(struct board_bitbang *bitbang, unsigned pins)
{
    bool tck = (pins & 4U) != 0;
    if (tck && !bitbang->tck) {
        board_jtag_rising_edge(&bitbang->jtag, (pins & 2U) != 0, (pins & 1U) != 0);
    } else if (!tck && bitbang->tck) {
        board_jtag_falling_edge(&bitbang->jtag);
    }
    bitbang->tck = tck;
}

static void set_resets(struct board_bitbang *bitbang, unsigned resets)
{
    if (resets & 2U) {
        board_jtag_reset(&bitbang->jtag);
    }
    board_machine_set_srst(bitbang->machine, (resets & 1U) != 0);
}

static size_t bitbang_feed(void *context, const uint8_t *bytes, size_t size,
                           struct board_output *output, bool *close)
{
    struct board_bitbang *bitbang = context;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = bytes[i];
        if (c >= '0' && c <= '7') {
            set_pins(bitbang, c - (unsigned)'0');
        } else if (c == 'R') {
            if (output->size == output->capacity) {
                return i;
            }
            bool tdo = bitbang->jtag.tdo != board_faults_tdo(bitbang->faults);
            output->bytes[output->size++] = tdo ? '1' : '0';
        } else if (c >= 'r' && c <= 'u') {
            set_resets(bitbang, c - (unsigned)'r');
        } else if (c != 'B' && c != 'b') {
            // 'Q', or bytes of another protocol: either way there is nothing more to say.
            *close = true;
            return i + 1;
        }
    }
    return size;
}

const struct board_protocol board_bitbang_protocol = {
    .connected = bitbang_connected,
    .disconnected = bitbang_disconnected,
    .feed = bitbang_feed,
    .output_capacity = 16384,
};
