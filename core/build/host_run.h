// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_HOST_RUN_H
#define UTVM_CORE_BUILD_HOST_RUN_H

#include <stdbool.h>

#include "core/import/prepare.h"

/** Bytes that a kernel may write behind an output: some write whole words. */
#define UTVM_HOST_RUN_SLACK 16

/**
 * Runs an operator's kernel on this machine.
 * @param inputs  as the kernel reads them; NULL = left out
 * @param outputs each with UTVM_HOST_RUN_SLACK bytes to spare
 * @param ret     false: this machine has no such kernel, or the operator has failed
 */
UTVM_MUST_CHECK struct utvm_error *utvm_host_run(const struct utvm_prepared *prepared,
                                                 const void *const *inputs, void *const *outputs,
                                                 bool *ret);

#endif
