// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_ENGINE_H
#define UTVM_BOARD_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/timing.h"

/**
 * The instruction set of a Cortex-M7, executed by Unicorn, and nothing else: no exceptions, no
 * debug state, no devices. It runs until something happens that the machine has to act upon and
 * says what. Registers are exact whenever it is stopped.
 *
 * Callbacks run in the middle of a block of translated code: they may read memory and ask for the
 * cycle count, but must neither write registers nor call anything of this header other than
 * board_engine_interrupt(), board_engine_now() and board_engine_access_now().
 */
struct board_engine;

enum board_reg {
    BOARD_REG_R0 = 0,
    BOARD_REG_R12 = 12,
    BOARD_REG_SP = 13, /**< the one in use */
    BOARD_REG_LR = 14,
    BOARD_REG_PC = 15,
    BOARD_REG_XPSR = 16,
    BOARD_REG_MSP = 17,
    BOARD_REG_PSP = 18,
    BOARD_REG_PRIMASK = 19,
    BOARD_REG_BASEPRI = 20,
    BOARD_REG_FAULTMASK = 21,
    BOARD_REG_CONTROL = 22, /**< nPRIV, SPSEL, FPCA */
    BOARD_REG_FPSCR = 23,
    BOARD_REG_S0 = 64, /**< to S31 = 95 */
};

#define BOARD_CONTROL_BITS 7u /**< of CONTROL, that a Cortex-M7 has; MRS may read one more */

/** What the engine asks of the machine. */
struct board_engine_client {
    void *user;
    /** A load from or store to a range mapped with board_engine_map_io(). */
    uint32_t (*io_read)(void *user, uint32_t addr, unsigned size_bytes);
    void (*io_write)(void *user, uint32_t addr, unsigned size_bytes, uint32_t value);
    /** A store to memory mapped read-only; the engine then stores value by itself. */
    void (*rom_write)(void *user, uint32_t addr, unsigned size_bytes, uint32_t value);
    /** While careful: every data access; true stops after the instruction. */
    bool (*watch)(void *user, uint32_t addr, unsigned size_bytes, bool is_write);
    /** While guarding: an access, and the fetch of an instruction, that may be denied. */
    bool (*allows)(void *user, uint32_t addr, unsigned size_bytes, bool is_write);
    bool (*executes)(void *user, uint32_t addr);
    /** Host address of size_bytes of plain memory at addr, or NULL. */
    const uint8_t *(*memory)(void *user, uint32_t addr, uint32_t size_bytes);
};

enum board_stop_kind {
    BOARD_STOP_BLOCK,  /**< deadline, interrupt or unmasking, at a block border */
    BOARD_STOP_NEAR,   /**< before a block in the middle of which the event becomes due */
    BOARD_STOP_FP,     /**< before a block that uses the FPU, while that is watched for */
    BOARD_STOP_EXIT,   /**< pc is one of the exits, its instruction not executed */
    BOARD_STOP_TRAP,   /**< before a block of addr bytes that holds a trapping instruction */
    BOARD_STOP_DENIED, /**< pc at a load or store that allows() denies, addr = what it touched */
    BOARD_STOP_NO_EXECUTE,  /**< executes() denies the instruction at pc */
    BOARD_STOP_STORED,      /**< pc behind a store that has called board_engine_interrupt() */
    BOARD_STOP_WATCH,       /**< watch() said so; pc is the next instruction */
    BOARD_STOP_UNALIGNED,   /**< pc at a load or store that is not aligned */
    BOARD_STOP_SVC,         /**< pc after it */
    BOARD_STOP_BKPT,        /**< pc at it */
    BOARD_STOP_EXC_RETURN,  /**< a value of 0xF0000000 and more in the PC; pc = it, bit 0 clear */
    BOARD_STOP_WFI,         /**< pc after it */
    BOARD_STOP_WFE,         /**< pc after it */
    BOARD_STOP_UNDEFINED,   /**< pc at it */
    BOARD_STOP_NO_COPROC,   /**< pc at it */
    BOARD_STOP_FETCH,       /**< no instruction could be fetched at pc */
    BOARD_STOP_READ_FAULT,  /**< pc at the load, addr = what it read */
    BOARD_STOP_WRITE_FAULT, /**< pc at the store */
};

