// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_INTERRUPT_H
#define UTVM_REPL_INTERRUPT_H

#include <signal.h>

/**
 * Signals. Ctrl-C counts: the first asks the running command to halt the core and keep the session,
 * the second abandons the wait. SIGTERM and SIGHUP end the program in order, so that no child
 * process is left behind. SIGPIPE is caught and ignored.
 */
void utvm_interrupt_install(void);

/** Number of times Ctrl-C came since the last clear; polled by wait loops. */
const volatile sig_atomic_t *utvm_interrupt_flag(void);
void utvm_interrupt_clear(void);

/** The signal that asked the program to end; 0 = none. */
int utvm_interrupt_ending(void);

#endif
