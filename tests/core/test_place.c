// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/build/place.h"

TestSuite(place);

#define MAX_BUFFERS 60

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}

static size_t make_random(uint64_t *state, struct utvm_place_buffer *buffers)
{
    size_t count = 1 + next_random(state) % MAX_BUFFERS;
    uint32_t num_steps = 1 + next_random(state) % 40;
    for (size_t i = 0; i < count; i++) {
        uint32_t first = next_random(state) % num_steps;
        uint32_t length = next_random(state) % 6;
        buffers[i] = (struct utvm_place_buffer){
            .size_bytes = 1 + next_random(state) % (1u << (next_random(state) % 15)),
            .align = 1u << (next_random(state) % 6),
            .first_step = first,
            .last_step = first + length,
        };
    }
    return count;
}

// What every placement must be, whatever the regions.
static void check_placement(const struct utvm_place_buffer *buffers, size_t count,
                            const struct utvm_place_region *regions, size_t num_regions,
                            uint64_t seed)
{
    for (size_t i = 0; i < count; i++) {
        const struct utvm_place_buffer *a = &buffers[i];
        cr_assert_lt(a->region, num_regions, "seed %llu", (unsigned long long)seed);
        cr_assert_eq(a->offset % a->align, 0, "seed %llu", (unsigned long long)seed);
        cr_assert_leq((uint64_t)a->offset + a->size_bytes, regions[a->region].used_bytes);
        cr_assert_leq(regions[a->region].used_bytes, regions[a->region].capacity_bytes);
        for (size_t j = 0; j < i; j++) {
            const struct utvm_place_buffer *b = &buffers[j];
            bool together = a->first_step <= b->last_step && b->first_step <= a->last_step;
            bool apart =
                a->offset + a->size_bytes <= b->offset || b->offset + b->size_bytes <= a->offset;
            cr_assert(a->region != b->region || !together || apart,
                      "seed %llu: buffers %zu and %zu overlap", (unsigned long long)seed, i, j);
        }
    }
}

Test(place, never_overlaps_what_is_alive_together)
{
    uint64_t seed = (uint64_t)time(NULL) * 12;
    for (int round = 0; round < 12; round++, seed++) {
        struct utvm_place_buffer buffers[MAX_BUFFERS];
        uint64_t state = seed;
        size_t count = make_random(&state, buffers);
        struct utvm_place_region regions[2] = {{.capacity_bytes = 1u << 20}};
        uint64_t needed = 0;
        bool fits = false;
        cr_assert_null(utvm_place(buffers, count, regions, 1, &needed, &fits));
        cr_assert(fits, "seed %llu", (unsigned long long)seed);
        check_placement(buffers, count, regions, 1, seed);
        cr_assert_geq(needed, utvm_place_bound(buffers, count));
        cr_assert_eq(needed, regions[0].used_bytes, "seed %llu", (unsigned long long)seed);

        // Half of what it needs, and the rest elsewhere.
        regions[0].capacity_bytes = (uint32_t)(needed / 2);
        regions[1].capacity_bytes = 1u << 20;
        cr_assert_null(utvm_place(buffers, count, regions, 2, &needed, &fits));
        cr_assert(fits, "seed %llu", (unsigned long long)seed);
        check_placement(buffers, count, regions, 2, seed);
    }
}

Test(place, meets_the_bound_of_a_chain)
{
    // Each buffer is alive in two steps with the next: two at a time, of alternating sizes.
    struct utvm_place_buffer buffers[20];
    for (uint32_t i = 0; i < 20; i++) {
        buffers[i] = (struct utvm_place_buffer){
            .size_bytes = 100 + 50 * (i % 3),
            .align = 1,
            .first_step = i,
            .last_step = i + 1,
        };
    }
    struct utvm_place_region region = {.capacity_bytes = 10000};
    uint64_t needed;
    bool fits;
    cr_assert_null(utvm_place(buffers, 20, &region, 1, &needed, &fits));
    cr_assert(fits);
    cr_expect_eq(utvm_place_bound(buffers, 20), 350);
    cr_expect_eq(region.used_bytes, 350, "%u", region.used_bytes);
}

Test(place, bound_is_the_largest_sum_alive_at_once)
{
    const struct utvm_place_buffer buffers[] = {
        {.size_bytes = 10, .align = 1, .first_step = 0, .last_step = 4},
        {.size_bytes = 7, .align = 1, .first_step = 1, .last_step = 2},
        {.size_bytes = 5, .align = 1, .first_step = 3, .last_step = 3},
        {.size_bytes = 20, .align = 1, .first_step = 5, .last_step = 5},
    };
    cr_expect_eq(utvm_place_bound(buffers, 4), 20);
    cr_expect_eq(utvm_place_bound(buffers, 3), 17);
    cr_expect_eq(utvm_place_bound(buffers, 0), 0);
}

Test(place, says_what_is_needed_when_nothing_fits)
{
    struct utvm_place_buffer buffers[] = {
        {.size_bytes = 100, .align = 4, .first_step = 0, .last_step = 1},
        {.size_bytes = 60, .align = 4, .first_step = 1, .last_step = 2},
    };
    struct utvm_place_region regions[] = {{.capacity_bytes = 99}, {.capacity_bytes = 59}};
    uint64_t needed = 0;
    bool fits = true;
    cr_assert_null(utvm_place(buffers, 2, regions, 2, &needed, &fits));
    cr_expect_not(fits);
    cr_expect_eq(needed, 160);
    regions[0].capacity_bytes = 100;
    regions[1].capacity_bytes = 60;
    cr_assert_null(utvm_place(buffers, 2, regions, 2, &needed, &fits));
    cr_expect(fits);
    cr_expect_eq(buffers[0].region, 0);
    cr_expect_eq(buffers[1].region, 1);
}

Test(place, does_the_same_every_time)
{
    struct utvm_place_buffer first[MAX_BUFFERS];
    struct utvm_place_buffer second[MAX_BUFFERS];
    uint64_t state = 7;
    size_t count = make_random(&state, first);
    memcpy(second, first, sizeof(first));
    struct utvm_place_region region = {.capacity_bytes = 1u << 20};
    uint64_t needed;
    bool fits;
    cr_assert_null(utvm_place(first, count, &region, 1, &needed, &fits));
    cr_assert_null(utvm_place(second, count, &region, 1, &needed, &fits));
    cr_expect_eq(memcmp(first, second, count * sizeof(first[0])), 0);
}
