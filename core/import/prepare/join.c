// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>

#include "core/import/prepare/common.h"

/* Operators that put tensors together along an axis, or take them apart. */

/** An axis option or input as a dimension: -rank to rank - 1. */
static struct utvm_error *resolve_axis(int32_t axis, uint32_t rank, uint32_t *ret)
{
    int64_t resolved = axis < 0 ? (int64_t)axis + rank : axis;
    if (resolved < 0 || resolved >= rank) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "axis %" PRId32 " is outside of the %" PRIu32 " dimensions", axis,
                                 rank);
    }
    *ret = (uint32_t)resolved;
    return NULL;
}

static uint64_t product(const struct utvm_graph_tensor *tensor, uint32_t first, uint32_t end)
{
    uint64_t result = 1;
    for (uint32_t d = first; d < end; d++) {
        result *= tensor->dims[d];
    }
    return result;
}

/** Whole and part agree in all dimensions but the axis. */
static struct utvm_error *check_part(const struct utvm_graph_tensor *whole,
                                     const struct utvm_graph_tensor *part, uint32_t axis)
{
    UTVM_TRY(utvm_prep_require_type(part, whole->dtype));
    UTVM_TRY(utvm_prep_same_quantisation(whole, part));
    UTVM_TRY(utvm_prep_require_rank(part, whole->rank));
    for (uint32_t d = 0; d < whole->rank; d++) {
        if (d != axis && part->dims[d] != whole->dims[d]) {
            return utvm_prep_bad_shape(part, "it does not fit to the whole");
        }
    }
    return NULL;
}

/** Bytes a turn of one part: everything from the axis inwards. */
static int32_t turn_bytes(const struct utvm_graph_tensor *part, uint32_t axis)
{
    return (int32_t)(product(part, axis, part->rank) * utvm_prep_elem_bytes(part->dtype));
}

/** Params and table for parts that a function names; their extents along the axis must add up. */
static struct utvm_error *
set_parts(struct utvm_prep *p, const struct utvm_graph_tensor *whole, uint32_t num_parts,
          const struct utvm_graph_tensor *(*part_of)(const struct utvm_prep *, uint32_t),
          uint32_t axis, struct utvm_join_params **ret)
{
    int32_t *bytes;
    uint64_t extent = 0;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_join, ret));
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, num_parts, &bytes));
    for (uint32_t i = 0; i < num_parts; i++) {
        const struct utvm_graph_tensor *part = part_of(p, i);
        UTVM_TRY(check_part(whole, part, axis));
        bytes[i] = turn_bytes(part, axis);
        extent += part->dims[axis];
    }
    if (extent != whole->dims[axis]) {
        return utvm_prep_bad_shape(whole, "its parts do not add up to it");
    }
    (*ret)->outer = (int32_t)product(whole, 0, axis);
    (*ret)->num_parts = (int32_t)num_parts;
    return NULL;
}

/* Options: ConcatenationOptions: 0 axis, 1 fused activation. */
struct utvm_error *utvm_prepare_concatenation(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, p->op->num_inputs, UINT32_MAX, 1));
    if (p->op->num_inputs == 0 || utvm_option_i8(p->op, 1, 0) != UTVM_ACTIVATION_NONE) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "it has no inputs, or a fused activation");
    }
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    uint32_t axis = 0;
    UTVM_TRY(resolve_axis(utvm_option_i32(p->op, 0, 0), output->rank, &axis));
    struct utvm_join_params *params;
    p->out->kernel = "concatenation";
    return set_parts(p, output, p->op->num_inputs, utvm_prep_input, axis, &params);
}

static struct utvm_error *prepare_split(struct utvm_prep *p, uint32_t data_input,
                                        uint32_t axis_input)
{
    const struct utvm_graph_tensor *data = utvm_prep_input(p, data_input);
    int32_t axis_value;
    uint32_t count;
    UTVM_TRY(utvm_prep_constant_ints(utvm_prep_input(p, axis_input), 1, &axis_value, &count));
    p->out->unread_inputs |= 1u << axis_input;
    uint32_t axis = 0;
    UTVM_TRY(resolve_axis(axis_value, data->rank, &axis));
    struct utvm_join_params *params;
    UTVM_TRY(set_parts(p, data, p->op->num_outputs, utvm_prep_output, axis, &params));
    params->data_input = (int32_t)data_input;
    p->out->kernel = "split";
    return NULL;
}

