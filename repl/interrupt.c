// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/interrupt.h"

#include <stddef.h>

// Signal handlers can reach nothing else.
static volatile sig_atomic_t interrupts;
static volatile sig_atomic_t ending;

static void on_interrupt(int signal)
{
    (void)signal;
    if (interrupts < 100) {
        interrupts = interrupts + 1;
    }
}

static void on_end(int signal)
{
    ending = signal;
    interrupts = 2;
}

static void on_pipe(int signal)
{
    // Not SIG_IGN: a program that is started must not inherit that.
    (void)signal;
}

void utvm_interrupt_install(void)
{
    static const struct {
        int signal;
        void (*handler)(int);
    } handlers[] = {
        {SIGINT, on_interrupt}, {SIGTERM, on_end}, {SIGHUP, on_end}, {SIGPIPE, on_pipe}};
    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        // No SA_RESTART: a wait for input or for the target must end at once.
        struct sigaction action = {.sa_handler = handlers[i].handler};
        sigemptyset(&action.sa_mask);
        (void)sigaction(handlers[i].signal, &action, NULL);
    }
}

const volatile sig_atomic_t *utvm_interrupt_flag(void)
{
    return &interrupts;
}

void utvm_interrupt_clear(void)
{
    if (!ending) {
        interrupts = 0;
    }
}

int utvm_interrupt_ending(void)
{
    return ending;
}
