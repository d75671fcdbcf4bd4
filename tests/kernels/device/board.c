// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// The tests of the kernels as a firmware: it starts the core, runs them and says what they say on
// USART3; its last line is "end".
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/kernels/device/runner.h"

extern const uint32_t board_data_load[];
extern uint32_t board_data_start[], board_data_end[];
extern uint32_t board_bss_start[], board_bss_end[];
extern uint32_t board_stack_top[];
extern char board_heap_end[];
extern void (*const board_tests_start[])(void);
extern void (*const board_tests_end[])(void);

void board_reset(void);
void board_fault(void);
void *_sbrk(ptrdiff_t increment);

// Armv7-M: the initial stack pointer, then reset, NMI and the faults.
static const struct {
    uint32_t *stack;
    void (*handlers[6])(void);
} vectors __attribute__((section(".vectors"), used)) = {
    board_stack_top,
    {board_reset, board_fault, board_fault, board_fault, board_fault, board_fault},
};

static volatile uint32_t *reg(uint32_t address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

// RM0385 5.3 (RCC), 6.4 (GPIO), 31.8 (USART).
#define CPACR 0xE000ED88u
#define RCC_AHB1ENR 0x40023830u
#define RCC_APB1ENR 0x40023840u
#define GPIOD_MODER 0x40020C00u
#define GPIOD_AFRH 0x40020C24u
#define USART3_CR1 0x40004800u
#define USART3_BRR 0x4000480Cu
#define USART3_ISR 0x4000481Cu
#define USART3_TDR 0x40004828u

static void start_serial_port(void)
{
    *reg(RCC_AHB1ENR) |= 1u << 3;  // port D
    *reg(RCC_APB1ENR) |= 1u << 18; // USART3
    *reg(GPIOD_AFRH) = (*reg(GPIOD_AFRH) & ~0xFu) | 7u;
    *reg(GPIOD_MODER) = (*reg(GPIOD_MODER) & ~(3u << 16)) | 2u << 16;
    *reg(USART3_BRR) = 16000000u / 115200u;
    *reg(USART3_CR1) = 1u << 3 | 1u << 0; // transmitter, port
}

void runner_say(const char *text)
{
    for (; *text; text++) {
        while ((*reg(USART3_ISR) & 1u << 7) == 0) {
        }
        *reg(USART3_TDR) = (uint8_t)*text;
    }
}

static void sleep_for_ever(void) __attribute__((noreturn));
static void sleep_for_ever(void)
{
    for (;;) {
        __asm__ volatile("wfi");
    }
}

/* What the C library asks of its system: memory, and an end. */

void *_sbrk(ptrdiff_t increment)
{
    static char *end = (char *)board_bss_end;
    if (increment > board_heap_end - end) {
        runner_say("failed: no memory left\r\n");
        abort();
    }
    char *start = end;
    end += increment;
    return start;
}

// There are no files: everything that would need one fails, whatever it is given.
#define NO_FILES(name)                                                                             \
    int name(void);                                                                                \
    int name(void)                                                                                 \
    {                                                                                              \
        errno = EBADF;                                                                             \
        return -1;                                                                                 \
    }
NO_FILES(_read)
NO_FILES(_write)
NO_FILES(_close)
NO_FILES(_lseek)
NO_FILES(_fstat)
NO_FILES(_isatty)

void abort(void)
{
    runner_say("failed: the program gave up\r\nend\r\n");
    sleep_for_ever();
}

void board_fault(void)
{
    runner_say("failed: a fault of the core\r\nend\r\n");
    sleep_for_ever();
}

void board_reset(void)
{
    *reg(CPACR) |= 0xFu << 20; // the FPU
    __asm__ volatile("dsb\nisb" ::: "memory");
    const uint32_t *from = board_data_load;
    for (uint32_t *to = board_data_start; to < board_data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = board_bss_start; to < board_bss_end;) {
        *to++ = 0;
    }
    start_serial_port();
    for (void (*const *add)(void) = board_tests_start; add < board_tests_end; add++) {
        (*add)();
    }
    (void)runner_run();
    runner_say("end\r\n");
    sleep_for_ever();
}
