// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 3.3 (programming), 3.4 (option bytes), 3.7 (registers). Operations complete at
// once: BSY is never seen set.

#define ACR 0x00u
#define KEYR 0x04u
#define OPTKEYR 0x08u
#define SR 0x0Cu
#define CR 0x10u
#define OPTCR 0x14u
#define OPTCR1 0x18u
#define SR_EOP (1u << 0)
#define SR_WRPERR (1u << 4)
#define SR_PGPERR (1u << 6)
#define SR_ERSERR (1u << 7)
#define SR_CLEARABLE 0xF3u
#define CR_PG (1u << 0)
#define CR_SER (1u << 1)
#define CR_MER (1u << 2)
#define CR_STRT (1u << 16)
#define CR_EOPIE (1u << 24)
#define CR_ERRIE (1u << 25)
#define CR_LOCK (1u << 31)
#define CR_WRITABLE 0x0300037Fu
#define OPTCR_OPTLOCK 1u
#define OPTCR_OPTSTRT 2u
#define OPTCR_STORED_BITS 0xC0FFFFFCu
#define OPTCR_DEFAULT 0xC0FFAAFCu
#define OPTCR1_DEFAULT 0x00400080u
#define RDP_NONE 0xAAu
#define RDP_FINAL 0xCCu
#define NUM_SECTORS 8u
#define FLASH_IRQ 4u

static uint32_t sector_start(unsigned sector)
{
    static const uint32_t start[NUM_SECTORS + 1] = {
        0x00000, 0x08000, 0x10000, 0x18000, 0x20000, 0x40000, 0x80000, 0xC0000, BOARD_FLASH_SIZE};

    return start[sector];
}

static unsigned sector_of(uint32_t offset)
{
    unsigned sector = 0;

    while (sector < NUM_SECTORS - 1 && offset >= sector_start(sector + 1)) {
        sector++;
    }
    return sector;
}

static bool is_protected(const struct board_machine *m, unsigned sector)
{
    return (m->flash.optcr_stored >> (16 + sector) & 1u) == 0;
}

bool board_flash_create(struct board_machine *m, uint32_t fail_addr)
{
    struct board_flash *f = &m->flash;

    f->bytes = aligned_alloc(4096, BOARD_FLASH_SIZE);
    if (f->bytes == NULL) {
        return false;
    }
    memset(f->bytes, 0xFF, BOARD_FLASH_SIZE);
    f->optcr_stored = OPTCR_DEFAULT;
    f->optcr1_stored = OPTCR1_DEFAULT;
    f->fail_addr = fail_addr;
    return true;
}

void board_flash_reset(struct board_machine *m)
{
    struct board_flash *f = &m->flash;

    f->acr = 0;
    f->sr = 0;
    f->cr = CR_LOCK;
    f->optcr = f->optcr_stored | OPTCR_OPTLOCK;
    f->optcr1 = f->optcr1_stored;
    f->key_step = 0;
    f->optkey_step = 0;
    f->locked_for_good = false;
    f->optlocked_for_good = false;
    board_nvic_set_line(m, FLASH_IRQ, false);
}

uint32_t board_flash_boot_address(const struct board_machine *m)
{
    return (m->flash.optcr1_stored & 0xFFFFu) << 14;
}

bool board_flash_is_read_protected(const struct board_machine *m)
{
    return (m->flash.optcr_stored >> 8 & 0xFFu) != RDP_NONE;
}

uint32_t board_flash_option_word(const struct board_machine *m, uint32_t offset)
{
    const struct board_flash *f = &m->flash;
    uint32_t half;

    switch (offset) {
    case 0x00:
        half = f->optcr_stored & 0xFFFCu;
        break;
    case 0x08:
        half = f->optcr_stored >> 16;
        break;
    case 0x10:
        half = f->optcr1_stored & 0xFFFFu;
        break;
    case 0x18:
        half = f->optcr1_stored >> 16;
        break;
    default:
        return 0xFFFFFFFFu;
    }
    return half | (~half & 0xFFFFu) << 16;
}

uint32_t board_flash_read(struct board_machine *m, uint32_t offset)
{
    struct board_flash *f = &m->flash;

    switch (offset) {
    case ACR:
        return f->acr;
    case SR:
        return f->sr;
    case CR:
        return f->cr;
    case OPTCR:
        return f->optcr;
    case OPTCR1:
        return f->optcr1;
    default:
        return 0;
    }
}

