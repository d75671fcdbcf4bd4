// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_PROCESS_H
#define UTVM_CORE_BUILD_PROCESS_H

#include <sys/types.h>

#include "core/error.h"

/** A program that was started; its output is collected in memory. No shell is involved. */
struct utvm_process {
    pid_t pid;
    int output_fd;
};

/**
 * Starts argv[0] (searched in PATH) in directory dir with no input; stdout and stderr are
 * collected.
 * @param argv NULL-terminated
 * @return NOT_FOUND naming the program when there is none, OS
 */
UTVM_MUST_CHECK struct utvm_error *utvm_process_spawn(const char *const *argv, const char *dir,
                                                      struct utvm_process *ret);

/**
 * Waits for the end.
 * @param output receives what it wrote, malloc'd, NUL-terminated, at most 1 MiB; set on success
 * @param status receives its exit status; 128 + signal when a signal ended it
 * @return OS, NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_process_wait(struct utvm_process *process, char **output,
                                                     int *status);

/** Waits for any of the processes; *which receives its index. The others go on. */
UTVM_MUST_CHECK struct utvm_error *utvm_process_wait_any(struct utvm_process *processes,
                                                         size_t num_processes, size_t *which,
                                                         char **output, int *status);

#endif
