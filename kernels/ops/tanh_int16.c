// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/ops/sigmoid_table.h"
#include "kernels/params.h"

/** constants[0]: the table of utvm_sigmoid_from_table(). */
UTVM_KERNEL(tanh_int16)
{
    const struct utvm_unary_params *p = params;
    const int16_t *in = args->inputs[0];
    const uint16_t *table = args->constants[0];
    int16_t *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_elems; i++) {
        int32_t position = utvm_sigmoid_position(in[i], p->multiplier, p->shift);
        out[i] = (int16_t)utvm_tanh_from_table(table, position);
    }
    return UTVM_STATUS_OK;
}
