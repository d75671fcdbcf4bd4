// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: Armv7-M ARM B3.2 (system control space), Cortex-M7 TRM 3.3 (implementation registers).

#define ICTR 0x004u
#define ACTLR 0x008u
#define SYSTICK_FIRST 0x010u
#define SYSTICK_LAST 0x01Cu
#define NVIC_FIRST 0x100u
#define NVIC_LAST 0x4EFu
#define ICSR 0xD04u
#define VTOR 0xD08u
#define AIRCR 0xD0Cu
#define SCR 0xD10u
#define CCR 0xD14u
#define SHPR1 0xD18u
#define SHPR3 0xD20u
#define SHCSR 0xD24u
#define CFSR 0xD28u
#define HFSR 0xD2Cu
#define DFSR 0xD30u
#define MMFAR 0xD34u
#define BFAR 0xD38u
#define CSSELR 0xD84u
#define CPACR 0xD88u
#define MPU_FIRST 0xD90u
#define MPU_LAST 0xDB8u
#define DEBUG_FIRST 0xDF0u
#define DEBUG_LAST 0xDFCu
#define STIR 0xF00u
#define FPCCR 0xF34u
#define FPCAR 0xF38u
#define FPDSCR 0xF3Cu
#define ICIALLU 0xF50u
#define ICIMVAU 0xF58u
#define DCIMVAC 0xF5Cu
#define DCISW 0xF60u
#define DCCMVAU 0xF64u
#define DCCMVAC 0xF68u
#define DCCSW 0xF6Cu
#define DCCIMVAC 0xF70u
#define DCCISW 0xF74u
#define ITCMCR 0xF90u
#define DTCMCR 0xF94u
#define AHBPCR 0xF98u
#define CACR 0xF9Cu

#define CCR_WRITABLE 0x0003011Bu // DC, IC, BFHFNMIGN, DIV_0, UNALIGN, USERSETMPEND, NONBASE
#define CCR_FIXED 0x00040200u    // branch prediction, stack alignment
#define CCR_DC (1u << 16)
#define CCR_IC (1u << 17)
#define SHCSR_ENABLES (7u << 16)
#define AIRCR_KEY 0x05FAu
#define AIRCR_KEY_READ 0xFA050000u
#define AIRCR_SYSRESETREQ (1u << 2)
#define AIRCR_VECTCLRACTIVE (1u << 1)
#define FPCCR_WRITABLE 0xC0000000u

void board_scb_reset(struct board_machine *m)
{
    memset(&m->scb, 0, sizeof m->scb);
    board_mpu_reset(m);
    m->scb.vtor = board_flash_boot_address(m);
    m->scb.ccr = CCR_FIXED;
    m->scb.fpccr = FPCCR_WRITABLE;
    m->scb.itcmcr = 0x21u; // 16 KB, enabled by the boot configuration of an STM32F7
    m->scb.dtcmcr = 0x31u; // 64 KB
    m->scb.ahbpcr = 0x5u;
    board_timing_set_caches(m->timing, false, false);
}

/** Active and pending bits of SHCSR, by exception number; 0 = reserved. */
static const struct {
    uint8_t bit;
    uint8_t exc;
    bool is_pending;
} shcsr_bits[] = {
    {0, BOARD_EXC_MEM_MANAGE, false},    {1, BOARD_EXC_BUS_FAULT, false},
    {3, BOARD_EXC_USAGE_FAULT, false},   {7, BOARD_EXC_SVCALL, false},
    {8, BOARD_EXC_DEBUG_MONITOR, false}, {10, BOARD_EXC_PENDSV, false},
    {11, BOARD_EXC_SYSTICK, false},      {12, BOARD_EXC_USAGE_FAULT, true},
    {13, BOARD_EXC_MEM_MANAGE, true},    {14, BOARD_EXC_BUS_FAULT, true},
    {15, BOARD_EXC_SVCALL, true},
};

static uint32_t read_shcsr(const struct board_machine *m)
{
    uint32_t value = m->scb.shcsr_enables;

    for (size_t i = 0; i < sizeof shcsr_bits / sizeof shcsr_bits[0]; i++) {
        const bool *flags = shcsr_bits[i].is_pending ? m->nvic.pending : m->nvic.active;

        value |= (uint32_t)flags[shcsr_bits[i].exc] << shcsr_bits[i].bit;
    }
    return value;
}

