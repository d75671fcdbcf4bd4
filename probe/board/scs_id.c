// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/state.h"

// Source: Cortex-M7 TRM r0p1 3.3 and 4.2, Armv7-M ARM B4 (CPUID scheme) and C1 (CoreSight IDs),
// RM0385 40.7 (ROM table).

struct id_register {
    uint32_t addr;
    uint32_t value;
};

static const struct id_register registers[] = {
    {0xE000ED00u, 0x410FC271u}, // CPUID: Cortex-M7 r0p1
    {0xE000ED40u, 0x00000030u}, // ID_PFR0
    {0xE000ED44u, 0x00000200u}, // ID_PFR1
    {0xE000ED48u, 0x00100000u}, // ID_DFR0
    {0xE000ED50u, 0x00100030u}, // ID_MMFR0
    {0xE000ED58u, 0x01000000u}, // ID_MMFR2
    {0xE000ED60u, 0x01101110u}, // ID_ISAR0
    {0xE000ED64u, 0x02112000u}, // ID_ISAR1
    {0xE000ED68u, 0x20232231u}, // ID_ISAR2
    {0xE000ED6Cu, 0x01111131u}, // ID_ISAR3
    {0xE000ED70u, 0x01310132u}, // ID_ISAR4
    {0xE000ED78u, 0x09000003u}, // CLIDR: split level 1
    {0xE000ED7Cu, 0x8303C003u}, // CTR: 32-byte lines
    {0xE000EF40u, 0x10110021u}, // MVFR0: single precision
    {0xE000EF44u, 0x11000011u}, // MVFR1
    {0xE000EF48u, 0x00000040u}, // MVFR2
    // The debug architecture's own tables: processor ROM, private peripheral bus ROM.
    {0xE00FD000u, 0x00001003u}, // → 0xE00FE000
    {0xE00FE000u, 0x00001003u}, // → 0xE00FF000
    {0xE00FF000u, 0xFFF0F003u}, // SCS
    {0xE00FF004u, 0xFFF02003u}, // DWT
    {0xE00FF008u, 0xFFF03003u}, // FPB
    {0xE00FF00Cu, 0xFFF01003u}, // ITM
};

/** Component class and peripheral IDs at the end of a 4 KB block: PID0..3, PID4, CID1. */
struct component {
    uint32_t base;
    uint8_t pid[4];
    uint8_t pid4;
    uint8_t cid1;
};

static const struct component components[] = {
    {0xE000E000u, {0x0C, 0xB0, 0x0B, 0x00}, 0x04, 0xE0}, // SCS
    {0xE0001000u, {0x02, 0xB0, 0x0B, 0x00}, 0x04, 0xE0}, // DWT
    {0xE0002000u, {0x0E, 0xB0, 0x0B, 0x00}, 0x04, 0xE0}, // FPB
    {0xE0000000u, {0x01, 0xB0, 0x0B, 0x00}, 0x04, 0xE0}, // ITM
    {0xE00FD000u, {0x49, 0x04, 0x0A, 0x00}, 0x00, 0x10}, // STM32F74x
    {0xE00FE000u, {0xC8, 0xB4, 0x0B, 0x00}, 0x04, 0x10}, // Cortex-M7
    {0xE00FF000u, {0xC7, 0xB4, 0x0B, 0x00}, 0x04, 0x10}, // private peripheral bus
};

static bool component_id(uint32_t addr, uint32_t *value)
{
    static const uint8_t cid[4] = {0x0D, 0x00, 0x05, 0xB1};
    uint32_t offset = addr & 0xFFFu;

    for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
        const struct component *c = &components[i];

        if (c->base != (addr & ~0xFFFu) || offset < 0xFD0u) {
            continue;
        }
        if (offset == 0xFD0u) {
            *value = c->pid4;
        } else if (offset < 0xFE0u) {
            *value = 0;
        } else if (offset < 0xFF0u) {
            *value = c->pid[(offset - 0xFE0u) / 4];
        } else {
            *value = offset == 0xFF4u ? c->cid1 : cid[(offset - 0xFF0u) / 4];
        }
        return true;
    }
    return false;
}

bool board_id_register(uint32_t addr, uint32_t csselr, uint32_t *value)
{
    if (addr == 0xE000ED80u) { // CCSIDR: 4 KB each; data 4-way, instructions 2-way
        *value = csselr == 0 ? 0xF003E019u : csselr == 1 ? 0xF007E009u : 0;
        return true;
    }
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        if (registers[i].addr == addr) {
            *value = registers[i].value;
            return true;
        }
    }
    return component_id(addr, value);
}
