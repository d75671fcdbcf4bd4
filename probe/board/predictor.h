// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_PREDICTOR_H
#define UTVM_BOARD_PREDICTOR_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The branch predictor: gshare with 10 bits of history and 4096 two-bit counters, which came
 * nearest to silicon among the usual schemes, and the last target of each indirect branch. The
 * real one is not published.
 */
#define BOARD_PREDICTOR_HISTORY_BITS 10u
#define BOARD_PREDICTOR_COUNTERS 4096u
#define BOARD_PREDICTOR_TARGETS 1024u

struct board_predictor {
    uint32_t history;                           /**< the newest outcome in bit 0 */
    uint8_t counters[BOARD_PREDICTOR_COUNTERS]; /**< 0 and 1 predict not taken, 2 and 3 taken */
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
    return (branch >> 1 ^ p->history) % BOARD_PREDICTOR_COUNTERS;
}

/**
 * A conditional branch went the way taken says: learns. True when the prediction was wrong. Free
 * of branches, as it runs at the end of most blocks of code and no host predicts its outcome.
 */
static inline bool board_predictor_conditional(struct board_predictor *p, uint32_t branch,
                                               bool taken)
{
    static const uint8_t next[8] = {0, 1, 0, 2, 1, 3, 2, 3}; // [counter << 1 | taken]
    uint8_t *counter = &p->counters[board_predictor_index(p, branch)];
    uint32_t value = *counter;

    *counter = next[value << 1 | taken];
    p->history = (p->history << 1 | (uint32_t)taken << BOARD_PREDICTOR_HISTORY_SHIFT) &
                 BOARD_PREDICTOR_HISTORY_MASK;
    return ((value >> 1) ^ taken) != 0;
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
