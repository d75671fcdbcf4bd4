// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>

#include "core/import/prepare/common.h"

/* GATHER_ND, EMBEDDING_LOOKUP, DYNAMIC_UPDATE_SLICE: places that are known when they run. */

struct utvm_error *utvm_prepare_gather_nd(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *indices = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(indices, UTVM_DTYPE_INT32));
    UTVM_TRY(utvm_prep_require_type(output, data->dtype));
    UTVM_TRY(utvm_prep_same_quantisation(data, output));
    uint32_t depth = indices->rank ? indices->dims[indices->rank - 1] : 0;
    if (depth == 0 || depth > data->rank) {
        return utvm_prep_bad_shape(indices, "its last dimension must be 1 to the data's number");
    }
    struct utvm_gather_nd_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_gather_nd, &params));
    uint64_t bytes = utvm_prep_elem_bytes(data->dtype);
    for (uint32_t d = data->rank; d-- > depth;) {
        bytes *= data->dims[d];
    }
    params->slice_bytes = (int32_t)bytes;
    for (uint32_t d = depth; d-- > 0;) {
        params->axis_sizes[d] = (int32_t)data->dims[d];
        params->axis_bytes[d] = (int32_t)bytes;
        bytes *= data->dims[d];
    }
    params->depth = (int32_t)depth;
    params->num_indices = (int32_t)(indices->num_elems / depth);
    if (output->size_bytes != indices->num_elems / depth * (uint32_t)params->slice_bytes) {
        return utvm_prep_bad_shape(output, "it does not follow from the inputs");
    }
    p->out->kernel = "gather_nd";
    return NULL;
}

struct utvm_error *utvm_prepare_embedding_lookup(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *rows = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *table = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(rows, UTVM_DTYPE_INT32));
    UTVM_TRY(utvm_prep_require_rank(rows, 1));
    if (table->rank < 2) {
        return utvm_prep_bad_shape(table, "it must have at least two dimensions");
    }
    uint64_t row_elems = table->num_elems / table->dims[0];
    if (output->num_elems != rows->num_elems * row_elems) {
        return utvm_prep_bad_shape(output, "it does not follow from the inputs");
    }
    struct utvm_embedding_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_embedding, &params));
    params->num_lookups = (int32_t)rows->num_elems;
    params->num_rows = (int32_t)table->dims[0];
    params->row_elems = (int32_t)row_elems;
    params->elem_bytes = (int32_t)utvm_prep_elem_bytes(table->dtype);
    if (table->dtype == UTVM_DTYPE_INT8 && output->dtype == UTVM_DTYPE_FLOAT32) {
        UTVM_TRY(utvm_prep_require_scale(table));
        if (table->zero_points[0] != 0) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "tensor '%s' has a zero point other than 0", table->name);
        }
        params->scale = table->scales[0];
        p->out->kernel = "embedding_lookup_int8_float32";
        return NULL;
    }
    UTVM_TRY(utvm_prep_require_type(output, table->dtype));
    UTVM_TRY(utvm_prep_same_quantisation(table, output));
    return utvm_prep_kernel(p, table, "embedding_lookup", NULL, NULL, "embedding_lookup");
}

struct utvm_error *utvm_prepare_dynamic_update_slice(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 3, 3, 1));
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *update = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *starts = utvm_prep_input(p, 2);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(update, data->dtype));
    UTVM_TRY(utvm_prep_require_type(output, data->dtype));
    UTVM_TRY(utvm_prep_same_quantisation(data, update));
    UTVM_TRY(utvm_prep_same_quantisation(data, output));
    UTVM_TRY(utvm_prep_same_shape(data, output));
    UTVM_TRY(utvm_prep_require_rank(update, data->rank));
    struct utvm_dynamic_update_slice_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_dynamic_update_slice, &params));
    params->wide = starts->dtype == UTVM_DTYPE_INT64;
    if (!params->wide) {
        UTVM_TRY(utvm_prep_require_type(starts, UTVM_DTYPE_INT32));
    }
    if (starts->num_elems != data->rank) {
        return utvm_prep_bad_shape(starts, "it must have a value a dimension");
    }
    for (uint32_t d = 0; d < 6; d++) {
        bool there = d >= 6 - data->rank;
        uint32_t from = there ? d - (6 - data->rank) : 0;
        params->dims[d] = there ? (int32_t)data->dims[from] : 1;
        params->update_dims[d] = there ? (int32_t)update->dims[from] : 1;
        if (params->update_dims[d] > params->dims[d]) {
            return utvm_prep_bad_shape(update, "it is larger than the data");
        }
    }
    params->rank = (int32_t)data->rank;
    params->elem_bytes = (int32_t)utvm_prep_elem_bytes(data->dtype);
    p->out->in_place_inputs = 1;
    p->out->kernel = "dynamic_update_slice";
    return NULL;
}
