// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** EMBEDDING_LOOKUP that gives the real values of an int8 table of zero point 0. */
UTVM_KERNEL(embedding_lookup_int8_float32)
{
    const struct utvm_embedding_params *p = params;
    const int32_t *rows = args->inputs[0];
    const int8_t *table = args->inputs[1];
    float *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_lookups; i++) {
        if (rows[i] < 0 || rows[i] >= p->num_rows) {
            return UTVM_STATUS_BAD_INDEX;
        }
        for (int32_t k = 0; k < p->row_elems; k++) {
            *out++ = p->scale * (float)table[rows[i] * p->row_elems + k];
        }
    }
    return UTVM_STATUS_OK;
}
