// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_TIMING_BLOCKS_H
#define UTVM_BOARD_TIMING_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/board/pipeline.h"
#include "probe/board/timing.h"

/**
 * Blocks of code and what the pipeline makes of them. What a block costs and which state it leaves
 * behind follow from the state before it, from whether its branch was predicted, and, where
 * addresses are seen, from the banks its loads met. So each such combination is computed once: a
 * memo. Timing then is a walk from memo to memo.
 */
struct board_memo {
    uint32_t key;        /**< state before << 2 | branch taken << 1 | mispredicted */
    uint32_t next_state; /**< index into the states */
    uint32_t cycles;
    uint32_t unused;
    uint64_t hits;  /**< retirements not yet added to the counters */
    uint64_t banks; /**< a bit for each observed access */
    struct board_pipe_cost cost;
    struct board_memo *next_of_block;
    struct board_memo *next_of_all;
};

#define BOARD_FEW_WAY_BITS 2u /**< of every block */
#define BOARD_MAX_WAY_BITS 8u
#define BOARD_MAX_OBSERVED 64u
#define BOARD_OBSERVE_PLACE                                                                        \
    0x8000u /**< its own bank matters, else whether it is that of the one before */
#define BOARD_NO_ACCESS 0xFFFFu
#define BOARD_NO_KEY 0xFFFFFFFFu
#define BOARD_KEY_MISPREDICTED 1u
#define BOARD_KEY_TAKEN 2u
#define BOARD_KEY_STATE_SHIFT 2u
#define BOARD_MAX_STATES 65536u
#define BOARD_MAX_MEMOS 1000000u

/** A memo at hand, with what the next block waits for: the state. */
struct board_way {
    uint32_t key;
    uint32_t next_state;
    uint32_t cycles;
    uint32_t unused;
    uint64_t banks;
    struct board_memo *memo;
};

/** An instruction in its block. */
struct board_slot {
    const struct board_insn *insn;
    uint16_t offset;
    uint16_t access; /**< index of its first data access in the block where that is observed */
};

struct board_block {
    struct board_timing_block head; /* first: handles are pointers to it */
    uint64_t code_epoch;            /**< its lines were there when this was the time's epoch */
    uint8_t branch;                 /**< enum board_branch of its last instruction, IT included */
    bool refetches;                 /**< ends in a branch or an ISB */
    bool maybe_predicated;          /**< an IT before the block may cover the branch */
    bool unmemoised;                /**< too much is observed for a key */
    uint8_t num_observed;
    uint32_t branch_address;
    uint32_t end;           /* where control goes when the branch is not taken */
    uint8_t way_bits;       /**< 1 << way_bits ways */
    struct board_way *ways; /**< few, or memory of their own */
    struct board_way few[1u << BOARD_FEW_WAY_BITS];
    uint16_t observed[BOARD_MAX_OBSERVED]; /**< index of an access | BOARD_OBSERVE_PLACE */
    uint32_t max_words;                    /**< of data that its instructions load and store */
    uint32_t num_slots;
    struct board_slot *slots;
    struct board_memo *memos;
    uint32_t num_memos;
    struct board_block *next;
    uint8_t code[]; /**< [size_bytes], and 4 more */
};

/** The way in which a key's memo is at hand, if it is. */
static inline struct board_way *board_block_way(const struct board_block *b, uint32_t key)
{
    return &b->ways[(key * 2654435761u) >> (32 - b->way_bits)];
}

/** A log of the banks of data accesses, newest at head - 1. */
#define BOARD_BANK_LOG 8192u
struct board_bank_log {
    uint32_t head;
    uint32_t block_start;          /**< head when the block began */
    uint8_t banks[BOARD_BANK_LOG]; /**< bit 2 of the address */
};

/** What is known of the addresses of data. */
struct board_view {
    bool sees_accesses;
    uint32_t
        unaligned_cycles; /**< of a load whose encoding alone tells; 0 where accesses are seen */
    const struct board_bank_log *log; /**< what is seen */
};

/** Everything that has been computed; grows with the program, is forgotten as a whole. */
struct board_blocks;

/** @param view borrowed */
struct board_blocks *board_blocks_create(const struct board_view *view);
void board_blocks_destroy(struct board_blocks *bs);

/** As board_timing_block_get(). */
struct board_block *board_blocks_get(struct board_blocks *bs, uint32_t address, uint32_t size_bytes,
                                     const uint8_t *code, struct board_timing_counters *c);

/** The state with an index; 0 is the drained pipeline. */
const struct board_pipe *board_blocks_state(const struct board_blocks *bs, uint32_t index);

/** The index of a state; forgets everything else when there are too many. NULL memory: 0. */
uint32_t board_blocks_intern(struct board_blocks *bs, const struct board_pipe *state,
                             struct board_timing_counters *c);

/**
 * Issues the first num_slots instructions of a block, from *p.
 * @return whether the last of them stood under an IT
 */
bool board_block_issue(const struct board_block *b, uint32_t num_slots,
                       const struct board_view *view, struct board_pipe *p,
                       struct board_pipe_cost *cost);

/** What its last instruction, a branch, does to the pipeline; key says whether it does. */
void board_block_leave(const struct board_block *b, uint32_t key, bool predicated,
                       struct board_pipe *p, struct board_pipe_cost *cost);

/** Number of instructions that begin before an offset. */
uint32_t board_block_slots_before(const struct board_block *b, uint32_t offset_bytes);

/** The memo for a key, computed now if need be. NULL when out of memory. */
struct board_memo *board_blocks_memo(struct board_blocks *bs, struct board_block *b, uint32_t key,
                                     uint64_t banks, struct board_timing_counters *c);

/** Adds what memos have collected to the counters. */
void board_blocks_collect(struct board_blocks *bs, struct board_timing_counters *c);

/** Adds one cost to the counters. */
void board_cost_add(struct board_timing_counters *c, const struct board_pipe_cost *cost,
                    uint64_t times);

#endif
