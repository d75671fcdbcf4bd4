// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/engine.h"

#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

#include "probe/board/thumb.h"

#define CACHE_SLOTS 32768u
#define GRANULE_BITS 10u // the engine never translates over a 1 KB border
#define MAX_EXITS 512u
#define NO_ADDRESS 0xFFFFFFFFu
#define XPSR_T 0x01000000u
#define XPSR_IPSR 0x1FFu
#define IPSR_SVC 11u
#define BLOCK_BYTES_MAX 2048u

#define MAX_IO_RANGES 8u

struct board_io_range {
    struct board_engine *engine;
    uint32_t base;
};

struct slot {
    uint32_t address;
    uint32_t size_bytes;
    struct board_timing_block *block;
};

struct board_engine {
    struct uc_struct *uc;
    struct board_engine_client client;
    struct board_timing *timing;
    // The hot path: everything a block border touches.
    uint64_t cycles;
    uint64_t deadline;
    uint64_t instructions;
    const struct board_timing_block *current; // being executed; NULL between blocks
    unsigned stop_after;                      // board_thumb_flags of a block that ends the run
    uint32_t cursor; // offset in current behind the last access whose instruction is known
    bool fresh;      // first block of a run: its code may have changed unseen
    bool stepping;
    bool careful; // hooks on every instruction and access are in place
    bool watching;
    bool checks_alignment;
    unsigned trap_flags;
    bool watch_hit;
    bool slots_stale;
    bool stop_known;
    struct board_stop stop;
    uint32_t exits[MAX_EXITS];
    size_t num_exits;
    uc_hook code_hook;
    uc_hook watch_hook;
    struct board_io_range io[MAX_IO_RANGES];
    size_t num_io;
    uint8_t *executed; // bit per granule: has been translated from
    struct slot slots[CACHE_SLOTS];
};

static uint32_t raw_reg(const struct board_engine *e, int id)
{
    uint32_t value = 0;

    uc_reg_read(e->uc, id, &value);
    return value;
}

static void set_raw_reg(struct board_engine *e, int id, uint32_t value)
{
    uc_reg_write(e->uc, id, &value);
}

static uint32_t core_reg(void *user, unsigned n)
{
    static const int ids[16] = {UC_ARM_REG_R0,  UC_ARM_REG_R1,  UC_ARM_REG_R2,  UC_ARM_REG_R3,
                                UC_ARM_REG_R4,  UC_ARM_REG_R5,  UC_ARM_REG_R6,  UC_ARM_REG_R7,
                                UC_ARM_REG_R8,  UC_ARM_REG_R9,  UC_ARM_REG_R10, UC_ARM_REG_R11,
                                UC_ARM_REG_R12, UC_ARM_REG_R13, UC_ARM_REG_R14, UC_ARM_REG_R15};

    return raw_reg(user, ids[n & 15u]);
}

static void note_stop(struct board_engine *e, enum board_stop_kind kind, uint32_t addr)
{
    e->stop_known = true;
    e->stop.kind = kind;
    e->stop.addr = addr;
}

// ---------------------------------------------------------------------------------------------
// Block borders

static void mark_executed(struct board_engine *e, uint32_t address, uint32_t size_bytes)
{
    uint32_t last = (address + (size_bytes == 0 ? 0 : size_bytes - 1)) >> GRANULE_BITS;

    for (uint32_t g = address >> GRANULE_BITS; g <= last; g++) {
        e->executed[g >> 3] |= (uint8_t)(1u << (g & 7u));
    }
}

static struct board_timing_block *fill_slot(struct board_engine *e, struct slot *s,
                                            uint32_t address, uint32_t size_bytes)
{
    const uint8_t *code = e->client.memory(e->client.user, address, size_bytes);

    e->fresh = false;
    mark_executed(e, address, size_bytes);
    s->address = address;
    s->size_bytes = size_bytes;
    s->block = board_timing_block_get(e->timing, address, size_bytes, code);
    if (s->block == NULL || (s->block->flags & e->trap_flags) != 0) {
        s->address = NO_ADDRESS;
    }
    return s->block;
}

/** The block in execution came to its end. */
static void retire(struct board_engine *e, uint32_t next)
{
    const struct board_timing_block *done = e->current;

    if (done != NULL) {
        e->cycles += board_timing_retire(e->timing, done, next);
        e->instructions += done->num_insns;
        e->current = NULL;
    }
}

