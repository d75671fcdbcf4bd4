// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** ZEROS_LIKE: all bits are zero, of any type. */
UTVM_KERNEL(zeros)
{
    const struct utvm_copy_params *p = params;
    __builtin_memset(args->outputs[0], 0, (uint32_t)p->size_bytes);
    return UTVM_STATUS_OK;
}
