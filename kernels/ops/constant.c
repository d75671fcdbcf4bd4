// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** What prepare knows already: constants 0 the output. */
UTVM_KERNEL(constant)
{
    const struct utvm_copy_params *p = params;
    __builtin_memcpy(args->outputs[0], args->constants[0], (uint32_t)p->size_bytes);
    return UTVM_STATUS_OK;
}