static void update_line(struct board_machine *m)
{
    const struct board_flash *f = &m->flash;

    board_nvic_set_line(m, FLASH_IRQ,
                        ((f->sr & SR_EOP) != 0 && (f->cr & CR_EOPIE) != 0) ||
                            ((f->sr & ~SR_EOP) != 0 && (f->cr & CR_ERRIE) != 0));
}

static void finish(struct board_machine *m, uint32_t error)
{
    struct board_flash *f = &m->flash;

    if (error != 0) {
        f->sr |= error;
    } else if ((f->cr & CR_EOPIE) != 0) {
        f->sr |= SR_EOP;
    }
    update_line(m);
}

/** Translations of flash that changed are stale; the engine hears of it between blocks. */
static void note_changed(struct board_machine *m, uint32_t first, uint32_t end)
{
    struct board_flash *f = &m->flash;

    if (f->changed_end == 0 || first < f->changed_first) {
        f->changed_first = first;
    }
    if (end > f->changed_end) {
        f->changed_end = end;
    }
    board_attention(m);
}

static void erase(struct board_machine *m)
{
    struct board_flash *f = &m->flash;
    unsigned first = 0;
    unsigned last = NUM_SECTORS - 1;

    if ((f->cr & CR_MER) == 0) {
        first = f->cr >> 3 & 15u;
        last = first;
    }
    if (last >= NUM_SECTORS || (f->cr & CR_PG) != 0) {
        finish(m, SR_ERSERR);
        return;
    }
    for (unsigned s = first; s <= last; s++) {
        if (is_protected(m, s)) {
            finish(m, SR_WRPERR);
            return;
        }
    }
    memset(f->bytes + sector_start(first), 0xFF, sector_start(last + 1) - sector_start(first));
    note_changed(m, sector_start(first), sector_start(last + 1));
    finish(m, 0);
}

static void store_options(struct board_machine *m)
{
    struct board_flash *f = &m->flash;
    uint32_t old_level = f->optcr_stored >> 8 & 0xFFu;
    uint32_t level = f->optcr >> 8 & 0xFFu;

    if (old_level == RDP_FINAL) {
        finish(m, SR_WRPERR);
        return;
    }
    if (old_level != RDP_NONE && level == RDP_NONE) {
        memset(f->bytes, 0xFF, BOARD_FLASH_SIZE);
        note_changed(m, 0, BOARD_FLASH_SIZE);
    }
    f->optcr_stored = f->optcr & OPTCR_STORED_BITS;
    f->optcr1_stored = f->optcr1;
    finish(m, 0);
}

static void unlock(struct board_flash *f, uint32_t key)
{
    static const uint32_t keys[2] = {0x45670123u, 0xCDEF89ABu};

    if (f->locked_for_good || (f->cr & CR_LOCK) == 0 || key != keys[f->key_step]) {
        f->locked_for_good |= (f->cr & CR_LOCK) != 0;
        f->key_step = 0;
        return;
    }
    if (++f->key_step == 2) {
        f->cr &= ~CR_LOCK;
        f->key_step = 0;
    }
}

static void unlock_options(struct board_flash *f, uint32_t key)
{
    static const uint32_t keys[2] = {0x08192A3Bu, 0x4C5D6E7Fu};

    if (f->optlocked_for_good || (f->optcr & OPTCR_OPTLOCK) == 0 || key != keys[f->optkey_step]) {
        f->optlocked_for_good |= (f->optcr & OPTCR_OPTLOCK) != 0;
        f->optkey_step = 0;
        return;
    }
    if (++f->optkey_step == 2) {
        f->optcr &= ~OPTCR_OPTLOCK;
        f->optkey_step = 0;
    }
}

static void write_cr(struct board_machine *m, uint32_t value)
{
    struct board_flash *f = &m->flash;

    if ((f->cr & CR_LOCK) != 0) {
        return;
    }
    f->cr = value & (CR_WRITABLE | CR_LOCK);
    if ((value & CR_STRT) != 0 && (value & (CR_SER | CR_MER)) != 0) {
        erase(m);
    } else {
        update_line(m);
    }
}

void board_flash_write(struct board_machine *m, uint32_t offset, uint32_t value)
{
    struct board_flash *f = &m->flash;

    switch (offset) {
    case ACR:
        f->acr = value & 0xB0Fu;
        break;
    case KEYR:
        unlock(f, value);
        break;
    case OPTKEYR:
        unlock_options(f, value);
        break;
    case SR:
        f->sr &= ~(value & SR_CLEARABLE);
        update_line(m);
        break;
    case CR:
        write_cr(m, value);
        break;
    case OPTCR:
        if ((f->optcr & OPTCR_OPTLOCK) == 0) {
            f->optcr = value & (OPTCR_STORED_BITS | OPTCR_OPTLOCK);
            if ((value & OPTCR_OPTSTRT) != 0) {
                store_options(m);
            }
        }
        break;
    case OPTCR1:
        if ((f->optcr & OPTCR_OPTLOCK) == 0) {
            f->optcr1 = value;
        }
        break;
    default:
        break;
    }
}

