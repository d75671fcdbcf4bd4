// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/**
 * Any function of an int8 or uint8 whose result is one byte: prepare has computed it for all 256.
 * constants[0]: int8[256], indexed by the input's bits as an unsigned number.
 */
UTVM_KERNEL(lut_int8)
{
    const struct utvm_unary_params *p = params;
    const uint8_t *in = args->inputs[0];
    const int8_t *table = args->constants[0];
    int8_t *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_elems; i++) {
        out[i] = table[in[i]];
    }
    return UTVM_STATUS_OK;
}
