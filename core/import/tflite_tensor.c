// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/import/tflite_internal.h"
#include "core/text.h"

// TensorType in schema.fbs, and what we call it. Constants of packed types are unpacked.
static const struct {
    const char *name;
    enum utvm_dtype dtype;
    uint32_t elem_bytes;
    enum utvm_tflite_packing packing;
} tensor_types[] = {
    [0] = {"FLOAT32", UTVM_DTYPE_FLOAT32, 4, UTVM_TFLITE_PLAIN},
    [1] = {"FLOAT16", UTVM_DTYPE_FLOAT32, 4, UTVM_TFLITE_HALF},
    [2] = {"INT32", UTVM_DTYPE_INT32, 4, UTVM_TFLITE_PLAIN},
    [3] = {"UINT8", UTVM_DTYPE_UINT8, 1, UTVM_TFLITE_PLAIN},
    [4] = {"INT64", UTVM_DTYPE_INT64, 8, UTVM_TFLITE_PLAIN},
    [5] = {"STRING", UTVM_DTYPE_NONE, 0, UTVM_TFLITE_PLAIN},
    [6] = {"BOOL", UTVM_DTYPE_BOOL, 1, UTVM_TFLITE_PLAIN},
    [7] = {"INT16", UTVM_DTYPE_INT16, 2, UTVM_TFLITE_PLAIN},
    [8] = {"COMPLEX64", UTVM_DTYPE_NONE, 0, UTVM_TFLITE_PLAIN},
    [9] = {"INT8", UTVM_DTYPE_INT8, 1, UTVM_TFLITE_PLAIN},
    [10] = {"FLOAT64", UTVM_DTYPE_NONE, 0, UTVM_TFLITE_PLAIN},
    [11] = {"COMPLEX128", UTVM_DTYPE_NONE, 0, UTVM_TFLITE_PLAIN},
    [12] = {"UINT64", UTVM_DTYPE_NONE, 0, UTVM_TFLITE_PLAIN},
    [13] = {"RESOURCE", UTVM_DTYPE_NONE, 0, UTVM_TFLITE_PLAIN},
    [14] = {"VARIANT", UTVM_DTYPE_NONE, 0, UTVM_TFLITE_PLAIN},
    [15] = {"UINT32", UTVM_DTYPE_UINT32, 4, UTVM_TFLITE_PLAIN},
    [16] = {"UINT16", UTVM_DTYPE_UINT16, 2, UTVM_TFLITE_PLAIN},
    [17] = {"INT4", UTVM_DTYPE_INT8, 1, UTVM_TFLITE_NIBBLES},
};

// A product of two scales is still a finite float.
#define MAX_SCALE 1e18F

#define NUM_TENSOR_TYPES (sizeof(tensor_types) / sizeof(tensor_types[0]))

static struct utvm_error *read_shape(const struct utvm_fb_table *table, uint32_t elem_bytes,
                                     struct utvm_graph_tensor *tensor)
{
    struct utvm_fb_vector shape;
    struct utvm_error *error = utvm_fb_vector(table, UTVM_TFL_TENSOR_SHAPE, 4, &shape);
    if (error) {
        return error;
    }
    if (shape.count > UTVM_MAX_DIMS) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "%u dimensions, at most %u are supported",
                                 shape.count, UTVM_MAX_DIMS);
    }
    uint64_t num_elems = 1;
    for (uint32_t i = 0; i < shape.count; i++) {
        int32_t dim = (int32_t)(uint32_t)utvm_fb_elem(&shape, i);
        if (dim < 0) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "dimension %u is %d: dynamic shapes are not supported", i,
                                     dim);
        }
        tensor->dims[i] = (uint32_t)dim;
        num_elems *= (uint32_t)dim;
        // Checked at each step, so that the product cannot wrap: 2^31 times 2^31 at most.
        if (num_elems * elem_bytes > INT32_MAX) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "its shape has more than %d bytes",
                                     INT32_MAX);
        }
    }
    tensor->rank = shape.count;
    tensor->num_elems = num_elems;
    tensor->size_bytes = (uint32_t)num_elems * elem_bytes;
    return NULL;
}

