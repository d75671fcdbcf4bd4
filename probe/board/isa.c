// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/isa.h"

#include <stdlib.h>
#include <unicorn/unicorn.h>

#define MAX_IO_RANGES 8u
#define MAX_MEMORIES 16u
#define MAX_EXITS 512u
// Unicorn 2.0 keeps translations in a buffer of 1 GB. When it is full it forgets them all, in the
// middle of linking the last block with the next, and crashes (unicorn-engine/unicorn#2048). Being
// told to forget them it touches the whole buffer, which then stays in memory. So the engine is
// made anew before, between runs; how long a translation is can only be guessed, from above.
#define CODE_BYTES_MAX UINT64_C(64000000)
#define CODE_BYTES_A_BLOCK 300u
#define CODE_BYTES_AN_INSN UINT64_C(100)
#define CODE_BYTES_AN_INSN_SHOWN UINT64_C(400)
#define XPSR_T 0x01000000u
#define XPSR_IPSR 0x1FFu
#define IPSR_SVC 11u
#define CONTROL_FPCA 4u
// The engine keeps it beside FPCA; without it the next floating-point instruction clears FPSCR.
#define CONTROL_SFPA 8u

_Static_assert(UC_MEM_WRITE == BOARD_ISA_WRITE, "the access callback tells writes by this number");

struct io_range {
    struct board_isa *isa;
    uint32_t base;
    uint32_t size_bytes;
};

struct memory {
    uint32_t base;
    uint32_t size_bytes;
    void *host;
    bool writable;
};

struct board_isa {
    struct uc_struct *uc;
    struct board_isa_client client;
    // What a new engine is given again.
    struct io_range io[MAX_IO_RANGES];
    size_t num_io;
    struct memory memories[MAX_MEMORIES];
    size_t num_memories;
    uint64_t exits[MAX_EXITS];
    size_t num_exits;
    bool careful;
    uc_hook code_hook;
    uc_hook access_hook;
    bool shows_accesses; // always, not only on request
    uint64_t code_bytes; // translated since all was dropped
    unsigned requests;   // for accesses: by careful execution, by a guard
};

// ---------------------------------------------------------------------------------------------
// Callbacks

static void on_translation(struct uc_struct *uc, uc_tb *now, uc_tb *before, void *user)
{
    struct board_isa *isa = user;
    bool shown = isa->shows_accesses || isa->requests != 0;

    (void)uc;
    (void)before;
    isa->code_bytes += CODE_BYTES_A_BLOCK;
    isa->code_bytes += now->icount * (shown ? CODE_BYTES_AN_INSN_SHOWN : CODE_BYTES_AN_INSN);
    isa->client.translated(isa->client.user, (uint32_t)now->pc);
}

static void on_code(struct uc_struct *uc, uint64_t address, uint32_t size, void *user)
{
    const struct board_isa *isa = user;

    (void)uc;
    isa->client.instruction(isa->client.user, (uint32_t)address, size);
}

static void on_interrupt(struct uc_struct *uc, uint32_t number, void *user)
{
    enum {
        SUPERVISOR_CALL = 2,
        PREFETCH_ABORT = 3,
        BREAKPOINT = 7,
        EXCEPTION_EXIT = 8
    };
    const struct board_isa *isa = user;
    enum board_stop_kind kind = BOARD_STOP_NO_COPROC;

    if (number == SUPERVISOR_CALL) {
        kind = BOARD_STOP_SVC;
    } else if (number == PREFETCH_ABORT) {
        kind = BOARD_STOP_FETCH;
    } else if (number == BREAKPOINT) {
        kind = BOARD_STOP_BKPT;
    } else if (number == EXCEPTION_EXIT) {
        kind = BOARD_STOP_EXC_RETURN;
    }
    isa->client.event(isa->client.user, kind, 0);
    uc_emu_stop(uc);
}

