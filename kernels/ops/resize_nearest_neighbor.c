// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** constants[0]: int32[output_h], constants[1]: int32[output_w]: the input's row and column. */
UTVM_KERNEL(resize_nearest_neighbor)
{
    const struct utvm_resize_params *p = params;
    const int32_t *from_y = args->constants[0];
    const int32_t *from_x = args->constants[1];
    uint8_t *out = args->outputs[0];
    for (int32_t row = 0; row < p->batches * p->output_h; row++) {
        int32_t y = row / p->output_h * p->input_h + from_y[row % p->output_h];
        const uint8_t *in = (const uint8_t *)args->inputs[0] + y * p->input_w * p->channels;
        for (int32_t x = 0; x < p->output_w; x++) {
            __builtin_memcpy(out, in + from_x[x] * p->channels, (uint32_t)p->channels);
            out += p->channels;
        }
    }
    return UTVM_STATUS_OK;
}