// Range that a zero point may have; everything for types that are not quantised.
static bool zero_point_fits(enum utvm_dtype dtype, int64_t zero_point)
{
    switch (dtype) {
    case UTVM_DTYPE_INT8:
        return zero_point >= INT8_MIN && zero_point <= INT8_MAX;
    case UTVM_DTYPE_UINT8:
        return zero_point >= 0 && zero_point <= UINT8_MAX;
    case UTVM_DTYPE_INT16:
        return zero_point >= INT16_MIN && zero_point <= INT16_MAX;
    case UTVM_DTYPE_UINT16:
        return zero_point >= 0 && zero_point <= UINT16_MAX;
    case UTVM_DTYPE_NONE:
    case UTVM_DTYPE_INT32:
    case UTVM_DTYPE_INT64:
    case UTVM_DTYPE_FLOAT32:
    case UTVM_DTYPE_BOOL:
    case UTVM_DTYPE_UINT32:
        break;
    }
    return zero_point >= INT32_MIN && zero_point <= INT32_MAX;
}

static struct utvm_error *read_scales(struct utvm_tflite_impl *impl,
                                      const struct utvm_fb_vector *scales,
                                      const struct utvm_fb_vector *zero_points,
                                      struct utvm_graph_tensor *tensor)
{
    void *scale_list;
    void *zero_list;
    struct utvm_error *error =
        utvm_tflite_alloc(impl, scales->count, sizeof(*tensor->scales), &scale_list);
    if (error) {
        return error;
    }
    tensor->scales = scale_list;
    error = utvm_tflite_alloc(impl, scales->count, sizeof(*tensor->zero_points), &zero_list);
    if (error) {
        return error;
    }
    tensor->zero_points = zero_list;
    tensor->num_scales = scales->count;
    for (uint32_t i = 0; i < scales->count; i++) {
        float scale = utvm_le_float(scales->fb->bytes + scales->pos + 4ull * i);
        if (!isfinite(scale) || scale <= 0 || scale > MAX_SCALE) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "scale %u is %g, not a positive number", i,
                                     (double)scale);
        }
        tensor->scales[i] = scale;
        if (zero_points->count == 0) {
            continue;
        }
        uint32_t slot = zero_points->count == 1 ? 0 : i;
        int64_t zero_point = (int64_t)utvm_fb_elem(zero_points, slot);
        if (!zero_point_fits(tensor->dtype, zero_point)) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "zero point %lld is outside its type",
                                     (long long)zero_point);
        }
        tensor->zero_points[i] = (int32_t)zero_point;
    }
    return NULL;
}

static struct utvm_error *read_quantization(struct utvm_tflite_impl *impl,
                                            const struct utvm_fb_table *table,
                                            struct utvm_graph_tensor *tensor)
{
    struct utvm_fb_table quantization;
    struct utvm_fb_vector scales = {0};
    struct utvm_fb_vector zero_points = {0};
    int32_t dimension;
    uint64_t details;
    struct utvm_error *error = utvm_fb_table(table, UTVM_TFL_TENSOR_QUANTIZATION, &quantization);
    if (!error) {
        error = utvm_fb_vector(&quantization, UTVM_TFL_QUANT_SCALE, 4, &scales);
    }
    if (!error) {
        error = utvm_fb_vector(&quantization, UTVM_TFL_QUANT_ZERO_POINT, 8, &zero_points);
    }
    if (!error) {
        error = utvm_tflite_i32(&quantization, UTVM_TFL_QUANT_DIMENSION, 0, &dimension);
    }
    if (!error) {
        error = utvm_fb_scalar(&quantization, UTVM_TFL_QUANT_DETAILS_TYPE, 1, 0, &details);
    }
    if (error || scales.count == 0) {
        return error;
    }
    if (details != 0) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "custom quantization");
    }
    if (zero_points.count > 1 && zero_points.count != scales.count) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%u scales but %u zero points", scales.count,
                                 zero_points.count);
    }
    if (scales.count > 1) {
        if (dimension < 0 || (uint32_t)dimension >= tensor->rank ||
            tensor->dims[dimension] != scales.count) {
            return utvm_error_create(UTVM_ERROR_FORMAT,
                                     "%u scales do not fit its quantized dimension %d",
                                     scales.count, dimension);
        }
        tensor->quantized_dimension = (uint32_t)dimension;
    }
    return read_scales(impl, &scales, &zero_points, tensor);
}

