// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** ADD_N, summed in the order of the inputs. */
UTVM_KERNEL(add_n_float32)
{
    const struct utvm_add_n_params *p = params;
    float *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_elems; i++) {
        float sum = 0.0F;
        for (int32_t k = 0; k < p->num_inputs; k++) {
            const float *in = args->inputs[k];
            sum += in[i];
        }
        out[i] = sum;
    }
    return UTVM_STATUS_OK;
}
