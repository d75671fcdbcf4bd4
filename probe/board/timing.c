// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/timing.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "probe/board/cache.h"
#include "probe/board/predictor.h"
#include "probe/board/profile.h"
#include "probe/board/timing_blocks.h"

#define GRANULES (1u << (32 - BOARD_PROFILE_GRANULE_BITS))
#define EXC_RETURN 0xF0000000u
#define BURST_BEATS 4 // 64 bits each

struct board_timing {
    // What execution carries on: a slot of microstate.c keeps all of it, up to `blocks`.
    uint32_t state;        // index of the pipeline's; kept by value
    uint32_t pending_fill; // of the accesses since the last retirement
    uint32_t pending_unaligned;
    bool dcache_on;
    bool icache_on;
    bool icache_wanted;
    bool icache_stale; // to be invalidated
    struct board_predictor predictor;
    struct board_bank_log log;
    struct board_cache dcache;
    struct board_cache data_art;
    struct board_cache icache;
    struct board_cache code_art;
    struct board_cache fetch_buffer; // one line, for code that no cache holds
    // What is computed, counted and configured.
    struct board_blocks *blocks;
    uint64_t code_epoch; // changes whenever a line of code may have gone
    bool counts_only;
    struct board_view view;
    uint8_t memory_of[GRANULES];
    struct board_profile profile;
    enum board_timing_mode mode;
    struct board_timing_counters counters; // but for what the memos hold
};

// ---------------------------------------------------------------------------------------------
// Making

static void map_memory(struct board_timing *t)
{
    for (uint32_t i = 0; i < t->profile.num_regions; i++) {
        const struct board_region *r = &t->profile.regions[i];
        uint32_t first = r->base >> BOARD_PROFILE_GRANULE_BITS;

        memset(t->memory_of + first, (int)r->kind, r->size_bytes >> BOARD_PROFILE_GRANULE_BITS);
    }
}

static void init_cache(struct board_cache *c, const struct board_cache_shape *shape)
{
    board_cache_init(c, shape->size_bytes, shape->ways, shape->line_bytes);
}

static bool prepare(struct board_timing *t, const char *profile_path, const char **error)
{
    static char message[512]; // the contract: static storage

    if (profile_path == NULL) {
        board_profile_builtin(&t->profile);
    } else if (!board_profile_load(&t->profile, profile_path, message, sizeof message)) {
        *error = message;
        return false;
    }
    t->view = (struct board_view){t->mode == BOARD_TIMING_MEMORY,
                                  t->mode == BOARD_TIMING_MEMORY ? 0 : t->profile.unaligned_cycles,
                                  &t->log};
    t->blocks = board_blocks_create(&t->view);
    if (t->blocks == NULL) {
        *error = "out of memory for the timing model, or capstone without ARM support";
        return false;
    }
    map_memory(t);
    init_cache(&t->icache, &t->profile.icache);
    init_cache(&t->dcache, &t->profile.dcache);
    if (t->profile.art.size_bytes != 0) {
        init_cache(&t->code_art, &t->profile.art);
        init_cache(&t->data_art, &t->profile.art);
    }
    board_cache_init(&t->fetch_buffer, t->profile.icache.line_bytes, 1,
                     t->profile.icache.line_bytes);
    board_timing_reset(t);
    return true;
}

struct board_timing *board_timing_create(enum board_timing_mode mode, const char *profile_path,
                                         const char **error)
{
    struct board_timing *t = calloc(1, sizeof *t);

    if (t == NULL) {
        *error = "out of memory for the timing model";
        return NULL;
    }
    t->mode = mode;
    t->counts_only = mode == BOARD_TIMING_COUNT;
    if (!prepare(t, profile_path, error)) {
        board_timing_destroy(t);
        return NULL;
    }
    return t;
}

void board_timing_destroy(struct board_timing *t)
{
    if (t != NULL) {
        board_blocks_destroy(t->blocks);
        free(t);
    }
}

enum board_timing_mode board_timing_mode_of(const struct board_timing *t)
{
    return t->mode;
}

bool board_timing_wants_accesses(const struct board_timing *t)
{
    return t->view.sees_accesses;
}

struct board_timing_block *board_timing_block_get(struct board_timing *t, uint32_t address,
                                                  uint32_t size_bytes, const uint8_t *code)
{
    struct board_block *b = board_blocks_get(t->blocks, address, size_bytes, code, &t->counters);

    return b == NULL ? NULL : &b->head;
}

// ---------------------------------------------------------------------------------------------
// Instruction fetch

static enum board_memory memory_at(const struct board_timing *t, uint32_t address)
{
    return (enum board_memory)t->memory_of[address >> BOARD_PROFILE_GRANULE_BITS];
}

