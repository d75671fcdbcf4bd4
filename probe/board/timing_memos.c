// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "probe/board/timing_blocks_private.h"

#define DRAINED 0u

void board_cost_add(struct board_timing_counters *c, const struct board_pipe_cost *cost,
                    uint64_t times)
{
    c->cycles[BOARD_CYCLES_ISSUE] += cost->issue * times;
    c->cycles[BOARD_CYCLES_DEPENDENCY] += cost->dependency * times;
    c->cycles[BOARD_CYCLES_MISPREDICT] += cost->mispredict * times;
    c->cycles[BOARD_CYCLES_DIVIDE] += cost->divide * times;
    c->cycles[BOARD_CYCLES_CODE_FILL] += cost->fetch * times;
    c->cycles[BOARD_CYCLES_UNALIGNED] += cost->unaligned * times;
    c->instructions += cost->instructions * times;
    c->folded += cost->folded * times;
}

void board_blocks_collect(struct board_blocks *bs, struct board_timing_counters *c)
{
    for (struct board_memo *m = bs->memos; m != NULL; m = m->next_of_all) {
        if (m->hits != 0) {
            board_cost_add(c, &m->cost, m->hits);
            m->hits = 0;
        }
    }
}

// ---------------------------------------------------------------------------------------------
// States

static uint32_t hash_state(const struct board_pipe *p)
{
    const uint8_t *bytes = (const uint8_t *)p;
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < sizeof *p; i++) {
        h = (h ^ bytes[i]) * 16777619u;
    }
    return h ^ h >> 15;
}

/** The place of a state in the index: where it is, or where it would go. */
static uint32_t find_state(const struct board_blocks *bs, const struct board_pipe *state)
{
    uint32_t at = hash_state(state) % BOARD_STATE_BUCKETS;

    while (bs->state_index[at] != 0 &&
           memcmp(&bs->states[bs->state_index[at] - 1], state, sizeof *state) != 0) {
        at = (at + 1) % BOARD_STATE_BUCKETS;
    }
    return at;
}

static bool add_state(struct board_blocks *bs, const struct board_pipe *state, uint32_t at)
{
    if (bs->num_states == bs->max_states) {
        uint32_t max = bs->max_states == 0 ? 256 : bs->max_states * 2;
        struct board_pipe *states = realloc(bs->states, max * sizeof *states);

        if (states == NULL) {
            return false;
        }
        bs->states = states;
        bs->max_states = max;
    }
    bs->states[bs->num_states++] = *state;
    bs->state_index[at] = bs->num_states;
    return true;
}

static void empty_ways(struct board_block *b)
{
    for (uint32_t i = 0; i < 1u << b->way_bits; i++) {
        b->ways[i] = (struct board_way){.key = BOARD_NO_KEY};
    }
}

void board_block_drop_ways(struct board_block *b)
{
    if (b->ways != b->few) {
        free(b->ways);
    }
    b->ways = b->few;
    b->way_bits = BOARD_FEW_WAY_BITS;
}

void board_block_clear_memos(struct board_block *b)
{
    board_block_drop_ways(b);
    empty_ways(b);
    b->memos = NULL;
    b->num_memos = 0;
}

static void put_at_hand(struct board_block *b, struct board_memo *m)
{
    *board_block_way(b, m->key) =
        (struct board_way){m->key, m->next_state, m->cycles, 0, m->banks, m};
}

/** As many ways as there are memos, or nearly so: those of a busy block would displace each other.
 */
static void widen(struct board_block *b)
{
    uint8_t bits = (uint8_t)(b->way_bits + 2);
    struct board_way *ways;

    if (b->num_memos <= 1u << b->way_bits || bits > BOARD_MAX_WAY_BITS) {
        return;
    }
    ways = malloc(sizeof *ways << bits);
    if (ways == NULL) {
        return; // slower, not wrong
    }
    board_block_drop_ways(b);
    b->ways = ways;
    b->way_bits = bits;
    empty_ways(b);
    for (struct board_memo *m = b->memos; m != NULL; m = m->next_of_block) {
        put_at_hand(b, m);
    }
}

