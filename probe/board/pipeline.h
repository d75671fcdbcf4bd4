// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_PIPELINE_H
#define UTVM_BOARD_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/board/decode.h"
#include "probe/board/timing.h"

/**
 * The Cortex-M7's issue stage: in order, two slots a cycle, operands forwarded between stages.
 * A state is all that earlier instructions leave to later ones; instructions go through one by
 * one, so that any split of a program into blocks comes to the same sum. Caches and predictor are
 * elsewhere: a wait for memory stops the whole pipeline and is simply added.
 */

/** Stores that a load of the same doubleword may have to wait for: at most one issues a cycle. */
#define BOARD_MAX_STORES 4u
/** Cycles from a store until a load of the same doubleword may issue. */
#define BOARD_STORE_TO_LOAD 4u

/** A store on its way to memory, where it goes relative to a register that has kept its value. */
struct board_pipe_store {
    uint8_t base;  /**< register + 1; 0 = none */
    uint8_t age;   /**< cycles since its issue, below BOARD_STORE_TO_LOAD */
    int16_t first; /**< doublewords from the base on, which counts as aligned to one */
    int16_t last;
};

/**
 * Code comes in aligned packets of 8 bytes, one a cycle, into a queue of four. Source: Cortex-M7
 * TRM, section 2.1, Prefetch Unit.
 */
#define BOARD_PACKET_BYTES 8u
#define BOARD_QUEUE 4
/** Cycles after an FP multiply-accumulate in which some of the FP unit is taken. */
#define BOARD_AFTER_MAC 3u

/** Bytes are compared and hashed: no padding, every field in its smallest form. */
struct board_pipe {
    /** enum board_kind << 4 | written under an IT << 3 | cycles since its issue; 0 = ready */
    uint8_t regs[BOARD_NUM_REGS];
    uint16_t older_uses; /**< of the instruction in the open cycle's older slot; 0 = full */
    uint8_t older_base;  /**< of a load there; BOARD_NO_BASE when it does not matter */
    uint8_t older_bank;  /**< its bank, relative to the base */
    uint8_t flags_age;   /**< cycles since the flags were set, up to BOARD_FLAGS_EARLY */
    uint8_t flags_slow;  /**< they come a cycle late */
    uint8_t it_left;     /**< instructions that stand under an IT yet */
    uint8_t collide;     /**< the next pair of loads with unknown banks collides */
    uint8_t blurred;     /**< accesses since the last branch cannot be told from their order */
    uint8_t older_shifts_late; /**< the older slot's plain shift has the shifter of EX2 */
    int8_t fetched;   /**< cycles since the code before came, BOARD_QUEUE at most; below 0: yet to
                         come */
    uint8_t diverted; /**< what comes next has to be fetched apart from what came before */
    uint8_t mac_age;  /**< cycles since an FP multiply-accumulate, up to BOARD_AFTER_MAC + 1 */
    uint8_t mac_kind; /**< its kind: enum board_kind */
    struct board_pipe_store stores[BOARD_MAX_STORES]; /**< oldest first */
};

/** Cycles after which the flags are early enough for the short penalty of a wrong prediction. */
#define BOARD_FLAGS_EARLY 3u
#define BOARD_PENALTY_LATE_FLAGS 8u
#define BOARD_PENALTY_EARLY_FLAGS 6u

struct board_pipe_cost {
    uint32_t cycles;
    uint32_t issue;
    uint32_t dependency;
    uint32_t mispredict;
    uint32_t divide;
    uint32_t fetch;
    uint32_t unaligned;
    uint32_t folded;
    uint32_t instructions;
};

/** Whether the two latest data accesses went to the same 32-bit bank of a 64-bit memory. */
enum board_banks {
    BOARD_BANKS_UNKNOWN,
    BOARD_BANKS_SAME,
    BOARD_BANKS_DIFFERENT,
};

/** What the place adds to an encoding. */
struct board_pipe_place {
    uint32_t address;
    enum board_banks banks; /**< of this load and the instruction before, when seen */
    bool odd_word;          /**< its first access is no multiple of 8 bytes, when seen */
    bool sees_accesses;     /**< memory mode: the addresses of data accesses are known */
    uint32_t
        unaligned_cycles; /**< what a load costs more whose encoding says that it is unaligned */
};

/** Empty pipeline, every operand ready. */
void board_pipe_drain(struct board_pipe *p);

/** Issues one instruction and adds what it costs. */
void board_pipe_issue(struct board_pipe *p, const struct board_insn *insn,
                      const struct board_pipe_place *place, struct board_pipe_cost *cost);

/** The branch issued last was taken: fetching goes on at its target. */
void board_pipe_divert(struct board_pipe *p);

/** True when a branch depends on flags: a conditional one, or any under an IT. */
static inline bool board_branch_on_flags(const struct board_insn *branch, bool predicated)
{
    return predicated || (branch->branch == BOARD_BRANCH_CONDITIONAL && branch->num_sources == 0);
}

/**
 * The branch issued last was predicted wrongly.
 * @param on_flags it depends on flags, not on a register; then the outcome may be known early
 */
void board_pipe_mispredict(struct board_pipe *p, bool on_flags, struct board_pipe_cost *cost);

#endif
