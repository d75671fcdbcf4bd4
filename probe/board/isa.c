// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/isa.h"

#include <stdlib.h>
#include <unicorn/unicorn.h>

#define MAX_IO_RANGES 8u
#define MAX_EXITS 512u
// Unicorn 2.0 keeps translations in a buffer of 1 GB. When it is full it forgets them all, in the
// middle of linking the last block with the next, and crashes (unicorn-engine/unicorn#2048). So
// they are dropped before, between runs; how long each one is can only be guessed, from above.
#define CODE_BYTES_MAX UINT64_C(800000000)
#define CODE_BYTES_A_BLOCK 300u
#define CODE_BYTES_AN_INSN UINT64_C(100)
#define CODE_BYTES_AN_INSN_SHOWN UINT64_C(400)
#define XPSR_T 0x01000000u
#define XPSR_IPSR 0x1FFu
#define IPSR_SVC 11u

_Static_assert(UC_MEM_WRITE == BOARD_ISA_WRITE, "the access callback tells writes by this number");

struct io_range {
    struct board_isa *isa;
    uint32_t base;
};

struct board_isa {
    struct uc_struct *uc;
    struct board_isa_client client;
    struct io_range io[MAX_IO_RANGES];
    size_t num_io;
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
    if (uc_open(UC_ARCH_ARM, (uc_mode)(UC_MODE_THUMB | UC_MODE_MCLASS), &isa->uc) != UC_ERR_OK ||
        uc_ctl_set_cpu_model(isa->uc, UC_CPU_ARM_CORTEX_M7) != UC_ERR_OK ||
        uc_ctl_exits_enable(isa->uc) != UC_ERR_OK || !add_hooks(isa, accesses)) {
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

bool board_isa_map(struct board_isa *isa, uint32_t addr, uint32_t size_bytes, void *host,
                   bool writable)
{
    uint32_t prot = UC_PROT_READ | UC_PROT_EXEC | (writable ? (uint32_t)UC_PROT_WRITE : 0u);

    return uc_mem_map_ptr(isa->uc, addr, size_bytes, prot, host) == UC_ERR_OK;
}

bool board_isa_map_io(struct board_isa *isa, uint32_t addr, uint32_t size_bytes)
{
    struct io_range *r;

    if (isa->num_io == MAX_IO_RANGES) {
        return false;
    }
    r = &isa->io[isa->num_io++];
    r->isa = isa;
    r->base = addr;
    return uc_mmio_map(isa->uc, addr, size_bytes, on_io_read, r, on_io_write, r) == UC_ERR_OK;
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
    // The engine keeps a security bit beside FPCA that an Armv7-M core does not have.
    return reg == BOARD_REG_CONTROL ? value & 7u : value;
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
    uint64_t wide[MAX_EXITS] = {0};

    if (count > MAX_EXITS) {
        count = MAX_EXITS;
    }
    for (size_t i = 0; i < count; i++) {
        wide[i] = addrs[i];
    }
    uc_ctl_set_exits(isa->uc, wide, count);
}

void board_isa_forget(struct board_isa *isa, uint64_t start, uint64_t end)
{
    uc_ctl_remove_cache(isa->uc, start, end);
}

void board_isa_set_careful(struct board_isa *isa, bool on)
{
    if (on) {
        add_hook(isa, &isa->code_hook, UC_HOOK_CODE, (void (*)(void))on_code, isa);
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
        add_hook(isa, &isa->access_hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                 (void (*)(void))isa->client.access, isa->client.user);
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

enum board_isa_end board_isa_start(struct board_isa *isa)
{
    uint32_t pc = raw_reg(isa, UC_ARM_REG_PC);
    uint32_t thumb = (raw_reg(isa, UC_ARM_REG_XPSR) & XPSR_T) != 0 ? 1u : 0u;
    uc_err err;

    if (isa->code_bytes > CODE_BYTES_MAX) {
        uc_ctl_flush_tlb(isa->uc); // flushes translations, whatever its name says
        isa->code_bytes = 0;
    }
    err = uc_emu_start(isa->uc, pc | thumb, 0, 0, 0);

    return err == UC_ERR_INSN_INVALID ? BOARD_ISA_END_INVALID : BOARD_ISA_END;
}

void board_isa_stop(struct board_isa *isa)
{
    uc_emu_stop(isa->uc);
}