static uint32_t fill_cycles(const struct board_timing *t, enum board_memory m)
{
    return m == BOARD_MEMORY_SRAM ? t->profile.sram_fill_cycles : t->profile.flash_fill_cycles;
}

/** What holds code of a memory; NULL when it never waits. */
static struct board_cache *code_cache(struct board_timing *t, enum board_memory m)
{
    switch (m) {
    case BOARD_MEMORY_FREE:
        return NULL;
    case BOARD_MEMORY_ART:
        return &t->code_art;
    case BOARD_MEMORY_SRAM:
    case BOARD_MEMORY_FLASH:
        break;
    }
    return t->icache_on ? &t->icache : &t->fetch_buffer;
}

/** Number of lines that fetching [address, address + size_bytes) fills. */
static uint32_t fetch_lines(struct board_cache *c, uint32_t address, uint32_t size_bytes)
{
    uint32_t first = address >> c->line_shift;
    uint32_t last = (address + size_bytes - 1) >> c->line_shift;
    uint32_t filled = 0;

    for (uint32_t line = first; size_bytes != 0 && line <= last; line++) {
        filled += board_cache_fetch(c, line);
    }
    return filled;
}

/**
 * Switching or invalidating the I-cache takes effect where instructions are fetched anew: at the
 * next branch, ISB or exception. So it does not matter where the block with the store ends.
 */
static void settle_icache(struct board_timing *t)
{
    if (t->icache_stale) {
        board_cache_invalidate(&t->icache);
        board_cache_invalidate(&t->fetch_buffer);
        t->icache_stale = false;
        t->code_epoch++;
    }
    if (t->icache_on != t->icache_wanted) {
        t->icache_on = t->icache_wanted;
        t->code_epoch++;
    }
}

/** Fetches a block's first bytes; costs cycles for lines that are not there. */
__attribute__((noinline)) static uint32_t fetch(struct board_timing *t, struct board_block *b,
                                                uint32_t size_bytes)
{
    enum board_memory m = memory_at(t, b->head.address);
    struct board_cache *c = code_cache(t, m);
    uint32_t filled = c == NULL ? 0 : fetch_lines(c, b->head.address, size_bytes);
    uint32_t cycles = filled * fill_cycles(t, m);

    if (filled != 0) {
        t->code_epoch++;
        t->counters.cycles[BOARD_CYCLES_CODE_FILL] += cycles;
    } else if (size_bytes == b->head.size_bytes) {
        b->code_epoch = t->code_epoch;
    }
    if (b->refetches && size_bytes == b->head.size_bytes) {
        settle_icache(t);
    }
    return cycles;
}

// ---------------------------------------------------------------------------------------------
// Retirement

/** An unconditional branch at the start of a block may stand under an IT of the block before. */
static bool is_predicated(const struct board_timing *t, const struct board_block *b)
{
    return b->maybe_predicated && board_blocks_state(t->blocks, t->state)->it_left >= b->num_slots;
}

/** Consults and trains the predictor. True when the block's branch was predicted wrongly. */
static inline bool mispredicts(struct board_timing *t, const struct board_block *b, uint32_t next)
{
    unsigned kind = b->branch;

    if (kind == BOARD_BRANCH_CONDITIONAL || is_predicated(t, b)) {
        return board_predictor_conditional(&t->predictor, b->branch_address, next != b->end);
    }
    // The return from an exception drains the pipeline anyway.
    return kind == BOARD_BRANCH_INDIRECT && next < EXC_RETURN &&
           board_predictor_indirect(&t->predictor, b->branch_address, next);
}

static uint64_t observed_banks(const struct board_timing *t, const struct board_block *b)
{
    uint64_t banks = 0;

    for (unsigned i = 0; i < b->num_observed; i++) {
        uint32_t at = t->log.block_start + (b->observed[i] & ~BOARD_OBSERVE_PLACE);
        uint8_t bank = t->log.banks[at % BOARD_BANK_LOG];

        if ((b->observed[i] & BOARD_OBSERVE_PLACE) == 0) {
            bank ^= t->log.banks[(at - 1) % BOARD_BANK_LOG];
        }
        banks |= (uint64_t)(bank != 0) << i;
    }
    return banks;
}

/** Cycles that the data accesses since the last retirement waited. */
static uint32_t take_pending(struct board_timing *t)
{
    uint32_t cycles = t->pending_fill + t->pending_unaligned;

    t->counters.cycles[BOARD_CYCLES_DATA_FILL] += t->pending_fill;
    t->counters.cycles[BOARD_CYCLES_UNALIGNED] += t->pending_unaligned;
    t->pending_fill = 0;
    t->pending_unaligned = 0;
    t->log.block_start = t->log.head;
    return cycles;
}