static struct utvm_error *read_name(struct utvm_tflite_impl *impl,
                                    const struct utvm_fb_table *table,
                                    struct utvm_graph_tensor *tensor)
{
    const char *name;
    uint32_t length;
    struct utvm_error *error = utvm_fb_string(table, UTVM_TFL_TENSOR_NAME, &name, &length);
    void *copy;
    if (!error) {
        error = utvm_tflite_alloc(impl, (uint64_t)length + 1, 1, &copy);
    }
    if (!error) {
        // A name ends at its first NUL, as every other reader sees it.
        memcpy(copy, name, length);
        tensor->name = copy;
    }
    return error;
}

static struct utvm_error *read_tensor(struct utvm_tflite_impl *impl,
                                      const struct utvm_fb_table *table,
                                      const struct utvm_fb_vector *buffers, bool used,
                                      struct utvm_graph_tensor *tensor)
{
    uint64_t type;
    uint64_t is_variable;
    struct utvm_error *error = utvm_fb_scalar(table, UTVM_TFL_TENSOR_TYPE, 1, 0, &type);
    if (!error) {
        error = utvm_fb_scalar(table, UTVM_TFL_TENSOR_IS_VARIABLE, 1, 0, &is_variable);
    }
    if (error || !used) {
        return error;
    }
    if (type >= NUM_TENSOR_TYPES) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "tensor type %u is not known",
                                 (unsigned)type);
    }
    if (tensor_types[type].dtype == UTVM_DTYPE_NONE) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "tensor type %s is not supported",
                                 tensor_types[type].name);
    }
    tensor->dtype = tensor_types[type].dtype;
    tensor->is_variable = is_variable != 0;
    error = read_shape(table, tensor_types[type].elem_bytes, tensor);
    if (!error) {
        error = read_quantization(impl, table, tensor);
    }
    if (!error) {
        error = utvm_tflite_read_data(impl, table, buffers, tensor_types[type].packing, tensor);
    }
    if (!error && !tensor->data && tensor_types[type].packing != UTVM_TFLITE_PLAIN) {
        error = utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                  "tensor type %s is supported for constants only",
                                  tensor_types[type].name);
    }
    return error;
}

// The first operator that has to do with a tensor, or NULL.
static const struct utvm_graph_operator *find_user(const struct utvm_graph *graph, uint32_t tensor)
{
    for (uint32_t i = 0; i < graph->num_operators; i++) {
        const struct utvm_graph_operator *op = &graph->operators[i];
        for (uint32_t k = 0; k < op->num_inputs; k++) {
            if (op->inputs[k] == tensor) {
                return op;
            }
        }
        for (uint32_t k = 0; k < op->num_outputs; k++) {
            if (op->outputs[k] == tensor) {
                return op;
            }
        }
    }
    return NULL;
}

static struct utvm_error *blame_tensor(struct utvm_error *error, const struct utvm_graph *graph,
                                       uint32_t index)
{
    const char *name = graph->tensors[index].name;
    char *printable = utvm_text_printable(name, strlen(name));
    const struct utvm_graph_operator *user = find_user(graph, index);
    error = utvm_error_prefix(error, "tensor %u '%s'", index, printable ? printable : "?");
    free(printable);
    return user ? utvm_graph_blame(error, user) : error;
}

struct utvm_error *utvm_tflite_read_tensors(struct utvm_graph *graph,
                                            const struct utvm_fb_table *model,
                                            const struct utvm_fb_vector *tensors, const bool *used)
{
    struct utvm_fb_vector buffers;
    struct utvm_error *error = utvm_fb_vector(model, UTVM_TFL_MODEL_BUFFERS, 4, &buffers);
    for (uint32_t i = 0; i < tensors->count && !error; i++) {
        struct utvm_fb_table table;
        struct utvm_graph_tensor *tensor = &graph->tensors[i];
        error = utvm_fb_table_at(tensors, i, &table);
        if (!error) {
            error = read_name(graph->impl, &table, tensor);
        }
        if (error) {
            return utvm_error_prefix(error, "tensor %u", i);
        }
        error = read_tensor(graph->impl, &table, &buffers, used[i], tensor);
        if (error) {
            return blame_tensor(error, graph, i);
        }
    }
    return error;
}
