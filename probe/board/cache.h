// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_CACHE_H
#define UTVM_BOARD_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A set-associative cache's tags; it holds no data. The silicon's replacement policy is not
 * published. Here the D-cache replaces the least recently used line, and what holds code replaces
 * the line that was filled first: then a hit changes nothing, and code that is known to be there
 * need not be looked up until the next fill. Lines are named by address >> line_shift.
 */
#define BOARD_CACHE_MAX_LINES 2048u
#define BOARD_CACHE_NO_LINE 0xFFFFFFFFu

struct board_cache {
    uint32_t num_sets; /**< a power of two */
    uint32_t num_ways;
    uint32_t line_shift;
    uint32_t tags[BOARD_CACHE_MAX_LINES]; /**< [num_sets, num_ways], the next victim last */
};

/** Size, ways and line size in bytes; the profile has checked that they fit each other. */
void board_cache_init(struct board_cache *c, uint32_t size_bytes, uint32_t ways,
                      uint32_t line_bytes);

void board_cache_invalidate(struct board_cache *c);

/** Drops one line if it is there. */
void board_cache_drop(struct board_cache *c, uint32_t line);

/** First in, first out: true when the line had to be filled; a hit changes nothing. */
bool board_cache_fetch(struct board_cache *c, uint32_t line);

/** board_cache_touch() for a line that is not the most recently used one of its set. */
bool board_cache_touch_slowly(struct board_cache *c, uint32_t line);

/** Index of the first tag of a line's set. */
static inline size_t board_cache_first_way(const struct board_cache *c, uint32_t line)
{
    return (size_t)(line & (c->num_sets - 1)) * c->num_ways;
}

/** Least recently used: the line becomes its set's latest. True when it had to be filled. */
static inline bool board_cache_touch(struct board_cache *c, uint32_t line)
{
    if (c->tags[board_cache_first_way(c, line)] == line) {
        return false;
    }
    return board_cache_touch_slowly(c, line);
}

#endif
