// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * A whole application around a model: it boots on an STM32F746, runs the model once on a pattern
 * and leaves the position of the largest output in `example_winner`. Build it with
 *
 *     arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -mfpu=fpv5-sp-d16 -mfloat-abi=hard -O2 -std=c11 \
 *         -nostartfiles -Wl,--gc-sections -T example.ld example.c libmodel.a -lm -o example.elf
 */
#include <stdint.h>

#include "model.h"

extern uint32_t example_data_load[], example_data_start[], example_data_end[];
extern uint32_t example_bss_start[], example_bss_end[];
extern uint32_t example_stack_top[];

/** What a debugger looks at: -1 before the end, -2 after an error. */
volatile int32_t example_winner = -1;

void example_reset(void);
void example_fault(void);

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))example_stack_top,
    example_reset,
    example_fault,
    example_fault,
    example_fault,
    example_fault,
    example_fault,
};

void example_fault(void)
{
    for (;;) {
    }
}

// The least a C program needs: the FPU, initialised data, zeroed memory.
static void start(void)
{
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20;
    __asm__ volatile("dsb\nisb" ::: "memory");
    const uint32_t *from = example_data_load;
    for (uint32_t *to = example_data_start; to < example_data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = example_bss_start; to < example_bss_end;) {
        *to++ = 0;
    }
}

// Bytes suit int8 outputs; for others this is a place to begin.
static int32_t largest(const int8_t *values, uint32_t count)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++) {
        if (values[i] > values[best]) {
            best = i;
        }
    }
    return (int32_t)best;
}

static void run(void)
{
    uint8_t *input = model_input(0);
    model_init();
    for (uint32_t i = 0; i < MODEL_INPUT_0_BYTES; i++) {
        input[i] = (uint8_t)(i * 7);
    }
    example_winner = model_invoke() == 0 ? largest(model_output(0), MODEL_OUTPUT_0_BYTES) : -2;
}

void example_reset(void)
{
    start();
    run();
    for (;;) {
        __asm__ volatile("wfi");
    }
}
