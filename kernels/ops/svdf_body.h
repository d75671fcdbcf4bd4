// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * SVDF with integers, once for both types of state. The including file defines
 *   UTVM_NAME                 the kernel
 *   UTVM_STATE                type of the state and of the time weights
 *   UTVM_LOWEST, UTVM_HIGHEST of UTVM_STATE
 *
 * Inputs: 0 data, 1 feature weights [num_filters,num_inputs], 2 time weights [num_filters,memory],
 * 3 bias [num_units] or none, 4 state [batches,num_filters,memory], kept between runs.
 */
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_svdf_params *p = params;
    const int32_t *bias = p->has_bias ? args->inputs[3] : 0;
    UTVM_STATE *state = utvm_variable(args, 4);
    int8_t *out = args->outputs[0];
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *data = (const int8_t *)args->inputs[0] + batch * p->num_inputs;
        const int8_t *feature = args->inputs[1];
        const UTVM_STATE *time = args->inputs[2];
        for (int32_t unit = 0; unit < p->num_units; unit++) {
            int32_t sum = bias ? bias[unit] : 0;
            for (int32_t r = 0; r < p->rank; r++) {
                int32_t product = 0;
                for (int32_t i = 0; i < p->num_inputs; i++) {
                    product += *feature++ * (data[i] + p->input_offset);
                }
                product = utvm_requantize(product, p->feature_multiplier, p->feature_shift);
                product = utvm_wrap_add(product, p->state_zero_point);
                /* The oldest step falls out, the newest comes in. */
                for (int32_t m = 0; m + 1 < p->memory; m++) {
                    state[m] = state[m + 1];
                }
                state[p->memory - 1] = (UTVM_STATE)utvm_clamp(product, UTVM_LOWEST, UTVM_HIGHEST);
                for (int32_t m = 0; m < p->memory; m++) {
                    sum = utvm_wrap_add(sum, *time++ * (state[m] - p->state_zero_point));
                }
                state += p->memory;
            }
            int32_t value = utvm_requantize(sum, p->time_multiplier, p->time_shift);
            *out++ = (int8_t)utvm_clamp(utvm_wrap_add(value, p->output_offset), INT8_MIN, INT8_MAX);
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_STATE
#undef UTVM_LOWEST
#undef UTVM_HIGHEST