static void write_shcsr(struct board_machine *m, uint32_t value)
{
    m->scb.shcsr_enables = value & SHCSR_ENABLES;
    for (size_t i = 0; i < sizeof shcsr_bits / sizeof shcsr_bits[0]; i++) {
        bool set = (value >> shcsr_bits[i].bit & 1u) != 0;

        if (shcsr_bits[i].is_pending) {
            board_nvic_set_pending(m, shcsr_bits[i].exc, set);
        } else {
            m->nvic.active[shcsr_bits[i].exc] = set;
        }
    }
    board_attention(m);
}

static uint32_t read_priorities(const struct board_machine *m, uint32_t offset)
{
    unsigned exc = 4 + (offset - SHPR1);
    uint32_t value = 0;

    for (unsigned i = 0; i < 4; i++) {
        value |= (uint32_t)m->nvic.priority[exc + i] << (8 * i);
    }
    return value;
}

static uint32_t read_scb(struct board_machine *m, uint32_t offset)
{
    struct board_scb *s = &m->scb;
    uint32_t value = 0;

    switch (offset) {
    case ICTR:
        return (BOARD_NUM_IRQS - 1) / 32;
    case ACTLR:
        return s->actlr;
    case ICSR:
        return board_nvic_icsr(m);
    case VTOR:
        return s->vtor;
    case AIRCR:
        return AIRCR_KEY_READ | s->aircr_prigroup << 8;
    case SCR:
        return s->scr;
    case CCR:
        return s->ccr;
    case SHCSR:
        return read_shcsr(m);
    case CFSR:
        return s->cfsr;
    case HFSR:
        return s->hfsr;
    case DFSR:
        return m->debug.dfsr;
    case MMFAR:
        return s->mmfar;
    case BFAR:
        return s->bfar;
    case CSSELR:
        return s->csselr;
    case CPACR:
        return s->cpacr;
    case FPCCR:
        return s->fpccr;
    case FPCAR:
        return s->fpcar;
    case FPDSCR:
        return s->fpdscr;
    case ITCMCR:
        return s->itcmcr;
    case DTCMCR:
        return s->dtcmcr;
    case AHBPCR:
        return s->ahbpcr;
    case CACR:
        return s->cacr;
    default:
        board_id_register(0xE000E000u + offset, s->csselr, &value);
        return value;
    }
}

uint32_t board_scs_read(struct board_machine *m, const struct board_io *io)
{
    uint32_t offset = io->offset;

    if (offset >= SYSTICK_FIRST && offset <= SYSTICK_LAST) {
        return board_systick_read(m, io);
    }
    if (offset >= NVIC_FIRST && offset <= NVIC_LAST) {
        return board_nvic_read(m, offset);
    }
    if (offset >= SHPR1 && offset <= SHPR3) {
        return read_priorities(m, offset);
    }
    if (offset >= DEBUG_FIRST && offset <= DEBUG_LAST) {
        return board_debug_read(m, io);
    }
    if (offset >= MPU_FIRST && offset <= MPU_LAST) {
        return board_mpu_read(m, offset);
    }
    return read_scb(m, offset);
}

static void write_aircr(struct board_machine *m, uint32_t value)
{
    if (value >> 16 != AIRCR_KEY) {
        return;
    }
    m->scb.aircr_prigroup = value >> 8 & 7u;
    if ((value & AIRCR_VECTCLRACTIVE) != 0 && m->debug.halted) {
        memset(m->nvic.active, 0, sizeof m->nvic.active);
    }
    if ((value & AIRCR_SYSRESETREQ) != 0) {
        board_request_reset(m, BOARD_RESET_SYSTEM);
    }
    board_attention(m);
}

static void write_icsr(struct board_machine *m, uint32_t value)
{
    if ((value & 1u << 31) != 0) {
        board_nvic_set_pending(m, BOARD_EXC_NMI, true);
    }
    if ((value & 3u << 27) != 0) {
        board_nvic_set_pending(m, BOARD_EXC_PENDSV, (value & 1u << 28) != 0);
    }
    if ((value & 3u << 25) != 0) {
        board_nvic_set_pending(m, BOARD_EXC_SYSTICK, (value & 1u << 26) != 0);
    }
}

