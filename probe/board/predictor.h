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

/** Which counter a branch uses; the history goes to the upper bits, where addresses differ least.
 */
static inline uint32_t board_predictor_index(const struct board_predictor *p, uint32_t branch)
{
    const uint32_t shift = 12u - BOARD_PREDICTOR_HISTORY_BITS;

    return (branch >> 1 ^ p->history << shift) & (BOARD_PREDICTOR_COUNTERS - 1);
}

/** A conditional branch went the way taken says: learns. True when the prediction was wrong. */
static inline bool board_predictor_conditional(struct board_predictor *p, uint32_t branch,
                                               bool taken)
{
    uint8_t *counter = &p->counters[board_predictor_index(p, branch)];
    uint8_t value = *counter;
    unsigned up = value < 3 ? value + 1u : 3u;
    unsigned down = value > 0 ? value - 1u : 0u;

    *counter = (uint8_t)(taken ? up : down);
    p->history = (p->history << 1 | taken) & ((1u << BOARD_PREDICTOR_HISTORY_BITS) - 1);
    return (value >= 2) != taken;
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
