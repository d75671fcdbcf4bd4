// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/machine.h"

#include <stdlib.h>
#include <string.h>

#include "probe/board/state.h"

#define XPSR_T 0x01000000u
#define UID_OFFSET 0xF420u
#define FLASH_SIZE_OFFSET 0xF442u
#define CALIBRATION_OFFSET 0xF44Au
#define SYSTICK_NONE ((struct board_systick){0})
#define SAMPLE_SEED 0x2545F491u

void board_attention(struct board_machine *m)
{
    board_engine_interrupt(m->engine);
}

uint64_t board_now(struct board_machine *m, uint32_t addr, bool is_write)
{
    return m->in_core ? board_engine_access_now(m->engine, addr, is_write)
                      : board_engine_now(m->engine);
}

uint32_t board_access_pc(struct board_machine *m, uint32_t addr, bool is_write)
{
    return m->in_core ? board_engine_access_pc(m->engine, addr, is_write) : 0;
}

void board_request_reset(struct board_machine *m, enum board_reset_kind kind)
{
    m->reset_requested = true;
    m->reset_kind = kind;
    board_attention(m);
}

/** System memory: no boot loader, erased OTP, and what identifies the device. */
void board_system_fill(struct board_machine *m)
{
    static const uint8_t uid[12] = {0x2A, 0x00, 0x1F, 0x00, 0x0C, 0x51,
                                    0x33, 0x34, 0x39, 0x33, 0x37, 0x36};
    static const uint8_t flash_kb[2] = {BOARD_FLASH_SIZE / 1024 & 255,
                                        BOARD_FLASH_SIZE / 1024 / 256};

    // At 3.3 V: the internal reference, the temperature sensor at 30 and at 110 degrees.
    static const uint16_t calibration[3] = {1502, 959, 1207};

    memset(m->system, 0xFF, BOARD_SYSTEM_SIZE);
    memcpy(m->system + UID_OFFSET, uid, sizeof uid);
    memcpy(m->system + FLASH_SIZE_OFFSET, flash_kb, sizeof flash_kb);
    memcpy(m->system + CALIBRATION_OFFSET, calibration, sizeof calibration);
    m->system_stale = false;
}

static void reset_core(struct board_machine *m)
{
    struct board_engine *e = m->engine;
    uint32_t sp = 0;
    uint32_t pc = 0;

    m->locked_up = false;
    m->sleeping = false;
    m->event = false;
    m->io_fault.cfsr = 0;
    // Handler mode first: from unprivileged code CONTROL could not be written.
    board_engine_set_reg(e, BOARD_REG_XPSR, XPSR_T | BOARD_EXC_HARD_FAULT);
    board_engine_set_reg(e, BOARD_REG_CONTROL, 0);
    board_engine_set_reg(e, BOARD_REG_PRIMASK, 0);
    board_engine_set_reg(e, BOARD_REG_BASEPRI, 0);
    board_engine_set_reg(e, BOARD_REG_FAULTMASK, 0);
    board_engine_set_reg(e, BOARD_REG_PSP, 0);
    board_engine_set_reg(e, BOARD_REG_FPSCR, 0);
    board_engine_set_reg(e, BOARD_REG_LR, 0xFFFFFFFFu);
    if (!board_bus_read_word(m, m->scb.vtor, &sp) ||
        !board_bus_read_word(m, m->scb.vtor + 4, &pc)) {
        board_engine_set_reg(e, BOARD_REG_XPSR, XPSR_T);
        board_lock_up(m);
        return;
    }
    board_engine_set_reg(e, BOARD_REG_XPSR, (pc & 1u) != 0 ? XPSR_T : 0);
    board_engine_set_reg(e, BOARD_REG_SP, sp & ~3u);
    board_engine_set_reg(e, BOARD_REG_PC, pc & ~1u);
}

void board_reset(struct board_machine *m, enum board_reset_kind kind)
{
    struct board_debug *d = &m->debug;

    if (kind == BOARD_RESET_POWER) {
        memset(m->itcm, 0, BOARD_ITCM_SIZE);
        memset(m->sram, 0, BOARD_SRAM_SIZE);
        board_engine_forget(m->engine, BOARD_ITCM_BASE, BOARD_ITCM_SIZE);
        board_engine_forget(m->engine, BOARD_SRAM_BASE, BOARD_SRAM_SIZE);
        board_debug_power_on(m);
        board_dwt_power_on(m);
        board_itm_power_on(m);
        memset(&m->dbgmcu, 0, sizeof m->dbgmcu);
        m->flash.num_fixes = 0;
    }
    m->reset_requested = false;
    board_nvic_reset(m);
    board_flash_reset(m);
    board_scb_reset(m);
    board_timing_reset(m->timing);
    board_microstate_reset(m);
    m->systick = SYSTICK_NONE;
    m->systick.synced_at = board_engine_now(m->engine);
    board_rcc_reset(m, kind);
    board_peripherals_reset(m, kind == BOARD_RESET_POWER);
    reset_core(m);
    d->reset_seen = true;
    d->halted = false;
    d->dhcsr_control &= ~2u; // C_HALT
    m->exits_stale = true;
    if (board_debug_enabled(m) && (d->demcr & 1u) != 0) {
        bool locked_up = m->locked_up;

        board_debug_halt(m, BOARD_DFSR_VCATCH);
        m->locked_up = locked_up && !d->halted;
    }
    board_dwt_update(m, board_engine_now(m->engine));
    board_attention(m);
}

