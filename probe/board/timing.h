// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_TIMING_H
#define UTVM_BOARD_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/machine.h"

/**
 * How many cycles code takes. The engine tells the model which blocks of straight-line code
 * execute, in order; the model answers with cycles and keeps the breakdown.
 *
 * A block is what the engine translated at one go: it ends at a branch, but also at a page border,
 * after a few hundred instructions, or before a breakpoint. Splitting code differently must not
 * change a total: a program that is single-stepped (every block one instruction) must come to the
 * same CYCCNT as one that runs freely. So everything that spans instructions is state of the
 * model, carried from block to block.
 */
struct board_timing;

/** Where cycles went; together they are all cycles. */
enum board_cycle_kind {
    BOARD_CYCLES_ISSUE, /**< an instruction was issued, or one of several cycles occupied the stage
                         */
    BOARD_CYCLES_DEPENDENCY, /**< waiting for an operand or a unit */
    BOARD_CYCLES_MISPREDICT, /**< refilling the pipeline after a wrong prediction */
    BOARD_CYCLES_CODE_FILL,  /**< waiting for instructions */
    BOARD_CYCLES_DATA_FILL,  /**< waiting for data: D-cache fills, write misses */
    BOARD_CYCLES_UNALIGNED,  /**< second accesses of unaligned loads and stores */
    BOARD_CYCLES_DIVIDE,     /**< in the divider and the square root unit */
    BOARD_CYCLES_SYSTEM,     /**< exception entry and return, sleep */
    BOARD_CYCLES_KINDS,
};

/** Running totals since creation. */
struct board_timing_counters {
    uint64_t cycles[BOARD_CYCLES_KINDS];
    uint64_t instructions;
    uint64_t
        folded; /**< instructions that were issued beside an older one, in no cycle of their own */
};

/**
 * One translated block. The head is read by the engine in its hot path; a model puts more behind
 * it. A block lives as long as its model.
 */
struct board_timing_block {
    uint32_t address;
    uint32_t size_bytes;
    uint32_t num_insns;
    unsigned flags; /**< union of enum board_thumb_flag over its instructions */
};

/**
 * @param profile_path device profile file, NULL = the STM32F746 built in; ignored by COUNT
 * @return NULL with a message for a person in *error (static storage, until the next call)
 */
struct board_timing *board_timing_create(enum board_timing_mode mode, const char *profile_path,
                                         const char **error);
void board_timing_destroy(struct board_timing *t);

/** The mode it was created with. */
enum board_timing_mode board_timing_mode_of(const struct board_timing *t);

/** True when board_timing_access() wants to see every data access (this halves the speed). */
bool board_timing_wants_accesses(const struct board_timing *t);

/**
 * The block at [address, address + size_bytes), decoded now or earlier. Called once whenever the
 * engine meets a block it has no handle for, or whose code may have changed: the model compares
 * the bytes with those it decoded and decodes again, in place, when they differ.
 * @param code its bytes, borrowed for the call; NULL when the memory is not plain memory
 * @return the same pointer for the same address and size; NULL when out of memory
 */
struct board_timing_block *board_timing_block_get(struct board_timing *t, uint32_t address,
                                                  uint32_t size_bytes, const uint8_t *code);

/**
 * The block has executed to its end and control goes to next (a taken branch when that is not
 * address + size_bytes). Adds to the counters, moves the carried state on.
 * @return cycles it took; includes what board_timing_access() noted since the last retire
 */
uint32_t board_timing_retire(struct board_timing *t, struct board_timing_block *block,
                             uint32_t next);

/**
 * The block was left before the instruction at offset_bytes (a fault, a watchpoint). Counts the
 * instructions before it, as retire would have.
 * @param offset_bytes an instruction boundary, 0 to size_bytes exclusive
 */
uint32_t board_timing_retire_prefix(struct board_timing *t, struct board_timing_block *block,
                                    uint32_t offset_bytes);

/**
 * Cycles from the block's start until the instruction at offset_bytes issues, changing nothing:
 * what a read of CYCCNT by that instruction has to add. Must agree with what retiring the block
 * in two pieces would have counted.
 */
uint32_t board_timing_prefix(const struct board_timing *t, const struct board_timing_block *block,
                             uint32_t offset_bytes);

/**
 * The most that the block's data accesses can wait, as far as that is known only once they happen;
 * 0 when accesses are not wanted.
 */
uint32_t board_timing_data_bound(const struct board_timing *t,
                                 const struct board_timing_block *block);

/**
 * The last instruction before offset_bytes that writes a core register.
 * @param reg 0 to 14
 * @param writer its offset in the block
 * @return false when none does; then *writer is untouched
 */
bool board_timing_last_writer(const struct board_timing_block *block, uint32_t offset_bytes,
                              unsigned reg, uint32_t *writer);

/** One data access by the core, in execution order; only called when wanted. */
void board_timing_access(struct board_timing *t, uint32_t addr, unsigned size_bytes, bool is_write);

/**
 * Exception entry or return, or sleep: the pipeline drains (carried operand latencies are over; the
 * predictor and the caches keep what they know) and cycles are added to BOARD_CYCLES_SYSTEM.
 */
void board_timing_system(struct board_timing *t, uint64_t cycles);

/** System reset: carried state, predictor and caches as after power-on; counters stay. */
void board_timing_reset(struct board_timing *t);

/**
 * CCR.IC and CCR.DC were written by the core. The D-cache is switched at once, the I-cache when
 * instructions are next fetched anew: after a branch, an ISB or an exception.
 */
void board_timing_set_caches(struct board_timing *t, bool icache, bool dcache);

/** The I-cache was invalidated as a whole (ICIALLU); takes effect like switching it. */
void board_timing_invalidate_icache(struct board_timing *t);

/** A D-cache line operation by address (is_clean: written back; is_invalidate: dropped). */
void board_timing_dcache_line(struct board_timing *t, uint32_t addr, bool is_invalidate);

/**
 * Everything that earlier code leaves to later code and that decides how long it takes: pipeline,
 * predictor, caches. Counters and time are no part of it. Saving and restoring are for a core that
 * stands still; what was saved is good for this model only.
 */
size_t board_timing_state_bytes(void);
/** @param to board_timing_state_bytes() bytes of any alignment */
void board_timing_save(const struct board_timing *t, void *to);
void board_timing_restore(struct board_timing *t, const void *from);

/** Totals up to now; the pointer stays the same, what it points to is brought up to date. */
const struct board_timing_counters *board_timing_counters(struct board_timing *t);

#endif
