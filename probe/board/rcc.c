// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 5 (RCC), 4.4 (PWR). An oscillator is ready as soon as it is on. HSE is 8 MHz, as
// on a NUCLEO, where the debug probe feeds it.

#define HSI_HZ 16000000u
#define HSE_HZ 8000000u
#define CR 0x00u
#define PLLCFGR 0x04u
#define CFGR 0x08u
#define AHB1RSTR 0x10u
#define AHB2RSTR 0x14u
#define APB1RSTR 0x20u
#define APB2RSTR 0x24u
#define AHB1ENR 0x30u
#define AHB1LPENR 0x50u
#define AHB2LPENR 0x54u
#define AHB3RSTR 0x18u
#define AHB3LPENR 0x58u
#define APB1LPENR 0x60u
#define APB2LPENR 0x64u
#define BDCR 0x70u
#define BDCR_BDRST (1u << 16)
#define CSR 0x74u
#define PLLI2SCFGR 0x84u
#define PLLSAICFGR 0x88u
#define DCKCFGR1 0x8Cu
#define DCKCFGR1_TIMPRE (1u << 24)
#define CSR_RMVF (1u << 24)
#define CSR_PINRSTF (1u << 26)
#define CSR_PORRSTF (3u << 26 | 1u << 25)
#define CSR_SFTRSTF (1u << 28)
#define CSR_IWDGRSTF (1u << 29)
#define CSR_WWDGRSTF (1u << 30)
#define CSR_FLAGS 0xFE000000u
#define CR_ON_BITS 0x15010001u // HSI, HSE, PLL, PLLI2S, PLLSAI: each ready bit is the next one
#define CR_READY_BITS (CR_ON_BITS << 1)
#define CFGR_SWS_SHIFT 2u
#define PWR_CR1 0x00u
#define PWR_CSR1 0x04u
#define PWR_CR2 0x08u
#define PWR_CSR2 0x0Cu
#define PWR_CR1_RESET 0x0000C000u
#define PWR_VOSRDY (1u << 14)
#define PWR_BRE (1u << 9) // backup regulator; BRR: it is ready
#define PWR_BRR (1u << 3)
#define PWR_EIWUP (1u << 8)
#define PWR_OVERDRIVE (3u << 16) // ODEN, ODSWEN in CR1; ODRDY, ODSWRDY in CSR1

static uint32_t *reg(struct board_machine *m, uint32_t offset)
{
    return &m->rcc.regs[offset / 4];
}

static uint64_t pll_hz(const struct board_machine *m)
{
    uint32_t cfg = m->rcc.regs[PLLCFGR / 4];
    uint64_t source = (cfg & 1u << 22) != 0 ? HSE_HZ : HSI_HZ;
    uint32_t divide_in = cfg & 63u;
    uint32_t multiply = cfg >> 6 & 511u;
    uint32_t divide_out = 2 * ((cfg >> 16 & 3u) + 1);

    if (divide_in == 0 || multiply == 0) {
        return HSI_HZ;
    }
    return source * multiply / divide_in / divide_out;
}

static uint32_t ahb_divider(uint32_t hpre)
{
    static const uint32_t divider[8] = {2, 4, 8, 16, 64, 128, 256, 512};

    return (hpre & 8u) == 0 ? 1 : divider[hpre & 7u];
}

/** Follows CR and CFGR: which clock drives the core. */
static void update(struct board_machine *m)
{
    uint32_t on = *reg(m, CR) & CR_ON_BITS;
    uint32_t select = *reg(m, CFGR) & 3u;
    uint64_t sysclk;
    bool ready = select == 0   ? (on & 1u) != 0
                 : select == 1 ? (on & 1u << 16) != 0
                               : (on & 1u << 24) != 0;

    *reg(m, CR) = (*reg(m, CR) & ~CR_READY_BITS) | on << 1;
    if (ready && select != 3) {
        *reg(m, CFGR) = (*reg(m, CFGR) & ~(3u << CFGR_SWS_SHIFT)) | select << CFGR_SWS_SHIFT;
    }
    switch (*reg(m, CFGR) >> CFGR_SWS_SHIFT & 3u) {
    case 1:
        sysclk = HSE_HZ;
        break;
    case 2:
        sysclk = pll_hz(m);
        break;
    default:
        sysclk = HSI_HZ;
        break;
    }
    sysclk /= ahb_divider(*reg(m, CFGR) >> 4 & 15u);
    if (sysclk != m->rcc.hclk_hz) {
        board_rtc_keep(m);
        board_lptim_keep(m);
        board_watchdogs_rescale(m, m->rcc.hclk_hz, sysclk);
        board_rtc_rescale(m, m->rcc.hclk_hz, sysclk);
        m->rcc.hclk_hz = sysclk;
    }
}

