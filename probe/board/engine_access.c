// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/engine_private.h"
#include "probe/board/thumb.h"

uint32_t board_engine_core_reg(void *user, unsigned n)
{
    const struct board_engine *e = user;

    return board_isa_reg(e->isa, n);
}

/**
 * The engine keeps the PC of the block's start while the block executes, but all other registers
 * are exact. So the accessing instruction is the first one, behind those already found in this
 * block, whose effective address is the one accessed.
 */
static bool find_access(struct board_engine *e, uint32_t addr, bool is_load, uint32_t *offset,
                        bool *last)
{
    const struct board_timing_block *b = e->current;
    const uint8_t *code;

    if (b == NULL) {
        return false;
    }
    code = e->client.memory(e->client.user, b->address, b->size_bytes);
    if (code == NULL) {
        return false;
    }
    for (uint32_t at = e->cursor; at + 2 <= b->size_bytes;) {
        struct board_thumb_access a;
        unsigned length = board_thumb_length(board_thumb_half(code + at));

        if (at + length <= b->size_bytes &&
            board_thumb_data_access(code + at, b->address + at, board_engine_core_reg, e, &a) &&
            a.is_load == is_load && addr - a.addr < a.size_bytes) {
            *offset = at;
            *last = addr - a.addr + 4 >= a.size_bytes;
            return true;
        }
        at += length;
    }
    return false;
}

uint64_t board_engine_access_now(struct board_engine *e, uint32_t addr, bool is_write)
{
    uint32_t offset;
    bool last;

    if (!find_access(e, addr, !is_write, &offset, &last)) {
        return e->cycles;
    }
    // A transfer of several words comes back for each of them: stay on it until the last.
    e->cursor = last ? offset + 2 : offset;
    return e->cycles + board_timing_prefix(e->timing, e->current, offset);
}

uint32_t board_engine_access_pc(struct board_engine *e, uint32_t addr, bool is_write)
{
    uint32_t offset = 0;
    bool last;

    (void)find_access(e, addr, !is_write, &offset, &last);
    return e->current == NULL ? board_isa_reg(e->isa, BOARD_REG_PC) : e->current->address + offset;
}

void board_engine_save_fault(struct board_engine *e, uint32_t addr, bool is_load)
{
    struct board_engine_fault *f = &e->fault;
    bool last;

    f->valid = true;
    f->has_special = false;
    f->pc = board_isa_reg(e->isa, BOARD_REG_PC);
    f->located = find_access(e, addr, is_load, &f->offset, &last);
    for (unsigned i = 0; i <= BOARD_REG_LR; i++) {
        f->regs[i] = board_isa_reg(e->isa, i);
    }
    f->xpsr = board_isa_reg(e->isa, BOARD_REG_XPSR);
    f->fpscr = board_isa_reg(e->isa, BOARD_REG_FPSCR);
    for (unsigned i = 0; i < 32; i++) {
        f->s[i] = board_isa_reg(e->isa, BOARD_REG_S0 + i);
    }
}

static const uint8_t special_regs[4] = {BOARD_REG_PRIMASK, BOARD_REG_BASEPRI, BOARD_REG_FAULTMASK,
                                        BOARD_REG_CONTROL};

/** The rest of the block may execute before the engine stops; what it stores is put back then. */
static void remember(struct board_engine *e, uint32_t addr, unsigned size_bytes)
{
    const uint8_t *p = e->client.memory(e->client.user, addr, size_bytes);
    struct board_engine_undo *u = &e->undo[e->num_undo];

    if (p == NULL || e->num_undo == BOARD_ENGINE_MAX_UNDO || size_bytes > sizeof u->old) {
        return;
    }
    e->num_undo++;
    u->addr = addr;
    u->size_bytes = size_bytes;
    memcpy(u->old, p, size_bytes);
}

void board_engine_guard_access(struct board_engine *e, uint32_t addr, unsigned size_bytes,
                               bool is_write)
{
    struct board_engine_fault *f = &e->fault;

    if (!f->valid) {
        if (e->client.allows(e->client.user, addr, size_bytes, is_write)) {
            return;
        }
        board_engine_note_stop(e, BOARD_STOP_DENIED, addr);
        board_engine_save_fault(e, addr, !is_write);
        // Unprivileged code cannot change these, nor could they be read in its middle.
        f->has_special = board_isa_is_privileged(e->isa);
        for (unsigned i = 0; f->has_special && i < 4; i++) {
            f->special[i] = board_isa_reg(e->isa, special_regs[i]);
        }
        board_isa_stop(e->isa);
    }
    if (is_write) {
        remember(e, addr, size_bytes);
    }
}

