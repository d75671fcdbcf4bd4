// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors

// What random_debugger.sh lets a debugger meddle with: sorts, hashes, multiplies matrices of
// floats, calls through pointers, asks its supervisor and pends an exception on itself, without a
// barrier behind it and with a digest of where it came, while SysTick interrupts it. It ends by
// itself, and what it leaves behind is the same however often it was stopped. Linked by
// firmware.ld.

#include <stdint.h>

#define ROUNDS 100u
#define WORDS 256u
#define SIDE 8u
#define SYSTICK ((volatile uint32_t *)0xE000E010u)
#define ICSR (*(volatile uint32_t *)0xE000ED04u)
#define CPACR (*(volatile uint32_t *)0xE000ED88u)

extern uint32_t stack_top[];

// Set by the debugger at the reset vector; everything else is set by the program.
volatile uint32_t tick_period;
volatile uint32_t tick_control;
volatile uint32_t done;
volatile uint32_t ticks;
volatile float interrupted; // by the handler, in floating point
uint32_t words[WORDS];
float left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];
volatile uint32_t digest;
volatile uint32_t services;
volatile uint32_t places; // digest of the instructions before which pended() came

void reset_handler(void);
void finished(void);
void systick(void);
void supervisor(void);
void pended(void);
void trap(void);

void trap(void)
{
    for (;;) {
    }
}

void systick(void)
{
    ticks = ticks + 1;
    interrupted = interrupted * 0.5f + 1.0f;
}

void supervisor(void)
{
    services = services + 1;
}

// The return address of the frame that the exception has pushed.
__attribute__((naked)) void pended(void)
{
    __asm volatile("ldr r0, [sp, #24]\n\t"
                   "ldr r1, =places\n\t"
                   "ldr r2, [r1]\n\t"
                   "eor r2, r0, r2, ror #27\n\t"
                   "str r2, [r1]\n\t"
                   "bx lr\n\t"
                   ".ltorg");
}

static uint32_t mix(uint32_t hash, uint32_t value)
{
    return (hash ^ value) * 16777619u;
}

__attribute__((noinline)) static void shuffle(uint32_t seed)
{
    for (uint32_t i = 0; i < WORDS; i++) {
        seed = seed * 1664525u + 1013904223u;
        words[i] = seed >> (i % 7);
    }
}

__attribute__((noinline)) static void sort(void)
{
    for (uint32_t gap = WORDS / 2; gap != 0; gap /= 2) {
        for (uint32_t i = gap; i < WORDS; i++) {
            uint32_t value = words[i];
            uint32_t at = i;

            while (at >= gap && words[at - gap] > value) {
                words[at] = words[at - gap];
                at -= gap;
            }
            words[at] = value;
        }
    }
}

__attribute__((noinline)) static void multiply(void)
{
    for (uint32_t i = 0; i < SIDE; i++) {
        for (uint32_t j = 0; j < SIDE; j++) {
            float sum = 0;

            for (uint32_t k = 0; k < SIDE; k++) {
                sum += left[i][k] * right[k][j];
            }
            product[i][j] = sum;
            ICSR = 1u << 28;
        }
    }
}

__attribute__((noinline)) static void hash_words(void)
{
    for (uint32_t i = 0; i < WORDS; i++) {
        digest = mix(digest, words[i]);
    }
}

__attribute__((noinline)) static void hash_product(void)
{
    for (uint32_t i = 0; i < SIDE; i++) {
        for (uint32_t j = 0; j < SIDE; j++) {
            digest = mix(digest, (uint32_t)(int32_t)product[i][j]);
        }
    }
}

static void (*const stages[])(void) = {sort, hash_words, multiply, hash_product};

__attribute__((noinline)) void finished(void)
{
    done = 1;
    trap();
}

void reset_handler(void)
{
    CPACR |= 0xFu << 20;
    __asm volatile("dsb\n\tisb" ::: "memory");
    done = 0;
    ticks = 0;
    interrupted = 0;
    digest = 2166136261u;
    services = 0;
    places = 0;
    SYSTICK[1] = tick_period - 1;
    SYSTICK[2] = 0;
    SYSTICK[0] = tick_control;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        shuffle(round);
        for (uint32_t i = 0; i < SIDE * SIDE; i++) {
            left[i / SIDE][i % SIDE] = (float)(words[i] & 255u);
            right[i / SIDE][i % SIDE] = (float)(words[i + SIDE * SIDE] >> 24);
        }
        for (uint32_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
            stages[i]();
            __asm volatile("svc #0" ::: "memory");
        }
    }
    SYSTICK[0] = 0;
    __asm volatile("dsb\n\tisb" ::: "memory");
    digest = mix(digest, places);
    finished();
}

__attribute__((section(".vectors"), used)) static const struct {
    const uint32_t *stack;
    void (*handlers[15])(void);
} vectors = {stack_top,
             {reset_handler, trap, trap, trap, trap, trap, trap, trap, trap, trap, supervisor, trap,
              trap, pended, systick}};
