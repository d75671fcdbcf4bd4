// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "kernels/kernel.h"
#include "kernels/params.h"

/** LOG_SOFTMAX of the last dimension. */
UTVM_KERNEL(log_softmax_float32)
{
    const struct utvm_softmax_params *p = params;
    const float *in = args->inputs[0];
    float *out = args->outputs[0];
    for (int32_t row = 0; row < p->rows; row++) {
        float highest = in[0];
        for (int32_t d = 1; d < p->depth; d++) {
            highest = in[d] > highest ? in[d] : highest;
        }
        float sum = expf(in[0] - highest);
        for (int32_t d = 1; d < p->depth; d++) {
            sum += expf(in[d] - highest);
        }
        float log_sum = logf(sum);
        for (int32_t d = 0; d < p->depth; d++) {
            out[d] = in[d] - highest - log_sum;
        }
        in += p->depth;
        out += p->depth;
    }
    return UTVM_STATUS_OK;
}
