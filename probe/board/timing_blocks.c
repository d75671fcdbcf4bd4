// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/timing_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "probe/board/thumb.h"

#define BLOCK_BUCKETS 8192u
#define INSN_BUCKETS 8192u
#define STATE_BUCKETS ((size_t)BOARD_MAX_STATES * 2)
#define DRAINED 0u

struct insn_node {
    struct board_insn insn;
    struct insn_node *next;
};

struct board_blocks {
    bool sees_accesses;
    struct board_decoder *decoder;
    struct board_block *blocks[BLOCK_BUCKETS];
    struct insn_node *insns[INSN_BUCKETS];
    struct board_memo *memos;
    uint32_t num_memos;
    struct board_pipe *states; // [max_states]
    uint32_t num_states;
    uint32_t max_states;
    uint32_t *state_index; // [STATE_BUCKETS], index + 1, 0 = empty
};

void board_cost_add(struct board_timing_counters *c, const struct board_pipe_cost *cost,
                    uint64_t times)
{
    c->cycles[BOARD_CYCLES_ISSUE] += cost->issue * times;
    c->cycles[BOARD_CYCLES_DEPENDENCY] += cost->dependency * times;
    c->cycles[BOARD_CYCLES_MISPREDICT] += cost->mispredict * times;
    c->cycles[BOARD_CYCLES_DIVIDE] += cost->divide * times;
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
    uint32_t at = hash_state(state) % STATE_BUCKETS;

    while (bs->state_index[at] != 0 &&
           memcmp(&bs->states[bs->state_index[at] - 1], state, sizeof *state) != 0) {
        at = (at + 1) % STATE_BUCKETS;
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

static void clear_ways(struct board_block *b)
{
    for (unsigned i = 0; i < BOARD_BLOCK_WAYS; i++) {
        b->ways[i] = (struct board_way){.key = BOARD_NO_KEY};
    }
    b->memos = NULL;
}

/** Drops every memo and every state but the drained one. */
static void forget(struct board_blocks *bs, struct board_timing_counters *c)
{
    board_blocks_collect(bs, c);
    for (unsigned i = 0; i < BLOCK_BUCKETS; i++) {
        for (struct board_block *b = bs->blocks[i]; b != NULL; b = b->next) {
            clear_ways(b);
        }
    }
    while (bs->memos != NULL) {
        struct board_memo *next = bs->memos->next_of_all;

        free(bs->memos);
        bs->memos = next;
    }
    bs->num_memos = 0;
    memset(bs->state_index, 0, STATE_BUCKETS * sizeof *bs->state_index);
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
// Blocks

static const struct board_insn *intern_insn(struct board_blocks *bs, const uint8_t *code)
{
    uint32_t first = board_thumb_half(code);
    unsigned length = board_thumb_length((uint16_t)first);
    uint32_t encoding = length == 2 ? first : first << 16 | board_thumb_half(code + 2);
    struct insn_node **head = &bs->insns[(encoding * 2654435761u) >> 19];

    for (struct insn_node *n = *head; n != NULL; n = n->next) {
        if (n->insn.encoding == encoding && n->insn.length == length) {
            return &n->insn;
        }
    }
    struct insn_node *n = malloc(sizeof *n);

    if (n == NULL) {
        return NULL;
    }
    board_decode(bs->decoder, code, &n->insn);
    n->next = *head;
    *head = n;
    return &n->insn;
}

/** The last instruction, if it is a branch: how it is predicted. */
static void describe_branch(struct board_block *b)
{
    uint32_t it_left = 0;
    uint32_t covered_until = 0;

    b->branch = BOARD_BRANCH_NONE;
    b->maybe_predicated = false;
    b->refetches = false;
    if (b->num_slots == 0) {
        return;
    }
    uint32_t last = b->num_slots - 1;
    const struct board_insn *insn = b->slots[last].insn;

    for (uint32_t i = 0; i < last; i++) {
        if (b->slots[i].insn->it_count != 0) {
            it_left = b->slots[i].insn->it_count;
            covered_until = i + it_left;
        }
    }
    b->branch = insn->branch;
    b->refetches = insn->branch != BOARD_BRANCH_NONE || insn->synchronises;
    b->branch_address = b->head.address + b->slots[last].offset;
    if (insn->branch == BOARD_BRANCH_NONE) {
        return;
    }
    if (it_left != 0 && covered_until >= last) {
        // Taken or not by flags; where to is known, or as good as known, from the last time.
        b->branch = BOARD_BRANCH_CONDITIONAL;
    }
    b->maybe_predicated = it_left == 0 && last < 4;
}

/** Which loads follow a load at once, so that their banks decide whether they pair. */
static void find_pairs(struct board_block *b)
{
    uint32_t accesses = 0;
    bool blurred = false;
    uint32_t it_left = 0;

    b->num_pairs = 0;
    b->unmemoised = false;
    for (uint32_t i = 0; i < b->num_slots; i++) {
        struct board_slot *s = &b->slots[i];
        const struct board_insn *insn = s->insn;
        bool is_single_load = (insn->uses & BOARD_USE_LOAD) != 0 && insn->num_accesses == 1;
        bool after_load = i == 0 || (b->slots[i - 1].insn->uses & BOARD_USE_LOAD) != 0;

        s->access = BOARD_NO_ACCESS;
        blurred |= insn->num_accesses == BOARD_ACCESSES_UNKNOWN ||
                   (it_left != 0 && insn->num_accesses != 0);
        if (is_single_load && after_load && !blurred) {
            s->access = (uint16_t)accesses;
            if (b->num_pairs == BOARD_MAX_PAIRS) {
                b->unmemoised = true;
            } else {
                b->pairs[b->num_pairs++] = (uint16_t)accesses;
            }
        }
        accesses += insn->num_accesses == BOARD_ACCESSES_UNKNOWN ? 0 : insn->num_accesses;
        it_left = insn->it_count != 0 ? insn->it_count : it_left - (it_left != 0);
    }
}

static bool decode_block(struct board_blocks *bs, struct board_block *b, const uint8_t *code)
{
    uint32_t size = b->head.size_bytes;
    uint32_t at = 0;

    memset(b->code, 0, size + 4);
    if (code != NULL && size != 0) {
        memcpy(b->code, code, size);
    }
    clear_ways(b);
    b->code_epoch = 0;
    b->head.num_insns = board_thumb_scan(b->code, size, &b->head.flags);
    free(b->slots);
    b->num_slots = 0;
    b->slots = calloc(b->head.num_insns + 1, sizeof *b->slots);
    if (b->slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < b->head.num_insns; i++) {
        const struct board_insn *insn = intern_insn(bs, b->code + at);

        if (insn == NULL) {
            return false;
        }
        b->slots[i] = (struct board_slot){insn, (uint16_t)at, BOARD_NO_ACCESS};
        at += insn->length;
    }
    b->num_slots = b->head.num_insns;
    describe_branch(b);
    if (bs->sees_accesses) {
        find_pairs(b);
    }
    return true;
}

/** The memos of a block whose code has changed: they count, but nothing leads to them any more. */
static void retire_memos(const struct board_block *b, struct board_timing_counters *c)
{
    for (struct board_memo *m = b->memos; m != NULL; m = m->next_of_block) {
        board_cost_add(c, &m->cost, m->hits);
        m->hits = 0;
    }
}

struct board_block *board_blocks_get(struct board_blocks *bs, uint32_t address, uint32_t size_bytes,
                                     const uint8_t *code, struct board_timing_counters *c)
{
    struct board_block **head = &bs->blocks[(address >> 1 ^ address >> 13) % BLOCK_BUCKETS];

    for (struct board_block *b = *head; b != NULL; b = b->next) {
        if (b->head.address != address || b->head.size_bytes != size_bytes) {
            continue;
        }
        if (code != NULL && memcmp(b->code, code, size_bytes) != 0) {
            retire_memos(b, c);
            return decode_block(bs, b, code) ? b : NULL;
        }
        return b->slots != NULL && b->num_slots == b->head.num_insns ? b : NULL;
    }
    struct board_block *b = calloc(1, sizeof *b + size_bytes + 4);

    if (b == NULL) {
        return NULL;
    }
    b->head.address = address;
    b->head.size_bytes = size_bytes;
    b->end = address + size_bytes;
    if (!decode_block(bs, b, code)) {
        free(b->slots);
        free(b);
        return NULL;
    }
    b->next = *head;
    *head = b;
    return b;
}

uint32_t board_block_slots_before(const struct board_block *b, uint32_t offset_bytes)
{
    uint32_t n = 0;

    while (n < b->num_slots && b->slots[n].offset < offset_bytes) {
        n++;
    }
    return n;
}

static enum board_banks banks_of(const struct board_bank_log *log, uint16_t access)
{
    uint32_t at = log->block_start + access;

    return log->banks[at % BOARD_BANK_LOG] == log->banks[(at - 1) % BOARD_BANK_LOG]
               ? BOARD_BANKS_SAME
               : BOARD_BANKS_DIFFERENT;
}

bool board_block_issue(const struct board_block *b, uint32_t num_slots, bool sees_accesses,
                       const struct board_bank_log *log, struct board_pipe *p,
                       struct board_pipe_cost *cost)
{
    bool predicated = false;

    for (uint32_t i = 0; i < num_slots; i++) {
        const struct board_slot *s = &b->slots[i];
        struct board_pipe_place place = {b->head.address + s->offset, BOARD_BANKS_UNKNOWN,
                                         sees_accesses};

        if (sees_accesses && s->access != BOARD_NO_ACCESS) {
            place.banks = banks_of(log, s->access);
        }
        predicated = p->it_left != 0;
        board_pipe_issue(p, s->insn, &place, cost);
    }
    return predicated;
}

// ---------------------------------------------------------------------------------------------
// Memos

static struct board_memo *compute(struct board_blocks *bs, struct board_block *b, uint32_t key,
                                  uint64_t banks, const struct board_bank_log *log,
                                  struct board_timing_counters *c)
{
    struct board_pipe p = bs->states[key >> 1];
    struct board_memo *m = calloc(1, sizeof *m);

    if (m == NULL) {
        return NULL;
    }
    bool predicated = board_block_issue(b, b->num_slots, bs->sees_accesses, log, &p, &m->cost);

    if ((key & 1u) != 0) {
        const struct board_insn *branch = b->slots[b->num_slots - 1].insn;

        board_pipe_mispredict(&p, board_branch_on_flags(branch, predicated), &m->cost);
    }
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
    return m;
}

struct board_memo *board_blocks_memo(struct board_blocks *bs, struct board_block *b, uint32_t key,
                                     uint64_t banks, const struct board_bank_log *log,
                                     struct board_timing_counters *c)
{
    struct board_memo *m = b->memos;

    while (m != NULL && (m->key != key || m->banks != banks)) {
        m = m->next_of_block;
    }
    if (m == NULL) {
        if (bs->num_memos == BOARD_MAX_MEMOS) {
            struct board_pipe state = bs->states[key >> 1];

            forget(bs, c);
            struct board_pipe drained;

            board_pipe_drain(&drained);
            (void)board_blocks_intern(bs, &drained, c);
            key = board_blocks_intern(bs, &state, c) << 1 | (key & 1u);
        }
        m = compute(bs, b, key, banks, log, c);
    }
    if (m != NULL) {
        b->ways[m->key % BOARD_BLOCK_WAYS] =
            (struct board_way){m->key, m->next_state, m->cycles, 0, m->banks, m};
    }
    return m;
}

// ---------------------------------------------------------------------------------------------
// Making

struct board_blocks *board_blocks_create(bool sees_accesses)
{
    struct board_blocks *bs = calloc(1, sizeof *bs);
    struct board_timing_counters unused;
    struct board_pipe drained;

    if (bs == NULL) {
        return NULL;
    }
    bs->sees_accesses = sees_accesses;
    bs->decoder = board_decoder_create();
    bs->state_index = calloc(STATE_BUCKETS, sizeof *bs->state_index);
    if (bs->decoder == NULL || bs->state_index == NULL) {
        board_blocks_destroy(bs);
        return NULL;
    }
    board_pipe_drain(&drained);
    (void)board_blocks_intern(bs, &drained, &unused);
    if (bs->num_states == 0) {
        board_blocks_destroy(bs);
        return NULL;
    }
    return bs;
}

void board_blocks_destroy(struct board_blocks *bs)
{
    if (bs == NULL) {
        return;
    }
    for (unsigned i = 0; i < BLOCK_BUCKETS; i++) {
        for (struct board_block *b = bs->blocks[i]; b != NULL;) {
            struct board_block *next = b->next;

            free(b->slots);
            free(b);
            b = next;
        }
    }
    for (unsigned i = 0; i < INSN_BUCKETS; i++) {
        for (struct insn_node *n = bs->insns[i]; n != NULL;) {
            struct insn_node *next = n->next;

            free(n);
            n = next;
        }
    }
    for (struct board_memo *m = bs->memos; m != NULL;) {
        struct board_memo *next = m->next_of_all;

        free(m);
        m = next;
    }
    board_decoder_destroy(bs->decoder);
    free(bs->states);
    free(bs->state_index);
    free(bs);
}
