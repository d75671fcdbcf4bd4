// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/timing_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "probe/board/thumb.h"
#include "probe/board/timing_blocks_private.h"

#define MAX_WORDS 32u // VLDM and VSTM

// ---------------------------------------------------------------------------------------------
// Blocks

static const struct board_insn *intern_insn(struct board_blocks *bs, const uint8_t *code)
{
    uint32_t first = board_thumb_half(code);
    unsigned length = board_thumb_length((uint16_t)first);
    uint32_t encoding = length == 2 ? first : first << 16 | board_thumb_half(code + 2);
    struct board_insn_node **head = &bs->insns[(encoding * 2654435761u) >> 19];

    for (struct board_insn_node *n = *head; n != NULL; n = n->next) {
        if (n->insn.encoding == encoding && n->insn.length == length) {
            return &n->insn;
        }
    }
    struct board_insn_node *n = malloc(sizeof *n);

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

/** Notes an access whose place decides what its instruction costs. */
static void observe(struct board_block *b, uint32_t access, uint16_t flag)
{
    if (b->num_observed == BOARD_MAX_OBSERVED) {
        b->unmemoised = true;
    } else {
        b->observed[b->num_observed++] = (uint16_t)(access | flag);
    }
}

/**
 * Which loads follow a load at once, so that their banks decide whether they stall, and which
 * stores of pairs of words may be aligned to one only.
 */
static void find_observed(struct board_block *b)
{
    uint32_t accesses = 0;
    bool blurred = false;
    uint32_t it_left = 0;

    b->num_observed = 0;
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
            observe(b, accesses, 0);
        } else if (insn->even_words && !blurred) {
            s->access = (uint16_t)accesses;
            observe(b, accesses, BOARD_OBSERVE_PLACE);
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
    board_block_clear_memos(b);
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
    b->max_words = 0;
    for (uint32_t i = 0; i < b->num_slots; i++) {
        unsigned accesses = b->slots[i].insn->num_accesses;

        b->max_words += accesses == BOARD_ACCESSES_UNKNOWN ? MAX_WORDS : accesses;
    }
    describe_branch(b);
    if (bs->view->sees_accesses) {
        find_observed(b);
    }
    return true;
}

struct board_block *board_blocks_get(struct board_blocks *bs, uint32_t address, uint32_t size_bytes,
                                     const uint8_t *code, struct board_timing_counters *c)
{
    struct board_block **head = &bs->blocks[(address >> 1 ^ address >> 13) % BOARD_BLOCK_BUCKETS];

    for (struct board_block *b = *head; b != NULL; b = b->next) {
        if (b->head.address != address || b->head.size_bytes != size_bytes) {
            continue;
        }
        if (code != NULL && memcmp(b->code, code, size_bytes) != 0) {
            board_block_retire_memos(b, c);
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
    b->ways = b->few;
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

static bool writes(const struct board_insn *insn, unsigned reg)
{
    for (unsigned i = 0; i < insn->num_results; i++) {
        if (insn->results[i].reg == reg) {
            return true;
        }
    }
    return false;
}

bool board_timing_last_writer(const struct board_timing_block *block, uint32_t offset_bytes,
                              unsigned reg, uint32_t *writer)
{
    const struct board_block *b = (const struct board_block *)block;
    uint32_t n = board_block_slots_before(b, offset_bytes);

    while (n != 0 && !writes(b->slots[n - 1].insn, reg)) {
        n--;
    }
    if (n != 0) {
        *writer = b->slots[n - 1].offset;
    }
    return n != 0;
}

static uint8_t bank_of(const struct board_bank_log *log, uint16_t access)
{
    return log->banks[(log->block_start + access) % BOARD_BANK_LOG];
}

static enum board_banks banks_of(const struct board_bank_log *log, uint16_t access)
{
    uint32_t at = log->block_start + access;

    return log->banks[at % BOARD_BANK_LOG] == log->banks[(at - 1) % BOARD_BANK_LOG]
               ? BOARD_BANKS_SAME
               : BOARD_BANKS_DIFFERENT;
}

bool board_block_issue(const struct board_block *b, uint32_t num_slots,
                       const struct board_view *view, struct board_pipe *p,
                       struct board_pipe_cost *cost)
{
    bool predicated = false;

    for (uint32_t i = 0; i < num_slots; i++) {
        const struct board_slot *s = &b->slots[i];
        struct board_pipe_place place = {b->head.address + s->offset, BOARD_BANKS_UNKNOWN, false,
                                         view->sees_accesses, view->unaligned_cycles};

        if (view->sees_accesses && s->access != BOARD_NO_ACCESS) {
            place.banks = banks_of(view->log, s->access);
            place.odd_word = bank_of(view->log, s->access) != 0;
        }
        predicated = p->it_left != 0;
        board_pipe_issue(p, s->insn, &place, cost);
    }
    return predicated;
}

void board_block_leave(const struct board_block *b, uint32_t key, bool predicated,
                       struct board_pipe *p, struct board_pipe_cost *cost)
{
    if ((key & BOARD_KEY_TAKEN) != 0) {
        board_pipe_divert(p);
    }
    if ((key & BOARD_KEY_MISPREDICTED) != 0) {
        const struct board_insn *branch = b->slots[b->num_slots - 1].insn;

        board_pipe_mispredict(p, board_branch_on_flags(branch, predicated), cost);
    }
}

// ---------------------------------------------------------------------------------------------
// Making

struct board_blocks *board_blocks_create(const struct board_view *view)
{
    struct board_blocks *bs = calloc(1, sizeof *bs);
    struct board_timing_counters unused;
    struct board_pipe drained;

    if (bs == NULL) {
        return NULL;
    }
    bs->view = view;
    bs->decoder = board_decoder_create();
    bs->state_index = calloc(BOARD_STATE_BUCKETS, sizeof *bs->state_index);
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
    for (unsigned i = 0; i < BOARD_BLOCK_BUCKETS; i++) {
        for (struct board_block *b = bs->blocks[i]; b != NULL;) {
            struct board_block *next = b->next;

            board_block_drop_ways(b);
            free(b->slots);
            free(b);
            b = next;
        }
    }
    for (unsigned i = 0; i < BOARD_INSN_BUCKETS; i++) {
        for (struct board_insn_node *n = bs->insns[i]; n != NULL;) {
            struct board_insn_node *next = n->next;

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