/** The block in execution was left before the instruction at pc. */
static void retire_until(struct board_engine *e, uint32_t pc)
{
    const struct board_timing_block *done = e->current;

    if (done == NULL) {
        return;
    }
    uint32_t offset = pc - done->address;

    if (offset >= done->size_bytes) {
        retire(e, pc);
        return;
    }
    const uint8_t *code = e->client.memory(e->client.user, done->address, done->size_bytes);
    unsigned flags;

    e->cycles += board_timing_retire_prefix(e->timing, done, offset);
    e->instructions += code == NULL ? 0 : board_thumb_scan(code, offset, &flags);
    e->current = NULL;
}

static void on_block(struct uc_struct *uc, uint64_t address64, uint32_t size, void *user)
{
    struct board_engine *e = user;
    uint32_t address = (uint32_t)address64;
    struct slot *s = &e->slots[(address >> 1) % CACHE_SLOTS];
    struct board_timing_block *block = s->block;
    const struct board_timing_block *done = e->current;
    unsigned ended = 0;

    if (s->address != address || s->size_bytes != size || e->fresh) {
        block = fill_slot(e, s, address, size);
    }
    if (done != NULL) {
        e->cycles += board_timing_retire(e->timing, done, address);
        e->instructions += done->num_insns;
        ended = done->flags & e->stop_after;
        ended |= e->stepping;
    }
    if (e->cycles >= e->deadline || ended != 0 || block == NULL) {
        e->current = NULL;
        note_stop(e, BOARD_STOP_BLOCK, 0);
        uc_emu_stop(uc);
        return;
    }
    if (s->address == NO_ADDRESS) { // never kept: it holds an instruction that may trap
        if (!e->stepping) {
            e->current = NULL;
            note_stop(e, BOARD_STOP_TRAP, size);
            uc_emu_stop(uc);
            return;
        }
    }
    e->current = block;
    e->cursor = 0;
}

/** A block is translated anew: what is known of this address may be stale. */
static void on_translation(struct uc_struct *uc, uc_tb *now, uc_tb *before, void *user)
{
    struct board_engine *e = user;
    struct slot *s = &e->slots[((uint32_t)now->pc >> 1) % CACHE_SLOTS];

    (void)uc;
    (void)before;
    if (s->address == (uint32_t)now->pc) {
        s->address = NO_ADDRESS;
    }
}

// ---------------------------------------------------------------------------------------------
// Which instruction of the block is it?

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
            board_thumb_data_access(code + at, b->address + at, core_reg, e, &a) &&
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

// ---------------------------------------------------------------------------------------------
// Stops in the middle

static bool is_skipped(const struct board_engine *e)
{
    uint32_t xpsr = raw_reg(e, UC_ARM_REG_XPSR);
    uint32_t it = (xpsr >> 8 & 0xFCu) | (xpsr >> 25 & 3u);

    return (it & 15u) != 0 && !board_thumb_condition(it >> 4, xpsr);
}

static bool is_unaligned(struct board_engine *e, uint32_t pc, uint32_t size)
{
    const uint8_t *code = e->client.memory(e->client.user, pc, size);
    struct board_thumb_access a;
    uint32_t width;

    if (code == NULL || !board_thumb_data_access(code, pc, core_reg, e, &a)) {
        return false;
    }
    width = a.size_bytes > 4 ? 4 : a.size_bytes;
    return (a.addr & (width - 1)) != 0 && !is_skipped(e);
}

static void on_code(struct uc_struct *uc, uint64_t address, uint32_t size, void *user)
{
    struct board_engine *e = user;

    if (e->watch_hit) {
        e->watch_hit = false;
        note_stop(e, BOARD_STOP_WATCH, 0);
        uc_emu_stop(uc);
    } else if (e->checks_alignment && is_unaligned(e, (uint32_t)address, size)) {
        note_stop(e, BOARD_STOP_UNALIGNED, 0);
        uc_emu_stop(uc);
    }
}

