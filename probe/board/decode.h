// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_DECODE_H
#define UTVM_BOARD_DECODE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * A Thumb-2 instruction as the pipeline model sees it: what it reads and in which stage, what it
 * writes and when that is ready, which units it occupies. Everything follows from the instruction's
 * encoding alone, so equal encodings share one record; what depends on the place (an IT block, a
 * PC-relative address) the pipeline adds.
 *
 * Sources of the classification: the facts measured by jnk0le on an STM32H743 (github.com/jnk0le/
 * random, cortex_m7.md), LLVM's ARMScheduleM7.td where those are silent, and the Armv7-M ARM,
 * chapter A7, for what an instruction reads and writes.
 */

/** The stage in which an operand is needed. */
enum board_stage {
    BOARD_STAGE_LATE,         /**< EX2: the ordinary ALU */
    BOARD_STAGE_EARLY,        /**< EX1: its shifter */
    BOARD_STAGE_EARLY_ADD,    /**< EX1: its adder; asked only, an add that misses it runs late */
    BOARD_STAGE_BESIDE_SHIFT, /**< EX2: the unshifted operand of a shifted operation */
    BOARD_STAGE_MULTIPLICAND,
    BOARD_STAGE_ACCUMULATOR, /**< EX3 */
    BOARD_STAGE_STORE,       /**< EX4: store data */
    BOARD_STAGE_ADDRESS,     /**< EX1: address generation */
    BOARD_STAGE_INDEX,       /**< EX1: the index register of an address */
    BOARD_STAGE_LIST,        /**< a cycle before EX1: the address of a list of registers */
    BOARD_STAGE_TO_FP,       /**< a core register that moves to an FP register */
    BOARD_STAGE_FP_OPERAND,
    BOARD_STAGE_FP_MULTIPLICAND, /**< of a multiply-accumulate */
    BOARD_STAGE_FP_FMA_SUM,
    BOARD_STAGE_FP_MLA_SUM,
    BOARD_STAGE_FP_STORE,
    BOARD_STAGE_FP_MOVE,    /**< FP register to FP register */
    BOARD_STAGE_FP_TO_CORE, /**< FP register to core register */
    BOARD_NUM_STAGES,
};

/** What kind of instruction produced a register's value. */
enum board_kind {
    BOARD_KIND_READY, /**< long ago */
    BOARD_KIND_LATE,
    BOARD_KIND_EARLY,
    BOARD_KIND_BASE, /**< base register write-back */
    BOARD_KIND_LOAD_WORD,
    BOARD_KIND_LOAD_NARROW,
    BOARD_KIND_MULTIPLY,
    BOARD_KIND_EXTEND,
    BOARD_KIND_SATURATE,
    BOARD_KIND_REVERSE,
    BOARD_KIND_FP_ARITH,
    BOARD_KIND_FP_FMA,
    BOARD_KIND_FP_MLA,
    BOARD_KIND_FP_LOAD,
    BOARD_KIND_FP_MOVE,
    BOARD_KIND_FP_DIVIDE,
    BOARD_NUM_KINDS,
};

/** Units and restrictions that decide about pairing. */
enum board_use {
    BOARD_USE_LOAD = 1u << 0,
    BOARD_USE_STORE = 1u << 1,
    BOARD_USE_MAC = 1u << 2,
    BOARD_USE_BRANCH = 1u << 3,
    BOARD_USE_FP_ARITH = 1u << 4,
    BOARD_USE_FP_MAC = 1u << 5,
    BOARD_USE_FP_TRANSFER = 1u << 6, /**< VLDR, VSTR, VMOV */
    BOARD_USE_SHIFT = 1u << 7,       /**< a plain shift */
    BOARD_USE_SHIFTED = 1u << 8,     /**< a shifted operand or a shifted constant */
    BOARD_USE_BITS = 1u << 9,        /**< bit field and DSP operations in the EX1 shifter */
    BOARD_USE_OLDER_ONLY = 1u << 10,
    BOARD_USE_ALONE = 1u << 11,
    BOARD_USE_ANY = 1u << 12, /**< set for each instruction */
    BOARD_USE_FP_CONSTANT = 1u << 13,
    BOARD_USE_FP_NOT_AFTER_MAC = 1u << 14, /**< not in the cycles after a multiply-accumulate */
};

/** Which instructions may run in EX1, one stage early. */
enum board_early {
    BOARD_EARLY_NEVER,
    BOARD_EARLY_ADD,   /**< add, sub, mov: from the older slot */
    BOARD_EARLY_SHIFT, /**< plain shifts: from either slot */
};

enum board_branch {
    BOARD_BRANCH_NONE,
    BOARD_BRANCH_DIRECT,
    BOARD_BRANCH_CONDITIONAL,
    BOARD_BRANCH_INDIRECT,
};

/** Registers: 0 to 14 core, BOARD_REG_FP0 + n for Sn. The PC is never an operand. */
#define BOARD_REG_FP0 16u
#define BOARD_NUM_REGS 48u
#define BOARD_NO_BASE 255u
#define BOARD_BASE_PC 15u
#define BOARD_ACCESSES_UNKNOWN 255u
#define BOARD_MAX_SOURCES 36u
#define BOARD_MAX_RESULTS 36u

struct board_source {
    uint8_t reg;
    uint8_t stage;
};

struct board_result {
    uint8_t reg;
    uint8_t kind;
    uint8_t age; /**< cycles that it has been ready for when the instruction's last cycle issues */
};

struct board_insn {
    uint32_t encoding; /**< first halfword in the upper half when it is 4 bytes long */
    uint8_t length;
    uint8_t cycles;        /**< that it occupies the issue stage, at least 1 */
    uint8_t divide_cycles; /**< of them, in the divider or the square root unit */
    uint8_t early;
    uint8_t branch;
    bool synchronises; /**< ISB: what follows is fetched anew */
    uint8_t it_count;  /**< IT: how many instructions follow under it */
    bool sets_flags;
    bool slow_flags;   /**< they are ready a cycle later than those of an ALU operation */
    bool narrow_flags; /**< a 16-bit ALU operation: sets no flags inside an IT block */
    bool reads_flags;
    bool even_words;      /**< stores an even number of words, two a cycle if aligned to both */
    uint8_t num_accesses; /**< data accesses, or BOARD_ACCESSES_UNKNOWN */
    uint8_t base;         /**< of a load or store whose offset is constant, else BOARD_NO_BASE */
    bool moves_base;      /**< and it writes the base back */
    bool unaligned;       /**< a load that is not aligned if its base is aligned to a word */
    int32_t offset;
    uint16_t uses;
    uint8_t num_sources;
    uint8_t num_results;
    struct board_source sources[BOARD_MAX_SOURCES];
    struct board_result results[BOARD_MAX_RESULTS];
};

/** The disassembler's handle; no global state. */
struct board_decoder;

struct board_decoder *board_decoder_create(void);
void board_decoder_destroy(struct board_decoder *d);

/**
 * Classifies the instruction at code. An encoding that is no instruction becomes one that issues
 * alone in a cycle of its own.
 * @param code 4 readable bytes for a wide instruction, 2 for a narrow one
 */
void board_decode(struct board_decoder *d, const uint8_t *code, struct board_insn *insn);

#endif
