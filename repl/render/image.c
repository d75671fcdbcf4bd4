// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "core/stats.h"
#include "repl/render/render.h"

// Grey level of each element, from the least value of the view to the greatest.
struct levels {
    const struct utvm_view *view;
    double low;
    double span;
};

static double level(const struct levels *l, uint64_t i)
{
    double value = utvm_tensor_real(&l->view->tensor, &l->view->array, i);
    double grey = l->span > 0 ? (value - l->low) / l->span * 255 : 0;
    return isnan(grey) ? 0 : fmin(fmax(grey, 0), 255);
}

static struct utvm_error *colour_image(const struct levels *l, const uint32_t dims[3],
                                       struct utvm_picture *ret)
{
    struct utvm_error *error = utvm_array_init(&ret->image, UTVM_DTYPE_UINT8, 3, dims);
    for (uint64_t i = 0; !error && i < ret->image.num_elems; i++) {
        utvm_array_set(&ret->image, i, level(l, i));
    }
    ret->num_tiles = ret->across = 1;
    return error;
}

// Channels side by side in a near-square grid, a line of black between them.
static struct utvm_error *grid_image(const struct levels *l, const uint32_t dims[3],
                                     struct utvm_picture *ret)
{
    uint32_t height = dims[0];
    uint32_t width = dims[1];
    uint32_t channels = dims[2];
    uint32_t across = (uint32_t)ceil(sqrt((double)channels * height / width));
    across = across > channels ? channels : across ? across : 1;
    uint32_t down = (channels + across - 1) / across;
    const uint32_t shape[] = {down * (height + 1) - 1, across * (width + 1) - 1, 1};
    struct utvm_error *error = utvm_array_init(&ret->image, UTVM_DTYPE_UINT8, 3, shape);
    if (error) {
        return error;
    }
    for (uint64_t i = 0; i < l->view->array.num_elems; i++) {
        uint32_t c = (uint32_t)(i % channels);
        uint32_t x = (uint32_t)(i / channels % width) + c % across * (width + 1);
        uint32_t y = (uint32_t)(i / channels / width) + c / across * (height + 1);
        utvm_array_set(&ret->image, (uint64_t)y * shape[1] + x, level(l, i));
    }
    ret->num_tiles = channels;
    ret->across = across;
    return NULL;
}

void utvm_picture_deinit(struct utvm_picture *picture)
{
    utvm_array_deinit(&picture->image);
}

struct utvm_error *utvm_render_image(const struct utvm_view *view, const struct utvm_slice *slice,
                                     struct utvm_picture *ret)
{
    uint32_t all[UTVM_MAX_DIMS];
    uint32_t rank = utvm_slice_shape(slice, all);
    uint32_t first = 0;
    while (rank - first > 2 && all[first] == 1) {
        first++;
    }
    rank -= first;
    if (rank < 1 || rank > 3 || slice->num_elems == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "a picture needs [H,W] or [H,W,C]; take a slice of '%s'",
                                 view->tensor.name);
    }
    uint32_t dims[3] = {1, 1, 1};
    for (uint32_t i = 0; i < rank; i++) {
        dims[rank == 1 ? 1 : i] = all[first + i];
    }
    struct utvm_stats stats;
    utvm_stats_compute(&view->tensor, &view->array, &stats);
    struct levels levels = {view, stats.real_min, stats.real_max - stats.real_min};
    *ret = (struct utvm_picture){
        .tile_height = dims[0],
        .tile_width = dims[1],
        .low = stats.real_min,
        .high = stats.real_max,
    };
    bool colour = dims[2] == 3 && view->tensor.flags & UTVM_TENSOR_INPUT;
    return colour ? colour_image(&levels, dims, ret) : grid_image(&levels, dims, ret);
}
