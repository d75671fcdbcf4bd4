// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * The portable matrix-vector product, once for all types; the same macros as conv_2d_body.h.
 *
 * Inputs: data [rows,depth], weights [channels,depth], bias [channels] or none.
 */
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_fully_connected_params *p = params;
    const UTVM_INPUT *data = args->inputs[0];
    const UTVM_WEIGHT *weights = args->inputs[1];
    const UTVM_BIAS *bias = p->has_bias ? args->inputs[2] : 0;
    const int32_t *multipliers = args->constants ? args->constants[0] : 0;
    const int32_t *shifts = args->constants ? args->constants[1] : 0;
    UTVM_INPUT *out = args->outputs[0];
    (void)multipliers;
    (void)shifts;
    for (int32_t row = 0; row < p->rows; row++) {
        const UTVM_INPUT *value = data + row * p->depth;
        for (int32_t o = 0; o < p->channels; o++) {
            const UTVM_WEIGHT *weight = weights + o * p->depth;
            UTVM_SUM sum = bias && !UTVM_BIAS_LAST ? (UTVM_SUM)bias[o] : 0;
            for (int32_t d = 0; d < p->depth; d++) {
                sum += (UTVM_SUM)(value[d] + UTVM_OFFSET) * (UTVM_SUM)weight[d];
            }
            if (bias && UTVM_BIAS_LAST) {
                sum += (UTVM_SUM)bias[o];
            }
            *out++ = (UTVM_INPUT)UTVM_FINISH(sum, o);
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_INPUT
#undef UTVM_WEIGHT
#undef UTVM_BIAS
#undef UTVM_SUM
#undef UTVM_OFFSET
#undef UTVM_FINISH
#undef UTVM_BIAS_LAST