static bool create_parts(struct board_machine *m, const struct board_machine_config *config,
                         const char **error)
{
    const struct board_engine_client client = {
        m,
        board_bus_io_read,
        board_bus_io_write,
        board_flash_rom_write,
        board_dwt_watch,
        board_mpu_allows,
        board_mpu_executes,
        board_bus_memory,
    };

    *error = "out of memory for the emulated board";
    m->itcm = aligned_alloc(4096, BOARD_ITCM_SIZE);
    m->sram = aligned_alloc(4096, BOARD_SRAM_SIZE);
    m->system = aligned_alloc(4096, BOARD_SYSTEM_SIZE);
    if (m->itcm == NULL || m->sram == NULL || m->system == NULL ||
        !board_flash_create(m, config->flash_fail_addr)) {
        return false;
    }
    m->timing = board_timing_create(config->timing, config->profile_path, error);
    if (m->timing == NULL) {
        return false;
    }
    m->engine = board_engine_create(&client, m->timing, error);
    if (m->engine == NULL) {
        return false;
    }
    *error = "the Unicorn engine refuses the memory map of an STM32F746";
    for (unsigned i = 0; i < BOARD_NUM_USARTS; i++) {
        if (!board_usart_create(m, i, config->serial[i], error)) {
            return false;
        }
    }
    return board_bus_map(m);
}

struct board_machine *board_machine_create(const struct board_machine_config *config,
                                           const char **error)
{
    struct board_machine *m = calloc(1, sizeof *m);

    if (m == NULL) {
        *error = "out of memory for the emulated board";
        return NULL;
    }
    if (!create_parts(m, config, error)) {
        board_machine_destroy(m);
        return NULL;
    }
    m->sample_seed = SAMPLE_SEED;
    board_system_fill(m);
    board_reset(m, BOARD_RESET_POWER);
    return m;
}

void board_machine_destroy(struct board_machine *m)
{
    if (m == NULL) {
        return;
    }
    for (unsigned i = 0; i < BOARD_NUM_USARTS; i++) {
        board_hostio_close(m->usart[i].host);
    }
    board_engine_destroy(m->engine);
    board_timing_destroy(m->timing);
    board_microstate_destroy(m);
    free(m->flash.fixes);
    free(m->flash.bytes);
    free(m->system);
    free(m->sram);
    free(m->itcm);
    free(m);
}

void board_machine_set_srst(struct board_machine *m, bool asserted)
{
    if (asserted && !m->srst) {
        board_reset(m, BOARD_RESET_PIN);
    }
    m->srst = asserted;
}

void board_machine_power_cycle(struct board_machine *m)
{
    board_reset(m, BOARD_RESET_POWER);
}

// ---------------------------------------------------------------------------------------------
// The debugger's side of the bus

static bool is_readable_memory(const struct board_machine *m, uint32_t addr, uint32_t size_bytes)
{
    return !(board_flash_is_read_protected(m) && board_bus_is_flash(addr, size_bytes));
}

enum board_access board_machine_read(struct board_machine *m, uint32_t addr, unsigned size_bytes,
                                     uint32_t *value)
{
    const uint8_t *p = board_bus_memory(m, addr, size_bytes);

    *value = 0;
    if (p != NULL) {
        if (!is_readable_memory(m, addr, size_bytes)) {
            return BOARD_ACCESS_FAULT;
        }
        memcpy(value, p, size_bytes);
        return BOARD_ACCESS_OK;
    }
    if (!board_bus_is_io(addr)) {
        return BOARD_ACCESS_FAULT;
    }
    *value = board_bus_io_read(m, addr, size_bytes);
    return BOARD_ACCESS_OK;
}

