// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

/*
 * The memory protection unit. While it restricts something that the core can reach, every access
 * is shown to board_mpu_allows() and every block to board_mpu_executes(), which costs about as much
 * as the memory timing mode does; a unit that was never enabled costs nothing.
 * Source: Armv7-M ARM B3.5 (registers), B2.3 and B5 (CheckPermission, default memory map).
 */

#define TYPE 0xD90u
#define CTRL 0xD94u
#define RNR 0xD98u
#define RBAR 0xD9Cu
#define RASR 0xDA0u
#define LAST 0xDB8u
#define CTRL_ENABLE 1u
#define CTRL_HFNMIENA 2u
#define CTRL_PRIVDEFENA 4u
#define RBAR_VALID 16u
#define RBAR_REGION 15u
#define RASR_ENABLE 1u
#define RASR_WRITABLE 0x173FFF3Fu
#define SUBREGIONS_FROM 256u
#define PERIPHERALS_BASE 0x40000000u
#define PERIPHERALS_SIZE 0x20000000u
#define PPB_BASE 0xE0000000u
#define PPB_SIZE 0x100000u

enum permission {
    PRIVILEGED_READ = 1,
    PRIVILEGED_WRITE = 2,
    USER_READ = 4,
    USER_WRITE = 8,
    EXECUTE = 16,
};

void board_mpu_reset(struct board_machine *m)
{
    memset(&m->mpu, 0, sizeof m->mpu);
}

static bool is_enabled(const struct board_machine *m)
{
    return (m->mpu.ctrl & CTRL_ENABLE) != 0;
}

uint32_t board_mpu_read(const struct board_machine *m, uint32_t offset)
{
    const struct board_mpu_region *r = &m->mpu.region[m->mpu.rnr % BOARD_NUM_MPU_REGIONS];

    switch (offset) {
    case TYPE:
        return BOARD_NUM_MPU_REGIONS << 8;
    case CTRL:
        return m->mpu.ctrl;
    case RNR:
        return m->mpu.rnr;
    default:
        // Three aliases follow the pair, so that four regions can be written at one go.
        return ((offset - RBAR) & 4u) == 0 ? r->rbar | m->mpu.rnr : r->rasr;
    }
}

void board_mpu_write(struct board_machine *m, uint32_t offset, uint32_t value)
{
    struct board_mpu *u = &m->mpu;

    if (offset == CTRL) {
        u->ctrl = value & (CTRL_ENABLE | CTRL_HFNMIENA | CTRL_PRIVDEFENA);
        u->active = u->active && is_enabled(m); // off at once, on with the next slice
    } else if (offset == RNR) {
        u->rnr = value % BOARD_NUM_MPU_REGIONS;
    } else if (offset >= RBAR && offset <= LAST && ((offset - RBAR) & 4u) == 0) {
        if ((value & RBAR_VALID) != 0) {
            u->rnr = (value & RBAR_REGION) % BOARD_NUM_MPU_REGIONS;
        }
        u->region[u->rnr].rbar = value & ~31u;
    } else if (offset >= RBAR && offset <= LAST) {
        u->region[u->rnr].rasr = value & RASR_WRITABLE;
    }
    board_attention(m);
}

// ---------------------------------------------------------------------------------------------
// Regions

static bool is_on(const struct board_mpu_region *r)
{
    return (r->rasr & RASR_ENABLE) != 0 && (r->rasr >> 1 & 31u) >= 4;
}

/** Size in bytes; a region of 4 GB has 2^32. */
static uint64_t size_of(const struct board_mpu_region *r)
{
    return UINT64_C(1) << ((r->rasr >> 1 & 31u) + 1);
}

static uint32_t base_of(const struct board_mpu_region *r)
{
    return r->rbar & (uint32_t) ~(size_of(r) - 1);
}

static bool holds(const struct board_mpu_region *r, uint32_t addr)
{
    uint64_t size = size_of(r);
    uint64_t offset = addr - base_of(r);

    if (!is_on(r) || offset >= size) {
        return false;
    }
    return size < SUBREGIONS_FROM || (r->rasr >> (8 + offset / (size / 8)) & 1u) == 0;
}

/** What a region allows. */
static unsigned permissions_of(const struct board_mpu_region *r)
{
    static const uint8_t by_ap[8] = {
        0,
        PRIVILEGED_READ | PRIVILEGED_WRITE,
        PRIVILEGED_READ | PRIVILEGED_WRITE | USER_READ,
        PRIVILEGED_READ | PRIVILEGED_WRITE | USER_READ | USER_WRITE,
        0,
        PRIVILEGED_READ,
        PRIVILEGED_READ | USER_READ,
        PRIVILEGED_READ | USER_READ,
    };
    bool never_executes = (r->rasr >> 28 & 1u) != 0;

    return by_ap[r->rasr >> 24 & 7u] | (never_executes ? 0u : (unsigned)EXECUTE);
}

