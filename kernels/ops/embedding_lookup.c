// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/params.h"

/** EMBEDDING_LOOKUP: inputs 0 int32 rows, 1 the table. @return BAD_INDEX for a row not there */
UTVM_KERNEL(embedding_lookup)
{
    const struct utvm_embedding_params *p = params;
    const int32_t *rows = args->inputs[0];
    const uint8_t *table = args->inputs[1];
    uint8_t *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_lookups; i++) {
        if (rows[i] < 0 || rows[i] >= p->num_rows) {
            return UTVM_STATUS_BAD_INDEX;
        }
        int32_t row_bytes = p->row_elems * p->elem_bytes;
        __builtin_memcpy(out, table + rows[i] * row_bytes, (uint32_t)row_bytes);
        out += row_bytes;
    }
    return UTVM_STATUS_OK;
}
