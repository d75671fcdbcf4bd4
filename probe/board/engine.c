// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/engine.h"

#include <stdlib.h>
#include <string.h>

#include "probe/board/engine_private.h"
#include "probe/board/thumb.h"

// No block takes longer than this for each of its at most 512 instructions, but for its data.
#define CYCLES_AN_INSN_MAX UINT64_C(64)
// From here on borders are looked at closely: a block of few instructions with all of its data.
#define EVENT_MARGIN (513 * CYCLES_AN_INSN_MAX)

void board_engine_note_stop(struct board_engine *e, enum board_stop_kind kind, uint32_t addr)
{
    e->stop_known = true;
    e->stop.kind = kind;
    e->stop.addr = addr;
}

// ---------------------------------------------------------------------------------------------
// Block borders

static void mark_executed(struct board_engine *e, uint32_t address, uint32_t size_bytes)
{
    uint32_t last = (address + (size_bytes == 0 ? 0 : size_bytes - 1)) >> BOARD_ENGINE_GRANULE_BITS;

    for (uint32_t g = address >> BOARD_ENGINE_GRANULE_BITS; g <= last; g++) {
        e->executed[g >> 3] |= (uint8_t)(1u << (g & 7u));
    }
}

static struct board_timing_block *fill_slot(struct board_engine *e, struct board_engine_slot *s,
                                            uint32_t address, uint32_t size_bytes)
{
    const uint8_t *code = e->client.memory(e->client.user, address, size_bytes);

    e->fresh = false;
    mark_executed(e, address, size_bytes);
    s->address = address;
    s->size_bytes = size_bytes;
    s->block = board_timing_block_get(e->timing, address, size_bytes, code);
    if (s->block == NULL || (s->block->flags & e->trap_flags) != 0) {
        s->address = BOARD_ENGINE_NO_ADDRESS; // never kept
    }
    return s->block;
}

/** The block in execution came to its end. */
static void retire(struct board_engine *e, uint32_t next)
{
    struct board_timing_block *done = e->current;

    if (done != NULL) {
        e->cycles += board_timing_retire(e->timing, done, next);
        e->instructions += done->num_insns;
        e->stop.flags = done->flags;
        e->current = NULL;
    }
}

/** The block in execution was left before the instruction at pc. */
static void retire_until(struct board_engine *e, uint32_t pc)
{
    struct board_timing_block *done = e->current;

    if (done == NULL) {
        return;
    }
    uint32_t offset = pc - done->address;

    if (offset >= done->size_bytes) {
        retire(e, pc);
        return;
    }
    const uint8_t *code = e->client.memory(e->client.user, done->address, done->size_bytes);

    e->cycles += board_timing_retire_prefix(e->timing, done, offset);
    if (code != NULL) {
        e->instructions += board_thumb_scan(code, offset, &e->stop.flags);
    }
    e->current = NULL;
}

static void stop_at_border(struct board_engine *e, enum board_stop_kind kind, uint32_t addr,
                           uint32_t pc)
{
    e->current = NULL;
    e->border_pc = pc;
    board_engine_note_stop(e, kind, addr);
    board_isa_stop(e->isa);
}

/** The event becomes due, or may become due, before the block's last instruction issues. */
static bool is_due_within(const struct board_engine *e, const struct board_timing_block *block)
{
    uint64_t latest = e->cycles + board_timing_data_bound(e->timing, block);
    const uint8_t *code;
    uint32_t last = 0;

    if (latest + (block->num_insns + 1) * CYCLES_AN_INSN_MAX < e->event) {
        return false;
    }
    code = e->client.memory(e->client.user, block->address, block->size_bytes);
    if (code == NULL) {
        return false;
    }
    for (uint32_t at = 0; at < block->size_bytes;) {
        last = at;
        at += board_thumb_length(board_thumb_half(code + at));
    }
    return last != 0 && latest + board_timing_prefix(e->timing, block, last) >= e->event;
}

