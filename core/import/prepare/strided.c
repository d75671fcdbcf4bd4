// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>

#include "core/import/prepare/common.h"

/* Operators that take elements from regular places: one kernel for each width of element. */

/** A walk through the input, outermost dimension first. */
struct walk {
    uint32_t rank;
    int64_t offset;
    int32_t dims[6];
    int32_t strides[6];
};

static struct utvm_error *finish(struct utvm_prep *p, const struct utvm_graph_tensor *input,
                                 const struct walk *walk)
{
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    UTVM_TRY(utvm_prep_same_quantisation(input, output));
    struct utvm_strided_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_strided, &params));
    uint64_t num_elems = 1;
    for (uint32_t d = 0; d < 6; d++) {
        bool there = d >= 6 - walk->rank;
        params->dims[d] = there ? walk->dims[d - (6 - walk->rank)] : 1;
        params->strides[d] = there ? walk->strides[d - (6 - walk->rank)] : 0;
        num_elems *= (uint64_t)params->dims[d];
    }
    if (num_elems != output->num_elems) {
        return utvm_prep_bad_shape(output, "it does not follow from the input");
    }
    params->offset = (int32_t)walk->offset;
    int32_t *strides[1] = {params->strides};
    utvm_prep_merge_dims(params->dims, strides, 1);
    switch (utvm_prep_elem_bytes(input->dtype)) {
    case 1:
        p->out->kernel = "copy_strided_8";
        return NULL;
    case 2:
        p->out->kernel = "copy_strided_16";
        return NULL;
    case 4:
        p->out->kernel = "copy_strided_32";
        return NULL;
    default:
        p->out->kernel = "copy_strided_64";
        return NULL;
    }
}

/** The walk through the whole of a tensor. */
static struct walk walk_of(const struct utvm_graph_tensor *tensor)
{
    struct walk walk = {.rank = tensor->rank};
    uint32_t stride = 1;
    for (uint32_t d = tensor->rank; d-- > 0;) {
        walk.dims[d] = (int32_t)tensor->dims[d];
        walk.strides[d] = (int32_t)stride;
        stride *= tensor->dims[d];
    }
    return walk;
}

/** Constant integers, one a dimension of the data. */
static struct utvm_error *ints_per_dim(struct utvm_prep *p, uint32_t i, uint32_t rank, int32_t *ret)
{
    uint32_t count;
    UTVM_TRY(utvm_prep_constant_ints(utvm_prep_input(p, i), UTVM_MAX_DIMS, ret, &count));
    p->out->unread_inputs |= 1u << i;
    if (count != rank) {
        return utvm_prep_bad_shape(utvm_prep_input(p, i), "it must have a value a dimension");
    }
    return NULL;
}

struct utvm_error *utvm_prepare_transpose(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    int32_t order[UTVM_MAX_DIMS];
    UTVM_TRY(ints_per_dim(p, 1, input->rank, order));
    struct walk from = walk_of(input);
    struct walk walk = {.rank = input->rank};
    uint32_t seen = 0;
    for (uint32_t d = 0; d < input->rank; d++) {
        int32_t axis = order[d] < 0 ? order[d] + (int32_t)input->rank : order[d];
        if (axis < 0 || axis >= (int32_t)input->rank || (seen & UINT32_C(1) << axis)) {
            return utvm_prep_bad_shape(utvm_prep_input(p, 1), "its values are no permutation");
        }
        seen |= UINT32_C(1) << axis;
        walk.dims[d] = from.dims[axis];
        walk.strides[d] = from.strides[axis];
        if (utvm_prep_output(p, 0)->rank != input->rank ||
            utvm_prep_output(p, 0)->dims[d] != input->dims[axis]) {
            return utvm_prep_bad_shape(utvm_prep_output(p, 0), "it is not the permuted shape");
        }
    }
    return finish(p, input, &walk);
}