struct utvm_error *utvm_prepare_split(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, p->op->num_outputs));
    return prepare_split(p, 1, 0);
}

/** The sizes of input 1 are those of the outputs, which set_parts() checks. */
struct utvm_error *utvm_prepare_split_v(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 3, 3, p->op->num_outputs));
    return prepare_split(p, 0, 2);
}

/** PACK and UNPACK: each part lacks the axis of the whole, along which it has the extent 1. */
static struct utvm_error *
set_slices(struct utvm_prep *p, const struct utvm_graph_tensor *whole, uint32_t num_parts,
           const struct utvm_graph_tensor *(*part_of)(const struct utvm_prep *, uint32_t),
           uint32_t axis)
{
    int32_t *bytes;
    struct utvm_join_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_join, &params));
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, num_parts, &bytes));
    for (uint32_t i = 0; i < num_parts; i++) {
        const struct utvm_graph_tensor *part = part_of(p, i);
        UTVM_TRY(utvm_prep_require_type(part, whole->dtype));
        UTVM_TRY(utvm_prep_same_quantisation(whole, part));
        UTVM_TRY(utvm_prep_require_rank(part, whole->rank - 1));
        for (uint32_t d = 0; d < part->rank; d++) {
            if (part->dims[d] != whole->dims[d < axis ? d : d + 1]) {
                return utvm_prep_bad_shape(part, "it does not fit to the whole");
            }
        }
        bytes[i] = turn_bytes(part, axis);
    }
    if (num_parts != whole->dims[axis]) {
        return utvm_prep_bad_shape(whole, "its parts do not add up to it");
    }
    params->outer = (int32_t)product(whole, 0, axis);
    params->num_parts = (int32_t)num_parts;
    return NULL;
}

/* Options: PackOptions: 0 values_count, 1 axis. */
struct utvm_error *utvm_prepare_pack(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, p->op->num_inputs, UINT32_MAX, 1));
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    uint32_t axis = 0;
    UTVM_TRY(resolve_axis(utvm_option_i32(p->op, 1, 0), output->rank, &axis));
    p->out->kernel = "concatenation";
    return set_slices(p, output, p->op->num_inputs, utvm_prep_input, axis);
}

/* Options: UnpackOptions: 0 num, 1 axis. */
struct utvm_error *utvm_prepare_unpack(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 1, p->op->num_outputs));
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    uint32_t axis = 0;
    UTVM_TRY(resolve_axis(utvm_option_i32(p->op, 1, 0), data->rank, &axis));
    p->out->kernel = "split";
    return set_slices(p, data, p->op->num_outputs, utvm_prep_output, axis);
}

/* Options: GatherOptions: 0 axis, 1 batch_dims. */
struct utvm_error *utvm_prepare_gather(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *indices = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(indices, UTVM_DTYPE_INT32));
    UTVM_TRY(utvm_prep_require_type(output, data->dtype));
    UTVM_TRY(utvm_prep_same_quantisation(data, output));
    uint32_t axis = 0;
    UTVM_TRY(resolve_axis(utvm_option_i32(p->op, 0, 0), data->rank, &axis));
    int64_t given = utvm_option_i32(p->op, 1, 0);
    int64_t batch_dims = given < 0 ? given + indices->rank : given;
    if (batch_dims < 0 || batch_dims > axis || batch_dims > indices->rank) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "batch_dims %" PRId64 " is out of range",
                                 given);
    }
    uint32_t first = (uint32_t)batch_dims;
    struct utvm_gather_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_gather, &params));
    uint64_t batches = product(data, 0, first);
    uint64_t inner = product(data, axis + 1, data->rank);
    uint64_t outer = product(data, first, axis);
    if (product(indices, 0, first) != batches ||
        output->num_elems != outer * inner * indices->num_elems) {
        return utvm_prep_bad_shape(output, "it does not follow from the inputs");
    }
    params->batches = (int32_t)batches;
    params->outer = (int32_t)outer;
    params->axis_size = (int32_t)data->dims[axis];
    params->inner_bytes = (int32_t)(inner * utvm_prep_elem_bytes(data->dtype));
    params->num_indices = (int32_t)product(indices, first, indices->rank);
    p->out->kernel = "gather";
    return NULL;
}