static void on_watched_access(struct uc_struct *uc, uc_mem_type type, uint64_t address, int size,
                              int64_t value, void *user)
{
    struct board_engine *e = user;

    (void)uc;
    (void)value;
    e->watch_hit |= e->watching && e->client.watch(e->client.user, (uint32_t)address,
                                                   (unsigned)size, type == UC_MEM_WRITE);
}

static void on_timed_access(struct uc_struct *uc, uc_mem_type type, uint64_t address, int size,
                            int64_t value, void *user)
{
    struct board_engine *e = user;

    (void)uc;
    (void)value;
    board_timing_access(e->timing, (uint32_t)address, (unsigned)size, type == UC_MEM_WRITE);
}

static void on_interrupt(struct uc_struct *uc, uint32_t number, void *user)
{
    enum {
        PREFETCH_ABORT = 3,
        BREAKPOINT = 7,
        EXCEPTION_EXIT = 8,
        SUPERVISOR_CALL = 2
    };
    struct board_engine *e = user;

    switch (number) {
    case SUPERVISOR_CALL:
        note_stop(e, BOARD_STOP_SVC, 0);
        break;
    case BREAKPOINT:
        note_stop(e, BOARD_STOP_BKPT, 0);
        break;
    case EXCEPTION_EXIT:
        note_stop(e, BOARD_STOP_EXC_RETURN, 0);
        break;
    case PREFETCH_ABORT:
        note_stop(e, BOARD_STOP_FETCH, 0);
        break;
    default:
        note_stop(e, BOARD_STOP_NO_COPROC, 0);
        break;
    }
    uc_emu_stop(uc);
}

static bool on_invalid_access(struct uc_struct *uc, uc_mem_type type, uint64_t address, int size,
                              int64_t value, void *user)
{
    struct board_engine *e = user;
    uint32_t addr = (uint32_t)address;

    (void)uc;
    if (type == UC_MEM_WRITE_PROT) {
        e->client.rom_write(e->client.user, addr, (unsigned)size, (uint32_t)value);
        return true;
    }
    if (type == UC_MEM_FETCH_UNMAPPED || type == UC_MEM_FETCH_PROT) {
        note_stop(e, BOARD_STOP_FETCH, addr);
    } else if (type == UC_MEM_WRITE_UNMAPPED) {
        note_stop(e, BOARD_STOP_WRITE_FAULT, addr);
    } else {
        note_stop(e, BOARD_STOP_READ_FAULT, addr);
    }
    return false;
}

static uint64_t on_io_read(struct uc_struct *uc, uint64_t offset, unsigned size, void *user)
{
    struct board_io_range *r = user;

    (void)uc;
    return r->engine->client.io_read(r->engine->client.user, r->base + (uint32_t)offset, size);
}

static void on_io_write(struct uc_struct *uc, uint64_t offset, unsigned size, uint64_t value,
                        void *user)
{
    struct board_io_range *r = user;

    (void)uc;
    r->engine->client.io_write(r->engine->client.user, r->base + (uint32_t)offset, size,
                               (uint32_t)value);
}

// ---------------------------------------------------------------------------------------------
// Making and mapping

static bool add_hook(struct board_engine *e, uc_hook *h, int type, void *callback)
{
    return uc_hook_add(e->uc, h, type, callback, e, 1, 0) == UC_ERR_OK;
}

static bool add_hooks(struct board_engine *e)
{
    const int invalid = UC_HOOK_MEM_READ_UNMAPPED | UC_HOOK_MEM_WRITE_UNMAPPED |
                        UC_HOOK_MEM_FETCH_UNMAPPED | UC_HOOK_MEM_READ_PROT |
                        UC_HOOK_MEM_WRITE_PROT | UC_HOOK_MEM_FETCH_PROT;
    uc_hook h;
    bool ok = add_hook(e, &h, UC_HOOK_BLOCK, (void *)(uintptr_t)on_block) &&
              add_hook(e, &h, UC_HOOK_EDGE_GENERATED, (void *)(uintptr_t)on_translation) &&
              add_hook(e, &h, UC_HOOK_INTR, (void *)(uintptr_t)on_interrupt) &&
              add_hook(e, &h, invalid, (void *)(uintptr_t)on_invalid_access);

    if (ok && board_timing_wants_accesses(e->timing)) {
        ok = add_hook(e, &h, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                      (void *)(uintptr_t)on_timed_access);
    }
    return ok;
}

