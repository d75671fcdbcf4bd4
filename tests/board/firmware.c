// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors

// What the acceptance test runs on the board: counts, calls, stops at nothing by itself. Linked by
// firmware.ld to run from flash or from RAM.

#include <stdint.h>

extern uint32_t stack_top[];

uint32_t next(uint32_t count);
void reset_handler(void);
void on_thousand(uint32_t count);
void trap(void);

volatile uint32_t counter;
volatile uint32_t thousands;
volatile uint32_t wall[4];

__attribute__((noinline)) uint32_t next(uint32_t count)
{
    wall[count % 4] = count;
    return count + 1;
}

__attribute__((noinline)) void on_thousand(uint32_t count)
{
    thousands += count / 1000;
}

void trap(void)
{
    for (;;) {
    }
}

void reset_handler(void)
{
    counter = 0;
    thousands = 0;
    for (;;) {
        counter = next(counter);
        if (counter % 1000 == 0) {
            on_thousand(counter);
        }
    }
}

__attribute__((section(".vectors"), used)) static const struct {
    const uint32_t *stack;
    void (*handlers[15])(void);
} vectors = {
    stack_top,
    {reset_handler, trap, trap, trap, trap, trap, 0, 0, 0, 0, trap, trap, 0, trap, trap},
};
