// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "kernels/kernel.h"
#include "kernels/params.h"

/** L2_NORMALIZATION of the last dimension; a vector of next to nothing stays small. */
UTVM_KERNEL(l2_normalization_float32)
{
    const struct utvm_l2_normalization_params *p = params;
    const float *in = args->inputs[0];
    float *out = args->outputs[0];
    for (int32_t row = 0; row < p->rows; row++) {
        float sum = 0.0F;
        for (int32_t d = 0; d < p->depth; d++) {
            sum += in[d] * in[d];
        }
        float norm = sqrtf(sum);
        norm = norm < 1e-6F ? 1e-6F : norm;
        for (int32_t d = 0; d < p->depth; d++) {
            out[d] = in[d] / norm;
        }
        in += p->depth;
        out += p->depth;
    }
    return UTVM_STATUS_OK;
}
