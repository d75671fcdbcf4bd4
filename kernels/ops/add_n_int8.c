// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

/**
 * ADD_N: every input has the same scale; each value is taken times 2^19, where ADD takes it. The
 * reference starts from a raw 0, which stands for minus the zero point.
 */
UTVM_KERNEL(add_n_int8)
{
    const struct utvm_add_n_params *p = params;
    int8_t *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_elems; i++) {
        int32_t sum = p->input_offset * (1 << 19);
        for (int32_t k = 0; k < p->num_inputs; k++) {
            const int8_t *in = args->inputs[k];
            sum = utvm_wrap_add(sum, (in[i] + p->input_offset) * (1 << 19));
        }
        sum = utvm_requantize(sum, p->multiplier, p->shift) + p->output_offset;
        out[i] = (int8_t)utvm_clamp(sum, INT8_MIN, INT8_MAX);
    }
    return UTVM_STATUS_OK;
}