/** Issues the block's first instructions without a memo; of key, how its branch went. */
static uint32_t issue_directly(struct board_timing *t, const struct board_block *b,
                               uint32_t num_slots, uint32_t key)
{
    struct board_pipe p = *board_blocks_state(t->blocks, t->state);
    struct board_pipe_cost cost = {0};
    bool predicated = board_block_issue(b, num_slots, &t->view, &p, &cost);

    board_block_leave(b, key, predicated, &p, &cost);
    t->state = board_blocks_intern(t->blocks, &p, &t->counters);
    board_cost_add(&t->counters, &cost, 1);
    return cost.cycles;
}

__attribute__((noinline)) static uint32_t
retire_slowly(struct board_timing *t, struct board_block *b, uint32_t key, uint64_t banks)
{
    struct board_memo *m = NULL;

    if (!b->unmemoised) {
        m = board_blocks_memo(t->blocks, b, key, banks, &t->counters);
    }
    if (m == NULL) {
        return issue_directly(t, b, b->num_slots, key);
    }
    m->hits++;
    t->state = m->next_state;
    return m->cycles;
}

uint32_t board_timing_retire(struct board_timing *t, struct board_timing_block *block,
                             uint32_t next)
{
    struct board_block *b = (struct board_block *)block;
    uint32_t key = t->state << BOARD_KEY_STATE_SHIFT;
    uint64_t banks = 0;
    uint32_t cycles = 0;

    if (t->counts_only) {
        t->counters.instructions += block->num_insns;
        t->counters.cycles[BOARD_CYCLES_ISSUE] += block->num_insns;
        return block->num_insns;
    }
    if (next != b->end) {
        key |= BOARD_KEY_TAKEN;
    }
    if (b->branch > BOARD_BRANCH_DIRECT || b->maybe_predicated) {
        key |= mispredicts(t, b, next);
    }
    if (b->code_epoch != t->code_epoch) {
        cycles = fetch(t, b, block->size_bytes);
    }
    if (b->num_observed != 0) {
        banks = observed_banks(t, b);
    }
    const struct board_way *way = board_block_way(b, key);

    if (way->key == key && way->banks == banks) {
        t->state = way->next_state;
        cycles += way->cycles;
        way->memo->hits++;
    } else {
        cycles += retire_slowly(t, b, key, banks);
    }
    return t->view.sees_accesses ? cycles + take_pending(t) : cycles;
}

uint32_t board_timing_retire_prefix(struct board_timing *t, struct board_timing_block *block,
                                    uint32_t offset_bytes)
{
    struct board_block *b = (struct board_block *)block;
    uint32_t num_slots = board_block_slots_before(b, offset_bytes);

    if (t->counts_only) {
        t->counters.instructions += num_slots;
        t->counters.cycles[BOARD_CYCLES_ISSUE] += num_slots;
        return num_slots;
    }
    uint32_t cycles = fetch(t, b, offset_bytes);

    cycles += issue_directly(t, b, num_slots, 0);
    return cycles + take_pending(t);
}

uint32_t board_timing_prefix(const struct board_timing *t, const struct board_timing_block *block,
                             uint32_t offset_bytes)
{
    const struct board_block *b = (const struct board_block *)block;
    uint32_t num_slots = board_block_slots_before(b, offset_bytes);

    if (t->counts_only) {
        return num_slots;
    }
    struct board_pipe p = *board_blocks_state(t->blocks, t->state);
    struct board_pipe_cost cost = {0};
    enum board_memory m = memory_at(t, block->address);
    uint32_t cycles = t->pending_fill + t->pending_unaligned;

    (void)board_block_issue(b, num_slots, &t->view, &p, &cost);
    if (m != BOARD_MEMORY_FREE && b->code_epoch != t->code_epoch) {
        // A look at the caches only: fetching goes to a copy.
        struct board_cache copy = m == BOARD_MEMORY_ART ? t->code_art
                                  : t->icache_on        ? t->icache
                                                        : t->fetch_buffer;

        cycles += fetch_lines(&copy, block->address, offset_bytes) * fill_cycles(t, m);
    }
    return cycles + cost.cycles;
}

// ---------------------------------------------------------------------------------------------
// Data accesses

/** A load that no cache may hold waits for its own beat of the burst that a line takes. */
static uint32_t uncached_cycles(const struct board_timing *t, enum board_memory m, bool is_write)
{
    uint32_t fill = fill_cycles(t, m);

    if (is_write) {
        return t->profile.store_miss_cycles;
    }
    return fill > BURST_BEATS - 1 ? fill - (BURST_BEATS - 1) : fill;
}

