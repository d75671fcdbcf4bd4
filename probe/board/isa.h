// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_ISA_H
#define UTVM_BOARD_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/engine.h"

/**
 * The Unicorn engine as a Cortex-M7's instruction set: for engine.c only, which makes blocks,
 * stops and cycles of it. Callbacks come in the middle of translated code; in them only
 * board_isa_reg() and board_isa_stop() may be called.
 */
struct board_isa;
struct uc_struct;

/** Kind of access in board_isa_client.access; the rest are reads. */
#define BOARD_ISA_WRITE 17

struct board_isa_client {
    void *user;
    /** A block of size_bytes at address starts. Unicorn's own signature: this is the hot path. */
    void (*block)(struct uc_struct *uc, uint64_t address, uint32_t size_bytes, void *user);
    /** Every load and store, when asked for; Unicorn's own signature. */
    void (*access)(struct uc_struct *uc, int kind, uint64_t address, int size_bytes, int64_t value,
                   void *user);
    /** While careful: before each instruction. */
    void (*instruction)(void *user, uint32_t address, uint32_t size_bytes);
    /** The block at address was translated anew. */
    void (*translated)(void *user, uint32_t address);
    /**
     * SVC, BKPT, EXC_RETURN, NO_COPROC, FETCH, READ_FAULT or WRITE_FAULT; address of the access.
     * After a fault of a conditional store the rest of its block executes all the same, so that
     * further events may follow the first.
     */
    void (*event)(void *user, enum board_stop_kind kind, uint32_t address);
    uint32_t (*io_read)(void *user, uint32_t addr, unsigned size_bytes);
    void (*io_write)(void *user, uint32_t addr, unsigned size_bytes, uint32_t value);
    void (*rom_write)(void *user, uint32_t addr, unsigned size_bytes, uint32_t value);
};

/** @param accesses whether client->access sees every load and store from the start */
struct board_isa *board_isa_create(const struct board_isa_client *client, bool accesses,
                                   const char **error);
void board_isa_destroy(struct board_isa *isa);

bool board_isa_map(struct board_isa *isa, uint32_t addr, uint32_t size_bytes, void *host,
                   bool writable);
bool board_isa_map_io(struct board_isa *isa, uint32_t addr, uint32_t size_bytes);

/** Numbers of enum board_reg. */
uint32_t board_isa_reg(const struct board_isa *isa, unsigned reg);
void board_isa_set_reg(struct board_isa *isa, unsigned reg, uint32_t value);

/** Addresses before which execution ends; takes effect with translations made after the call. */
void board_isa_set_exits(struct board_isa *isa, const uint32_t *addrs, size_t count);

/** Drops the translations of [start, end). */
void board_isa_forget(struct board_isa *isa, uint64_t start, uint64_t end);

/** Shows instructions and accesses; for translations made after the call. */
void board_isa_set_careful(struct board_isa *isa, bool on);

/** Shows accesses, if nothing else does; for translations made after the call. */
void board_isa_show_accesses(struct board_isa *isa, bool on);

/** Stores over all protection; while stopped. */
void board_isa_store(struct board_isa *isa, uint32_t addr, const void *bytes, uint32_t size_bytes);

/** Whether the core runs privileged code; in callbacks, too. */
bool board_isa_is_privileged(const struct board_isa *isa);

/** What board_isa_start() came back for, as far as no event has told. */
enum board_isa_end {
    BOARD_ISA_END,         /**< an exit, a stop, WFI, or an event */
    BOARD_ISA_END_INVALID, /**< an undefined instruction at the PC; WFE or YIELD before it */
};

/** Executes from the PC until something ends it. */
enum board_isa_end board_isa_start(struct board_isa *isa);

/** Ends execution, before the block or instruction whose callback calls it. */
void board_isa_stop(struct board_isa *isa);

#endif