/** What the core may do at an address; the highest region that holds it decides. */
static unsigned permissions_at(const struct board_machine *m, uint32_t addr)
{
    const struct board_mpu *u = &m->mpu;

    if (addr - PPB_BASE < PPB_SIZE) {
        return PRIVILEGED_READ | PRIVILEGED_WRITE | USER_READ | USER_WRITE;
    }
    for (unsigned i = BOARD_NUM_MPU_REGIONS; i-- > 0;) {
        if (holds(&u->region[i], addr)) {
            return permissions_of(&u->region[i]);
        }
    }
    return (u->ctrl & CTRL_PRIVDEFENA) != 0 ? PRIVILEGED_READ | PRIVILEGED_WRITE | EXECUTE : 0;
}

/** Off, or left aside by a handler that must not fail. */
static bool is_bypassed(struct board_machine *m)
{
    return !is_enabled(m) ||
           ((m->mpu.ctrl & CTRL_HFNMIENA) == 0 && board_nvic_execution_priority(m, false) < 0);
}

bool board_mpu_check(struct board_machine *m, uint32_t addr, uint32_t size_bytes, bool is_write,
                     bool privileged)
{
    unsigned needed = privileged ? (is_write ? PRIVILEGED_WRITE : PRIVILEGED_READ)
                                 : (is_write ? USER_WRITE : USER_READ);

    return is_bypassed(m) || ((permissions_at(m, addr) & needed) != 0 &&
                              (permissions_at(m, addr + size_bytes - 1) & needed) != 0);
}

// ---------------------------------------------------------------------------------------------
// What the engine has to ask for

/** A region, its disabled subregions left out, has a part in [base, base + size). */
static bool covers(const struct board_mpu_region *r, uint32_t base, uint32_t size)
{
    uint64_t end = (uint64_t)base + size;
    uint64_t part = size_of(r) < SUBREGIONS_FROM ? size_of(r) : size_of(r) / 8;

    for (uint64_t at = 0; at < size_of(r); at += part) {
        uint64_t first = base_of(r) + at;

        if (holds(r, (uint32_t)first) && first < end && base < first + part) {
            return true;
        }
    }
    return false;
}

/** Something that programs live in and talk to is not wholly open to privileged code. */
static bool restricts_memory(const struct board_mpu *u, unsigned wanted)
{
    static const struct {
        uint32_t base, size;
    } memories[] = {{BOARD_ITCM_BASE, BOARD_ITCM_SIZE},
                    {BOARD_FLASH_ITCM_BASE, BOARD_FLASH_SIZE},
                    {BOARD_FLASH_BASE, BOARD_FLASH_SIZE},
                    {BOARD_SRAM_BASE, BOARD_SRAM_SIZE},
                    {PERIPHERALS_BASE, PERIPHERALS_SIZE}};

    for (unsigned i = 0; i < BOARD_NUM_MPU_REGIONS; i++) {
        const struct board_mpu_region *r = &u->region[i];

        if (!is_on(r) || (permissions_of(r) & wanted) == wanted) {
            continue;
        }
        for (unsigned k = 0; k < sizeof memories / sizeof memories[0]; k++) {
            if (covers(r, memories[k].base, memories[k].size)) {
                return true;
            }
        }
    }
    return (u->ctrl & CTRL_PRIVDEFENA) == 0;
}

void board_mpu_look(struct board_machine *m)
{
    struct board_mpu *u = &m->mpu;
    uint32_t ipsr = board_engine_reg(m->engine, BOARD_REG_XPSR) & 0x1FFu;

    if (!is_enabled(m)) {
        u->active = false;
    } else {
        u->privileged = ipsr != 0 || (board_engine_reg(m->engine, BOARD_REG_CONTROL) & 1u) == 0;
        u->active = !is_bypassed(m);
        // Switching costs a translation of everything, so what was needed once is kept.
        u->guards |= !u->privileged || restricts_memory(u, PRIVILEGED_READ | PRIVILEGED_WRITE);
    }
    board_engine_guard(m->engine, u->guards,
                       u->active && (!u->privileged || restricts_memory(u, EXECUTE)));
}

bool board_mpu_allows(void *machine, uint32_t addr, unsigned size_bytes, bool is_write)
{
    struct board_machine *m = machine;
    const struct board_mpu *u = &m->mpu;
    unsigned needed = u->privileged ? (is_write ? PRIVILEGED_WRITE : PRIVILEGED_READ)
                                    : (is_write ? USER_WRITE : USER_READ);

    return !u->active || ((permissions_at(m, addr) & needed) != 0 &&
                          (permissions_at(m, addr + size_bytes - 1) & needed) != 0);
}

bool board_mpu_executes(void *machine, uint32_t addr)
{
    const struct board_machine *m = machine;
    unsigned needed = EXECUTE | (m->mpu.privileged ? (unsigned)PRIVILEGED_READ : USER_READ);

    return !m->mpu.active || (permissions_at(m, addr) & needed) == needed;
}
