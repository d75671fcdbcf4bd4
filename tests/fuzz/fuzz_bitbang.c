// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors

// Bytes of a remote_bitbang client. Each input byte becomes one or two protocol characters, so that
// the fuzzer drives the pins instead of being thrown out by the first foreign byte.

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "probe/board/bitbang.h"
#include "tests/board/fake_machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(struct board_bitbang *bitbang, const uint8_t *bytes, size_t size,
                 struct board_output *output)
{
    bool close = false;
    for (size_t at = 0; at < size && !close;) {
        size_t took = board_bitbang_protocol.feed(bitbang, bytes + at, size - at, output, &close);
        if (took == 0 && output->size == 0 && !close) {
            abort(); // no progress: the link would wait for ever
        }
        at += took;
        output->size = 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct board_machine machine;
    uint8_t reply[16];
    struct board_output output = {reply, 0, sizeof(reply)};
    struct board_faults faults = {0};
    struct board_dap dap;
    struct board_bitbang bitbang;
    char error[128];

    if (!board_faults_add(&faults, "wait=3:2", error, sizeof(error))) {
        abort();
    }
    board_dap_init(&dap, &machine, &faults);
    board_bitbang_init(&bitbang, &dap, &machine, &faults);
    board_bitbang_protocol.connected(&bitbang);
    for (size_t i = 0; i < size; i++) {
        if (data[i] & 0x80U) {
            feed(&bitbang, &data[i], 1, &output);
            continue;
        }
        // A clock with the TMS and TDI of the low bits; bit 2 asks for TDO, bits 3 to 6 repeat it.
        uint8_t pins = data[i] & 3U;
        uint8_t clock[3] = {(uint8_t)('0' + pins), (data[i] & 4U) ? 'R' : 'B',
                            (uint8_t)('4' + pins)};
        for (unsigned repeat = data[i] >> 3 & 0xFU; repeat < 16; repeat += 5) {
            feed(&bitbang, clock, sizeof(clock), &output);
        }
    }
    board_bitbang_protocol.disconnected(&bitbang);
    return 0;
}