struct utvm_error *utvm_prepare_slice(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 3, 3, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    int32_t begin[UTVM_MAX_DIMS];
    int32_t size[UTVM_MAX_DIMS];
    UTVM_TRY(ints_per_dim(p, 1, input->rank, begin));
    UTVM_TRY(ints_per_dim(p, 2, input->rank, size));
    struct walk walk = walk_of(input);
    for (uint32_t d = 0; d < input->rank; d++) {
        int64_t length = size[d] < 0 ? (int64_t)walk.dims[d] - begin[d] : size[d];
        if (begin[d] < 0 || length < 1 || begin[d] + length > walk.dims[d]) {
            return utvm_error_create(UTVM_ERROR_FORMAT,
                                     "dimension %" PRIu32 " from %" PRId32 " for %" PRId64
                                     " leaves the %" PRId32 " elements that are there",
                                     d, begin[d], length, walk.dims[d]);
        }
        walk.offset += (int64_t)begin[d] * walk.strides[d];
        walk.dims[d] = (int32_t)length;
    }
    return finish(p, input, &walk);
}

/** One end of a strided range as a position: from the end if negative, then into the axis. */
static int64_t clamp_position(int64_t position, int64_t size, bool forward)
{
    if (position < 0) {
        position += size;
    }
    int64_t low = forward ? 0 : -1;
    int64_t high = forward ? size : size - 1;
    return position < low ? low : position > high ? high : position;
}

/* Options: StridedSliceOptions: 0 begin_mask, 1 end_mask, 2 ellipsis, 3 new_axis, 4 shrink_axis. */
struct utvm_error *utvm_prepare_strided_slice(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 4, 4, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    if (utvm_option_i32(p->op, 2, 0) != 0 || utvm_option_i32(p->op, 3, 0) != 0) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "ellipsis_mask and new_axis_mask are not supported");
    }
    if (utvm_option_bool(p->op, 5, false)) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "ends as offsets are not supported");
    }
    uint32_t begin_mask = (uint32_t)utvm_option_i32(p->op, 0, 0);
    uint32_t end_mask = (uint32_t)utvm_option_i32(p->op, 1, 0);
    uint32_t shrink_mask = (uint32_t)utvm_option_i32(p->op, 4, 0);
    int32_t begin[UTVM_MAX_DIMS];
    int32_t end[UTVM_MAX_DIMS];
    int32_t step[UTVM_MAX_DIMS];
    UTVM_TRY(ints_per_dim(p, 1, input->rank, begin));
    UTVM_TRY(ints_per_dim(p, 2, input->rank, end));
    UTVM_TRY(ints_per_dim(p, 3, input->rank, step));
    struct walk walk = walk_of(input);
    for (uint32_t d = 0; d < input->rank; d++) {
        int64_t size = walk.dims[d];
        bool forward = step[d] > 0;
        if (step[d] == 0) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "dimension %" PRIu32 " has stride 0", d);
        }
        int64_t first = begin_mask >> d & 1 ? (forward ? 0 : size - 1)
                                            : clamp_position(begin[d], size, forward);
        int64_t last =
            end_mask >> d & 1 ? (forward ? size : -1) : clamp_position(end[d], size, forward);
        if (shrink_mask >> d & 1) {
            last = forward ? first + 1 : first - 1;
        }
        int64_t span = forward ? last - first : first - last;
        int64_t stride = forward ? step[d] : -(int64_t)step[d];
        int64_t length = (span + stride - 1) / stride;
        if (span < 1 || first < 0 || first >= size) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "dimension %" PRIu32 " is left empty", d);
        }
        walk.offset += first * walk.strides[d];
        walk.dims[d] = (int32_t)length;
        /* A step beyond the axis is taken by none; do not let it overflow. */
        walk.strides[d] = length == 1 ? 0 : walk.strides[d] * step[d];
    }
    return finish(p, input, &walk);
}