static bool on_invalid_access(struct uc_struct *uc, uc_mem_type type, uint64_t address, int size,
                              int64_t value, void *user)
{
    const struct board_isa *isa = user;
    uint32_t addr = (uint32_t)address;
    enum board_stop_kind kind = BOARD_STOP_READ_FAULT;

    (void)uc;
    if (type == UC_MEM_WRITE_PROT) {
        isa->client.rom_write(isa->client.user, addr, (unsigned)size, (uint32_t)value);
        return true;
    }
    if (type == UC_MEM_FETCH_UNMAPPED || type == UC_MEM_FETCH_PROT) {
        kind = BOARD_STOP_FETCH;
    } else if (type == UC_MEM_WRITE_UNMAPPED) {
        kind = BOARD_STOP_WRITE_FAULT;
    }
    isa->client.event(isa->client.user, kind, addr);
    return false;
}

static uint64_t on_io_read(struct uc_struct *uc, uint64_t offset, unsigned size, void *user)
{
    const struct io_range *r = user;

    (void)uc;
    return r->isa->client.io_read(r->isa->client.user, r->base + (uint32_t)offset, size);
}

static void on_io_write(struct uc_struct *uc, uint64_t offset, unsigned size, uint64_t value,
                        void *user)
{
    const struct io_range *r = user;

    (void)uc;
    r->isa->client.io_write(r->isa->client.user, r->base + (uint32_t)offset, size, (uint32_t)value);
}

// ---------------------------------------------------------------------------------------------
// Making and mapping

/** The begin of the range is behind its end: everywhere. */
static bool add_hook(struct board_isa *isa, uc_hook *h, int type, void (*callback)(void),
                     void *user)
{
    return uc_hook_add(isa->uc, h, type, (void *)(uintptr_t)callback, user, (uint64_t)1,
                       (uint64_t)0) == UC_ERR_OK;
}

static bool add_hooks(struct board_isa *isa, bool accesses)
{
    const int invalid = UC_HOOK_MEM_READ_UNMAPPED | UC_HOOK_MEM_WRITE_UNMAPPED |
                        UC_HOOK_MEM_FETCH_UNMAPPED | UC_HOOK_MEM_READ_PROT |
                        UC_HOOK_MEM_WRITE_PROT | UC_HOOK_MEM_FETCH_PROT;
    uc_hook h;

    return add_hook(isa, &h, UC_HOOK_BLOCK, (void (*)(void))isa->client.block, isa->client.user) &&
           add_hook(isa, &h, UC_HOOK_EDGE_GENERATED, (void (*)(void))on_translation, isa) &&
           add_hook(isa, &h, UC_HOOK_INTR, (void (*)(void))on_interrupt, isa) &&
           add_hook(isa, &h, invalid, (void (*)(void))on_invalid_access, isa) &&
           (!accesses || add_hook(isa, &h, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                                  (void (*)(void))isa->client.access, isa->client.user));
}

/** A new engine with the callbacks that are there always; false with none or half of one. */
static bool open_engine(struct board_isa *isa)
{
    isa->code_bytes = 0;
    return uc_open(UC_ARCH_ARM, (uc_mode)(UC_MODE_THUMB | UC_MODE_MCLASS), &isa->uc) == UC_ERR_OK &&
           uc_ctl_set_cpu_model(isa->uc, UC_CPU_ARM_CORTEX_M7) == UC_ERR_OK &&
           uc_ctl_exits_enable(isa->uc) == UC_ERR_OK && add_hooks(isa, isa->shows_accesses);
}

struct board_isa *board_isa_create(const struct board_isa_client *client, bool accesses,
                                   const char **error)
{
    struct board_isa *isa = calloc(1, sizeof *isa);

    if (isa == NULL) {
        *error = "out of memory for the execution engine";
        return NULL;
    }
    isa->client = *client;
    isa->shows_accesses = accesses;
    if (!open_engine(isa)) {
        *error = "the Unicorn engine does not start; utvm-board needs libunicorn 2.0.1";
        board_isa_destroy(isa);
        return NULL;
    }
    return isa;
}

