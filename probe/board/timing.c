// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/timing.h"

#include <stdlib.h>
#include <string.h>

#include "probe/board/thumb.h"

#define BUCKETS 4096u

struct node {
    struct board_timing_block block; // first: handles are pointers to it
    struct node *next;
    uint8_t code[];
};

struct board_timing {
    enum board_timing_mode mode;
    struct board_timing_counters counters;
    struct node *buckets[BUCKETS];
};

struct board_timing *board_timing_create(enum board_timing_mode mode, const char *profile_path,
                                         const char **error)
{
    struct board_timing *t = calloc(1, sizeof *t);

    (void)profile_path;
    if (t == NULL) {
        *error = "out of memory for the timing model";
        return NULL;
    }
    t->mode = mode;
    return t;
}

void board_timing_destroy(struct board_timing *t)
{
    if (t == NULL) {
        return;
    }
    for (unsigned i = 0; i < BUCKETS; i++) {
        struct node *n = t->buckets[i];

        while (n != NULL) {
            struct node *next = n->next;

            free(n);
            n = next;
        }
    }
    free(t);
}

enum board_timing_mode board_timing_mode_of(const struct board_timing *t)
{
    return t->mode;
}

bool board_timing_wants_accesses(const struct board_timing *t)
{
    (void)t;
    return false;
}

static void decode(struct node *n, const uint8_t *code)
{
    if (code == NULL) {
        memset(n->code, 0, n->block.size_bytes);
    } else {
        memcpy(n->code, code, n->block.size_bytes);
    }
    n->block.num_insns = board_thumb_scan(n->code, n->block.size_bytes, &n->block.flags);
}

struct board_timing_block *board_timing_block_get(struct board_timing *t, uint32_t address,
                                                  uint32_t size_bytes, const uint8_t *code)
{
    struct node **head = &t->buckets[(address >> 1 ^ address >> 13) % BUCKETS];

    for (struct node *n = *head; n != NULL; n = n->next) {
        if (n->block.address == address && n->block.size_bytes == size_bytes) {
            if (code != NULL && memcmp(n->code, code, size_bytes) != 0) {
                decode(n, code);
            }
            return &n->block;
        }
    }
    struct node *n = calloc(1, sizeof *n + size_bytes);

    if (n == NULL) {
        return NULL;
    }
    n->block.address = address;
    n->block.size_bytes = size_bytes;
    decode(n, code);
    n->next = *head;
    *head = n;
    return &n->block;
}

uint32_t board_timing_retire(struct board_timing *t, const struct board_timing_block *block,
                             uint32_t next)
{
    (void)next;
    t->counters.instructions += block->num_insns;
    t->counters.cycles[BOARD_CYCLES_ISSUE] += block->num_insns;
    return block->num_insns;
}

uint32_t board_timing_prefix(const struct board_timing *t, const struct board_timing_block *block,
                             uint32_t offset_bytes)
{
    unsigned flags;

    (void)t;
    return board_thumb_scan(((const struct node *)block)->code, offset_bytes, &flags);
}

uint32_t board_timing_retire_prefix(struct board_timing *t, const struct board_timing_block *block,
                                    uint32_t offset_bytes)
{
    uint32_t insns = board_timing_prefix(t, block, offset_bytes);

    t->counters.instructions += insns;
    t->counters.cycles[BOARD_CYCLES_ISSUE] += insns;
    return insns;
}

void board_timing_access(struct board_timing *t, uint32_t addr, unsigned size_bytes, bool is_write)
{
    (void)t;
    (void)addr;
    (void)size_bytes;
    (void)is_write;
}

void board_timing_system(struct board_timing *t, uint64_t cycles)
{
    t->counters.cycles[BOARD_CYCLES_SYSTEM] += cycles;
}

void board_timing_reset(struct board_timing *t)
{
    (void)t;
}

void board_timing_set_caches(struct board_timing *t, bool icache, bool dcache)
{
    (void)t;
    (void)icache;
    (void)dcache;
}

void board_timing_invalidate_icache(struct board_timing *t)
{
    (void)t;
}

void board_timing_dcache_line(struct board_timing *t, uint32_t addr, bool is_invalidate)
{
    (void)t;
    (void)addr;
    (void)is_invalidate;
}

const struct board_timing_counters *board_timing_counters(const struct board_timing *t)
{
    return &t->counters;
}
