// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdbool.h>

#include "kernels/runtime/device.h"
#include "kernels/runtime/runtime.h"

#define HSI_HZ 16000000u
#define WAIT_LIMIT 200000u

#define CR_PLLON (1u << 24)
#define CR_PLLRDY (1u << 25)
#define CFGR_SW_PLL 2u
#define CFGR_SWS_MASK (3u << 2)
#define CFGR_SWS_PLL (2u << 2)
#define CFGR_APB1_DIV4 (5u << 10)
#define CFGR_APB2_DIV2 (4u << 13)
#define APB1ENR_PWREN (1u << 28)
#define PWR_ODEN (1u << 16)
#define PWR_ODSWEN (1u << 17)
#define PWR_ODRDY (1u << 16)
#define PWR_ODSWRDY (1u << 17)
#define ACR_ART_PREFETCH ((1u << 9) | (1u << 8))
#define HZ_PER_WAIT_STATE 30000000u
#define OVERDRIVE_ABOVE_HZ 180000000u

static bool wait_for(volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    for (uint32_t i = 0; i < WAIT_LIMIT; i++) {
        if ((*reg & mask) == value) {
            return true;
        }
    }
    return false;
}

// Above 180 MHz the regulator needs its over-drive mode. Source: RM0385 4.1.4.
static bool overdrive(void)
{
    PWR_CR1 |= PWR_ODEN;
    if (!wait_for(&PWR_CSR1, PWR_ODRDY, PWR_ODRDY)) {
        return false;
    }
    PWR_CR1 |= PWR_ODSWEN;
    return wait_for(&PWR_CSR1, PWR_ODSWRDY, PWR_ODSWRDY);
}

// The PLL runs from the internal oscillator, which every board has: 16 MHz / 8 * N / 2.
void utvm_clock_start(uint32_t hz)
{
    if (hz <= HSI_HZ || (RCC_CFGR & CFGR_SWS_MASK) == CFGR_SWS_PLL) {
        return; // the reset clock is wanted, or somebody has set the PLL already
    }
    RCC_APB1ENR |= APB1ENR_PWREN;
    (void)RCC_APB1ENR;
    uint32_t n = hz / 1000000u;
    RCC_PLLCFGR = (RCC_PLLCFGR & ~0x0F437FFFu) | 8u | n << 6 | 9u << 24;
    RCC_CR |= CR_PLLON;
    if (!wait_for(&RCC_CR, CR_PLLRDY, CR_PLLRDY)) {
        return;
    }
    if (hz > OVERDRIVE_ABOVE_HZ && !overdrive()) {
        return;
    }
    // Wait states before the clock goes up. Source: RM0385 3.3.2, 2.7 V to 3.6 V.
    uint32_t wait_states = (hz - 1) / HZ_PER_WAIT_STATE;
    FLASH_ACR = ACR_ART_PREFETCH | wait_states;
    if (!wait_for(&FLASH_ACR, 0xFu, wait_states)) {
        return;
    }
    RCC_CFGR = (RCC_CFGR & ~0x0000FCF3u) | CFGR_APB1_DIV4 | CFGR_APB2_DIV2 | CFGR_SW_PLL;
    (void)wait_for(&RCC_CFGR, CFGR_SWS_MASK, CFGR_SWS_PLL);
}
