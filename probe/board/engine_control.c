// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/engine_private.h"
#include "probe/board/thumb.h"

static bool is_executed(const struct board_engine *e, uint32_t granule)
{
    return ((unsigned)e->executed[granule >> 3] >> (granule & 7u) & 1u) != 0;
}

void board_engine_forget(struct board_engine *e, uint32_t addr, uint32_t size_bytes)
{
    if (size_bytes == 0) {
        return;
    }
    uint32_t last = (addr + size_bytes - 1) >> BOARD_ENGINE_GRANULE_BITS;

    for (uint32_t g = addr >> BOARD_ENGINE_GRANULE_BITS; g <= last; g++) {
        if (is_executed(e, g)) {
            uint64_t start = (uint64_t)g << BOARD_ENGINE_GRANULE_BITS;

            board_isa_forget(e->isa, start, start + (1u << BOARD_ENGINE_GRANULE_BITS));
            e->slots_stale = true;
        }
    }
}

void board_engine_forget_around(struct board_engine *e, uint32_t first, uint32_t end)
{
    uint32_t start = first < 4 ? 0 : first - 4;

    if (is_executed(e, start >> BOARD_ENGINE_GRANULE_BITS) ||
        is_executed(e, end >> BOARD_ENGINE_GRANULE_BITS)) {
        board_isa_forget(e->isa, start, (uint64_t)end + 2);
        e->slots_stale = true;
    }
}

static bool contains(const uint32_t *list, size_t count, uint32_t addr)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == addr) {
            return true;
        }
    }
    return false;
}

bool board_engine_is_exit(const struct board_engine *e, uint32_t address)
{
    return contains(e->exits, e->num_exits, address);
}

void board_engine_set_exits(struct board_engine *e, const uint32_t *addrs, size_t count)
{
    uint32_t old[BOARD_ENGINE_MAX_EXITS];
    size_t num_old = e->num_exits;

    memcpy(old, e->exits, sizeof old);
    if (count > BOARD_ENGINE_MAX_EXITS) {
        count = BOARD_ENGINE_MAX_EXITS;
    }
    e->num_exits = count;
    if (count != 0) {
        memcpy(e->exits, addrs, count * sizeof *addrs);
    }
    board_isa_set_exits(e->isa, e->exits, count);
    for (size_t i = 0; i < num_old; i++) {
        if (!contains(e->exits, count, old[i])) {
            board_engine_forget_around(e, old[i], old[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!contains(old, num_old, e->exits[i])) {
            board_engine_forget_around(e, e->exits[i], e->exits[i]);
        }
    }
}

void board_engine_set_traps(struct board_engine *e, unsigned flags)
{
    e->trap_flags = flags;
    e->slots_stale = true;
}

/** What is shown is compiled into the translations. */
static void retranslate(struct board_engine *e)
{
    for (uint32_t i = 0; i < 1u << (32 - BOARD_ENGINE_GRANULE_BITS - 3); i++) {
        if (e->executed[i] != 0) {
            board_engine_forget(e, i << (BOARD_ENGINE_GRANULE_BITS + 3),
                                8u << BOARD_ENGINE_GRANULE_BITS);
        }
    }
}

void board_engine_set_careful(struct board_engine *e, bool watch, bool alignment)
{
    bool on = watch || alignment;

    e->watching = watch;
    e->checks_alignment = alignment;
    if (on == e->careful) {
        return;
    }
    e->careful = on;
    board_isa_set_careful(e->isa, on);
    retranslate(e);
}

void board_engine_guard(struct board_engine *e, bool accesses, bool fetches)
{
    e->guards_fetches = fetches;
    if (accesses == e->guards_accesses) {
        return;
    }
    e->guards_accesses = accesses;
    board_isa_show_accesses(e->isa, accesses);
    retranslate(e);
}

void board_engine_step(struct board_engine *e, struct board_stop *stop)
{
    uint32_t pc = board_isa_reg(e->isa, BOARD_REG_PC);
    const uint8_t *code = e->client.memory(e->client.user, pc, 2);
    uint32_t next = pc + (code == NULL ? 2 : board_thumb_length(board_thumb_half(code)));
    uint32_t list[BOARD_ENGINE_MAX_EXITS];
    size_t count = 0;

    // While the step lasts, only the next instruction is an exit. Translations with the other
    // exits stay as they are and only this instruction is translated anew, before and after.
    for (size_t i = 0; i < e->num_exits; i++) {
        if (e->exits[i] != pc && e->exits[i] != next && count < BOARD_ENGINE_MAX_EXITS - 1) {
            list[count++] = e->exits[i];
        }
    }
    list[count++] = next;
    board_isa_set_exits(e->isa, list, count);
    board_engine_forget_around(e, pc, next);
    e->deadline = UINT64_MAX;
    e->event = UINT64_MAX;
    e->look_at = 0; // every border is looked at
    e->stepping = true;
    if (!board_engine_start(e) || e->stop.kind == BOARD_STOP_EXIT) {
        e->stop.kind = BOARD_STOP_BLOCK;
    }
    e->stepping = false;
    if (e->watch_hit && e->stop.kind == BOARD_STOP_BLOCK) {
        e->stop.kind = BOARD_STOP_WATCH;
    }
    board_isa_set_exits(e->isa, e->exits, e->num_exits);
    board_engine_forget_around(e, pc, next);
    *stop = e->stop;
}

void board_engine_skip(struct board_engine *e)
{
    uint32_t pc = board_isa_reg(e->isa, BOARD_REG_PC);
    uint32_t xpsr = board_isa_reg(e->isa, BOARD_REG_XPSR);
    const uint8_t *code = e->client.memory(e->client.user, pc, 2);
    uint8_t it;

    if (code == NULL) {
        return;
    }
    it = board_thumb_next_it(code, board_thumb_it(xpsr));
    board_isa_set_reg(e->isa, BOARD_REG_XPSR,
                      (xpsr & ~BOARD_ENGINE_XPSR_IT) | board_thumb_xpsr_it(it));
    board_isa_set_reg(e->isa, BOARD_REG_PC, pc + board_thumb_length(board_thumb_half(code)));
    board_engine_add_cycles(e, 1);
}
