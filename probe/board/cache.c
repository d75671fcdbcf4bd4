// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/cache.h"

#include <string.h>

void board_cache_init(struct board_cache *c, uint32_t size_bytes, uint32_t ways,
                      uint32_t line_bytes)
{
    c->line_shift = 0;
    while (1u << c->line_shift < line_bytes) {
        c->line_shift++;
    }
    c->num_ways = ways;
    c->num_sets = size_bytes / line_bytes / ways;
    board_cache_invalidate(c);
}

void board_cache_invalidate(struct board_cache *c)
{
    memset(c->tags, 0xFF, sizeof c->tags);
}

static uint32_t *set_of(struct board_cache *c, uint32_t line)
{
    return &c->tags[board_cache_first_way(c, line)];
}

void board_cache_drop(struct board_cache *c, uint32_t line)
{
    uint32_t *set = set_of(c, line);
    uint32_t kept = 0;

    for (uint32_t way = 0; way < c->num_ways; way++) {
        uint32_t tag = set[way];

        if (tag != line) {
            set[kept++] = tag;
        }
    }
    while (kept < c->num_ways) {
        set[kept++] = BOARD_CACHE_NO_LINE;
    }
}

static bool holds(const struct board_cache *c, uint32_t line)
{
    const uint32_t *set = &c->tags[board_cache_first_way(c, line)];

    for (uint32_t way = 0; way < c->num_ways; way++) {
        if (set[way] == line) {
            return true;
        }
    }
    return false;
}

bool board_cache_fetch(struct board_cache *c, uint32_t line)
{
    uint32_t *set = set_of(c, line);

    if (holds(c, line)) {
        return false;
    }
    memmove(set + 1, set, (c->num_ways - 1) * sizeof *set);
    set[0] = line;
    return true;
}

bool board_cache_touch_slowly(struct board_cache *c, uint32_t line)
{
    uint32_t *set = set_of(c, line);
    uint32_t way = 0;
    bool missed;

    while (way < c->num_ways - 1 && set[way] != line) {
        way++;
    }
    missed = set[way] != line;
    memmove(set + 1, set, way * sizeof *set);
    set[0] = line;
    return missed;
}
