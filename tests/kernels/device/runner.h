// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_KERNELS_DEVICE_RUNNER_H
#define UTVM_TESTS_KERNELS_DEVICE_RUNNER_H

#include <stdbool.h>

/**
 * Runs all tests and says one line for each: "SUITE::NAME CRC BYTES", where CRC is that of all the
 * bytes that kernels wrote in it. Failed checks are lines that begin with "failed: "; a line that
 * begins with "left out: " names the kernels whose bytes are in no CRC.
 * @return whether all checks held
 */
bool runner_run(void);

/** Says a text where the program runs: the host's standard output, the board's serial port. */
void runner_say(const char *text);

#endif
