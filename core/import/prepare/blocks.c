// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/import/prepare/common.h"

/* SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND: inputs 1 the block's sizes, 2 paddings or crops. */

/** Beyond this a block is absurd, and sizes below might overflow. */
#define MAX_BLOCK 4096

/** Rows and columns of [N,H,W,C], or of [N,H,C] as one of width 1. */
struct extent {
    int32_t h;
    int32_t w;
    int32_t channels;
};

static struct extent extent_of(const struct utvm_graph_tensor *tensor)
{
    bool flat = tensor->rank == 3;
    return (struct extent){(int32_t)tensor->dims[1], flat ? 1 : (int32_t)tensor->dims[2],
                           (int32_t)tensor->dims[flat ? 2 : 3]};
}

/** Block sizes, and what is before and after the image, of one or two axes. */
static struct utvm_error *read_blocks(const struct utvm_prep *p, uint32_t num_axes, int32_t *blocks,
                                      int32_t *borders)
{
    uint32_t num_blocks;
    uint32_t num_borders;
    UTVM_TRY(utvm_prep_constant_ints(utvm_prep_input(p, 1), 2, blocks, &num_blocks));
    UTVM_TRY(utvm_prep_constant_ints(utvm_prep_input(p, 2), 4, borders, &num_borders));
    if (num_blocks != num_axes || num_borders != 2 * num_axes) {
        return utvm_prep_bad_shape(utvm_prep_input(p, num_blocks == num_axes ? 2 : 1),
                                   "it does not fit to the rows and columns of the data");
    }
    for (uint32_t i = 0; i < num_axes; i++) {
        if (blocks[i] < 1 || blocks[i] > MAX_BLOCK || borders[(size_t)2 * i] < 0 ||
            borders[(size_t)2 * i + 1] < 0) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "block sizes or borders are absurd");
        }
    }
    return NULL;
}

static bool axis_fits(int32_t image, int32_t part, int32_t block, const int32_t *border)
{
    return (int64_t)image + border[0] + border[1] == (int64_t)part * block;
}

static struct utvm_error *prepare_blocks(struct utvm_prep *p, bool image_is_input)
{
    UTVM_TRY(utvm_prep_arity(p, 3, 3, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    const struct utvm_graph_tensor *image = image_is_input ? input : output;
    const struct utvm_graph_tensor *parts = image_is_input ? output : input;
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    UTVM_TRY(utvm_prep_same_quantisation(input, output));
    UTVM_TRY(utvm_prep_require_rank(output, input->rank));
    if (input->rank != 3 && input->rank != 4) {
        return utvm_prep_bad_shape(input, "it must have 3 or 4 dimensions");
    }
    int32_t blocks[2] = {1, 1};
    int32_t borders[4] = {0};
    UTVM_TRY(read_blocks(p, input->rank - 2, blocks, borders));
    struct extent whole = extent_of(image);
    struct extent part = extent_of(parts);
    if (parts->dims[0] != (uint64_t)image->dims[0] * (uint32_t)blocks[0] * (uint32_t)blocks[1] ||
        whole.channels != part.channels || !axis_fits(whole.h, part.h, blocks[0], borders) ||
        !axis_fits(whole.w, part.w, blocks[1], borders + 2)) {
        return utvm_prep_bad_shape(output, "it does not follow from the input and the blocks");
    }
    struct utvm_blocks_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_blocks, &params));
    params->batches = (int32_t)image->dims[0];
    params->image_h = whole.h;
    params->image_w = whole.w;
    params->part_h = part.h;
    params->part_w = part.w;
    params->block_h = blocks[0];
    params->block_w = blocks[1];
    params->before_h = borders[0];
    params->before_w = borders[2];
    params->pixel_bytes = whole.channels * (int32_t)utvm_prep_elem_bytes(image->dtype);
    return NULL;
}

struct utvm_error *utvm_prepare_space_to_batch_nd(struct utvm_prep *p)
{
    UTVM_TRY(prepare_blocks(p, true));
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    struct utvm_blocks_params *params = p->out->params;
    /* Only a byte can be filled with a zero point; every other type has the zero point 0. */
    if (output->num_scales && output->zero_points[0] != 0) {
        if (utvm_prep_elem_bytes(output->dtype) != 1) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "the zero point must be 0");
        }
        params->fill = output->zero_points[0];
    }
    p->out->kernel = "space_to_batch_nd";
    return NULL;
}

struct utvm_error *utvm_prepare_batch_to_space_nd(struct utvm_prep *p)
{
    UTVM_TRY(prepare_blocks(p, false));
    p->out->kernel = "batch_to_space_nd";
    return NULL;
}
