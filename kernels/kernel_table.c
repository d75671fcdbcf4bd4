// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel_table.h"

#include <string.h>

#include "kernel_list.h" /* made by CMake from the files in ops/ */

#define UTVM_DECLARE_KERNEL(name)                                                                  \
    enum utvm_status utvm_##name(const void *params, const struct utvm_kernel_args *args);
UTVM_KERNEL_LIST(UTVM_DECLARE_KERNEL)

static const struct {
    const char *name;
    utvm_kernel_fn kernel;
} kernels[] = {
#define UTVM_KERNEL_ROW(name) {#name, utvm_##name},
    UTVM_KERNEL_LIST(UTVM_KERNEL_ROW)};

#define NUM_KERNELS (sizeof(kernels) / sizeof(kernels[0]))

utvm_kernel_fn utvm_kernel_find(const char *name)
{
    for (size_t i = 0; i < NUM_KERNELS; i++) {
        if (strcmp(kernels[i].name, name) == 0) {
            return kernels[i].kernel;
        }
    }
    return NULL;
}

const char *utvm_kernel_name(size_t i)
{
    return i < NUM_KERNELS ? kernels[i].name : NULL;
}
