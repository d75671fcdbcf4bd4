// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_FAKE_MACHINE_H
#define UTVM_TESTS_FAKE_MACHINE_H

#include "probe/board/machine.h"

/**
 * A machine without a core, for tests of what stands in front of it: 64 KiB of RAM at 0x20000000,
 * registers that keep what is written to them in the private peripheral bus, and bus faults
 * everywhere else. Counts what is done to it.
 */
#define FAKE_RAM_BASE 0x20000000U
#define FAKE_RAM_BYTES 0x10000U
#define FAKE_PPB_BASE 0xE0000000U
#define FAKE_PPB_BYTES 0x100000U

struct board_machine {
    uint8_t ram[FAKE_RAM_BYTES];
    uint8_t ppb[FAKE_PPB_BYTES];
    bool srst;
    unsigned resets; /**< assertions of nSRST */
    unsigned power_cycles;
    unsigned single_accesses;
    unsigned block_accesses;
    unsigned last_size_bytes; /**< width of the last single access */
    bool runnable;
    uint64_t instructions;
};

#endif