void board_rcc_reset(struct board_machine *m, enum board_reset_kind kind)
{
    uint32_t flags = m->rcc.regs[CSR / 4] & CSR_FLAGS;
    uint32_t backup = kind == BOARD_RESET_POWER ? 0 : m->rcc.regs[BDCR / 4];

    board_rtc_keep(m);

    memset(m->rcc.regs, 0, sizeof m->rcc.regs);
    *reg(m, BDCR) = backup;
    *reg(m, CR) = 0x83u;
    *reg(m, PLLCFGR) = 0x24003010u;
    *reg(m, AHB1ENR) = 0x00100000u;
    *reg(m, AHB1LPENR) = 0x7EF7B7FFu;
    *reg(m, AHB2LPENR) = 0x000000F1u;
    *reg(m, AHB3LPENR) = 0x00000003u;
    *reg(m, APB1LPENR) = 0xFFFFCBFFu;
    *reg(m, APB2LPENR) = 0x04F77F33u;
    *reg(m, PLLI2SCFGR) = 0x24003000u;
    *reg(m, PLLSAICFGR) = 0x24003000u;
    flags |= kind == BOARD_RESET_POWER ? CSR_PORRSTF : CSR_PINRSTF;
    flags |= kind == BOARD_RESET_SYSTEM            ? CSR_SFTRSTF
             : kind == BOARD_RESET_WATCHDOG        ? CSR_IWDGRSTF
             : kind == BOARD_RESET_WINDOW_WATCHDOG ? CSR_WWDGRSTF
                                                   : 0;
    *reg(m, CSR) = flags;
    m->rcc.pwr_cr1 = PWR_CR1_RESET;
    m->rcc.pwr_csr1 &= kind == BOARD_RESET_POWER ? 0 : PWR_BRE; // of the backup domain
    m->rcc.pwr_cr2 = 0;
    m->rcc.pwr_csr2 = 0;
    update(m);
}

uint32_t board_rcc_apb_divider(const struct board_machine *m, unsigned bus)
{
    uint32_t ppre = m->rcc.regs[CFGR / 4] >> (bus == 1 ? 10 : 13) & 7u;

    return (ppre & 4u) == 0 ? 1 : 2u << (ppre & 3u);
}

uint32_t board_rcc_timer_divider(const struct board_machine *m, unsigned bus)
{
    uint32_t divider = board_rcc_apb_divider(m, bus);
    uint32_t boost = (m->rcc.regs[DCKCFGR1 / 4] & DCKCFGR1_TIMPRE) != 0 ? 4 : 2;

    return divider <= boost ? 1 : divider / boost;
}

uint32_t board_rcc_read(struct board_machine *m, uint32_t offset)
{
    return offset < sizeof m->rcc.regs ? *reg(m, offset) : 0;
}

/** A bit of a reset register, and what it resets. */
struct reset_bit {
    uint8_t offset, bit, index;
    void (*reset)(struct board_machine *m, unsigned index);
};

static void reset_rng(struct board_machine *m, unsigned index)
{
    (void)index;
    board_rng_reset(m);
}

static const struct reset_bit reset_bits[] = {
    {AHB1RSTR, 21, 0, board_dma_reset},    {AHB1RSTR, 22, 1, board_dma_reset},
    {AHB1RSTR, 29, 1, board_otg_reset},    {AHB2RSTR, 6, 0, reset_rng},
    {AHB2RSTR, 7, 0, board_otg_reset},     {APB1RSTR, 0, 1, board_timer_reset},
    {APB1RSTR, 1, 2, board_timer_reset},   {APB1RSTR, 2, 3, board_timer_reset},
    {APB1RSTR, 3, 4, board_timer_reset},   {APB1RSTR, 4, 5, board_timer_reset},
    {APB1RSTR, 5, 6, board_timer_reset},   {APB1RSTR, 6, 11, board_timer_reset},
    {APB1RSTR, 7, 12, board_timer_reset},  {APB1RSTR, 8, 13, board_timer_reset},
    {APB1RSTR, 9, 0, board_lptim_reset},   {APB1RSTR, 14, 1, board_spi_reset},
    {APB1RSTR, 15, 2, board_spi_reset},    {APB1RSTR, 17, 1, board_usart_reset},
    {APB1RSTR, 18, 2, board_usart_reset},  {APB1RSTR, 19, 3, board_usart_reset},
    {APB1RSTR, 20, 4, board_usart_reset},  {APB1RSTR, 21, 0, board_i2c_reset},
    {APB1RSTR, 22, 1, board_i2c_reset},    {APB1RSTR, 23, 2, board_i2c_reset},
    {APB1RSTR, 24, 3, board_i2c_reset},    {APB1RSTR, 25, 0, board_can_reset},
    {APB1RSTR, 26, 1, board_can_reset},    {APB1RSTR, 29, 0, board_dac_reset},
    {APB1RSTR, 30, 6, board_usart_reset},  {APB1RSTR, 31, 7, board_usart_reset},
    {APB2RSTR, 0, 0, board_timer_reset},   {APB2RSTR, 1, 7, board_timer_reset},
    {APB2RSTR, 4, 0, board_usart_reset},   {APB2RSTR, 5, 5, board_usart_reset},
    {AHB3RSTR, 1, 0, board_quadspi_reset}, {APB2RSTR, 8, 0, board_adc_reset},
    {APB2RSTR, 11, 0, board_sdmmc_reset},  {APB2RSTR, 12, 0, board_spi_reset},
    {APB2RSTR, 13, 3, board_spi_reset},    {APB2RSTR, 16, 8, board_timer_reset},
    {APB2RSTR, 17, 9, board_timer_reset},  {APB2RSTR, 18, 10, board_timer_reset},
    {APB2RSTR, 20, 4, board_spi_reset},    {APB2RSTR, 21, 5, board_spi_reset},
};