/** Goes on with a block, or stops before it; done is the one before, already accounted for. */
static void enter(struct board_engine *e, const struct board_engine_slot *s,
                  struct board_timing_block *block, const struct board_timing_block *done,
                  uint32_t address, uint32_t size)
{
    bool ended = done != NULL && ((done->flags & e->stop_after) != 0 || e->stepping);

    if (ended || block == NULL || e->cycles >= e->look_at) {
        e->stop.flags = done != NULL ? done->flags : 0;
        if (ended || block == NULL || e->cycles >= e->deadline || e->cycles >= e->event) {
            stop_at_border(e, BOARD_STOP_BLOCK, 0, address);
            return;
        }
        if (!e->stepping && is_due_within(e, block)) {
            stop_at_border(e, BOARD_STOP_NEAR, 0, address);
            return;
        }
    }
    if (e->guards_fetches && !e->client.executes(e->client.user, address)) {
        stop_at_border(e, BOARD_STOP_NO_EXECUTE, 0, address);
        return;
    }
    if (e->watches_fp && !e->stepping && (block->flags & BOARD_THUMB_FP) != 0) {
        stop_at_border(e, BOARD_STOP_FP, 0, address);
        return;
    }
    if (s->address == BOARD_ENGINE_NO_ADDRESS && !e->stepping) {
        stop_at_border(e, BOARD_STOP_TRAP, size, address);
        return;
    }
    e->current = block;
    e->cursor = 0;
}

/** A block that is not at hand, or the first one. */
__attribute__((noinline)) static void meet(struct board_engine *e, struct board_engine_slot *s,
                                           uint32_t address, uint32_t size)
{
    struct board_timing_block *done = e->current;
    struct board_timing_block *block = s->block;

    if (s->address != address || s->size_bytes != size || e->fresh) {
        block = fill_slot(e, s, address, size);
    }
    if (done != NULL) {
        e->cycles += board_timing_retire(e->timing, done, address);
        e->instructions += done->num_insns;
    }
    enter(e, s, block, done, address, size);
}

/** Nearly all of the time that the board spends beside the engine is spent here. */
static void on_block(struct uc_struct *uc, uint64_t address64, uint32_t size, void *user)
{
    struct board_engine *e = user;
    uint32_t address = (uint32_t)address64;
    struct board_engine_slot *s = &e->slots[(address >> 1) % BOARD_ENGINE_SLOTS];
    struct board_timing_block *done = e->current;

    (void)uc;
    if (done == NULL || s->address != address || s->size_bytes != size) {
        meet(e, s, address, size);
        return;
    }
    e->cycles += board_timing_retire(e->timing, done, address);
    e->instructions += done->num_insns;
    if (e->cycles >= e->look_at || (done->flags & e->stop_after) != 0) {
        enter(e, s, s->block, done, address, size);
        return;
    }
    e->current = s->block;
    e->cursor = 0;
}

/** A block is translated anew: what is known of this address may be stale. */
static void on_translated(void *user, uint32_t address)
{
    struct board_engine *e = user;
    struct board_engine_slot *s = &e->slots[(address >> 1) % BOARD_ENGINE_SLOTS];

    if (s->address == address) {
        s->address = BOARD_ENGINE_NO_ADDRESS;
    }
}

// ---------------------------------------------------------------------------------------------
// Stops in the middle

static void on_instruction(void *user, uint32_t address, uint32_t size)
{
    struct board_engine *e = user;

    if (e->watch_hit) {
        e->watch_hit = false;
        board_engine_note_stop(e, BOARD_STOP_WATCH, 0);
        board_isa_stop(e->isa);
    } else if (e->checks_alignment && board_engine_is_unaligned(e, address, size)) {
        board_engine_note_stop(e, BOARD_STOP_UNALIGNED, 0);
        board_isa_stop(e->isa);
    }
}

static void on_access(struct uc_struct *uc, int kind, uint64_t address, int size, int64_t value,
                      void *user)
{
    struct board_engine *e = user;
    bool is_write = kind == BOARD_ISA_WRITE;

    (void)uc;
    (void)value;
    if (e->guards_accesses) {
        board_engine_guard_access(e, (uint32_t)address, (unsigned)size, is_write);
        if (e->fault.valid) {
            return;
        }
    }
    if (e->timed) {
        board_timing_access(e->timing, (uint32_t)address, (unsigned)size, is_write);
    }
    if (e->watching) {
        e->watch_hit |=
            e->client.watch(e->client.user, (uint32_t)address, (unsigned)size, is_write);
    }
}

static void on_event(void *user, enum board_stop_kind kind, uint32_t addr)
{
    struct board_engine *e = user;

    if (e->fault.valid) {
        return; // the rest of a block whose store has faulted; it is undone
    }
    board_engine_note_stop(e, kind, addr);
    if (kind == BOARD_STOP_READ_FAULT || kind == BOARD_STOP_WRITE_FAULT) {
        board_engine_save_fault(e, addr, kind == BOARD_STOP_READ_FAULT);
    }
}

