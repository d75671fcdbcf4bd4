// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "probe/board/timing.h"

#define MAX_CODE 1024u
#define BASE 0x08000000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Any bytes are code to the timing model: cycles add up, and a block costs what its parts cost. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *error;
    struct board_timing *whole = board_timing_create(BOARD_TIMING_FAST, NULL, &error);
    struct board_timing *parts = board_timing_create(BOARD_TIMING_FAST, NULL, &error);
    uint32_t bytes = (uint32_t)(size < MAX_CODE ? size : MAX_CODE) & ~1u;
    uint64_t sum = 0;

    if (whole == NULL || parts == NULL) {
        abort();
    }
    struct board_timing_block *b = board_timing_block_get(whole, BASE, bytes, data);
    uint32_t cycles = board_timing_retire(whole, b, BASE + bytes);
    uint32_t half = bytes / 4 * 2;
    struct board_timing_block *same = board_timing_block_get(parts, BASE, bytes, data);
    uint32_t before = board_timing_prefix(parts, same, half);

    if (before != board_timing_retire_prefix(parts, same, half) || before > cycles) {
        abort();
    }
    for (unsigned k = 0; k < BOARD_CYCLES_KINDS; k++) {
        sum += board_timing_counters(whole)->cycles[k];
    }
    if (sum != cycles || board_timing_counters(whole)->instructions != b->num_insns) {
        abort();
    }
    board_timing_destroy(whole);
    board_timing_destroy(parts);
    return 0;
}
