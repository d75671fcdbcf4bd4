// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/view.h"

#include <stdlib.h>
#include <string.h>

static struct utvm_error *select_channels(struct utvm_view *view, const struct utvm_tensor *tensor,
                                          const struct utvm_slice *slice)
{
    if (tensor->num_scales <= 1 || tensor->quantized_dimension >= tensor->rank) {
        return NULL;
    }
    const struct utvm_slice_axis *axis = &slice->axes[tensor->quantized_dimension];
    view->scales = calloc(axis->count + 1u, sizeof(*view->scales));
    view->zero_points = calloc(axis->count + 1u, sizeof(*view->zero_points));
    if (!view->scales || !view->zero_points) {
        return utvm_error_no_memory();
    }
    for (uint32_t i = 0; i < axis->count; i++) {
        int64_t channel = axis->start + i * axis->step;
        view->scales[i] = tensor->scales[channel];
        view->zero_points[i] = tensor->zero_points[channel];
    }
    view->tensor.scales = view->scales;
    view->tensor.zero_points = view->zero_points;
    view->tensor.num_scales = axis->count;
    return NULL;
}

struct utvm_error *utvm_view_init(struct utvm_view *view, const struct utvm_tensor *tensor,
                                  const struct utvm_array *array, const struct utvm_slice *slice)
{
    struct utvm_view v = {.tensor = *tensor};
    for (uint32_t i = 0; i < slice->rank; i++) {
        v.tensor.dims[i] = slice->axes[i].count;
    }
    v.tensor.num_elems = slice->num_elems;
    struct utvm_error *error = utvm_array_init(&v.array, array->dtype, slice->rank, v.tensor.dims);
    if (!error) {
        error = select_channels(&v, tensor, slice);
    }
    if (error) {
        utvm_view_deinit(&v);
        return error;
    }
    UTVM_ASSERT(v.array.data);
    size_t bytes = utvm_dtype_size(array->dtype);
    if (slice->num_elems == array->num_elems && slice->num_elems > 0 &&
        utvm_slice_flat(slice, slice->num_elems - 1) == array->num_elems - 1) {
        memcpy(v.array.data, array->data, array->size_bytes);
    } else {
        for (uint64_t i = 0; i < slice->num_elems; i++) {
            uint64_t flat = utvm_slice_flat(slice, i);
            memcpy((char *)v.array.data + i * bytes, (const char *)array->data + flat * bytes,
                   bytes);
        }
    }
    *view = v;
    return NULL;
}

void utvm_view_deinit(struct utvm_view *view)
{
    utvm_array_deinit(&view->array);
    free(view->scales);
    free(view->zero_points);
    *view = (struct utvm_view){0};
}