struct board_engine *board_engine_create(const struct board_engine_client *client,
                                         struct board_timing *timing, const char **error)
{
    struct board_engine *e = calloc(1, sizeof *e);

    if (e == NULL) {
        *error = "out of memory for the execution engine";
        return NULL;
    }
    e->client = *client;
    e->timing = timing;
    e->slots_stale = true;
    e->executed = calloc(1, (size_t)1 << (32 - GRANULE_BITS - 3));
    if (e->executed == NULL ||
        uc_open(UC_ARCH_ARM, (uc_mode)(UC_MODE_THUMB | UC_MODE_MCLASS), &e->uc) != UC_ERR_OK ||
        uc_ctl_set_cpu_model(e->uc, UC_CPU_ARM_CORTEX_M7) != UC_ERR_OK ||
        uc_ctl_exits_enable(e->uc) != UC_ERR_OK || !add_hooks(e)) {
        *error = "the Unicorn engine does not start; utvm-board needs libunicorn 2.0.1";
        board_engine_destroy(e);
        return NULL;
    }
    board_engine_set_exits(e, NULL, 0);
    return e;
}

void board_engine_destroy(struct board_engine *e)
{
    if (e == NULL) {
        return;
    }
    if (e->uc != NULL) {
        uc_close(e->uc);
    }
    free(e->executed);
    free(e);
}

bool board_engine_map(struct board_engine *e, uint32_t addr, uint32_t size_bytes, void *host,
                      bool writable)
{
    uint32_t prot = UC_PROT_READ | UC_PROT_EXEC | (writable ? (uint32_t)UC_PROT_WRITE : 0u);

    return uc_mem_map_ptr(e->uc, addr, size_bytes, prot, host) == UC_ERR_OK;
}

bool board_engine_map_io(struct board_engine *e, uint32_t addr, uint32_t size_bytes)
{
    struct board_io_range *r;

    if (e->num_io == MAX_IO_RANGES) {
        return false;
    }
    r = &e->io[e->num_io++];
    r->engine = e;
    r->base = addr;
    return uc_mmio_map(e->uc, addr, size_bytes, on_io_read, r, on_io_write, r) == UC_ERR_OK;
}

// ---------------------------------------------------------------------------------------------
// Registers

static int special_id(unsigned reg)
{
    switch (reg) {
    case BOARD_REG_MSP:
        return UC_ARM_REG_MSP;
    case BOARD_REG_PSP:
        return UC_ARM_REG_PSP;
    case BOARD_REG_PRIMASK:
        return UC_ARM_REG_PRIMASK;
    case BOARD_REG_BASEPRI:
        return UC_ARM_REG_BASEPRI;
    case BOARD_REG_FAULTMASK:
        return UC_ARM_REG_FAULTMASK;
    default:
        return UC_ARM_REG_CONTROL;
    }
}

/** Unprivileged code sees special registers as zero; as an exception handler one sees them all. */
static bool enter_privilege(struct board_engine *e)
{
    uint32_t zero = XPSR_IPSR & raw_reg(e, UC_ARM_REG_XPSR);

    if (zero != 0 || (raw_reg(e, UC_ARM_REG_CONTROL) & 1u) == 0) {
        return false;
    }
    set_raw_reg(e, UC_ARM_REG_IPSR, IPSR_SVC);
    return true;
}

uint32_t board_engine_reg(struct board_engine *e, unsigned reg)
{
    uint32_t value;
    bool raised;

    if (reg <= BOARD_REG_PC) {
        return core_reg(e, reg);
    }
    if (reg == BOARD_REG_XPSR) {
        return raw_reg(e, UC_ARM_REG_XPSR);
    }
    if (reg == BOARD_REG_FPSCR) {
        return raw_reg(e, UC_ARM_REG_FPSCR);
    }
    if (reg >= BOARD_REG_S0) {
        return raw_reg(e, UC_ARM_REG_S0 + (int)(reg - BOARD_REG_S0));
    }
    raised = enter_privilege(e);
    value = raw_reg(e, special_id(reg));
    if (raised) {
        set_raw_reg(e, UC_ARM_REG_IPSR, 0);
    }
    // The engine keeps a security bit beside FPCA that an Armv7-M core does not have.
    return reg == BOARD_REG_CONTROL ? value & 7u : value;
}

