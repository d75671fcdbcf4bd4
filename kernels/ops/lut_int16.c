// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/ops/interpolate.h"
#include "kernels/params.h"

/** Any smooth function of an int16. constants[0]: the table of utvm_interpolate(). */
UTVM_KERNEL(lut_int16)
{
    const struct utvm_unary_params *p = params;
    const int16_t *in = args->inputs[0];
    const int16_t *table = args->constants[0];
    int16_t *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_elems; i++) {
        out[i] = (int16_t)utvm_interpolate(table, in[i]);
    }
    return UTVM_STATUS_OK;
}
