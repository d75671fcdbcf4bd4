// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"
#include "probe/board/vendor.h"

// Source: RM0385 2.2.2 (memory map and register boundary addresses).

#define APB_FIRST 0x40000000u
#define APB_END 0x40080000u
#define AHB2_FIRST 0x50000000u
#define AHB2_END 0x50070000u
#define FMC_FIRST 0xA0000000u
#define FMC_END 0xA0002000u
#define OPTION_FIRST 0x1FFF0000u
#define OPTION_END 0x1FFF1000u
#define PPB_FIRST 0xE0000000u
#define PPB_END 0xE0100000u
#define ITM_BASE 0xE0000000u
#define DWT_BASE 0xE0001000u
#define FPB_BASE 0xE0002000u
#define SCS_BASE 0xE000E000u
#define DBGMCU_BASE 0xE0042000u
#define PERIPHERAL_MASK 0x3FFu

struct region {
    uint32_t base;
    uint32_t size;
};

/** Ranges in which registers live. */
static const struct region io_regions[] = {
    {OPTION_FIRST, OPTION_END - OPTION_FIRST}, {APB_FIRST, APB_END - APB_FIRST},
    {AHB2_FIRST, AHB2_END - AHB2_FIRST},       {FMC_FIRST, FMC_END - FMC_FIRST},
    {PPB_FIRST, PPB_END - PPB_FIRST},          {BOARD_VENDOR_BASE, BOARD_VENDOR_SIZE},
};

bool board_bus_map(struct board_machine *m)
{
    struct board_engine *e = m->engine;
    bool ok = board_engine_map(e, BOARD_ITCM_BASE, BOARD_ITCM_SIZE, m->itcm, true) &&
              board_engine_map(e, BOARD_FLASH_ITCM_BASE, BOARD_FLASH_SIZE, m->flash.bytes, false) &&
              board_engine_map(e, BOARD_FLASH_BASE, BOARD_FLASH_SIZE, m->flash.bytes, false) &&
              board_engine_map(e, BOARD_SYSTEM_BASE, BOARD_SYSTEM_SIZE, m->system, false) &&
              board_engine_map(e, BOARD_SRAM_BASE, BOARD_SRAM_SIZE, m->sram, true);

    for (size_t i = 0; i < sizeof io_regions / sizeof io_regions[0]; i++) {
        ok = ok && board_engine_map_io(e, io_regions[i].base, io_regions[i].size);
    }
    return ok;
}

bool board_bus_is_io(uint32_t addr)
{
    for (size_t i = 0; i < sizeof io_regions / sizeof io_regions[0]; i++) {
        if (addr - io_regions[i].base < io_regions[i].size) {
            return true;
        }
    }
    return false;
}

// ---------------------------------------------------------------------------------------------
// Plain memory

static bool holds(uint32_t base, uint32_t size, uint32_t addr, uint32_t length)
{
    return addr - base < size && length <= size - (addr - base);
}

uint8_t *board_bus_ram(struct board_machine *m, uint32_t addr, uint32_t size_bytes)
{
    if (holds(BOARD_SRAM_BASE, BOARD_SRAM_SIZE, addr, size_bytes)) {
        return m->sram + (addr - BOARD_SRAM_BASE);
    }
    if (holds(BOARD_ITCM_BASE, BOARD_ITCM_SIZE, addr, size_bytes)) {
        return m->itcm + (addr - BOARD_ITCM_BASE);
    }
    return NULL;
}

bool board_bus_is_flash(uint32_t addr, uint32_t size_bytes)
{
    return holds(BOARD_FLASH_BASE, BOARD_FLASH_SIZE, addr, size_bytes) ||
           holds(BOARD_FLASH_ITCM_BASE, BOARD_FLASH_SIZE, addr, size_bytes);
}

const uint8_t *board_bus_memory(void *machine, uint32_t addr, uint32_t size_bytes)
{
    struct board_machine *m = machine;

    if (holds(BOARD_FLASH_BASE, BOARD_FLASH_SIZE, addr, size_bytes)) {
        return m->flash.bytes + (addr - BOARD_FLASH_BASE);
    }
    if (holds(BOARD_FLASH_ITCM_BASE, BOARD_FLASH_SIZE, addr, size_bytes)) {
        return m->flash.bytes + (addr - BOARD_FLASH_ITCM_BASE);
    }
    if (holds(BOARD_SYSTEM_BASE, BOARD_SYSTEM_SIZE, addr, size_bytes)) {
        return m->system + (addr - BOARD_SYSTEM_BASE);
    }
    return board_bus_ram(m, addr, size_bytes);
}

bool board_bus_read_word(struct board_machine *m, uint32_t addr, uint32_t *value)
{
    const uint8_t *p = board_bus_memory(m, addr, 4);

    if (p == NULL) {
        return false;
    }
    memcpy(value, p, 4);
    return true;
}

bool board_bus_write_word(struct board_machine *m, uint32_t addr, uint32_t value)
{
    uint8_t *p = board_bus_ram(m, addr, 4);

    if (p == NULL) {
        return false;
    }
    memcpy(p, &value, 4);
    board_engine_forget(m->engine, addr, 4);
    return true;
}