void board_engine_set_reg(struct board_engine *e, unsigned reg, uint32_t value)
{
    bool raised;

    if (reg == BOARD_REG_PC) {
        // Writing the PC takes the Thumb state from bit 0.
        uint32_t thumb = (raw_reg(e, UC_ARM_REG_XPSR) & XPSR_T) != 0 ? 1u : 0u;

        set_raw_reg(e, UC_ARM_REG_PC, (value & ~1u) | thumb);
        return;
    }
    if (reg < BOARD_REG_PC) {
        set_raw_reg(e,
                    reg == BOARD_REG_SP   ? UC_ARM_REG_SP
                    : reg == BOARD_REG_LR ? UC_ARM_REG_LR
                                          : UC_ARM_REG_R0 + (int)reg,
                    value);
        return;
    }
    if (reg == BOARD_REG_XPSR) {
        // The plain write drops GE, the second one keeps it, the third rebuilds the cached flags.
        set_raw_reg(e, UC_ARM_REG_XPSR, value);
        set_raw_reg(e, UC_ARM_REG_XPSR_NZCVQG, value);
        set_raw_reg(e, UC_ARM_REG_APSR_NZCV, value & 0xF0000000u);
        return;
    }
    if (reg == BOARD_REG_FPSCR) {
        set_raw_reg(e, UC_ARM_REG_FPSCR, value);
        return;
    }
    if (reg >= BOARD_REG_S0) {
        set_raw_reg(e, UC_ARM_REG_S0 + (int)(reg - BOARD_REG_S0), value);
        return;
    }
    raised = enter_privilege(e);
    set_raw_reg(e, special_id(reg), value);
    if (raised) {
        set_raw_reg(e, UC_ARM_REG_IPSR, 0);
    }
}

// ---------------------------------------------------------------------------------------------
// Translations

static bool is_executed(const struct board_engine *e, uint32_t granule)
{
    return (e->executed[granule >> 3] >> (granule & 7u) & 1u) != 0;
}

void board_engine_forget(struct board_engine *e, uint32_t addr, uint32_t size_bytes)
{
    if (size_bytes == 0) {
        return;
    }
    uint32_t last = (addr + size_bytes - 1) >> GRANULE_BITS;

    for (uint32_t g = addr >> GRANULE_BITS; g <= last; g++) {
        if (is_executed(e, g)) {
            uint64_t start = (uint64_t)g << GRANULE_BITS;

            uc_ctl_remove_cache(e->uc, start, start + (1u << GRANULE_BITS));
            e->slots_stale = true;
        }
    }
}

