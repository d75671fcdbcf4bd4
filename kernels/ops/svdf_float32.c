// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

/** The inputs of svdf_body.h, all float. */
UTVM_KERNEL(svdf_float32)
{
    const struct utvm_svdf_params *p = params;
    const float *bias = p->has_bias ? args->inputs[3] : 0;
    float *state = utvm_variable(args, 4);
    float *out = args->outputs[0];
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const float *data = (const float *)args->inputs[0] + batch * p->num_inputs;
        const float *feature = args->inputs[1];
        const float *time = args->inputs[2];
        for (int32_t unit = 0; unit < p->num_units; unit++) {
            float sum = bias ? bias[unit] : 0.0F;
            for (int32_t r = 0; r < p->rank; r++) {
                float product = 0.0F;
                for (int32_t i = 0; i < p->num_inputs; i++) {
                    product += *feature++ * data[i];
                }
                for (int32_t m = 0; m + 1 < p->memory; m++) {
                    state[m] = state[m + 1];
                }
                state[p->memory - 1] = product;
                for (int32_t m = 0; m < p->memory; m++) {
                    sum += *time++ * state[m];
                }
                state += p->memory;
            }
            *out++ = utvm_clamp_f32(sum, p->float_min, p->float_max);
        }
    }
    return UTVM_STATUS_OK;
}