/** Drops every memo and every state but the drained one. */
static void forget(struct board_blocks *bs, struct board_timing_counters *c)
{
    board_blocks_collect(bs, c);
    for (unsigned i = 0; i < BOARD_BLOCK_BUCKETS; i++) {
        for (struct board_block *b = bs->blocks[i]; b != NULL; b = b->next) {
            board_block_clear_memos(b);
        }
    }
    while (bs->memos != NULL) {
        struct board_memo *next = bs->memos->next_of_all;

        free(bs->memos);
        bs->memos = next;
    }
    bs->num_memos = 0;
    memset(bs->state_index, 0, BOARD_STATE_BUCKETS * sizeof *bs->state_index);
    bs->num_states = 0;
}

uint32_t board_blocks_intern(struct board_blocks *bs, const struct board_pipe *state,
                             struct board_timing_counters *c)
{
    uint32_t at = find_state(bs, state);

    if (bs->state_index[at] != 0) {
        return bs->state_index[at] - 1;
    }
    if (bs->num_states == BOARD_MAX_STATES) {
        struct board_pipe copy = *state;
        struct board_pipe drained;

        forget(bs, c);
        board_pipe_drain(&drained);
        if (!add_state(bs, &drained, find_state(bs, &drained))) {
            return DRAINED;
        }
        return board_blocks_intern(bs, &copy, c);
    }
    return add_state(bs, state, at) ? bs->num_states - 1 : DRAINED;
}

const struct board_pipe *board_blocks_state(const struct board_blocks *bs, uint32_t index)
{
    return &bs->states[index];
}

// ---------------------------------------------------------------------------------------------
// Memos

static struct board_memo *compute(struct board_blocks *bs, struct board_block *b, uint32_t key,
                                  uint64_t banks, struct board_timing_counters *c)
{
    struct board_pipe p = bs->states[key >> BOARD_KEY_STATE_SHIFT];
    struct board_memo *m = calloc(1, sizeof *m);

    if (m == NULL) {
        return NULL;
    }
    bool predicated = board_block_issue(b, b->num_slots, bs->view, &p, &m->cost);

    board_block_leave(b, key, predicated, &p, &m->cost);
    uint32_t states_before = bs->num_states;

    m->key = key;
    m->banks = banks;
    m->cycles = m->cost.cycles;
    m->next_state = board_blocks_intern(bs, &p, c);
    if (bs->num_states < states_before) {
        m->key = BOARD_NO_KEY; // all was forgotten, the state this began with, too
    }
    m->next_of_all = bs->memos;
    bs->memos = m;
    bs->num_memos++;
    m->next_of_block = b->memos;
    b->memos = m;
    b->num_memos++;
    widen(b);
    return m;
}

struct board_memo *board_blocks_memo(struct board_blocks *bs, struct board_block *b, uint32_t key,
                                     uint64_t banks, struct board_timing_counters *c)
{
    struct board_memo *m = b->memos;

    while (m != NULL && (m->key != key || m->banks != banks)) {
        m = m->next_of_block;
    }
    if (m == NULL) {
        if (bs->num_memos == BOARD_MAX_MEMOS) {
            struct board_pipe state = bs->states[key >> BOARD_KEY_STATE_SHIFT];

            forget(bs, c);
            struct board_pipe drained;

            board_pipe_drain(&drained);
            (void)board_blocks_intern(bs, &drained, c);
            key = board_blocks_intern(bs, &state, c) << BOARD_KEY_STATE_SHIFT |
                  (key & (BOARD_KEY_TAKEN | BOARD_KEY_MISPREDICTED));
        }
        m = compute(bs, b, key, banks, c);
    }
    if (m != NULL) {
        put_at_hand(b, m);
    }
    return m;
}

void board_block_retire_memos(const struct board_block *b, struct board_timing_counters *c)
{
    for (struct board_memo *m = b->memos; m != NULL; m = m->next_of_block) {
        board_cost_add(c, &m->cost, m->hits);
        m->hits = 0;
    }
}