static uint32_t on_io_read(void *user, uint32_t addr, unsigned size_bytes)
{
    struct board_engine *e = user;

    return e->fault.valid ? 0 : e->client.io_read(e->client.user, addr, size_bytes);
}

static void on_io_write(void *user, uint32_t addr, unsigned size_bytes, uint32_t value)
{
    struct board_engine *e = user;

    if (e->fault.valid) {
        return;
    }
    e->client.io_write(e->client.user, addr, size_bytes, value);
    if (e->deadline == 0 && !e->stepping && board_engine_is_store_done(e, addr, &e->border_pc)) {
        board_engine_note_stop(e, BOARD_STOP_STORED, 0);
        board_isa_stop(e->isa);
    }
}

static void on_rom_write(void *user, uint32_t addr, unsigned size_bytes, uint32_t value)
{
    struct board_engine *e = user;

    if (!e->fault.valid) {
        e->client.rom_write(e->client.user, addr, size_bytes, value);
    }
}

// ---------------------------------------------------------------------------------------------
// Making and mapping

struct board_engine *board_engine_create(const struct board_engine_client *client,
                                         struct board_timing *timing, const char **error)
{
    struct board_engine *e = calloc(1, sizeof *e);
    const struct board_isa_client isa_client = {
        e,        on_block,   on_access,   on_instruction, on_translated,
        on_event, on_io_read, on_io_write, on_rom_write,
    };

    if (e == NULL) {
        *error = "out of memory for the execution engine";
        return NULL;
    }
    e->client = *client;
    e->timing = timing;
    e->slots_stale = true;
    e->timed = board_timing_wants_accesses(timing);
    e->executed = calloc(1, (size_t)1 << (32 - BOARD_ENGINE_GRANULE_BITS - 3));
    if (e->executed == NULL) {
        *error = "out of memory for the execution engine";
        board_engine_destroy(e);
        return NULL;
    }
    e->isa = board_isa_create(&isa_client, e->timed, error);
    if (e->isa == NULL) {
        board_engine_destroy(e);
        return NULL;
    }
    return e;
}

void board_engine_destroy(struct board_engine *e)
{
    if (e == NULL) {
        return;
    }
    board_isa_destroy(e->isa);
    free(e->executed);
    free(e);
}

bool board_engine_map(struct board_engine *e, uint32_t addr, uint32_t size_bytes, void *host,
                      bool writable)
{
    return board_isa_map(e->isa, addr, size_bytes, host, writable);
}

bool board_engine_map_io(struct board_engine *e, uint32_t addr, uint32_t size_bytes)
{
    return board_isa_map_io(e->isa, addr, size_bytes);
}

uint32_t board_engine_reg(const struct board_engine *e, unsigned reg)
{
    return board_isa_reg(e->isa, reg);
}

void board_engine_set_reg(struct board_engine *e, unsigned reg, uint32_t value)
{
    board_isa_set_reg(e->isa, reg, value);
}

// ---------------------------------------------------------------------------------------------
// Running

/** The instruction that ends before pc has this flag. */
static bool ends_with(const struct board_engine *e, uint32_t pc, unsigned flag)
{
    const uint8_t *narrow = e->client.memory(e->client.user, pc - 2, 2);
    const uint8_t *wide = e->client.memory(e->client.user, pc - 4, 4);

    return (narrow != NULL && board_thumb_length(board_thumb_half(narrow)) == 2 &&
            board_thumb_flags(narrow) == flag) ||
           (wide != NULL && board_thumb_length(board_thumb_half(wide)) == 4 &&
            board_thumb_flags(wide) == flag);
}

static bool ends_after_block(enum board_stop_kind kind)
{
    return kind == BOARD_STOP_SVC || kind == BOARD_STOP_EXC_RETURN || kind == BOARD_STOP_WFI ||
           kind == BOARD_STOP_WFE || kind == BOARD_STOP_EXIT || kind == BOARD_STOP_FETCH;
}

/** Names a stop that no event has named; false when there was no reason to stop. */
static bool name_stop(struct board_engine *e, enum board_isa_end end)
{
    uint32_t pc = e->stop.pc;

    e->stop.addr = 0;
    if (end == BOARD_ISA_END_INVALID) {
        bool behind = e->current != NULL && pc == e->current->address + e->current->size_bytes;

        // WFE and YIELD end this way, too, with the PC behind them.
        e->stop.kind = behind ? BOARD_STOP_WFE : BOARD_STOP_UNDEFINED;
        return !behind || ends_with(e, pc, BOARD_THUMB_WFE);
    }
    if (board_engine_is_exit(e, pc)) {
        e->stop.kind = BOARD_STOP_EXIT;
        return true;
    }
    e->stop.kind = BOARD_STOP_WFI;
    return ends_with(e, pc, BOARD_THUMB_WFI);
}