enum board_access board_machine_write(struct board_machine *m, uint32_t addr, unsigned size_bytes,
                                      uint32_t value)
{
    uint8_t *p = board_bus_ram(m, addr, size_bytes);

    if (p != NULL) {
        memcpy(p, &value, size_bytes);
        board_engine_forget(m->engine, addr, size_bytes);
        return BOARD_ACCESS_OK;
    }
    if (board_bus_is_flash(addr, size_bytes)) {
        board_flash_store(m, addr, size_bytes, value);
        return BOARD_ACCESS_OK;
    }
    if (!board_bus_is_io(addr)) {
        return BOARD_ACCESS_FAULT;
    }
    board_bus_io_write(m, addr, size_bytes, value);
    board_run_settle(m);
    return BOARD_ACCESS_OK;
}

/** Bytes from addr on, at most size, that are plain memory. */
static size_t plain_run(struct board_machine *m, uint32_t addr, size_t size_bytes, bool is_write)
{
    static const uint32_t ends[] = {
        BOARD_ITCM_BASE + BOARD_ITCM_SIZE, BOARD_FLASH_ITCM_BASE + BOARD_FLASH_SIZE,
        BOARD_FLASH_BASE + BOARD_FLASH_SIZE, BOARD_SYSTEM_BASE + BOARD_SYSTEM_SIZE,
        BOARD_SRAM_BASE + BOARD_SRAM_SIZE};
    const uint8_t *p = is_write ? board_bus_ram(m, addr, 1) : board_bus_memory(m, addr, 1);

    if (p == NULL || (!is_write && !is_readable_memory(m, addr, 1))) {
        return 0;
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (addr < ends[i]) {
            return size_bytes < ends[i] - addr ? size_bytes : ends[i] - addr;
        }
    }
    return 0;
}

/** Width of the next access where memory is not plain. */
static unsigned access_width(uint32_t addr, size_t left)
{
    return (addr & 3u) == 0 && left >= 4 ? 4 : 1;
}

enum board_access board_machine_read_block(struct board_machine *m, uint32_t addr, void *buf,
                                           size_t size_bytes, size_t *done_bytes)
{
    uint8_t *to = buf;

    for (*done_bytes = 0; *done_bytes < size_bytes;) {
        uint32_t at = addr + (uint32_t)*done_bytes;
        size_t run = plain_run(m, at, size_bytes - *done_bytes, false);
        uint32_t value;

        if (run != 0) {
            memcpy(to + *done_bytes, board_bus_memory(m, at, (uint32_t)run), run);
        } else {
            run = access_width(at, size_bytes - *done_bytes);
            if (board_machine_read(m, at, (unsigned)run, &value) != BOARD_ACCESS_OK) {
                return BOARD_ACCESS_FAULT;
            }
            memcpy(to + *done_bytes, &value, run);
        }
        *done_bytes += run;
    }
    return BOARD_ACCESS_OK;
}

enum board_access board_machine_write_block(struct board_machine *m, uint32_t addr, const void *buf,
                                            size_t size_bytes, size_t *done_bytes)
{
    const uint8_t *from = buf;

    for (*done_bytes = 0; *done_bytes < size_bytes;) {
        uint32_t at = addr + (uint32_t)*done_bytes;
        size_t run = plain_run(m, at, size_bytes - *done_bytes, true);
        uint32_t value = 0;

        if (run != 0) {
            memcpy(board_bus_ram(m, at, (uint32_t)run), from + *done_bytes, run);
            board_engine_forget(m->engine, at, (uint32_t)run);
        } else {
            run = access_width(at, size_bytes - *done_bytes);
            memcpy(&value, from + *done_bytes, run);
            if (board_machine_write(m, at, (unsigned)run, value) != BOARD_ACCESS_OK) {
                return BOARD_ACCESS_FAULT;
            }
        }
        *done_bytes += run;
    }
    return BOARD_ACCESS_OK;
}

// ---------------------------------------------------------------------------------------------
// For the event loop

bool board_machine_runnable(const struct board_machine *m)
{
    if (m->debug.halted || m->srst || m->locked_up) {
        return false;
    }
    return !m->sleeping || m->nvic.num_pending != 0 || board_machine_sleep_ns(m) != UINT64_MAX;
}

uint64_t board_machine_cycles(const struct board_machine *m)
{
    return board_engine_now(m->engine);
}

uint64_t board_machine_instructions(const struct board_machine *m)
{
    return board_engine_instructions(m->engine);
}

int board_machine_poll_fd(const struct board_machine *m, unsigned index)
{
    for (unsigned i = 0; i < BOARD_NUM_USARTS; i++) {
        int fd = m->usart[i].host == NULL ? -1 : board_hostio_fd(m->usart[i].host);

        if (fd >= 0 && index-- == 0) {
            return fd;
        }
    }
    return -1;
}

void board_machine_service(struct board_machine *m)
{
    board_peripherals_service(m);
    if (m->dma_due) {
        board_dma_run(m);
    }
}
