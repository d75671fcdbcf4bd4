// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/place.h"

#include <stdlib.h>
#include <string.h>

// Work spent on improving a placement: steps of the innermost loop.
#define WORK_LIMIT 30000000ull
// What an attempt costs at least, however early it fails.
#define ATTEMPT_WORK 256
#define NUM_ORDERS 5
#define UNLIMITED UINT32_MAX
// A split over several regions is worth it while it wastes no more than this many percent.
#define SPLIT_WASTE_PERCENT 5

struct placer {
    struct utvm_place_buffer *buffers;
    size_t num_buffers;
    struct utvm_place_region *regions;
    size_t num_regions;
    uint32_t *order;    // [num_buffers] the order in which buffers are placed
    uint32_t *by_start; // [num_buffers] placed buffers by offset
    struct utvm_place_buffer *best;
    uint64_t work;
};

static bool overlap_in_time(const struct utvm_place_buffer *a, const struct utvm_place_buffer *b)
{
    return a->first_step <= b->last_step && b->first_step <= a->last_step;
}

uint64_t utvm_place_bound(const struct utvm_place_buffer *buffers, size_t num_buffers)
{
    // The sum only grows where a buffer starts, so those steps are enough.
    uint64_t bound = 0;
    for (size_t i = 0; i < num_buffers; i++) {
        uint64_t sum = 0;
        for (size_t j = 0; j < num_buffers; j++) {
            if (buffers[j].first_step <= buffers[i].first_step &&
                buffers[i].first_step <= buffers[j].last_step) {
                sum += buffers[j].size_bytes;
            }
        }
        if (sum > bound) {
            bound = sum;
        }
    }
    return bound;
}

static uint64_t align_up(uint64_t value, uint32_t align)
{
    return (value + align - 1) & ~(uint64_t)(align - 1);
}

// Lowest offset in a region at which the buffer meets none of the placed ones of its lifetime.
static uint64_t first_fit(struct placer *p, const struct utvm_place_buffer *buffer, uint32_t region,
                          size_t num_placed)
{
    uint64_t offset = 0;
    for (size_t i = 0; i < num_placed; i++) {
        const struct utvm_place_buffer *other = &p->buffers[p->by_start[i]];
        if (other->region != region || !overlap_in_time(buffer, other)) {
            continue;
        }
        if (offset + buffer->size_bytes <= other->offset) {
            break;
        }
        uint64_t end = align_up((uint64_t)other->offset + other->size_bytes, buffer->align);
        if (end > offset) {
            offset = end;
        }
    }
    p->work += num_placed + 1;
    return offset;
}

static void insert_by_start(struct placer *p, uint32_t index, size_t num_placed)
{
    size_t i = num_placed;
    while (i > 0 && p->buffers[p->by_start[i - 1]].offset > p->buffers[index].offset) {
        p->by_start[i] = p->by_start[i - 1];
        i--;
    }
    p->by_start[i] = index;
}

// Places in p->order. @return bytes used in all regions, UINT64_MAX when one does not fit
static uint64_t place_in_order(struct placer *p, uint32_t first_region, uint32_t end_region)
{
    uint64_t used[8] = {0};
    p->work += ATTEMPT_WORK + p->num_buffers;
    for (size_t n = 0; n < p->num_buffers; n++) {
        struct utvm_place_buffer *buffer = &p->buffers[p->order[n]];
        uint32_t region = first_region;
        uint64_t end = UINT64_MAX;
        for (; region < end_region; region++) {
            uint64_t offset = first_fit(p, buffer, region, n);
            end = offset + buffer->size_bytes;
            if (end <= p->regions[region].capacity_bytes) {
                buffer->region = region;
                buffer->offset = (uint32_t)offset;
                break;
            }
        }
        if (region == end_region) {
            return UINT64_MAX;
        }
        if (end > used[region]) {
            used[region] = end;
        }
        insert_by_start(p, p->order[n], n);
    }
    uint64_t total = 0;
    for (uint32_t region = first_region; region < end_region; region++) {
        total += used[region];
    }
    return total;
}

// How early a buffer is to be placed under one of the starting orders; larger is earlier.
static uint64_t weight(const struct utvm_place_buffer *buffer, unsigned kind)
{
    uint64_t steps = (uint64_t)buffer->last_step - buffer->first_step + 1;
    switch (kind) {
    case 0:
        return (uint64_t)buffer->size_bytes << 16 | (steps < 0xFFFF ? steps : 0xFFFF);
    case 1:
        return buffer->size_bytes * steps;
    case 2:
        return steps << 32 | buffer->size_bytes;
    case 3:
        return UINT64_MAX - ((uint64_t)buffer->first_step << 32) - buffer->size_bytes;
    default:
        return (uint64_t)buffer->last_step << 32 | buffer->size_bytes;
    }
}

