// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors

// Bytes of an ST-LINK client: requests of the stlink-server protocol, whole, cut and hostile. The
// first byte arms a fault or none, so that the slow paths of the debug port are met as well, and
// its highest bit puts the session where most commands live: probe open, debug port powered.

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "probe/board/stlink_server.h"
#include "tests/board/fake_machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void arm(struct board_faults *faults, uint8_t choice)
{
    static const char *const specs[] = {
        "wait=2:3",           "ack-fault=2",      "brown-out=12",       "reset-access=3",
        "stlink-status=4:17", "stlink-short=4:1", "stlink-status=2:0:9"};
    char error[128];
    if (choice < sizeof(specs) / sizeof(specs[0]) &&
        !board_faults_add(faults, specs[choice], error, sizeof(error))) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct board_machine machine;
    static struct board_stlink probe;
    static struct board_stlink_server server;
    static uint8_t reply[4U + BOARD_STLINK_DATA_MAX];
    struct board_output output = {reply, 0, sizeof(reply)};
    struct board_faults faults = {0};
    struct board_dap dap;
    bool close = false;

    if (size == 0) {
        return 0;
    }
    arm(&faults, data[0] & 0x7FU);
    board_dap_init(&dap, &machine, &faults);
    board_stlink_init(&probe, &dap, &machine, &faults);
    board_stlink_server_init(&server, &probe);
    board_stlink_protocol.connected(&server);
    if (data[0] & 0x80U) {
        server.opened = true;
        probe.debug_mode = true;
        (void)board_dap_dp_write(&dap, BOARD_DP_CTRL_STAT, BOARD_DP_CDBGPWRUPREQ);
    }
    for (size_t at = 1; at < size && !close;) {
        size_t took = board_stlink_protocol.feed(&server, data + at, size - at, &output, &close);
        if (took == 0 && output.size == 0 && !close) {
            abort(); // no progress: the link would wait for ever
        }
        at += took;
        output.size = 0;
    }
    board_stlink_protocol.disconnected(&server);
    return 0;
}