void board_system_rom_write(struct board_machine *m, uint32_t addr, unsigned size_bytes)
{
    // The engine stores all the same; system memory is rebuilt before anything runs again.
    (void)size_bytes;
    m->io_fault = (struct board_fault){BOARD_EXC_BUS_FAULT, BOARD_CFSR_IMPRECISERR, false, addr};
    m->system_stale = true;
    board_attention(m);
}

// ---------------------------------------------------------------------------------------------
// Registers

static uint32_t read_private(struct board_machine *m, uint32_t addr, struct board_io *io)
{
    uint32_t value = 0;

    io->offset = addr & 0xFFFu & ~3u;
    switch (addr & ~0xFFFu) {
    case SCS_BASE:
        return board_scs_read(m, io);
    case ITM_BASE:
        return board_itm_read(m, io);
    case DWT_BASE:
        return board_dwt_read(m, io);
    case FPB_BASE:
        return board_fpb_read(m, io->offset);
    case DBGMCU_BASE:
        return board_dbgmcu_read(m, io->offset);
    default:
        board_id_register(addr & ~3u, 0, &value);
        return value;
    }
}

static uint32_t read_register(struct board_machine *m, uint32_t addr, unsigned size_bytes)
{
    struct board_io io = {addr, addr & PERIPHERAL_MASK & ~3u, size_bytes, !m->in_core};

    if (addr >= PPB_FIRST && addr < PPB_END) {
        return read_private(m, addr, &io);
    }
    if (addr - BOARD_VENDOR_BASE < BOARD_VENDOR_SIZE) {
        return board_vendor_read(m, addr & 0xFFCu);
    }
    if (addr >= OPTION_FIRST && addr < OPTION_END) {
        return board_flash_option_word(m, addr & 0xFFCu);
    }
    return board_peripheral_read(m, &io);
}

static bool is_unaligned(struct board_machine *m, uint32_t addr, unsigned size_bytes)
{
    if ((addr & (size_bytes - 1)) == 0) {
        return false;
    }
    if (m->in_core) {
        m->io_fault = (struct board_fault){BOARD_EXC_USAGE_FAULT, BOARD_CFSR_UNALIGNED, false, 0};
        board_attention(m);
    }
    return true;
}

/** Where the engine does not guard accesses, the MPU may still deny one to a register. */
static bool is_denied(struct board_machine *m, uint32_t addr, unsigned size_bytes, bool is_write)
{
    if (!m->in_core || board_mpu_allows(m, addr, size_bytes, is_write)) {
        return false;
    }
    m->io_fault = (struct board_fault){BOARD_EXC_MEM_MANAGE, BOARD_CFSR_DACCVIOL, true, addr};
    board_attention(m);
    return true;
}

uint32_t board_bus_io_read(void *machine, uint32_t addr, unsigned size_bytes)
{
    struct board_machine *m = machine;
    uint32_t value;

    if (is_unaligned(m, addr, size_bytes) || is_denied(m, addr, size_bytes, false)) {
        return 0;
    }
    value = read_register(m, addr, size_bytes) >> (8 * (addr & 3u));
    return size_bytes == 4 ? value : value & ((1u << (8 * size_bytes)) - 1);
}

static void write_private(struct board_machine *m, uint32_t addr, struct board_io *io,
                          uint32_t value)
{
    bool bytewise = io->size_bytes < 4 && (addr & ~0xFFFu) == SCS_BASE;

    // Priority registers are accessible by byte; elsewhere the other lanes count as zero.
    io->offset = addr & 0xFFFu & ~(bytewise ? 0u : 3u);
    if (!bytewise || (io->offset & 0xF00u) < 0x400u ||
        ((io->offset & 0xF00u) > 0x400u && (io->offset < 0xD18u || io->offset > 0xD23u))) {
        value <<= 8 * (addr & 3u);
        io->offset &= ~3u;
        io->size_bytes = 4;
    }
    switch (addr & ~0xFFFu) {
    case SCS_BASE:
        board_scs_write(m, io, value);
        break;
    case ITM_BASE:
        board_itm_write(m, io, value);
        break;
    case DWT_BASE:
        board_dwt_write(m, io, value);
        break;
    case FPB_BASE:
        board_fpb_write(m, io->offset, value);
        break;
    case DBGMCU_BASE:
        board_dbgmcu_write(m, io->offset, value);
        break;
    default:
        break;
    }
}

void board_bus_io_write(void *machine, uint32_t addr, unsigned size_bytes, uint32_t value)
{
    struct board_machine *m = machine;
    struct board_io io = {addr, addr & PERIPHERAL_MASK & ~3u, size_bytes, !m->in_core};

    if (is_unaligned(m, addr, size_bytes) || is_denied(m, addr, size_bytes, true)) {
        return;
    }
    if (addr >= PPB_FIRST && addr < PPB_END) {
        write_private(m, addr, &io, value);
        return;
    }
    if (addr - BOARD_VENDOR_BASE < BOARD_VENDOR_SIZE) {
        board_vendor_write(m, addr & 0xFFCu, value);
        return;
    }
    if (addr >= OPTION_FIRST && addr < OPTION_END) {
        return;
    }
    board_peripheral_write(m, &io, value);
}