static void write_ccr(struct board_machine *m, uint32_t value)
{
    m->scb.ccr = (value & CCR_WRITABLE) | CCR_FIXED;
    board_timing_set_caches(m->timing, (value & CCR_IC) != 0, (value & CCR_DC) != 0);
    m->exits_stale = true; // traps and their exits depend on it
    board_attention(m);
}

static void write_cache(struct board_machine *m, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case ICIALLU:
    case ICIMVAU:
        board_timing_invalidate_icache(m->timing);
        break;
    case DCIMVAC:
    case DCCIMVAC:
        board_timing_dcache_line(m->timing, value, true);
        break;
    case DCCMVAU:
    case DCCMVAC:
        board_timing_dcache_line(m->timing, value, false);
        break;
    default:
        break; // by set and way: the data are always where they belong
    }
}

static void write_fp_and_debug(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    struct board_scb *s = &m->scb;

    switch (io->offset) {
    case CPACR:
        s->cpacr = value & 0x00F00000u;
        m->exits_stale = true;
        board_attention(m);
        break;
    case FPCCR:
        s->fpccr = (s->fpccr & ~(FPCCR_WRITABLE | BOARD_FPCCR_LSPACT)) |
                   (value & (FPCCR_WRITABLE | BOARD_FPCCR_LSPACT));
        board_attention(m);
        break;
    case FPCAR:
        s->fpcar = value & ~7u;
        break;
    case FPDSCR:
        s->fpdscr = value & 0x07C00000u;
        break;
    case STIR:
        if ((value & 0x1FFu) < BOARD_NUM_IRQS) {
            board_nvic_set_pending(m, BOARD_EXC_IRQ0 + (value & 0x1FFu), true);
        }
        break;
    case ITCMCR:
        s->itcmcr = (value & 7u) | (s->itcmcr & ~7u);
        break;
    case DTCMCR:
        s->dtcmcr = (value & 7u) | (s->dtcmcr & ~7u);
        break;
    case AHBPCR:
        s->ahbpcr = (value & 1u) | (s->ahbpcr & ~1u);
        break;
    case CACR:
        s->cacr = value & 7u;
        break;
    default:
        write_cache(m, io->offset, value);
        break;
    }
}

static void write_scb(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    struct board_scb *s = &m->scb;

    switch (io->offset) {
    case ACTLR:
        s->actlr = value;
        break;
    case ICSR:
        write_icsr(m, value);
        break;
    case VTOR:
        s->vtor = value & ~0x7Fu;
        break;
    case AIRCR:
        write_aircr(m, value);
        break;
    case SCR:
        s->scr = value & 0x16u;
        break;
    case CCR:
        write_ccr(m, value);
        break;
    case SHCSR:
        write_shcsr(m, value);
        break;
    case CFSR:
        s->cfsr &= ~value;
        break;
    case HFSR:
        s->hfsr &= ~value;
        break;
    case DFSR:
        m->debug.dfsr &= ~value;
        break;
    case MMFAR:
        s->mmfar = value;
        break;
    case BFAR:
        s->bfar = value;
        break;
    case CSSELR:
        s->csselr = value & 15u;
        break;
    default:
        write_fp_and_debug(m, io, value);
        break;
    }
}

void board_scs_write(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    uint32_t offset = io->offset;

    if (offset >= SYSTICK_FIRST && offset <= SYSTICK_LAST) {
        board_systick_write(m, io, value);
    } else if (offset >= NVIC_FIRST && offset <= NVIC_LAST) {
        board_nvic_write(m, io, value);
    } else if (offset >= SHPR1 && offset < SHPR3 + 4) {
        for (unsigned i = 0; i < io->size_bytes; i++) {
            m->nvic.priority[4 + (offset - SHPR1) + i] = (uint8_t)(value >> (8 * i) & 0xF0u);
        }
        board_attention(m);
    } else if (offset >= DEBUG_FIRST && offset <= DEBUG_LAST) {
        board_debug_write(m, io, value);
    } else if (offset >= MPU_FIRST && offset <= MPU_LAST) {
        board_mpu_write(m, offset, value);
    } else {
        write_scb(m, io, value);
    }
}