void board_isa_destroy(struct board_isa *isa)
{
    if (isa == NULL) {
        return;
    }
    if (isa->uc != NULL) {
        uc_close(isa->uc);
    }
    free(isa);
}

static bool map_memory(struct board_isa *isa, const struct memory *m)
{
    uint32_t prot = UC_PROT_READ | UC_PROT_EXEC | (m->writable ? (uint32_t)UC_PROT_WRITE : 0u);

    return uc_mem_map_ptr(isa->uc, m->base, m->size_bytes, prot, m->host) == UC_ERR_OK;
}

static bool map_io(struct board_isa *isa, struct io_range *r)
{
    return uc_mmio_map(isa->uc, r->base, r->size_bytes, on_io_read, r, on_io_write, r) == UC_ERR_OK;
}

bool board_isa_map(struct board_isa *isa, uint32_t addr, uint32_t size_bytes, void *host,
                   bool writable)
{
    if (isa->num_memories == MAX_MEMORIES) {
        return false;
    }
    isa->memories[isa->num_memories] = (struct memory){addr, size_bytes, host, writable};
    return map_memory(isa, &isa->memories[isa->num_memories++]);
}

bool board_isa_map_io(struct board_isa *isa, uint32_t addr, uint32_t size_bytes)
{
    if (isa->num_io == MAX_IO_RANGES) {
        return false;
    }
    isa->io[isa->num_io] = (struct io_range){isa, addr, size_bytes};
    return map_io(isa, &isa->io[isa->num_io++]);
}

// ---------------------------------------------------------------------------------------------
// Registers

static uint32_t raw_reg(const struct board_isa *isa, int id)
{
    uint32_t value = 0;

    uc_reg_read(isa->uc, id, &value);
    return value;
}

static void set_raw_reg(const struct board_isa *isa, int id, uint32_t value)
{
    uc_reg_write(isa->uc, id, &value);
}

/** Unicorn's number for one of ours; for those that are plain words in every mode. */
static int plain_id(unsigned reg)
{
    if (reg <= BOARD_REG_R12) {
        return UC_ARM_REG_R0 + (int)reg;
    }
    if (reg >= BOARD_REG_S0) {
        return UC_ARM_REG_S0 + (int)(reg - BOARD_REG_S0);
    }
    switch (reg) {
    case BOARD_REG_SP:
        return UC_ARM_REG_SP;
    case BOARD_REG_LR:
        return UC_ARM_REG_LR;
    case BOARD_REG_PC:
        return UC_ARM_REG_PC;
    case BOARD_REG_XPSR:
        return UC_ARM_REG_XPSR;
    case BOARD_REG_FPSCR:
        return UC_ARM_REG_FPSCR;
    default:
        return UC_ARM_REG_INVALID;
    }
}

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
static bool enter_privilege(const struct board_isa *isa)
{
    if (board_isa_is_privileged(isa)) {
        return false;
    }
    set_raw_reg(isa, UC_ARM_REG_IPSR, IPSR_SVC);
    return true;
}

uint32_t board_isa_reg(const struct board_isa *isa, unsigned reg)
{
    int plain = plain_id(reg);
    uint32_t value;
    bool raised;

    if (plain != UC_ARM_REG_INVALID) {
        return raw_reg(isa, plain);
    }
    raised = enter_privilege(isa);
    value = raw_reg(isa, special_id(reg));
    if (raised) {
        set_raw_reg(isa, UC_ARM_REG_IPSR, 0);
    }
    return reg == BOARD_REG_CONTROL ? value & BOARD_CONTROL_BITS : value;
}

