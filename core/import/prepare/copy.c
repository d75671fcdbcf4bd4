// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/import/prepare/common.h"

struct utvm_error *utvm_prep_copy(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 2, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    if (input->num_elems != output->num_elems || input->size_bytes != output->size_bytes) {
        return utvm_prep_bad_shape(output, "it has another number of elements than the input");
    }
    struct utvm_copy_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_copy, &params));
    params->size_bytes = (int32_t)input->size_bytes;
    p->out->in_place_inputs = 1;
    p->out->unread_inputs = ~1u; /* the shape */
    p->out->kernel = "copy";
    return NULL;
}

struct utvm_error *utvm_prepare_reshape(struct utvm_prep *p)
{
    return utvm_prep_copy(p);
}

/** From the variable that its handle stands for. */
struct utvm_error *utvm_prepare_read_variable(struct utvm_prep *p)
{
    return utvm_prep_copy(p);
}

/** The reader has made the variable its output. */
struct utvm_error *utvm_prepare_assign_variable(struct utvm_prep *p)
{
    return utvm_prep_copy(p);
}

struct utvm_error *utvm_prepare_squeeze(struct utvm_prep *p)
{
    return utvm_prep_copy(p);
}

struct utvm_error *utvm_prepare_expand_dims(struct utvm_prep *p)
{
    return utvm_prep_copy(p);
}