/** Undoes what was executed behind a denied access. */
static void undo(struct board_engine *e)
{
    while (e->num_undo != 0) {
        const struct board_engine_undo *u = &e->undo[--e->num_undo];

        board_isa_store(e->isa, u->addr, u->old, u->size_bytes);
    }
    for (unsigned i = 0; e->fault.has_special && i < 4; i++) {
        board_isa_set_reg(e->isa, special_regs[i], e->fault.special[i]);
    }
}

/** ITSTATE before the instruction at offset of the block, from what it was at its start. */
static uint8_t it_at(const struct board_engine *e, uint32_t offset, uint32_t xpsr)
{
    const struct board_timing_block *b = e->current;
    const uint8_t *code = e->client.memory(e->client.user, b->address, b->size_bytes);
    uint8_t it = board_thumb_it(xpsr);

    for (uint32_t at = 0; code != NULL && at < offset;) {
        it = board_thumb_next_it(code + at, it);
        at += board_thumb_length(board_thumb_half(code + at));
    }
    return it;
}

static void set_it(struct board_engine *e, uint32_t xpsr, uint8_t it)
{
    board_isa_set_reg(e->isa, BOARD_REG_XPSR,
                      (xpsr & ~BOARD_ENGINE_XPSR_IT) | board_thumb_xpsr_it(it));
}

void board_engine_settle_it(struct board_engine *e, uint32_t pc)
{
    uint32_t xpsr = board_isa_reg(e->isa, BOARD_REG_XPSR);

    if (e->current != NULL && pc - e->current->address <= e->current->size_bytes) {
        set_it(e, xpsr, it_at(e, pc - e->current->address, xpsr));
    }
}

uint32_t board_engine_restore_fault(struct board_engine *e, uint32_t pc)
{
    const struct board_engine_fault *f = &e->fault;
    uint8_t it = board_thumb_it(f->xpsr);

    undo(e);
    if (e->current != NULL && e->careful) {
        pc = f->pc; // careful code keeps it exact
        it = it_at(e, pc - e->current->address, f->xpsr);
    } else if (e->current != NULL && f->located) {
        it = it_at(e, f->offset, f->xpsr);
        pc = e->current->address + f->offset;
    }
    for (unsigned i = 0; i <= BOARD_REG_LR; i++) {
        board_isa_set_reg(e->isa, i, f->regs[i]);
    }
    for (unsigned i = 0; i < 32; i++) {
        board_isa_set_reg(e->isa, BOARD_REG_S0 + i, f->s[i]);
    }
    board_isa_set_reg(e->isa, BOARD_REG_FPSCR, f->fpscr);
    set_it(e, f->xpsr, it);
    board_isa_set_reg(e->isa, BOARD_REG_PC, pc);
    return pc;
}

bool board_engine_is_store_done(struct board_engine *e, uint32_t addr, uint32_t *next)
{
    const uint8_t *code;
    uint32_t offset;
    bool last;

    if (!find_access(e, addr, false, &offset, &last) || !last) {
        return false;
    }
    code = e->client.memory(e->client.user, e->current->address, e->current->size_bytes);
    // Behind a conditional store the engine goes on to the end of the block.
    if (code == NULL || board_thumb_moves_base(code + offset) ||
        (it_at(e, offset, board_isa_reg(e->isa, BOARD_REG_XPSR)) & 15u) != 0) {
        return false;
    }
    *next = e->current->address + offset + board_thumb_length(board_thumb_half(code + offset));
    return true;
}

static bool is_skipped(const struct board_engine *e)
{
    uint32_t xpsr = board_isa_reg(e->isa, BOARD_REG_XPSR);
    uint8_t it = board_thumb_it(xpsr);

    return (it & 15u) != 0 && !board_thumb_condition(it >> 4, xpsr);
}

bool board_engine_is_unaligned(struct board_engine *e, uint32_t pc, uint32_t size)
{
    const uint8_t *code = e->client.memory(e->client.user, pc, size);
    struct board_thumb_access a;
    uint32_t width;

    if (code == NULL || !board_thumb_data_access(code, pc, board_engine_core_reg, e, &a)) {
        return false;
    }
    width = a.size_bytes > 4 ? 4 : a.size_bytes;
    return (a.addr & (width - 1)) != 0 && !is_skipped(e);
}