static void access_line(struct board_timing *t, enum board_memory m, uint32_t addr, bool is_write)
{
    struct board_cache *c = m == BOARD_MEMORY_ART ? &t->data_art : &t->dcache;

    if (m != BOARD_MEMORY_ART && !t->dcache_on) {
        t->pending_fill += uncached_cycles(t, m, is_write);
    } else if (board_cache_touch(c, addr >> c->line_shift)) {
        t->pending_fill += is_write ? t->profile.store_miss_cycles : fill_cycles(t, m);
    }
}

void board_timing_access(struct board_timing *t, uint32_t addr, unsigned size_bytes, bool is_write)
{
    enum board_memory m = memory_at(t, addr);
    uint32_t word = size_bytes < 4 ? size_bytes : 4;

    t->log.banks[t->log.head++ % BOARD_BANK_LOG] = (uint8_t)(addr & 4u);
    if ((addr & (word - 1)) != 0 && !is_write) {
        t->pending_unaligned += t->profile.unaligned_cycles;
    }
    if (m == BOARD_MEMORY_FREE) {
        return;
    }
    access_line(t, m, addr, is_write);
    if (((addr ^ (addr + size_bytes - 1)) >> t->dcache.line_shift) != 0) {
        access_line(t, m, addr + size_bytes - 1, is_write);
    }
}

uint32_t board_timing_data_bound(const struct board_timing *t,
                                 const struct board_timing_block *block)
{
    const struct board_block *b = (const struct board_block *)block;
    const struct board_profile *p = &t->profile;
    uint32_t line = p->store_miss_cycles;

    if (!t->view.sees_accesses) {
        return 0;
    }
    line = p->sram_fill_cycles > line ? p->sram_fill_cycles : line;
    line = p->flash_fill_cycles > line ? p->flash_fill_cycles : line;
    // A word that is not aligned may touch two lines; uncached, each word goes to memory.
    return b->max_words * (2 * line + p->unaligned_cycles);
}

// ---------------------------------------------------------------------------------------------
// What is not execution

static void drain(struct board_timing *t)
{
    struct board_pipe p;

    board_pipe_drain(&p);
    t->state = board_blocks_intern(t->blocks, &p, &t->counters);
}

void board_timing_system(struct board_timing *t, uint64_t cycles)
{
    t->counters.cycles[BOARD_CYCLES_SYSTEM] += cycles;
    settle_icache(t);
    drain(t);
}

void board_timing_reset(struct board_timing *t)
{
    drain(t);
    board_predictor_reset(&t->predictor);
    t->icache_on = false;
    t->icache_wanted = false;
    t->icache_stale = false;
    t->dcache_on = false;
    t->pending_fill = 0;
    t->pending_unaligned = 0;
    t->log.block_start = t->log.head;
    board_cache_invalidate(&t->icache);
    board_cache_invalidate(&t->dcache);
    board_cache_invalidate(&t->code_art);
    board_cache_invalidate(&t->data_art);
    board_cache_invalidate(&t->fetch_buffer);
    t->code_epoch++;
}

void board_timing_set_caches(struct board_timing *t, bool icache, bool dcache)
{
    t->icache_wanted = icache;
    t->dcache_on = dcache;
    t->code_epoch++; // the next blocks look at their fetch, and at what is to be settled
}

void board_timing_invalidate_icache(struct board_timing *t)
{
    t->icache_stale = true;
    t->code_epoch++;
}

void board_timing_dcache_line(struct board_timing *t, uint32_t addr, bool is_invalidate)
{
    if (is_invalidate) {
        board_cache_drop(&t->dcache, addr >> t->dcache.line_shift);
    }
}

size_t board_timing_state_bytes(void)
{
    return offsetof(struct board_timing, blocks) + sizeof(struct board_pipe);
}

void board_timing_save(const struct board_timing *t, void *to)
{
    uint8_t *bytes = to;

    memcpy(bytes, t, offsetof(struct board_timing, blocks));
    memcpy(bytes + offsetof(struct board_timing, blocks), board_blocks_state(t->blocks, t->state),
           sizeof(struct board_pipe));
}

void board_timing_restore(struct board_timing *t, const void *from)
{
    const uint8_t *bytes = from;
    struct board_pipe p;

    memcpy(t, bytes, offsetof(struct board_timing, blocks));
    memcpy(&p, bytes + offsetof(struct board_timing, blocks), sizeof p);
    t->state = board_blocks_intern(t->blocks, &p, &t->counters);
    t->code_epoch++; // other lines of code may be there now
}

const struct board_timing_counters *board_timing_counters(struct board_timing *t)
{
    board_blocks_collect(t->blocks, &t->counters);
    return &t->counters;
}
