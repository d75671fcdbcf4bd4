// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_THUMB_H
#define UTVM_BOARD_THUMB_H

#include <stdbool.h>
#include <stdint.h>

/**
 * What the machine itself has to know about Thumb-2 instructions: their length, which of them can
 * trap where the execution engine does not, and which address a load or store goes to. Nothing
 * here costs time; timing decodes for itself.
 * Source: Armv7-M ARM, chapters A5 (encodings) and A7 (instructions).
 */

/** Properties of one instruction; a block's are the union of its instructions'. */
enum board_thumb_flag {
    BOARD_THUMB_FP = 1u << 0,   /**< needs coprocessors 10 and 11 */
    BOARD_THUMB_DIV = 1u << 1,  /**< SDIV or UDIV */
    BOARD_THUMB_MASK = 1u << 2, /**< CPS or MSR: may unmask an exception */
    BOARD_THUMB_WFI = 1u << 3,
    BOARD_THUMB_WFE = 1u << 4,
    BOARD_THUMB_SEV = 1u << 5,
    BOARD_THUMB_CONTROL = 1u << 6, /**< MRS of CONTROL */
};

/** Reads core register n (0 to 15; 15 is never asked for). */
typedef uint32_t board_thumb_reg_fn(void *user, unsigned n);

/** A data access of one instruction: [addr, addr + size_bytes). */
struct board_thumb_access {
    uint32_t addr;
    uint32_t size_bytes;
    bool is_load;
};

/** Little-endian halfword at p. */
uint16_t board_thumb_half(const uint8_t *p);

/** Length in bytes, 2 or 4, of the instruction whose first halfword is given. */
unsigned board_thumb_length(uint16_t first);

/** Flags of the instruction at code (4 readable bytes when it is a wide one). */
unsigned board_thumb_flags(const uint8_t *code);

/** Number of instructions in size_bytes of straight-line code, and the union of their flags. */
uint32_t board_thumb_scan(const uint8_t *code, uint32_t size_bytes, unsigned *flags);

/**
 * The memory access of the instruction at code, were it to execute with the registers that reg
 * reads.
 * @param pc address of the instruction
 * @return false when it accesses no memory; then *access is untouched
 */
bool board_thumb_data_access(const uint8_t *code, uint32_t pc, board_thumb_reg_fn *reg, void *user,
                             struct board_thumb_access *access);

/** Reads a word of the program's memory; false where there is none. */
typedef bool board_thumb_word_fn(void *user, uint32_t addr, uint32_t *value);

/** What an instruction leaves in its destination register whatever the core's registers are. */
struct board_thumb_constant {
    uint32_t mask; /**< the bits that are known */
    uint32_t value;
};

/**
 * The constant that the instruction at code sets its destination to.
 * @return false when it is none, or none that can be told; then *constant is untouched
 */
bool board_thumb_constant(const uint8_t *code, uint32_t pc, board_thumb_word_fn *word, void *user,
                          struct board_thumb_constant *constant);

/** True when the load or store at code also writes its base register. */
bool board_thumb_moves_base(const uint8_t *code);

/** ITSTATE as it stands in xPSR, and back. */
uint8_t board_thumb_it(uint32_t xpsr);
uint32_t board_thumb_xpsr_it(uint8_t it);

/** ITSTATE after the instruction at code executed with ITSTATE it. */
uint8_t board_thumb_next_it(const uint8_t *code, uint8_t it);

/** True when a condition field (0 to 15) holds with the flags of xpsr. */
bool board_thumb_condition(unsigned cond, uint32_t xpsr);

#endif
