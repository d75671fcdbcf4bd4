// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * A whole application around a model: it boots on an STM32F746, runs the model once on a pattern
 * and says on USART3 (115200 baud; the serial port of a NUCLEO's ST-LINK) which output is largest.
 * No debugger has a part in it. Build it with
 *
 *     arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -mfpu=fpv5-sp-d16 -mfloat-abi=hard -O2 -std=c11 \
 *         -nostartfiles -Wl,--gc-sections -T example.ld example.c libmodel.a -lm -o example.elf
 */
#include <stdint.h>

#include "model.h"

extern const uint32_t example_data_load[];
extern uint32_t example_data_start[], example_data_end[];
extern uint32_t example_bss_start[], example_bss_end[];
extern uint32_t example_stack_top[];

void example_reset(void);
void example_fault(void);

// Armv7-M: the initial stack pointer, then reset, NMI and the faults.
static const struct {
    uint32_t *stack;
    void (*handlers[6])(void);
} vectors __attribute__((section(".vectors"), used)) = {
    example_stack_top,
    {example_reset, example_fault, example_fault, example_fault, example_fault, example_fault},
};

/* ---- the chip: RM0385 5.3 (RCC), 6.4 (GPIO), 31.8 (USART) ---------------------------------- */

static volatile uint32_t *reg(uint32_t address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

#define CPACR 0xE000ED88u
#define RCC_AHB1ENR 0x40023830u
#define RCC_APB1ENR 0x40023840u
#define GPIOD_MODER 0x40020C00u
#define GPIOD_AFRH 0x40020C24u
#define USART3_CR1 0x40004800u
#define USART3_BRR 0x4000480Cu
#define USART3_ISR 0x4000481Cu
#define USART3_TDR 0x40004828u

// After reset the core and all buses run from the internal oscillator.
#define CLOCK_HZ 16000000u
#define BAUD 115200u

static void start_serial_port(void)
{
    *reg(RCC_AHB1ENR) |= 1u << 3;  // port D
    *reg(RCC_APB1ENR) |= 1u << 18; // USART3
    // PD8 is its output: alternate function 7.
    *reg(GPIOD_AFRH) = (*reg(GPIOD_AFRH) & ~0xFu) | 7u;
    *reg(GPIOD_MODER) = (*reg(GPIOD_MODER) & ~(3u << 16)) | 2u << 16;
    *reg(USART3_BRR) = CLOCK_HZ / BAUD;
    *reg(USART3_CR1) = 1u << 3 | 1u << 0; // transmitter, port
}

static void say(const char *text)
{
    for (; *text; text++) {
        while ((*reg(USART3_ISR) & 1u << 7) == 0) {
        }
        *reg(USART3_TDR) = (uint8_t)*text;
    }
}

static void say_number(uint32_t value)
{
    char digits[11];
    char *at = digits + sizeof(digits) - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    say(at);
}

// The least a C program needs: the FPU, initialised data, zeroed memory.
static void start(void)
{
    *reg(CPACR) |= 0xFu << 20;
    __asm__ volatile("dsb\nisb" ::: "memory");
    const uint32_t *from = example_data_load;
    for (uint32_t *to = example_data_start; to < example_data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = example_bss_start; to < example_bss_end;) {
        *to++ = 0;
    }
}

/* ---- the application ------------------------------------------------------------------------ */

static void write_inputs(void)
{
#if MODEL_NUM_INPUTS > 0
    MODEL_INPUT_0_TYPE *input = model_input(0);
    for (uint32_t i = 0; i < MODEL_INPUT_0_COUNT; i++) {
        input[i] = (MODEL_INPUT_0_TYPE)((int32_t)(i * 7 % 256) - 128);
    }
#endif
}

static uint32_t largest_output(void)
{
    const MODEL_OUTPUT_0_TYPE *output = model_output(0);
    uint32_t best = 0;
    for (uint32_t i = 1; i < MODEL_OUTPUT_0_COUNT; i++) {
        if (output[i] > output[best]) {
            best = i;
        }
    }
    return best;
}

static void run(void)
{
    model_init();
    write_inputs();
    int status = model_invoke();
    if (status != 0) {
        say("layer ");
        say_number(model_failed_layer());
        say(" failed with status ");
        say_number((uint32_t)status);
    } else {
        say("largest output: ");
        say_number(largest_output());
    }
    say("\r\n");
}

void example_fault(void)
{
    for (;;) {
    }
}

void example_reset(void)
{
    start();
    start_serial_port();
    run();
    for (;;) {
        __asm__ volatile("wfi");
    }
}
