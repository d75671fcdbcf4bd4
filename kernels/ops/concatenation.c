// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** CONCATENATION, PACK. constants[0]: int32[num_parts], bytes that each input gives in a turn. */
UTVM_KERNEL(concatenation)
{
    const struct utvm_join_params *p = params;
    const int32_t *part_bytes = args->constants[0];
    uint8_t *out = args->outputs[0];
    for (int32_t turn = 0; turn < p->outer; turn++) {
        for (int32_t part = 0; part < p->num_parts; part++) {
            int32_t size = part_bytes[part];
            const uint8_t *in = (const uint8_t *)args->inputs[part] + turn * size;
            __builtin_memcpy(out, in, (uint32_t)size);
            out += size;
        }
    }
    return UTVM_STATUS_OK;
}
