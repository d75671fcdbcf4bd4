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

/** The engine's memory, in the form of board_thumb_word_fn; user is the engine. */
static bool read_word(void *user, uint32_t addr, uint32_t *value)
{
    const struct board_engine *e = user;
    const uint8_t *p = e->client.memory(e->client.user, addr, 4);

    if (p == NULL) {
        return false;
    }
    memcpy(value, p, 4);
    return true;
}

/** Registers, and which of them have been asked for. */
struct traced {
    struct board_engine *e;
    uint32_t used;
};

static uint32_t traced_reg(void *user, unsigned n)
{
    struct traced *t = user;

    t->used |= 1u << n;
    return board_engine_core_reg(t->e, n);
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

/** Whether the instruction at offset of the block in execution stands under an IT. */
static bool is_conditional(const struct board_engine *e, uint32_t offset)
{
    return (it_at(e, offset, board_isa_reg(e->isa, BOARD_REG_XPSR)) & 15u) != 0;
}

/**
 * An instruction of the block in execution may be the one that is executing: what its address is
 * made of is what earlier instructions of the block have left there, as far as they tell.
 */
static bool is_plausible(struct board_engine *e, const uint8_t *code, uint32_t offset,
                         uint32_t address_regs)
{
    const struct board_timing_block *b = e->current;

    for (unsigned reg = 0; reg < BOARD_REG_PC; reg++) {
        struct board_thumb_constant c;
        uint32_t writer;

        if ((address_regs >> reg & 1u) != 0 && board_timing_last_writer(b, offset, reg, &writer) &&
            board_thumb_constant(code + writer, b->address + writer, read_word, e, &c) &&
            ((board_engine_core_reg(e, reg) ^ c.value) & c.mask) != 0 &&
            !is_conditional(e, writer)) {
            return false;
        }
    }
    return true;
}

/** An access by an instruction of the block in execution. */
struct found {
    uint32_t offset; // of the instruction in its block
    unsigned length;
    bool is_last; // of the words it transfers
    bool moves_base;
};

/**
 * The engine keeps the PC of the block's start while the block executes, but all other registers
 * are exact. So the accessing instruction is one whose effective address is the one accessed: the
 * first from an offset on.
 */
static bool find_access(struct board_engine *e, uint32_t from, uint32_t addr, bool is_load,
                        struct found *f)
{
    const struct board_timing_block *b = e->current;
    const uint8_t *code =
        b == NULL ? NULL : e->client.memory(e->client.user, b->address, b->size_bytes);

    for (uint32_t at = from; code != NULL && at + 2 <= b->size_bytes;) {
        struct traced regs = {e, 0};
        struct board_thumb_access a;
        unsigned length = board_thumb_length(board_thumb_half(code + at));

        if (at + length <= b->size_bytes &&
            board_thumb_data_access(code + at, b->address + at, traced_reg, &regs, &a) &&
            a.is_load == is_load && addr - a.addr < a.size_bytes &&
            is_plausible(e, code, at, regs.used)) {
            *f = (struct found){at, length, addr - a.addr + 4 >= a.size_bytes,
                                board_thumb_moves_base(code + at)};
            return true;
        }
        at += length;
    }
    return false;
}

uint64_t board_engine_access_now(struct board_engine *e, uint32_t addr, bool is_write)
{
    struct found f;

    if (!find_access(e, e->cursor, addr, !is_write, &f)) {
        return e->cycles;
    }
    // A transfer of several words comes back for each of them: stay on it until the last.
    e->cursor = f.is_last ? f.offset + f.length : f.offset;
    return e->cycles + board_timing_prefix(e->timing, e->current, f.offset);
}

uint32_t board_engine_access_pc(struct board_engine *e, uint32_t addr, bool is_write)
{
    struct found f = {0};

    (void)find_access(e, e->cursor, addr, !is_write, &f);
    return e->current == NULL ? board_isa_reg(e->isa, BOARD_REG_PC)
                              : e->current->address + f.offset;
}

void board_engine_save_fault(struct board_engine *e, uint32_t addr, bool is_load)
{
    struct board_engine_fault *f = &e->fault;
    struct found found = {0};

    f->valid = true;
    f->has_special = false;
    f->pc = board_isa_reg(e->isa, BOARD_REG_PC);
    f->located = find_access(e, e->cursor, addr, is_load, &found);
    f->offset = found.offset;
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
    struct found f;
    struct found other;

    // Not from the cursor on: it may have passed this store already. Two that it could be: no stop.
    if (!find_access(e, 0, addr, false, &f) || !f.is_last || f.moves_base ||
        find_access(e, f.offset + f.length, addr, false, &other)) {
        return false;
    }
    // Behind a conditional store the engine goes on to the end of the block.
    if (is_conditional(e, f.offset)) {
        return false;
    }
    *next = e->current->address + f.offset + f.length;
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
