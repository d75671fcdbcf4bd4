// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** SPLIT, SPLIT_V, UNPACK. constants[0]: int32[num_parts], bytes that each output gets in a turn.
 */
UTVM_KERNEL(split)
{
    const struct utvm_join_params *p = params;
    const int32_t *part_bytes = args->constants[0];
    const uint8_t *in = args->inputs[p->data_input];
    for (int32_t turn = 0; turn < p->outer; turn++) {
        for (int32_t part = 0; part < p->num_parts; part++) {
            int32_t size = part_bytes[part];
            uint8_t *out = (uint8_t *)args->outputs[part] + turn * size;
            __builtin_memcpy(out, in, (uint32_t)size);
            in += size;
        }
    }
    return UTVM_STATUS_OK;
}
