// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_PROCESS_H
#define UTVM_PROBE_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/**
 * A child process and what it prints. The child leads a process group of its own, so Ctrl-C at the
 * terminal does not reach it; it reads nothing; stdout and stderr come here. It ends whatever
 * happens to this process: through utvm_process_destroy, at exit(), and by the kernel (parent-death
 * signal) if this process is killed. A child that prints more than is collected loses the excess
 * but never blocks.
 */
struct utvm_process;

/** Bytes of output that are kept: the last ones. */
#define UTVM_PROCESS_LOG_BYTES ((size_t)64 << 10)

/**
 * Starts a program.
 *
 * @param name  for messages: "OpenOCD", "the board"; copied
 * @param argv  NULL-terminated; argv[0] is looked up in PATH unless it has a slash
 * @return NOT_FOUND if there is no such program, OS
 */
UTVM_MUST_CHECK struct utvm_error *utvm_process_start(const char *name, const char *const *argv,
                                                      struct utvm_process **ret);

/** Ends the group: SIGTERM, SIGKILL after grace_ms; waits for the child. NULL is fine. */
void utvm_process_destroy(struct utvm_process *p, uint32_t grace_ms);

/**
 * LOST with how the child ended and the last errors or lines it printed, if it did end; else NULL.
 * Collects output. Does not wait.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_process_check(struct utvm_process *p);

/** Readable when the child has ended, for poll(). */
int utvm_process_exit_fd(const struct utvm_process *p);

pid_t utvm_process_pid(const struct utvm_process *p);

/** A line to look for in the output: the first in which `before` and then `after` stand. */
struct utvm_process_line {
    const char *before;
    const char *after; /**< "" = the end of the line */
    char *between;     /**< takes what is between the two, cut and NUL-terminated */
    size_t between_bytes;
};

/** Looks in what has been collected. */
bool utvm_process_find_line(const struct utvm_process *p, const struct utvm_process_line *line);

/**
 * Waits for a line.
 * @param cancelled  borrowed, may be NULL
 * @return LOST if the child ends before, TIMEOUT, CANCELLED
 */
UTVM_MUST_CHECK struct utvm_error *utvm_process_wait_line(struct utvm_process *p,
                                                          const struct utvm_process_line *line,
                                                          uint32_t timeout_ms,
                                                          const volatile sig_atomic_t *cancelled);

/** Waits until one of two children has ended, at most timeout_ms; either may be NULL. */
void utvm_process_wait_exit(const struct utvm_process *a, const struct utvm_process *b,
                            uint32_t timeout_ms);

/** Collects what the child has printed by now. */
void utvm_process_collect(struct utvm_process *p);

/** The collected output, NUL-terminated; valid until the next call for p. */
const char *utvm_process_log(const struct utvm_process *p);

#endif
