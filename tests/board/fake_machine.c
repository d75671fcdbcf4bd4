// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/board/fake_machine.h"

#include <stdlib.h>
#include <string.h>

struct board_machine *board_machine_create(const struct board_machine_config *config,
                                           const char **error)
{
    (void)config;
    struct board_machine *m = calloc(1, sizeof(*m));
    if (!m) {
        *error = "out of memory";
        return NULL;
    }
    // CPUID of a Cortex-M7 r0p1, so that a debugger knows what it is talking to.
    static const uint8_t cpuid[4] = {0x71, 0xC2, 0x0F, 0x41};
    memcpy(m->ppb + 0xED00, cpuid, sizeof(cpuid));
    return m;
}

void board_machine_destroy(struct board_machine *m)
{
    free(m);
}

void board_machine_set_srst(struct board_machine *m, bool asserted)
{
    if (asserted && !m->srst) {
        m->resets++;
    }
    m->srst = asserted;
}

void board_machine_power_cycle(struct board_machine *m)
{
    memset(m->ram, 0, sizeof(m->ram));
    m->power_cycles++;
}

static uint8_t *locate(struct board_machine *m, uint32_t addr, size_t size_bytes)
{
    if (addr >= FAKE_RAM_BASE && addr - FAKE_RAM_BASE <= FAKE_RAM_BYTES - size_bytes) {
        return m->ram + (addr - FAKE_RAM_BASE);
    }
    if (addr >= FAKE_PPB_BASE && addr - FAKE_PPB_BASE <= FAKE_PPB_BYTES - size_bytes) {
        return m->ppb + (addr - FAKE_PPB_BASE);
    }
    return NULL;
}

enum board_access board_machine_read(struct board_machine *m, uint32_t addr, unsigned size_bytes,
                                     uint32_t *value)
{
    uint8_t *place = locate(m, addr, size_bytes);
    m->single_accesses++;
    m->last_size_bytes = size_bytes;
    if (!place || addr % size_bytes != 0) {
        return BOARD_ACCESS_FAULT;
    }
    *value = 0;
    memcpy(value, place, size_bytes);
    return BOARD_ACCESS_OK;
}

enum board_access board_machine_write(struct board_machine *m, uint32_t addr, unsigned size_bytes,
                                      uint32_t value)
{
    uint8_t *place = locate(m, addr, size_bytes);
    m->single_accesses++;
    m->last_size_bytes = size_bytes;
    if (!place || addr % size_bytes != 0) {
        return BOARD_ACCESS_FAULT;
    }
    if (addr == 0xE000EDF0U) {
        // DHCSR: control bits as written, S_REGRDY, and S_HALT at once when C_HALT is set.
        value = (value & 0xFU) | 1U << 16 | (value & 2U) << 16;
    }
    memcpy(place, &value, size_bytes);
    return BOARD_ACCESS_OK;
}

enum board_access board_machine_read_block(struct board_machine *m, uint32_t addr, void *buf,
                                           size_t size_bytes, size_t *done_bytes)
{
    uint8_t *bytes = buf;
    m->block_accesses++;
    for (*done_bytes = 0; *done_bytes < size_bytes; ++*done_bytes) {
        const uint8_t *place = locate(m, addr + (uint32_t)*done_bytes, 1);
        if (!place) {
            return BOARD_ACCESS_FAULT;
        }
        bytes[*done_bytes] = *place;
    }
    return BOARD_ACCESS_OK;
}

enum board_access board_machine_write_block(struct board_machine *m, uint32_t addr, const void *buf,
                                            size_t size_bytes, size_t *done_bytes)
{
    const uint8_t *bytes = buf;
    m->block_accesses++;
    for (*done_bytes = 0; *done_bytes < size_bytes; ++*done_bytes) {
        uint8_t *place = locate(m, addr + (uint32_t)*done_bytes, 1);
        if (!place) {
            return BOARD_ACCESS_FAULT;
        }
        *place = bytes[*done_bytes];
    }
    return BOARD_ACCESS_OK;
}

bool board_machine_runnable(const struct board_machine *m)
{
    return m->runnable;
}

enum board_run_result board_machine_run(struct board_machine *m, uint64_t max_instructions)
{
    m->instructions += max_instructions;
    return BOARD_RUN_SLICE_DONE;
}

uint64_t board_machine_sleep_ns(const struct board_machine *m)
{
    (void)m;
    return UINT64_MAX;
}

uint64_t board_machine_cycles(const struct board_machine *m)
{
    return m->instructions;
}

uint64_t board_machine_instructions(const struct board_machine *m)
{
    return m->instructions;
}

int board_machine_poll_fd(const struct board_machine *m, unsigned index)
{
    (void)m;
    (void)index;
    return -1;
}

void board_machine_service(struct board_machine *m)
{
    (void)m;
}
