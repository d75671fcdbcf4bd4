// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_PIPE_H
#define UTVM_REPL_PIPE_H

#include <stdio.h>

#include "core/error.h"

/** Programs that a user names: `!prog`, `CMD | prog`, and the binutils that read a model. */

/** Runs a command of the system's shell with the terminal. @return INVALID when it exits non-zero
 */
UTVM_MUST_CHECK struct utvm_error *utvm_pipe_run(const char *command);

/**
 * The same, but what it prints is collected.
 * @param ret malloc'd, set even when it exits non-zero; NULL when it could not be run
 */
UTVM_MUST_CHECK struct utvm_error *utvm_pipe_collect(const char *command, char **ret);

/** Starts a program that reads what is written to *ret. */
UTVM_MUST_CHECK struct utvm_error *utvm_pipe_open(const char *command, FILE **ret);
/** Ends it and waits for it. @return INVALID when it exits non-zero */
UTVM_MUST_CHECK struct utvm_error *utvm_pipe_close(const char *command, FILE *pipe);

/**
 * Runs a program with arguments, no word of which is interpreted, and collects what it prints.
 * @param argv NULL-terminated; argv[0] is searched in PATH
 * @param ret  malloc'd
 * @return NOT_FOUND when there is no such program, INVALID when it fails
 */
UTVM_MUST_CHECK struct utvm_error *utvm_pipe_capture(const char *const *argv, char **ret);

#endif
