// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_MEMORIES_H
#define UTVM_CORE_MEMORIES_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The memories of the STM32F74x and F76x/F77x, the Cortex-M7 parts that a model ELF may be for.
 * Source: RM0385 2.2.2 and 2.3 (STM32F74x/75x), RM0410 2.3 and 2.4 (STM32F76x/77x).
 */
struct utvm_memory {
    const char *name; /**< "flash", "itcm", "dtcm", "sram" */
    uint32_t base;
    uint32_t size_bytes;
    bool is_flash;
};

/** DBGMCU_IDCODE bits 11:0. */
#define UTVM_DEVICE_F74X 0x449u
#define UTVM_DEVICE_F76X 0x451u

/**
 * The memory that holds all of [addr, addr + size_bytes).
 * @param device_id DBGMCU_IDCODE; a part that is not known (0) is taken for the largest of the
 *                  family. Neighbouring RAMs (DTCM, SRAM1, SRAM2) count as one for the range and
 *                  the name is that of the first byte's.
 * @return NULL when the range is in no memory of that device
 */
const struct utvm_memory *utvm_memory_at(uint32_t device_id, uint32_t addr, uint32_t size_bytes);

#endif