static void forget_around(struct board_engine *e, uint32_t addr)
{
    // A block of no length may begin at an exit; a range that starts earlier catches it, too.
    uint32_t start = addr < 4 ? 0 : addr - 4;

    if (is_executed(e, start >> GRANULE_BITS) || is_executed(e, addr >> GRANULE_BITS)) {
        uc_ctl_remove_cache(e->uc, (uint64_t)start, (uint64_t)addr + 2);
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

static void write_exits(struct board_engine *e, const uint32_t *addrs, size_t count)
{
    uint64_t wide[MAX_EXITS + 1];

    for (size_t i = 0; i < count; i++) {
        wide[i] = addrs[i];
    }
    uc_ctl_set_exits(e->uc, wide, count);
}

void board_engine_set_exits(struct board_engine *e, const uint32_t *addrs, size_t count)
{
    uint32_t old[MAX_EXITS];
    size_t num_old = e->num_exits;

    memcpy(old, e->exits, sizeof old);
    count = count < MAX_EXITS ? count : MAX_EXITS;
    e->num_exits = count;
    if (count != 0) {
        memcpy(e->exits, addrs, count * sizeof *addrs);
    }
    write_exits(e, e->exits, count);
    for (size_t i = 0; i < num_old; i++) {
        if (!contains(e->exits, count, old[i])) {
            forget_around(e, old[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!contains(old, num_old, e->exits[i])) {
            forget_around(e, e->exits[i]);
        }
    }
}

void board_engine_set_traps(struct board_engine *e, unsigned flags)
{
    e->trap_flags = flags;
    e->slots_stale = true;
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
    if (on) {
        add_hook(e, &e->code_hook, UC_HOOK_CODE, (void *)(uintptr_t)on_code);
        add_hook(e, &e->watch_hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                 (void *)(uintptr_t)on_watched_access);
    } else {
        uc_hook_del(e->uc, e->code_hook);
        uc_hook_del(e->uc, e->watch_hook);
    }
    // Hooks are compiled into translations.
    for (uint32_t i = 0; i < 1u << (32 - GRANULE_BITS - 3); i++) {
        if (e->executed[i] != 0) {
            board_engine_forget(e, i << (GRANULE_BITS + 3), 8u << GRANULE_BITS);
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Running

static bool is_wait(const struct board_engine *e, uint32_t pc, unsigned flag)
{
    const uint8_t *narrow = e->client.memory(e->client.user, pc - 2, 2);
    const uint8_t *wide = e->client.memory(e->client.user, pc - 4, 4);

    return (narrow != NULL && board_thumb_length(board_thumb_half(narrow)) == 2 &&
            board_thumb_flags(narrow) == flag) ||
           (wide != NULL && board_thumb_length(board_thumb_half(wide)) == 4 &&
            board_thumb_flags(wide) == flag);
}

/** Recovers where a load or store that faulted stands, and puts PC and ITSTATE there. */
static void settle_data_fault(struct board_engine *e)
{
    const struct board_timing_block *b = e->current;
    uint32_t offset = 0;
    bool last;

    if (b == NULL || e->careful ||
        !find_access(e, e->stop.addr, e->stop.kind == BOARD_STOP_READ_FAULT, &offset, &last)) {
        retire_until(e, e->stop.pc);
        return;
    }
    uint32_t xpsr = raw_reg(e, UC_ARM_REG_XPSR);
    uint8_t it = (uint8_t)((xpsr >> 8 & 0xFCu) | (xpsr >> 25 & 3u));
    const uint8_t *code = e->client.memory(e->client.user, b->address, b->size_bytes);

    for (uint32_t at = 0; at < offset && code != NULL;) {
        it = board_thumb_next_it(code + at, it);
        at += board_thumb_length(board_thumb_half(code + at));
    }
    e->stop.pc = b->address + offset;
    retire_until(e, e->stop.pc);
    xpsr &= ~0x0600FC00u;
    xpsr |= (it & 0xFCu) << 8 | (it & 3u) << 25;
    board_engine_set_reg(e, BOARD_REG_XPSR, xpsr);
    board_engine_set_reg(e, BOARD_REG_PC, e->stop.pc);
}

static bool ends_after_block(enum board_stop_kind kind)
{
    return kind == BOARD_STOP_SVC || kind == BOARD_STOP_EXC_RETURN || kind == BOARD_STOP_WFI ||
           kind == BOARD_STOP_WFE || kind == BOARD_STOP_EXIT || kind == BOARD_STOP_BLOCK ||
           kind == BOARD_STOP_FETCH;
}

/** Names a stop that no hook has named; false when there was no reason to stop. */
static bool name_stop(struct board_engine *e, uc_err err)
{
    uint32_t pc = e->stop.pc;

    if (err == UC_ERR_INSN_INVALID) {
        if (e->current != NULL && pc == e->current->address + e->current->size_bytes) {
            // WFE and YIELD leave the engine this way, behind the instruction.
            if (is_wait(e, pc, BOARD_THUMB_WFE)) {
                e->stop.kind = BOARD_STOP_WFE;
                return true;
            }
            return false;
        }
        e->stop.kind = BOARD_STOP_UNDEFINED;
        return true;
    }
    if (err != UC_ERR_OK) {
        e->stop.kind = BOARD_STOP_UNDEFINED;
        return true;
    }
    if (contains(e->exits, e->num_exits, pc)) {
        e->stop.kind = BOARD_STOP_EXIT;
        return true;
    }
    if (is_wait(e, pc, BOARD_THUMB_WFI)) {
        e->stop.kind = BOARD_STOP_WFI;
        return true;
    }
    return false;
}

/** One start of the engine; false when it stopped for nothing and should go on. */
static bool start(struct board_engine *e)
{
    uint32_t pc = raw_reg(e, UC_ARM_REG_PC);
    uint32_t thumb = (raw_reg(e, UC_ARM_REG_XPSR) & XPSR_T) != 0 ? 1u : 0u;
    uc_err err;
    bool named;

    if (e->slots_stale) {
        for (size_t i = 0; i < CACHE_SLOTS; i++) {
            e->slots[i].address = NO_ADDRESS;
        }
        e->slots_stale = false;
    }
    e->fresh = true;
    e->stop_known = false;
    e->watch_hit = false;
    e->cursor = 0;
    e->current = NULL;
    err = uc_emu_start(e->uc, pc | thumb, 0, 0, 0);
    e->stop.pc = raw_reg(e, UC_ARM_REG_PC);
    named = e->stop_known || name_stop(e, err);
    if (named &&
        (e->stop.kind == BOARD_STOP_READ_FAULT || e->stop.kind == BOARD_STOP_WRITE_FAULT)) {
        settle_data_fault(e);
    } else if (!named || ends_after_block(e->stop.kind)) {
        retire(e, e->stop.pc);
    } else {
        retire_until(e, e->stop.pc);
    }
    return named;
}

void board_engine_run(struct board_engine *e, uint64_t deadline, struct board_stop *stop)
{
    e->deadline = deadline;
    while (!start(e)) {
        // An exit that has been removed may leave a block of no length behind.
        forget_around(e, e->stop.pc);
        if (e->cycles >= e->deadline) {
            e->stop.kind = BOARD_STOP_BLOCK;
            break;
        }
    }
    *stop = e->stop;
}

void board_engine_step(struct board_engine *e, struct board_stop *stop)
{
    uint32_t pc = raw_reg(e, UC_ARM_REG_PC);
    const uint8_t *code = e->client.memory(e->client.user, pc, 2);
    uint32_t next = pc + (code == NULL ? 2 : board_thumb_length(board_thumb_half(code)));
    uint32_t saved[MAX_EXITS];
    size_t num_saved = e->num_exits;
    uint32_t list[MAX_EXITS + 1];
    size_t count = 0;

    memcpy(saved, e->exits, sizeof saved);
    for (size_t i = 0; i < num_saved; i++) {
        if (saved[i] != pc && saved[i] != next && count < MAX_EXITS - 1) {
            list[count++] = saved[i];
        }
    }
    list[count++] = next;
    board_engine_set_exits(e, list, count);
    uc_ctl_remove_cache(e->uc, (uint64_t)pc, (uint64_t)next + 2);
    e->deadline = UINT64_MAX;
    e->stepping = true;
    if (!start(e) || e->stop.kind == BOARD_STOP_EXIT) {
        e->stop.kind = BOARD_STOP_BLOCK;
    }
    e->stepping = false;
    if (e->watch_hit && e->stop.kind == BOARD_STOP_BLOCK) {
        e->stop.kind = BOARD_STOP_WATCH;
    }
    board_engine_set_exits(e, saved, num_saved);
    if (is_executed(e, pc >> GRANULE_BITS)) {
        uc_ctl_remove_cache(e->uc, (uint64_t)pc, (uint64_t)next + 2);
        e->slots_stale = true;
    }
    *stop = e->stop;
}

void board_engine_skip(struct board_engine *e)
{
    uint32_t pc = raw_reg(e, UC_ARM_REG_PC);
    uint32_t xpsr = raw_reg(e, UC_ARM_REG_XPSR);
    uint8_t it = (uint8_t)((xpsr >> 8 & 0xFCu) | (xpsr >> 25 & 3u));
    const uint8_t *code = e->client.memory(e->client.user, pc, 2);

    if (code == NULL) {
        return;
    }
    it = board_thumb_next_it(code, it);
    xpsr &= ~0x0600FC00u;
    xpsr |= (it & 0xFCu) << 8 | (it & 3u) << 25;
    board_engine_set_reg(e, BOARD_REG_XPSR, xpsr);
    board_engine_set_reg(e, BOARD_REG_PC, pc + board_thumb_length(board_thumb_half(code)));
    e->cycles++;
    e->instructions++;
    board_timing_system(e->timing, 1);
}

void board_engine_interrupt(struct board_engine *e)
{
    e->deadline = 0;
}

void board_engine_watch_masks(struct board_engine *e, bool on)
{
    e->stop_after = on ? BOARD_THUMB_MASK : 0;
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
