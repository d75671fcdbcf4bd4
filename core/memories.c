// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/memories.h"

#include <stddef.h>

#define KIB 1024u

// Each list is in order of address and ends in a row without a name. Flash is seen twice: at
// 0x08000000 over AXI and at 0x00200000 over the ITCM bus.
static const struct utvm_memory f74x[] = {
    {"itcm", 0x00000000, 16 * KIB, false},   {"flash", 0x00200000, 1024 * KIB, true},
    {"flash", 0x08000000, 1024 * KIB, true}, {"dtcm", 0x20000000, 64 * KIB, false},
    {"sram", 0x20010000, 256 * KIB, false},  {NULL, 0, 0, false},
};

static const struct utvm_memory f76x[] = {
    {"itcm", 0x00000000, 16 * KIB, false},   {"flash", 0x00200000, 2048 * KIB, true},
    {"flash", 0x08000000, 2048 * KIB, true}, {"dtcm", 0x20000000, 128 * KIB, false},
    {"sram", 0x20020000, 384 * KIB, false},  {NULL, 0, 0, false},
};

// Nothing is known: everything that some part of the family has, named as on the F74x.
static const struct utvm_memory family[] = {
    {"itcm", 0x00000000, 16 * KIB, false},   {"flash", 0x00200000, 2048 * KIB, true},
    {"flash", 0x08000000, 2048 * KIB, true}, {"dtcm", 0x20000000, 64 * KIB, false},
    {"sram", 0x20010000, 448 * KIB, false},  {NULL, 0, 0, false},
};

const struct utvm_memory *utvm_memory_at(uint32_t device_id, uint32_t addr, uint32_t size_bytes)
{
    uint32_t id = device_id & 0xFFF;
    const struct utvm_memory *m = id == UTVM_DEVICE_F74X   ? f74x
                                  : id == UTVM_DEVICE_F76X ? f76x
                                                           : family;
    for (; m->name; m++) {
        if (addr < m->base || addr - m->base >= m->size_bytes) {
            continue;
        }
        uint64_t end = (uint64_t)m->base + m->size_bytes;
        for (const struct utvm_memory *next = m + 1; next->name && next->base == end; next++) {
            end += next->size_bytes;
        }
        return (uint64_t)addr + size_bytes <= end ? m : NULL;
    }
    return NULL;
}