// Insertion sort: stable, and the lists are short.
static void sort_order(struct placer *p, unsigned kind)
{
    for (size_t i = 0; i < p->num_buffers; i++) {
        uint64_t w = weight(&p->buffers[i], kind);
        size_t j = i;
        while (j > 0 && weight(&p->buffers[p->order[j - 1]], kind) < w) {
            p->order[j] = p->order[j - 1];
            j--;
        }
        p->order[j] = (uint32_t)i;
    }
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}

// Moves a buffer to another place in the order; a move back is the same with swapped arguments.
static void move(uint32_t *order, size_t from, size_t to)
{
    uint32_t index = order[from];
    if (from < to) {
        memmove(order + from, order + from + 1, (to - from) * sizeof(*order));
    } else {
        memmove(order + to + 1, order + to, (from - to) * sizeof(*order));
    }
    order[to] = index;
}

static void keep_if_better(struct placer *p, uint64_t total, uint64_t *best)
{
    if (total < *best) {
        *best = total;
        memcpy(p->best, p->buffers, p->num_buffers * sizeof(*p->best));
    }
}

// Searches for a placement in the given regions. @return bytes used; UINT64_MAX: none found
static uint64_t search(struct placer *p, uint32_t first_region, uint32_t end_region, uint64_t bound)
{
    uint64_t best = UINT64_MAX;
    unsigned best_kind = 0;
    p->work = 0;
    for (unsigned kind = 0; kind < NUM_ORDERS && best > bound; kind++) {
        sort_order(p, kind);
        uint64_t before = best;
        keep_if_better(p, place_in_order(p, first_region, end_region), &best);
        if (best < before) {
            best_kind = kind;
        }
    }
    // Hill climbing from the best order; equal results are kept, to cross plateaus.
    sort_order(p, best_kind);
    uint64_t current = best;
    uint64_t state = 1;
    while (best > bound && p->num_buffers > 1 && p->work < WORK_LIMIT) {
        size_t from = next_random(&state) % p->num_buffers;
        size_t to = next_random(&state) % p->num_buffers;
        move(p->order, from, to);
        uint64_t total = place_in_order(p, first_region, end_region);
        if (total <= current) {
            current = total;
            keep_if_better(p, total, &best);
        } else {
            move(p->order, to, from);
        }
    }
    if (best != UINT64_MAX) {
        memcpy(p->buffers, p->best, p->num_buffers * sizeof(*p->best));
    }
    return best;
}

static uint64_t search_unlimited(struct placer *p, uint64_t bound)
{
    uint32_t capacity = p->regions[0].capacity_bytes;
    p->regions[0].capacity_bytes = UNLIMITED;
    uint64_t needed = search(p, 0, 1, bound);
    p->regions[0].capacity_bytes = capacity;
    return needed;
}

// Regions one after another, then all together; the split is taken when it wastes little.
static bool search_regions(struct placer *p, uint64_t bound, uint64_t needed)
{
    if (needed <= p->regions[0].capacity_bytes) {
        return true; // as search_unlimited has left it
    }
    uint32_t end = (uint32_t)p->num_regions;
    if (end == 1) {
        return false;
    }
    uint64_t split = search(p, 0, end, bound);
    if (split <= bound + bound * SPLIT_WASTE_PERCENT / 100) {
        return true;
    }
    for (uint32_t region = 1; region < end; region++) {
        if (search(p, region, region + 1, bound) != UINT64_MAX) {
            return true;
        }
    }
    return split != UINT64_MAX && search(p, 0, end, bound) == split;
}

static void measure(const struct placer *p)
{
    for (size_t i = 0; i < p->num_regions; i++) {
        p->regions[i].used_bytes = 0;
    }
    for (size_t i = 0; i < p->num_buffers; i++) {
        const struct utvm_place_buffer *buffer = &p->buffers[i];
        struct utvm_place_region *region = &p->regions[buffer->region];
        if (buffer->offset + buffer->size_bytes > region->used_bytes) {
            region->used_bytes = buffer->offset + buffer->size_bytes;
        }
    }
}

struct utvm_error *utvm_place(struct utvm_place_buffer *buffers, size_t num_buffers,
                              struct utvm_place_region *regions, size_t num_regions,
                              uint64_t *needed_bytes, bool *fits)
{
    UTVM_ASSERT(num_regions >= 1 && num_regions <= 8);
    struct placer p = {
        .buffers = buffers,
        .num_buffers = num_buffers,
        .regions = regions,
        .num_regions = num_regions,
        .order = calloc(num_buffers + 1, sizeof(*p.order)),
        .by_start = calloc(num_buffers + 1, sizeof(*p.by_start)),
        .best = calloc(num_buffers + 1, sizeof(*p.best)),
    };
    struct utvm_error *error = NULL;
    if (!p.order || !p.by_start || !p.best) {
        error = utvm_error_no_memory();
    } else {
        uint64_t bound = utvm_place_bound(buffers, num_buffers);
        *needed_bytes = num_buffers ? search_unlimited(&p, bound) : 0;
        *fits = search_regions(&p, bound, *needed_bytes);
        if (*fits) {
            measure(&p);
        }
    }
    free(p.order);
    free(p.by_start);
    free(p.best);
    return error;
}
