// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_PREDICTOR_H
#define UTVM_BOARD_PREDICTOR_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The branch predictor: gshare with 10 bits of history and 4096 two-bit counters, which came
 * nearest to silicon among the usual schemes, a longer memory for the ends of loops, and the last
 * target of each indirect branch. The real one is not published. That it foresees the end of a loop
 * that turned as often the times before, follows from published counts: the loops of 13, 18 and 26
 * turns of jnk0le/cortexm-AES (CM7_details.md, README.md) cost nothing beyond their instructions.
 * How long a loop may be is not published either; here it is 64 turns.
 */
#define BOARD_PREDICTOR_HISTORY_BITS 10u
#define BOARD_PREDICTOR_COUNTERS 4096u
#define BOARD_PREDICTOR_TARGETS 1024u
#define BOARD_PREDICTOR_ENDS 256u
#define BOARD_PREDICTOR_SHORTEST 8u /**< runs that are shorter are for the counters alone */
#define BOARD_PREDICTOR_LONGEST 64u
#define BOARD_PREDICTOR_SURE 3u /**< ends at one length after which the next is foreseen */

/** A branch that ended a run of equal outcomes. */
struct board_predictor_end {
    uint32_t branch;
    uint16_t run;   /**< length of the run that it ended last */
    uint16_t times; /**< how often in a row it was that long, up to BOARD_PREDICTOR_SURE */
};

struct board_predictor {
    uint64_t past;                              /**< outcomes, the newest in bit 0, 1 = taken */
    uint8_t counters[BOARD_PREDICTOR_COUNTERS]; /**< 0 and 1 predict not taken, 2 and 3 taken */
    struct board_predictor_end ends[BOARD_PREDICTOR_ENDS];
    struct {
        uint32_t branch;
        uint32_t target;
    } targets[BOARD_PREDICTOR_TARGETS];
};

/** As after power-on: no history, every counter weakly not taken, no targets. */
void board_predictor_reset(struct board_predictor *p);

/** The history goes to the upper bits of an index, where addresses differ least. */
#define BOARD_PREDICTOR_HISTORY_SHIFT 2u
#define BOARD_PREDICTOR_HISTORY_MASK                                                               \
    (((1u << BOARD_PREDICTOR_HISTORY_BITS) - 1) << BOARD_PREDICTOR_HISTORY_SHIFT)

/** Which counter a branch uses. */
static inline uint32_t board_predictor_index(const struct board_predictor *p, uint32_t branch)
{
    uint32_t history =
        (uint32_t)(p->past << BOARD_PREDICTOR_HISTORY_SHIFT) & BOARD_PREDICTOR_HISTORY_MASK;

    return (branch >> 1 ^ history) % BOARD_PREDICTOR_COUNTERS;
}

/**
 * A branch ended a run, or the counters were wrong about it: true when this end, or that the run
 * would go on, was to be foreseen. Learns. A run that goes on beyond where its end was foreseen is
 * not looked at: that would cost each branch.
 */
bool board_predictor_foresees(struct board_predictor *p, uint32_t branch, bool taken);

/**
 * A conditional branch went the way taken says: learns. True when the prediction was wrong. It runs
 * at the end of most blocks of code: where the counters are right it is free of branches.
 */
static inline bool board_predictor_conditional(struct board_predictor *p, uint32_t branch,
                                               bool taken)
{
    static const uint8_t next[8] = {0, 1, 0, 2, 1, 3, 2, 3}; // [counter << 1 | taken]
    uint8_t *counter = &p->counters[board_predictor_index(p, branch)];
    uint32_t value = *counter;
    bool wrong = ((value >> 1) ^ taken) != 0;

    *counter = next[value << 1 | taken];
    if (wrong || taken != (p->past & 1u)) {
        wrong &= !board_predictor_foresees(p, branch, taken);
    }
    p->past = p->past << 1 | taken;
    return wrong;
}

/** An indirect branch went to target: learns. True when that was not where it went last. */
static inline bool board_predictor_indirect(struct board_predictor *p, uint32_t branch,
                                            uint32_t target)
{
    uint32_t i = (branch >> 1) % BOARD_PREDICTOR_TARGETS;
    bool wrong = p->targets[i].branch != branch || p->targets[i].target != target;

    p->targets[i].branch = branch;
    p->targets[i].target = target;
    return wrong;
}

#endif
