// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_RUNTIME_DEVICE_H
#define UTVM_KERNELS_RUNTIME_DEVICE_H

#include <stdint.h>

/**
 * The registers that start-up and the run loop touch.
 * Source: Armv7-M ARM B3.2, C1.6, C1.8 (SCS, debug, DWT); RM0385 (RCC, PWR, FLASH of STM32F74x).
 */
#define UTVM_REG(addr) (*(volatile uint32_t *)(addr))

#define SCB_VTOR UTVM_REG(0xE000ED08u)
#define SCB_AIRCR UTVM_REG(0xE000ED0Cu)
#define SCB_CCR UTVM_REG(0xE000ED14u)
#define SCB_SHCSR UTVM_REG(0xE000ED24u)
#define SCB_CCSIDR UTVM_REG(0xE000ED80u)
#define SCB_CSSELR UTVM_REG(0xE000ED84u)
#define SCB_CPACR UTVM_REG(0xE000ED88u)
#define SCB_DHCSR UTVM_REG(0xE000EDF0u)
#define SCB_DEMCR UTVM_REG(0xE000EDFCu)
#define SCB_ICIALLU UTVM_REG(0xE000EF50u)
#define SCB_DCISW UTVM_REG(0xE000EF60u)

#define AIRCR_SYSRESETREQ 0x05FA0004u
#define CCR_DC (1u << 16)
#define CCR_IC (1u << 17)
#define SHCSR_FAULTS (7u << 16) /* MemManage, BusFault, UsageFault with handlers of their own */
#define CPACR_FPU (0xFu << 20)
#define DHCSR_C_DEBUGEN 1u
#define DEMCR_TRCENA (1u << 24)

#define DWT_CTRL UTVM_REG(0xE0001000u)
#define DWT_CYCCNT UTVM_REG(0xE0001004u)
#define DWT_CPICNT UTVM_REG(0xE0001008u)
#define DWT_EXCCNT UTVM_REG(0xE000100Cu)
#define DWT_SLEEPCNT UTVM_REG(0xE0001010u)
#define DWT_LSUCNT UTVM_REG(0xE0001014u)
#define DWT_FOLDCNT UTVM_REG(0xE0001018u)
#define DWT_LAR UTVM_REG(0xE0001FB0u)
#define DWT_LAR_KEY 0xC5ACCE55u
#define DWT_CYCCNTENA 1u
#define DWT_EVENTS (0x1Fu << 17) /* CPI, EXC, SLEEP, LSU, FOLD */

#define RCC_CR UTVM_REG(0x40023800u)
#define RCC_PLLCFGR UTVM_REG(0x40023804u)
#define RCC_CFGR UTVM_REG(0x40023808u)
#define RCC_APB1ENR UTVM_REG(0x40023840u)
#define PWR_CR1 UTVM_REG(0x40007000u)
#define PWR_CSR1 UTVM_REG(0x40007004u)
#define FLASH_ACR UTVM_REG(0x40023C00u)

static inline void utvm_dsb(void)
{
    __asm__ volatile("dsb" ::: "memory");
}

static inline void utvm_isb(void)
{
    __asm__ volatile("isb" ::: "memory");
}

#endif
