// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_TIMING_BLOCKS_PRIVATE_H
#define UTVM_BOARD_TIMING_BLOCKS_PRIVATE_H

#include <stddef.h>

#include "probe/board/timing_blocks.h"

/** What timing_blocks.c (code) and timing_memos.c (what has been computed of it) share. */

#define BOARD_BLOCK_BUCKETS 8192u
#define BOARD_INSN_BUCKETS 8192u
#define BOARD_STATE_BUCKETS ((size_t)BOARD_MAX_STATES * 2)

struct board_insn_node {
    struct board_insn insn;
    struct board_insn_node *next;
};

struct board_blocks {
    const struct board_view *view;
    struct board_decoder *decoder;
    struct board_block *blocks[BOARD_BLOCK_BUCKETS];
    struct board_insn_node *insns[BOARD_INSN_BUCKETS];
    struct board_memo *memos;
    uint32_t num_memos;
    struct board_pipe *states; // [max_states]
    uint32_t num_states;
    uint32_t max_states;
    uint32_t *state_index; // [BOARD_STATE_BUCKETS], index + 1, 0 = empty
};

/** No memo belongs to the block any more; their memory stays. */
void board_block_clear_memos(struct board_block *b);
/** Gives back the memory of its ways. */
void board_block_drop_ways(struct board_block *b);
/** The memos of a block whose code has changed: they count, but nothing leads to them any more. */
void board_block_retire_memos(const struct board_block *b, struct board_timing_counters *c);

#endif
