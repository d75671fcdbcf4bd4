// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/runtime/device.h"
#include "kernels/runtime/runtime.h"

#define NUM_IRQS 98 /* STM32F74x: RM0385 table 46 */

// Borders of the image, from the linker script; words.
extern uint32_t utvm_ld_fast_load[], utvm_ld_fast_start[], utvm_ld_fast_end[];
extern uint32_t utvm_ld_data_load[], utvm_ld_data_start[], utvm_ld_data_end[];
extern uint32_t utvm_ld_bss_start[], utvm_ld_bss_end[];
extern uint32_t utvm_ld_run_start[], utvm_ld_run_end[];
extern uint32_t utvm_ld_arena0_start[], utvm_ld_arena0_end[];
extern uint32_t utvm_ld_arena1_start[], utvm_ld_arena1_end[];
extern uint32_t utvm_ld_stack_top[];

void utvm_reset(void);
void utvm_start(void);
void utvm_fault(void);

union vector {
    void *stack;
    void (*handler)(void);
};

// Nothing here uses interrupts: each of them is a fault.
__attribute__((section(".vectors"), used)) const union vector utvm_vectors[16 + NUM_IRQS] = {
    [0] = {.stack = utvm_ld_stack_top},
    [1] = {.handler = utvm_reset},
    [2 ... 15 + NUM_IRQS] = {.handler = utvm_fault},
};

// Before the stack is known to be good: a debugger that starts the image in RAM sets PC alone.
__attribute__((naked)) void utvm_reset(void)
{
    __asm__ volatile("ldr r0, =utvm_ld_stack_top\n"
                     "mov sp, r0\n"
                     "b utvm_start\n");
}

/*
 * A fault with a debugger attached stops at this BKPT, with the exception frame on the stack (a
 * debugger that catches vectors has stopped before). Without one the image starts over.
 */
__attribute__((used)) void utvm_fault_without_debugger(void);
void utvm_fault_without_debugger(void)
{
    utvm_dsb();
    SCB_AIRCR = AIRCR_SYSRESETREQ;
    utvm_dsb();
    for (;;) {
    }
}

__attribute__((naked)) void utvm_fault(void)
{
    __asm__ volatile("ldr r0, =0xE000EDF0\n" // DHCSR
                     "ldr r0, [r0]\n"
                     "lsls r0, r0, #31\n" // C_DEBUGEN
                     "it eq\n"
                     "beq utvm_fault_without_debugger\n"
                     "bkpt #1\n"
                     "b utvm_fault_without_debugger\n");
}

static void copy_words(uint32_t *to, const uint32_t *end, const uint32_t *from)
{
    if (to == from) {
        return; // a section that runs where it was loaded
    }
    while (to < end) {
        *to++ = *from++;
    }
}

static void zero_words(uint32_t *to, const uint32_t *end)
{
    while (to < end) {
        *to++ = 0;
    }
}

// Invalidates the data cache by set and way, then turns both caches on. Source: Armv7-M ARM B2.2.
static void enable_caches(void)
{
    utvm_dsb();
    utvm_isb();
    SCB_ICIALLU = 0;
    utvm_dsb();
    utvm_isb();
    if ((SCB_CCR & CCR_DC) == 0) {
        SCB_CSSELR = 0;
        utvm_dsb();
        uint32_t geometry = SCB_CCSIDR;
        uint32_t ways = (geometry >> 3 & 0x3FFu) + 1;
        uint32_t sets = (geometry >> 13 & 0x7FFFu) + 1;
        uint32_t set_shift = (geometry & 7u) + 4;
        uint32_t way_shift = ways > 1 ? (uint32_t)__builtin_clz(ways - 1) : 0;
        for (uint32_t set = 0; set < sets; set++) {
            for (uint32_t way = 0; way < ways; way++) {
                SCB_DCISW = set << set_shift | way << way_shift;
            }
        }
        utvm_dsb();
    }
    SCB_CCR |= CCR_IC | CCR_DC;
    utvm_dsb();
    utvm_isb();
}

__attribute__((used)) void utvm_start(void)
{
    SCB_VTOR = (uint32_t)utvm_vectors;
    SCB_CPACR |= CPACR_FPU;
    SCB_SHCSR |= SHCSR_FAULTS;
    utvm_dsb();
    utvm_isb();
    copy_words(utvm_ld_fast_start, utvm_ld_fast_end, utvm_ld_fast_load);
    copy_words(utvm_ld_data_start, utvm_ld_data_end, utvm_ld_data_load);
    zero_words(utvm_ld_bss_start, utvm_ld_bss_end);
    zero_words(utvm_ld_run_start, utvm_ld_run_end);
    zero_words(utvm_ld_arena0_start, utvm_ld_arena0_end);
    zero_words(utvm_ld_arena1_start, utvm_ld_arena1_end);
    utvm_clock_start(utvm_clock_hz);
    enable_caches();
    utvm_state_reset();
    utvm_counter_start();
    if ((SCB_DHCSR & DHCSR_C_DEBUGEN) == 0) {
        // Nobody is watching: one inference on the inputs as they are, then sleep.
        utvm_run(0, utvm_num_layers, 0);
        for (;;) {
            __asm__ volatile("wfi");
        }
    }
    utvm_stop();
}
