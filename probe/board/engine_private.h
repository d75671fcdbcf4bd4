// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_ENGINE_PRIVATE_H
#define UTVM_BOARD_ENGINE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/engine.h"
#include "probe/board/isa.h"

/**
 * What engine.c (blocks, stops, cycles), engine_access.c (which instruction accesses memory) and
 * engine_control.c (exits, steps, stale translations) share.
 */

#define BOARD_ENGINE_SLOTS 32768u
#define BOARD_ENGINE_MAX_EXITS 512u
#define BOARD_ENGINE_GRANULE_BITS 10u // the engine never translates over a 1 KB border
#define BOARD_ENGINE_NO_ADDRESS 0xFFFFFFFFu
#define BOARD_ENGINE_XPSR_IT 0x0600FC00u

/** What is known of the block at an address. */
struct board_engine_slot {
    uint32_t address;
    uint32_t size_bytes;
    struct board_timing_block *block;
};

/** The core as it was when an access faulted. */
struct board_engine_fault {
    bool valid;
    bool located;
    uint32_t offset; // of the accessing instruction in its block
    uint32_t pc;
    uint32_t regs[BOARD_REG_LR + 1];
    uint32_t xpsr;
    uint32_t fpscr;
    uint32_t s[32];
    bool has_special; // what a denied access also keeps
    uint32_t special[4];
};

/** Bytes that a store behind a denied access is about to overwrite. */
struct board_engine_undo {
    uint32_t addr;
    uint32_t size_bytes; // at most 8
    uint8_t old[8];
};
// No block stores more than 16 words with each of its instructions.
#define BOARD_ENGINE_MAX_UNDO ((size_t)512 * 16)

struct board_engine {
    struct board_isa *isa;
    struct board_engine_client client;
    struct board_timing *timing;
    // The hot path: everything a block border touches.
    uint64_t cycles;
    uint64_t look_at; // from this cycle on a block border has to look closer
    uint64_t deadline;
    uint64_t event;
    uint64_t instructions;
    struct board_timing_block *current; // being executed; NULL between blocks
    unsigned stop_after;                // board_thumb_flags of a block that ends the run
    uint32_t border_pc;
    uint32_t cursor; // offset in current behind the last access whose instruction is known
    bool fresh;      // first block of a run: its code may have changed unseen
    bool stepping;
    bool timed; // the timing model sees accesses
    bool careful;
    bool watching;
    bool checks_alignment;
    bool watch_hit;
    bool watches_fp;
    bool guards_accesses;
    bool guards_fetches;
    bool slots_stale;
    bool stop_known;
    unsigned trap_flags;
    struct board_stop stop;
    struct board_engine_fault fault;
    struct board_engine_undo undo[BOARD_ENGINE_MAX_UNDO];
    size_t num_undo;
    uint32_t exits[BOARD_ENGINE_MAX_EXITS];
    size_t num_exits;
    uint8_t *executed; // bit per granule: has been translated from
    struct board_engine_slot slots[BOARD_ENGINE_SLOTS];
};

/** Says why the engine is about to stop. */
void board_engine_note_stop(struct board_engine *e, enum board_stop_kind kind, uint32_t addr);
/** One start of the engine; false when it stopped for nothing and should go on. */
bool board_engine_start(struct board_engine *e);
/** True when address is one of the exits. */
bool board_engine_is_exit(const struct board_engine *e, uint32_t address);
/** Drops the translations of [first, end) and those of no length that begin at an exit in it. */
void board_engine_forget_around(struct board_engine *e, uint32_t first, uint32_t end);
/** Core register n, in the form of board_thumb_reg_fn; user is the engine. */
uint32_t board_engine_core_reg(void *user, unsigned n);
/**
 * The store to addr that is executing has nothing left to do, and the engine can stop behind it: it
 * is known which one it is, it is the last word of a transfer, writes no base register, and is not
 * conditional.
 */
bool board_engine_is_store_done(struct board_engine *e, uint32_t addr, uint32_t *next);
/** Keeps the registers and the place of a load or store that has just faulted. */
void board_engine_save_fault(struct board_engine *e, uint32_t addr, bool is_load);
/** A guarded access, before it happens: denies it, or remembers what it overwrites. */
void board_engine_guard_access(struct board_engine *e, uint32_t addr, unsigned size_bytes,
                               bool is_write);
/** Puts the core back to it, once stopped. @return the address of the instruction */
uint32_t board_engine_restore_fault(struct board_engine *e, uint32_t stop_pc);
/** Makes ITSTATE right for a stop in the middle of a block, at pc. */
void board_engine_settle_it(struct board_engine *e, uint32_t pc);
/** The instruction at pc, about to execute, is a load or store that is not aligned. */
bool board_engine_is_unaligned(struct board_engine *e, uint32_t pc, uint32_t size_bytes);

#endif
