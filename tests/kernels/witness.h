// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_KERNELS_WITNESS_H
#define UTVM_TESTS_KERNELS_WITNESS_H

#include <stddef.h>

/**
 * Who wants to see all that the kernels wrote, in its order: the runner that compares a host with a
 * device (tests/kernels/device.sh). Under Criterion nobody does, and it is NULL.
 * @param kernel which one wrote them, or NULL for a plain value
 */
extern void (*witness)(const char *kernel, const void *bytes, size_t size_bytes);

#endif