static bool is_at_border(enum board_stop_kind kind)
{
    return kind == BOARD_STOP_BLOCK || kind == BOARD_STOP_NEAR || kind == BOARD_STOP_TRAP ||
           kind == BOARD_STOP_FP || kind == BOARD_STOP_NO_EXECUTE;
}

/** Accounts for what was executed and puts the registers in order that a stop leaves behind. */
static void settle(struct board_engine *e, bool named)
{
    enum board_stop_kind kind = e->stop.kind;

    if (e->fault.valid) {
        e->stop.pc = board_engine_restore_fault(e, e->stop.pc);
        retire_until(e, e->stop.pc);
        e->fault.valid = false;
    } else if (!named || ends_after_block(kind)) {
        retire(e, e->stop.pc);
    } else if (is_at_border(kind)) {
        if (e->stop.pc != e->border_pc) { // stale after a border of careful code
            board_isa_set_reg(e->isa, BOARD_REG_PC, e->border_pc);
            e->stop.pc = e->border_pc;
        }
        if (e->watch_hit) {
            e->stop.kind = BOARD_STOP_WATCH;
        }
    } else if (kind == BOARD_STOP_STORED) {
        e->stop.pc = e->border_pc;
        board_isa_set_reg(e->isa, BOARD_REG_PC, e->stop.pc);
        board_engine_settle_it(e, e->stop.pc);
        retire_until(e, e->stop.pc);
        e->stop.kind = e->watch_hit ? BOARD_STOP_WATCH : kind;
    } else {
        if (kind == BOARD_STOP_WATCH || kind == BOARD_STOP_UNALIGNED) {
            board_engine_settle_it(e, e->stop.pc);
        }
        retire_until(e, e->stop.pc);
    }
}

/** One start of the engine; false when it stopped for nothing and should go on. */
bool board_engine_start(struct board_engine *e)
{
    enum board_isa_end end;
    bool named;

    if (e->slots_stale) {
        for (size_t i = 0; i < BOARD_ENGINE_SLOTS; i++) {
            e->slots[i].address = BOARD_ENGINE_NO_ADDRESS;
        }
        e->slots_stale = false;
    }
    e->fresh = true;
    e->stop_known = false;
    e->stop.flags = 0;
    e->fault.valid = false;
    e->num_undo = 0;
    e->watch_hit = false;
    e->cursor = 0;
    e->current = NULL;
    end = board_isa_start(e->isa);
    e->stop.pc = board_isa_reg(e->isa, BOARD_REG_PC);
    named = e->stop_known || name_stop(e, end);
    settle(e, named);
    return named;
}

void board_engine_run(struct board_engine *e, uint64_t deadline, uint64_t event,
                      struct board_stop *stop)
{
    uint64_t near = event < EVENT_MARGIN ? 0 : event - EVENT_MARGIN;

    e->deadline = deadline;
    e->event = event;
    e->look_at = e->watches_fp || e->guards_fetches ? 0 : deadline < near ? deadline : near;
    while (!board_engine_start(e)) {
        // An exit that has been removed may have left a block of no length behind.
        board_engine_forget_around(e, e->stop.pc, e->stop.pc);
        if (e->cycles >= e->deadline) {
            e->stop.kind = BOARD_STOP_BLOCK;
            break;
        }
    }
    *stop = e->stop;
}

void board_engine_interrupt(struct board_engine *e)
{
    e->deadline = 0;
    e->look_at = 0;
}

void board_engine_watch_masks(struct board_engine *e, bool on)
{
    e->stop_after = BOARD_THUMB_SEV | (on ? BOARD_THUMB_MASK : 0);
}

void board_engine_watch_fp(struct board_engine *e, bool on)
{
    e->watches_fp = on;
}

uint64_t board_engine_now(const struct board_engine *e)
{
    return e->cycles;
}

uint64_t board_engine_instructions(const struct board_engine *e)
{
    return e->instructions;
}

void board_engine_add_cycles(struct board_engine *e, uint64_t cycles)
{
    e->cycles += cycles;
    board_timing_system(e->timing, cycles);
}