struct board_stop {
    enum board_stop_kind kind;
    uint32_t pc;
    uint32_t addr;
    unsigned flags; /**< board_thumb_flags of the block, or part of it, that was executed last */
};

/** @return NULL with a static message in *error; timing is borrowed and must outlive the engine */
struct board_engine *board_engine_create(const struct board_engine_client *client,
                                         struct board_timing *timing, const char **error);
void board_engine_destroy(struct board_engine *e);

/** Maps host memory, page-aligned (4 KB); false when the engine refuses. */
bool board_engine_map(struct board_engine *e, uint32_t addr, uint32_t size_bytes, void *host,
                      bool writable);
bool board_engine_map_io(struct board_engine *e, uint32_t addr, uint32_t size_bytes);

/** Registers are those of a privileged observer, whatever the core's mode. */
uint32_t board_engine_reg(const struct board_engine *e, unsigned reg);
void board_engine_set_reg(struct board_engine *e, unsigned reg, uint32_t value);

/** Addresses before which execution stops; replaces the earlier list. */
void board_engine_set_exits(struct board_engine *e, const uint32_t *addrs, size_t count);

/** Somebody other than the core wrote to memory: forget translations of that code. */
void board_engine_forget(struct board_engine *e, uint32_t addr, uint32_t size_bytes);

/**
 * Executes until a stop or, at a block border, until now() reaches deadline (cycles). Never
 * executes past the first instruction at whose end now() reaches event, so that an interrupt
 * comes at the same instruction however the code is cut into blocks; a block that would is left to
 * board_engine_step() by BOARD_STOP_NEAR.
 */
void board_engine_run(struct board_engine *e, uint64_t deadline, uint64_t event,
                      struct board_stop *stop);

/** Executes one instruction, an exit at it ignored; BLOCK when nothing special happened. */
void board_engine_step(struct board_engine *e, struct board_stop *stop);

/**
 * Makes a running engine stop: behind the instruction when a store calls it, so that what the
 * store has made pending comes in time, else at the next block border.
 */
void board_engine_interrupt(struct board_engine *e);

/** While set, the engine also stops after a block that may have unmasked exceptions. */
void board_engine_watch_masks(struct board_engine *e, bool on);

/** While set, a run stops before blocks that use the FPU. Costs a look at each border. */
void board_engine_watch_fp(struct board_engine *e, bool on);

/**
 * Guarding: accesses are put before allows(), which halves the speed and costs a retranslation of
 * everything when it is switched; fetches before executes(), block by block.
 */
void board_engine_guard(struct board_engine *e, bool accesses, bool fetches);

/** Skips the instruction at the PC: it counts as a cycle and does nothing. */
void board_engine_skip(struct board_engine *e);

/** Kinds of instructions (board_thumb_flag) whose blocks are announced by BOARD_STOP_TRAP. */
void board_engine_set_traps(struct board_engine *e, unsigned flags);

/**
 * Careful execution: every data access is shown to watch(), or unaligned accesses stop. Three
 * times slower, and each change costs a retranslation of everything.
 */
void board_engine_set_careful(struct board_engine *e, bool watch, bool alignment);

/**
 * Cycles since creation: exact in the middle of a block for the access that addr and is_write
 * describe, when called from its callback.
 */
uint64_t board_engine_access_now(struct board_engine *e, uint32_t addr, bool is_write);
/** Address of the instruction of that access, likewise; of its block when it cannot be told. */
uint32_t board_engine_access_pc(struct board_engine *e, uint32_t addr, bool is_write);
/** Cycles since creation, when stopped; inside a callback those of the block's start. */
uint64_t board_engine_now(const struct board_engine *e);
uint64_t board_engine_instructions(const struct board_engine *e);

/** Adds cycles in which no instruction executes: exception entry, sleep. */
void board_engine_add_cycles(struct board_engine *e, uint64_t cycles);

#endif