/** BROADCAST_TO. */
struct utvm_error *utvm_prepare_broadcast_to(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    struct walk walk = walk_of(output);
    int32_t strides[6];
    UTVM_TRY(utvm_prep_broadcast(input, output, strides));
    for (uint32_t d = 0; d < output->rank; d++) {
        walk.strides[d] = strides[6 - output->rank + d];
    }
    return finish(p, input, &walk);
}

struct utvm_error *utvm_prepare_reverse_v2(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_same_shape(input, utvm_prep_output(p, 0)));
    int32_t axes[UTVM_MAX_DIMS];
    uint32_t num_axes;
    UTVM_TRY(utvm_prep_constant_ints(utvm_prep_input(p, 1), UTVM_MAX_DIMS, axes, &num_axes));
    p->out->unread_inputs |= 1u << 1;
    struct walk walk = walk_of(input);
    for (uint32_t i = 0; i < num_axes; i++) {
        int64_t axis = axes[i] < 0 ? (int64_t)axes[i] + input->rank : axes[i];
        if (axis < 0 || axis >= input->rank || walk.strides[axis] < 0) {
            return utvm_error_create(UTVM_ERROR_FORMAT,
                                     "axis %" PRId32 " is out of range, or named twice", axes[i]);
        }
        walk.offset += (int64_t)(walk.dims[axis] - 1) * walk.strides[axis];
        walk.strides[axis] = -walk.strides[axis];
    }
    return finish(p, input, &walk);
}

/** Block size of SPACE_TO_DEPTH and DEPTH_TO_SPACE. */
static struct utvm_error *block_of(struct utvm_prep *p, int32_t *ret)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 1, 1));
    UTVM_TRY(utvm_prep_require_rank(utvm_prep_input(p, 0), 4));
    UTVM_TRY(utvm_prep_require_rank(utvm_prep_output(p, 0), 4));
    *ret = utvm_option_i32(p->op, 0, 0);
    if (*ret < 1 || *ret > 256) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "block size %" PRId32 " is absurd", *ret);
    }
    return NULL;
}

static struct utvm_error *check_blocks(struct utvm_prep *p,
                                       const struct utvm_graph_tensor *spacious,
                                       const struct utvm_graph_tensor *deep, uint32_t block)
{
    if (spacious->dims[0] != deep->dims[0] || spacious->dims[1] != deep->dims[1] * block ||
        spacious->dims[2] != deep->dims[2] * block ||
        deep->dims[3] != spacious->dims[3] * block * block) {
        return utvm_prep_bad_shape(utvm_prep_output(p, 0),
                                   "it does not follow from the input and the block size");
    }
    return NULL;
}

struct utvm_error *utvm_prepare_space_to_depth(struct utvm_prep *p)
{
    int32_t block;
    UTVM_TRY(block_of(p, &block));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(check_blocks(p, input, output, (uint32_t)block));
    struct walk from = walk_of(input);
    /* Output [N,H,W,(y,x,C)]. */
    struct walk walk = {
        .rank = 6,
        .dims = {from.dims[0], (int32_t)output->dims[1], (int32_t)output->dims[2], block, block,
                 from.dims[3]},
        .strides = {from.strides[0], from.strides[1] * block, from.strides[2] * block,
                    from.strides[1], from.strides[2], from.strides[3]},
    };
    return finish(p, input, &walk);
}

struct utvm_error *utvm_prepare_depth_to_space(struct utvm_prep *p)
{
    int32_t block;
    UTVM_TRY(block_of(p, &block));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(check_blocks(p, output, input, (uint32_t)block));
    struct walk from = walk_of(input);
    int32_t depth = (int32_t)output->dims[3];
    /* Output [N,(H,y),(W,x),C]. */
    struct walk walk = {
        .rank = 6,
        .dims = {from.dims[0], from.dims[1], block, from.dims[2], block, depth},
        .strides = {from.strides[0], from.strides[1], depth * block, from.strides[2], depth, 1},
    };
    return finish(p, input, &walk);
}