// ---------------------------------------------------------------------------------------------
// Programming

static uint32_t to_offset(uint32_t addr)
{
    return addr - (addr >= BOARD_FLASH_BASE ? BOARD_FLASH_BASE : BOARD_FLASH_ITCM_BASE);
}

/** SR error bits of a store of this width there, 0 = it programs. */
static uint32_t check_store(const struct board_machine *m, uint32_t offset, unsigned size_bytes)
{
    const struct board_flash *f = &m->flash;
    unsigned width = 1u << (f->cr >> 8 & 3u);

    if ((f->cr & (CR_LOCK | CR_PG)) != CR_PG) {
        return SR_ERSERR;
    }
    if (is_protected(m, sector_of(offset))) {
        return SR_WRPERR;
    }
    return size_bytes == width || (width == 8 && size_bytes == 4) ? 0 : SR_PGPERR;
}

static bool is_weak(const struct board_flash *f, uint32_t offset)
{
    return f->fail_addr != 0 && (offset & ~3u) == (to_offset(f->fail_addr) & ~3u);
}

/** The byte as silicon has it: with the stores of this block that are still to be put right. */
static uint8_t settled_byte(const struct board_flash *f, uint32_t offset, bool *is_fixed)
{
    for (size_t i = f->num_fixes; i > 0; i--) {
        if (f->fixes[i - 1].offset == offset) {
            *is_fixed = true;
            return f->fixes[i - 1].value;
        }
    }
    *is_fixed = false;
    return f->bytes[offset];
}

static void add_fix(struct board_flash *f, uint32_t offset, uint8_t value)
{
    if (f->num_fixes == f->max_fixes) {
        size_t max = f->max_fixes == 0 ? 256 : 2 * f->max_fixes;
        struct board_flash_fix *more = realloc(f->fixes, max * sizeof *more);

        if (more == NULL) {
            abort(); // the engine is about to store what must not be; there is no way out
        }
        f->fixes = more;
        f->max_fixes = max;
    }
    f->fixes[f->num_fixes++] = (struct board_flash_fix){offset, value};
}

void board_flash_rom_write(void *machine, uint32_t addr, unsigned size_bytes, uint32_t value)
{
    struct board_machine *m = machine;
    struct board_flash *f = &m->flash;
    uint32_t offset = to_offset(addr);
    uint32_t error;

    if (offset >= BOARD_FLASH_SIZE || size_bytes > BOARD_FLASH_SIZE - offset) {
        board_system_rom_write(m, addr, size_bytes);
        return;
    }
    error = check_store(m, offset, size_bytes);
    for (unsigned i = 0; i < size_bytes; i++) {
        bool is_fixed;
        uint8_t wanted = (uint8_t)(value >> (8 * i));
        uint8_t byte = settled_byte(f, offset + i, &is_fixed);

        if (error == 0 && !is_weak(f, offset)) {
            byte &= wanted;
        }
        if (is_fixed || byte != wanted) {
            add_fix(f, offset + i, byte);
        }
    }
    note_changed(m, offset, offset + size_bytes);
    finish(m, error);
}

void board_flash_store(struct board_machine *m, uint32_t addr, unsigned size_bytes, uint32_t value)
{
    uint32_t offset = to_offset(addr);

    board_flash_rom_write(m, addr, size_bytes, value);
    for (unsigned i = 0; i < size_bytes; i++) {
        m->flash.bytes[offset + i] = (uint8_t)(value >> (8 * i));
    }
    board_flash_settle(m);
}

void board_flash_settle(struct board_machine *m)
{
    struct board_flash *f = &m->flash;

    for (size_t i = 0; i < f->num_fixes; i++) {
        f->bytes[f->fixes[i].offset] = f->fixes[i].value;
    }
    f->num_fixes = 0;
    if (f->changed_end != 0) {
        uint32_t size = f->changed_end - f->changed_first;

        board_engine_forget(m->engine, BOARD_FLASH_BASE + f->changed_first, size);
        board_engine_forget(m->engine, BOARD_FLASH_ITCM_BASE + f->changed_first, size);
        f->changed_end = 0;
    }
}