void board_isa_set_reg(struct board_isa *isa, unsigned reg, uint32_t value)
{
    int plain = plain_id(reg);
    bool raised;

    if (reg == BOARD_REG_PC) {
        // Writing the PC takes the Thumb state from bit 0.
        uint32_t thumb = (raw_reg(isa, UC_ARM_REG_XPSR) & XPSR_T) != 0 ? 1u : 0u;

        set_raw_reg(isa, UC_ARM_REG_PC, (value & ~1u) | thumb);
    } else if (reg == BOARD_REG_XPSR) {
        // The plain write drops GE, the second one keeps it, the third rebuilds the cached flags.
        set_raw_reg(isa, UC_ARM_REG_XPSR, value);
        set_raw_reg(isa, UC_ARM_REG_XPSR_NZCVQG, value);
        set_raw_reg(isa, UC_ARM_REG_APSR_NZCV, value & 0xF0000000u);
    } else if (plain != UC_ARM_REG_INVALID) {
        set_raw_reg(isa, plain, value);
    } else {
        if (reg == BOARD_REG_CONTROL && (value & CONTROL_FPCA) != 0) {
            value |= CONTROL_SFPA;
        }
        raised = enter_privilege(isa);
        set_raw_reg(isa, special_id(reg), value);
        if (raised) {
            set_raw_reg(isa, UC_ARM_REG_IPSR, 0);
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Translations and execution

void board_isa_set_exits(struct board_isa *isa, const uint32_t *addrs, size_t count)
{
    isa->num_exits = 0;
    while (isa->num_exits < count && isa->num_exits < MAX_EXITS) {
        isa->exits[isa->num_exits] = addrs[isa->num_exits];
        isa->num_exits++;
    }
    uc_ctl_set_exits(isa->uc, isa->exits, isa->num_exits);
}

void board_isa_forget(struct board_isa *isa, uint64_t start, uint64_t end)
{
    uc_ctl_remove_cache(isa->uc, start, end);
}

static bool show_instructions(struct board_isa *isa)
{
    return add_hook(isa, &isa->code_hook, UC_HOOK_CODE, (void (*)(void))on_code, isa);
}

static bool show_accesses(struct board_isa *isa)
{
    return add_hook(isa, &isa->access_hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                    (void (*)(void))isa->client.access, isa->client.user);
}

void board_isa_set_careful(struct board_isa *isa, bool on)
{
    isa->careful = on;
    if (on) {
        show_instructions(isa);
    } else {
        uc_hook_del(isa->uc, isa->code_hook);
    }
    board_isa_show_accesses(isa, on);
}

void board_isa_show_accesses(struct board_isa *isa, bool on)
{
    unsigned before = isa->requests;

    isa->requests = on ? before + 1 : before - 1;
    if (isa->shows_accesses) {
        return;
    }
    if (before == 0) {
        show_accesses(isa);
    } else if (isa->requests == 0) {
        uc_hook_del(isa->uc, isa->access_hook);
    }
}

void board_isa_store(struct board_isa *isa, uint32_t addr, const void *bytes, uint32_t size_bytes)
{
    uc_mem_write(isa->uc, addr, bytes, size_bytes);
}

bool board_isa_is_privileged(const struct board_isa *isa)
{
    return (raw_reg(isa, UC_ARM_REG_XPSR) & XPSR_IPSR) != 0 ||
           (raw_reg(isa, UC_ARM_REG_CONTROL) & 1u) == 0;
}

// In this order: as a handler of an exception, whoever sets them reaches all of them.
static const uint8_t special_regs[] = {BOARD_REG_MSP,     BOARD_REG_PSP,       BOARD_REG_PRIMASK,
                                       BOARD_REG_BASEPRI, BOARD_REG_FAULTMASK, BOARD_REG_CONTROL};

/** All that an engine knows of the core but for an exclusive access under way. */
struct registers {
    uint32_t core[BOARD_REG_R12 + 1];
    uint32_t special[sizeof special_regs];
    uint32_t lr, pc, xpsr;
    uint32_t s[32];
    uint32_t fpscr;
};

static void save_registers(const struct board_isa *isa, struct registers *r)
{
    for (unsigned i = 0; i <= BOARD_REG_R12; i++) {
        r->core[i] = board_isa_reg(isa, i);
    }
    for (unsigned i = 0; i < sizeof special_regs; i++) {
        r->special[i] = board_isa_reg(isa, special_regs[i]);
    }
    r->lr = board_isa_reg(isa, BOARD_REG_LR);
    r->pc = board_isa_reg(isa, BOARD_REG_PC);
    r->xpsr = board_isa_reg(isa, BOARD_REG_XPSR);
    for (unsigned i = 0; i < 32; i++) {
        r->s[i] = board_isa_reg(isa, BOARD_REG_S0 + i);
    }
    r->fpscr = board_isa_reg(isa, BOARD_REG_FPSCR);
}

static void restore_registers(struct board_isa *isa, const struct registers *r)
{
    set_raw_reg(isa, UC_ARM_REG_IPSR, IPSR_SVC);
    for (unsigned i = 0; i <= BOARD_REG_R12; i++) {
        board_isa_set_reg(isa, i, r->core[i]);
    }
    for (unsigned i = 0; i < sizeof special_regs; i++) {
        board_isa_set_reg(isa, special_regs[i], r->special[i]);
    }
    board_isa_set_reg(isa, BOARD_REG_LR, r->lr);
    for (unsigned i = 0; i < 32; i++) {
        board_isa_set_reg(isa, BOARD_REG_S0 + i, r->s[i]);
    }
    board_isa_set_reg(isa, BOARD_REG_FPSCR, r->fpscr);
    board_isa_set_reg(isa, BOARD_REG_XPSR, r->xpsr);
    board_isa_set_reg(isa, BOARD_REG_PC, r->pc);
}

/** A new engine in the place of the old one, with all that it was given. */
static bool equip(struct board_isa *isa)
{
    bool done = open_engine(isa);

    for (size_t i = 0; i < isa->num_memories && done; i++) {
        done = map_memory(isa, &isa->memories[i]);
    }
    for (size_t i = 0; i < isa->num_io && done; i++) {
        done = map_io(isa, &isa->io[i]);
    }
    done = done && uc_ctl_set_exits(isa->uc, isa->exits, isa->num_exits) == UC_ERR_OK;
    if (isa->careful) {
        done = done && show_instructions(isa);
    }
    if (isa->requests != 0 && !isa->shows_accesses) {
        done = done && show_accesses(isa);
    }
    return done;
}

/** When memory is short the old engine stays. */
static void renew(struct board_isa *isa)
{
    const struct board_isa before = *isa;
    struct registers registers;

    save_registers(isa, &registers);
    isa->uc = NULL;
    if (equip(isa)) {
        restore_registers(isa, &registers);
        uc_close(before.uc);
        return;
    }
    if (isa->uc != NULL) {
        uc_close(isa->uc);
    }
    isa->uc = before.uc;
    isa->code_hook = before.code_hook;
    isa->access_hook = before.access_hook;
}

enum board_isa_end board_isa_start(struct board_isa *isa)
{
    uint32_t thumb;
    uint32_t pc;
    uc_err err;

    if (isa->code_bytes > CODE_BYTES_MAX) {
        renew(isa);
    }
    pc = raw_reg(isa, UC_ARM_REG_PC);
    thumb = (raw_reg(isa, UC_ARM_REG_XPSR) & XPSR_T) != 0 ? 1u : 0u;
    err = uc_emu_start(isa->uc, pc | thumb, 0, 0, 0);
    return err == UC_ERR_INSN_INVALID ? BOARD_ISA_END_INVALID : BOARD_ISA_END;
}

void board_isa_stop(struct board_isa *isa)
{
    uc_emu_stop(isa->uc);
}