static void reset_peripherals(struct board_machine *m, uint32_t offset, uint32_t value)
{
    for (size_t i = 0; i < sizeof reset_bits / sizeof reset_bits[0]; i++) {
        const struct reset_bit *b = &reset_bits[i];

        if (b->offset == offset && (value >> b->bit & 1u) != 0) {
            b->reset(m, b->index);
        }
    }
    for (unsigned port = 0; offset == AHB1RSTR && port < BOARD_NUM_PORTS; port++) {
        if ((value >> port & 1u) != 0) {
            board_gpio_reset(m, port);
        }
    }
}

static void write_backup_domain(struct board_machine *m, uint32_t value)
{
    if ((value & BDCR_BDRST) != 0) {
        *reg(m, BDCR) = BDCR_BDRST;
        board_rtc_reset(m);
        return;
    }
    board_rtc_keep(m);
    *reg(m, BDCR) = (value & ~2u) | (value & 1u) << 1; // LSE is ready as soon as it is on
}

void board_rcc_write(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    uint32_t offset = io->offset;

    if (offset >= sizeof m->rcc.regs) {
        return;
    }
    if (offset == CFGR || offset == DCKCFGR1) {
        uint64_t now = board_now(m, io->addr, true);

        for (unsigned i = 0; i < BOARD_NUM_TIMERS; i++) { // up to now they ran at the old rate
            board_timer_sync(m, i, now);
        }
    }
    switch (offset) {
    case CR:
        *reg(m, CR) = (value & ~CR_READY_BITS & 0x150FFFF9u) | (*reg(m, CR) & 0xFF02u);
        // The clock in use cannot be turned off.
        switch (*reg(m, CFGR) >> CFGR_SWS_SHIFT & 3u) {
        case 0:
            *reg(m, CR) |= 1u;
            break;
        case 1:
            *reg(m, CR) |= 1u << 16;
            break;
        default:
            *reg(m, CR) |= 1u << 24;
            break;
        }
        break;
    case CFGR:
        *reg(m, CFGR) = (value & ~(3u << CFGR_SWS_SHIFT)) | (*reg(m, CFGR) & 3u << CFGR_SWS_SHIFT);
        break;
    case BDCR:
        write_backup_domain(m, value);
        break;
    case CSR:
        *reg(m, CSR) = (value & 1u) * 3u | ((value & CSR_RMVF) != 0 ? 0 : *reg(m, CSR) & CSR_FLAGS);
        break;
    case AHB1RSTR:
    case AHB2RSTR:
    case AHB3RSTR:
    case APB1RSTR:
    case APB2RSTR:
        *reg(m, offset) = value;
        reset_peripherals(m, offset, value);
        break;
    default:
        *reg(m, offset) = value;
        break;
    }
    update(m);
    board_attention(m);
}

uint32_t board_pwr_read(struct board_machine *m, uint32_t offset)
{
    switch (offset) {
    case PWR_CR1:
        return m->rcc.pwr_cr1;
    case PWR_CSR1:
        return m->rcc.pwr_csr1 | PWR_VOSRDY | (m->rcc.pwr_cr1 & PWR_OVERDRIVE) |
               ((m->rcc.pwr_csr1 & PWR_BRE) != 0 ? PWR_BRR : 0);
    case PWR_CR2:
        return m->rcc.pwr_cr2;
    case PWR_CSR2:
        return m->rcc.pwr_csr2;
    default:
        return 0;
    }
}

void board_pwr_write(struct board_machine *m, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case PWR_CR1:
        m->rcc.pwr_cr1 = value & 0x000FFFF3u; // CSBF clears itself
        break;
    case PWR_CSR1:
        m->rcc.pwr_csr1 = value & (PWR_BRE | PWR_EIWUP);
        break;
    case PWR_CR2:
        m->rcc.pwr_cr2 = value & 0x00003F00u;
        break;
    case PWR_CSR2:
        m->rcc.pwr_csr2 = value & 0x00003F00u;
        break;
    default:
        break;
    }
}
