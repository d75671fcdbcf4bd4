// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/import/prepare/common.h"

/* Operators whose result follows from shapes, so that most of it is known before anything runs. */

/** The values as a table of the output's type, int32 or int64. */
static struct utvm_error *give_ints(struct utvm_prep *p, const int32_t *values, uint32_t count)
{
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    bool wide = output->dtype == UTVM_DTYPE_INT64;
    struct utvm_copy_params *params;
    uint8_t *table;
    if (!wide) {
        UTVM_TRY(utvm_prep_require_type(output, UTVM_DTYPE_INT32));
    }
    if (output->num_elems != count) {
        return utvm_prep_bad_shape(output, "it does not follow from the inputs");
    }
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_copy, &params));
    UTVM_TRY(utvm_prep_table(p, output->dtype, count, &table));
    for (uint32_t i = 0; i < count; i++) {
        int64_t value = values[i];
        memcpy(table + (size_t)i * (wide ? 8 : 4), wide ? (const void *)&value : &values[i],
               wide ? 8 : 4);
    }
    params->size_bytes = (int32_t)output->size_bytes;
    p->out->unread_inputs = UINT32_MAX;
    p->out->kernel = "constant";
    return NULL;
}

struct utvm_error *utvm_prepare_shape(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 1, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    int32_t dims[UTVM_MAX_DIMS];
    for (uint32_t d = 0; d < input->rank; d++) {
        dims[d] = (int32_t)input->dims[d];
    }
    return give_ints(p, dims, input->rank);
}

/** The shape that tensors of two shapes have when they are broadcast together. */
struct utvm_error *utvm_prepare_broadcast_args(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    int32_t dims[2][UTVM_MAX_DIMS];
    uint32_t rank[2];
    for (uint32_t i = 0; i < 2; i++) {
        UTVM_TRY(utvm_prep_constant_ints(utvm_prep_input(p, i), UTVM_MAX_DIMS, dims[i], &rank[i]));
    }
    uint32_t longer = rank[1] > rank[0] ? 1 : 0;
    uint32_t missing = rank[longer] - rank[1 - longer];
    for (uint32_t d = missing; d < rank[longer]; d++) {
        int32_t a = dims[longer][d];
        int32_t b = dims[1 - longer][d - missing];
        if (a != b && a != 1 && b != 1) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "its shapes cannot be broadcast");
        }
        dims[longer][d] = a == 1 ? b : a;
    }
    return give_ints(p, dims[longer], rank[longer]);
}

struct utvm_error *utvm_prepare_zeros_like(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 1, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    UTVM_TRY(utvm_prep_same_shape(input, output));
    struct utvm_copy_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_copy, &params));
    params->size_bytes = (int32_t)output->size_bytes;
    p->out->unread_inputs = UINT32_MAX;
    p->out->kernel = "zeros";
    return NULL;
}

/** Input 0 is the output's shape, input 1 one value. */
struct utvm_error *utvm_prepare_fill(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *value = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, value->dtype));
    UTVM_TRY(utvm_prep_same_quantisation(value, output));
    if (value->num_elems != 1) {
        return utvm_prep_bad_shape(value, "it must be one value");
    }
    struct utvm_fill_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_fill, &params));
    params->num_elems = (int32_t)output->num_elems;
    params->elem_bytes = (int32_t)utvm_prep_elem_bytes(output->dtype);
    p->out->unread_inputs = 1u << 0;
    p->out->kernel = "fill";
    return NULL;
}
