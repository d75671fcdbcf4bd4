// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_KERNEL_TABLE_H
#define UTVM_KERNELS_KERNEL_TABLE_H

#include <stddef.h>

#include "kernels/kernel.h"

/** The kernel of that name ("conv_2d_int8") in the host library, or NULL. */
utvm_kernel_fn utvm_kernel_find(const char *name);

/** Name of kernel i, or NULL when i is their number. */
const char *utvm_kernel_name(size_t i);

#endif
