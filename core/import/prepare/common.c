// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/import/prepare/common.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No buffer of a microcontroller comes near this; it keeps every product below in range. */
#define MAX_BYTES (UINT64_C(1) << 28)

const struct utvm_graph_tensor *utvm_prep_input(const struct utvm_prep *p, uint32_t i)
{
    if (i >= p->op->num_inputs || p->op->inputs[i] == UTVM_NO_INDEX) {
        return NULL;
    }
    return &p->graph->tensors[p->op->inputs[i]];
}

const struct utvm_graph_tensor *utvm_prep_output(const struct utvm_prep *p, uint32_t i)
{
    if (i >= p->op->num_outputs || p->op->outputs[i] == UTVM_NO_INDEX) {
        return NULL;
    }
    return &p->graph->tensors[p->op->outputs[i]];
}

static struct utvm_error *check_size(const struct utvm_graph_tensor *tensor)
{
    if (tensor->num_elems == 0) {
        return utvm_prep_bad_shape(tensor, "it has no elements");
    }
    if (tensor->num_elems > MAX_BYTES || tensor->size_bytes > MAX_BYTES) {
        return utvm_prep_bad_shape(tensor, "it is too large");
    }
    return NULL;
}

struct utvm_error *utvm_prep_arity(const struct utvm_prep *p, uint32_t min, uint32_t max,
                                   uint32_t num_outputs)
{
    const struct utvm_graph_operator *op = p->op;
    if (op->num_inputs < min || op->num_inputs > max) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "it has %" PRIu32 " inputs instead of %" PRIu32 " to %" PRIu32,
                                 op->num_inputs, min, max);
    }
    if (op->num_outputs != num_outputs) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "it has %" PRIu32 " outputs instead of %" PRIu32, op->num_outputs,
                                 num_outputs);
    }
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        const struct utvm_graph_tensor *tensor = utvm_prep_input(p, i);
        if (!tensor && i < min) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "its input %" PRIu32 " is left out", i);
        }
        if (tensor) {
            UTVM_TRY(check_size(tensor));
        }
    }
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        const struct utvm_graph_tensor *tensor = utvm_prep_output(p, i);
        if (!tensor) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "its output %" PRIu32 " is left out", i);
        }
        UTVM_TRY(check_size(tensor));
    }
    return NULL;
}

uint32_t utvm_prep_elem_bytes(enum utvm_dtype dtype)
{
    switch (dtype) {
    case UTVM_DTYPE_INT8:
    case UTVM_DTYPE_UINT8:
    case UTVM_DTYPE_BOOL:
        return 1;
    case UTVM_DTYPE_INT16:
    case UTVM_DTYPE_UINT16:
        return 2;
    case UTVM_DTYPE_INT32:
    case UTVM_DTYPE_UINT32:
    case UTVM_DTYPE_FLOAT32:
        return 4;
    case UTVM_DTYPE_INT64:
        return 8;
    case UTVM_DTYPE_NONE:
        break;
    }
    return 0;
}

const char *utvm_prep_type_name(enum utvm_dtype dtype)
{
    static const char *const names[] = {"none",  "int8",    "uint8", "int16",  "int32",
                                        "int64", "float32", "bool",  "uint16", "uint32"};
    return (size_t)dtype < sizeof(names) / sizeof(names[0]) ? names[dtype] : "unknown";
}

struct utvm_error *utvm_prep_bad_type(const struct utvm_graph_tensor *tensor)
{
    return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "type %s of tensor '%s' is not supported",
                             utvm_prep_type_name(tensor->dtype), tensor->name);
}

struct utvm_error *utvm_prep_require_type(const struct utvm_graph_tensor *tensor,
                                          enum utvm_dtype dtype)
{
    if (tensor->dtype != dtype) {
        return utvm_error_create(
            UTVM_ERROR_UNSUPPORTED, "type %s of tensor '%s' is not supported here, only %s",
            utvm_prep_type_name(tensor->dtype), tensor->name, utvm_prep_type_name(dtype));
    }
    return NULL;
}

struct utvm_error *utvm_prep_bad_shape(const struct utvm_graph_tensor *tensor, const char *why)
{
    char shape[UTVM_MAX_DIMS * 12 + 3] = "";
    for (uint32_t i = 0; i < tensor->rank && i < UTVM_MAX_DIMS; i++) {
        size_t length = strlen(shape);
        (void)snprintf(shape + length, sizeof(shape) - length, "%s%" PRIu32, i ? "," : "",
                       tensor->dims[i]);
    }
    return utvm_error_create(UTVM_ERROR_FORMAT, "shape [%s] of tensor '%s': %s", shape,
                             tensor->name, why);
}

struct utvm_error *utvm_prep_require_rank(const struct utvm_graph_tensor *tensor, uint32_t rank)
{
    if (tensor->rank != rank) {
        char why[64];
        (void)snprintf(why, sizeof(why), "it must have %" PRIu32 " dimensions", rank);
        return utvm_prep_bad_shape(tensor, why);
    }
    return NULL;
}

struct utvm_error *utvm_prep_same_shape(const struct utvm_graph_tensor *a,
                                        const struct utvm_graph_tensor *b)
{
    if (a->rank != b->rank || memcmp(a->dims, b->dims, a->rank * sizeof(a->dims[0])) != 0) {
        return utvm_prep_bad_shape(b, "it must be the input's shape");
    }
    return NULL;
}

struct utvm_error *utvm_prep_require_scale(const struct utvm_graph_tensor *tensor)
{
    if (tensor->num_scales != 1) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "tensor '%s' has %" PRIu32 " quantisation scales instead of one",
                                 tensor->name, tensor->num_scales);
    }
    return NULL;
}

struct utvm_error *utvm_prep_same_quantisation(const struct utvm_graph_tensor *a,
                                               const struct utvm_graph_tensor *b)
{
    bool equal = a->num_scales == b->num_scales;
    for (uint32_t i = 0; equal && i < a->num_scales; i++) {
        equal = a->scales[i] == b->scales[i] && a->zero_points[i] == b->zero_points[i];
    }
    if (!equal) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "tensors '%s' and '%s' must have the same quantisation", a->name,
                                 b->name);
    }
    return NULL;
}

struct utvm_error *utvm_prep_constant_ints(const struct utvm_graph_tensor *tensor, uint32_t max,
                                           int32_t *ret, uint32_t *ret_count)
{
    if (!tensor->data) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "tensor '%s' must be a constant",
                                 tensor->name);
    }
    if (tensor->dtype != UTVM_DTYPE_INT32 && tensor->dtype != UTVM_DTYPE_INT64) {
        return utvm_prep_bad_type(tensor);
    }
    if (tensor->num_elems > max) {
        return utvm_prep_bad_shape(tensor, "it has too many elements");
    }
    for (uint32_t i = 0; i < tensor->num_elems; i++) {
        if (tensor->dtype == UTVM_DTYPE_INT32) {
            memcpy(&ret[i], tensor->data + (size_t)i * 4, 4);
            continue;
        }
        int64_t wide;
        memcpy(&wide, tensor->data + (size_t)i * 8, 8);
        if (wide < INT32_MIN || wide > INT32_MAX) {
            return utvm_error_create(UTVM_ERROR_FORMAT,
                                     "value %" PRId64 " of tensor '%s' is out of range", wide,
                                     tensor->name);
        }
        ret[i] = (int32_t)wide;
    }
    *ret_count = (uint32_t)tensor->num_elems;
    return NULL;
}

struct utvm_error *utvm_prep_axis(struct utvm_prep *p, uint32_t which, struct utvm_prep_axis *ret)
{
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *named = utvm_prep_input(p, which);
    int32_t value = 0;
    uint32_t count = 0;
    UTVM_TRY(utvm_prep_constant_ints(named, 1, &value, &count));
    if (count != 1) {
        return utvm_prep_bad_shape(named, "it must name one axis");
    }
    p->out->unread_inputs |= 1u << which;
    int64_t axis = value < 0 ? (int64_t)value + input->rank : value;
    if (axis < 0 || axis >= input->rank) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "axis %" PRId32 " is out of range", value);
    }
    *ret = (struct utvm_prep_axis){.outer = 1, .size = (int32_t)input->dims[axis], .inner = 1};
    for (uint32_t d = 0; d < input->rank; d++) {
        if (d < axis) {
            ret->outer *= (int32_t)input->dims[d];
        } else if (d > axis) {
            ret->inner *= (int32_t)input->dims[d];
        }
    }
    return NULL;
}

struct utvm_error *utvm_prep_table(struct utvm_prep *p, enum utvm_dtype dtype, uint64_t num_elems,
                                   void *ret)
{
    UTVM_ASSERT(p->out->num_constants < UTVM_MAX_PREPARED_CONSTANTS);
    if (num_elems == 0 || num_elems > MAX_BYTES) {
        return utvm_error_create(UTVM_ERROR_NO_SPACE, "a table of %" PRIu64 " elements", num_elems);
    }
    void *data = calloc((size_t)num_elems, utvm_prep_elem_bytes(dtype));
    if (!data) {
        return utvm_error_no_memory();
    }
    p->out->constants[p->out->num_constants++] = (struct utvm_prepared_constant){
        .dtype = dtype, .num_elems = (uint32_t)num_elems, .data = data};
    *(void **)ret = data;
    return NULL;
}

struct utvm_error *utvm_prep_kernel(struct utvm_prep *p, const struct utvm_graph_tensor *tensor,
                                    const char *int8, const char *int16, const char *int32,
                                    const char *float32)
{
    const char *kernel = tensor->dtype == UTVM_DTYPE_INT8      ? int8
                         : tensor->dtype == UTVM_DTYPE_INT16   ? int16
                         : tensor->dtype == UTVM_DTYPE_INT32   ? int32
                         : tensor->dtype == UTVM_DTYPE_FLOAT32 ? float32
                                                               : NULL;
    if (!kernel) {
        return utvm_prep_bad_type(tensor);
    }
    p->out->kernel = kernel;
    return NULL;
}

struct utvm_error *utvm_prep_workspace(struct utvm_prep *p, uint64_t bytes)
{
    if (bytes > MAX_BYTES) {
        return utvm_error_create(UTVM_ERROR_NO_SPACE, "it needs a workspace of %" PRIu64 " bytes",
                                 bytes);
    }
    p->out->workspace_bytes = (uint32_t)bytes;
    return NULL;
}

/* ---- quantisation ------------------------------------------------------------------------- */

void utvm_quantize_multiplier(double value, int32_t *ret_multiplier, int32_t *ret_shift)
{
    int exponent = 0;
    int64_t fixed = (int64_t)round(frexp(value, &exponent) * 2147483648.0);
    if (fixed == INT64_C(1) << 31) {
        fixed /= 2;
        exponent++;
    }
    if (exponent < -31) {
        exponent = 0;
        fixed = 0;
    }
    *ret_multiplier = (int32_t)fixed;
    *ret_shift = value == 0.0 ? 0 : exponent;
}

struct utvm_error *utvm_prep_channel_multipliers(struct utvm_prep *p,
                                                 const struct utvm_graph_tensor *input,
                                                 const struct utvm_graph_tensor *weights,
                                                 uint32_t dimension, bool float_product)
{
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_scale(input));
    UTVM_TRY(utvm_prep_require_scale(output));
    uint32_t channels = weights->dims[dimension];
    if (weights->num_scales != 1 &&
        (weights->num_scales != channels || weights->quantized_dimension != dimension)) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "tensor '%s' has %" PRIu32 " scales instead of 1 or %" PRIu32
                                 " along dimension %" PRIu32,
                                 weights->name, weights->num_scales, channels, dimension);
    }
    int32_t *multipliers;
    int32_t *shifts;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, channels, &multipliers));
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, channels, &shifts));
    int32_t max_shift = input->dtype == UTVM_DTYPE_INT16 ? 7 : 30;
    for (uint32_t i = 0; i < channels; i++) {
        uint32_t scale = weights->num_scales == 1 ? 0 : i;
        if (weights->zero_points[scale] != 0) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "tensor '%s' has a zero point other than 0", weights->name);
        }
        double product = float_product ? (double)(input->scales[0] * weights->scales[scale])
                                       : (double)input->scales[0] * (double)weights->scales[scale];
        utvm_quantize_multiplier(product / (double)output->scales[0], &multipliers[i], &shifts[i]);
        if (shifts[i] > max_shift) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "channel %" PRIu32 " scales its sums up by 2^%" PRId32, i,
                                     shifts[i]);
        }
    }
    return NULL;
}

static struct utvm_error *bad_activation(int32_t activation)
{
    return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                             "fused activation %" PRId32 " is not supported", activation);
}

static struct utvm_error *quantize_bound(const struct utvm_graph_tensor *output, float value,
                                         int32_t *ret)
{
    float steps = roundf(value / output->scales[0]);
    if (!(fabsf(steps) < 2147483648.0F)) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "scale %g of tensor '%s' is absurd",
                                 (double)output->scales[0], output->name);
    }
    int64_t bound = (int64_t)steps + output->zero_points[0];
    *ret = bound > INT32_MAX ? INT32_MAX : bound < INT32_MIN ? INT32_MIN : (int32_t)bound;
    return NULL;
}

struct utvm_error *utvm_prep_activation(const struct utvm_graph_tensor *output, int32_t activation,
                                        int32_t *ret_min, int32_t *ret_max)
{
    int32_t low = 0;
    int32_t high = UINT8_MAX;
    if (output->dtype == UTVM_DTYPE_INT8) {
        low = INT8_MIN;
        high = INT8_MAX;
    } else if (output->dtype == UTVM_DTYPE_INT16) {
        low = INT16_MIN;
        high = INT16_MAX;
    } else if (output->dtype != UTVM_DTYPE_UINT8) {
        return utvm_prep_bad_type(output);
    }
    UTVM_TRY(utvm_prep_require_scale(output));
    int32_t bound_low = low;
    int32_t bound_high = high;
    switch (activation) {
    case UTVM_ACTIVATION_NONE:
        break;
    case UTVM_ACTIVATION_RELU:
        UTVM_TRY(quantize_bound(output, 0.0F, &bound_low));
        break;
    case UTVM_ACTIVATION_RELU6:
        UTVM_TRY(quantize_bound(output, 0.0F, &bound_low));
        UTVM_TRY(quantize_bound(output, 6.0F, &bound_high));
        break;
    case UTVM_ACTIVATION_RELU_N1_TO_1:
        UTVM_TRY(quantize_bound(output, -1.0F, &bound_low));
        UTVM_TRY(quantize_bound(output, 1.0F, &bound_high));
        break;
    default:
        return bad_activation(activation);
    }
    *ret_min = bound_low > low ? bound_low : low;
    *ret_max = bound_high < high ? bound_high : high;
    return NULL;
}

struct utvm_error *utvm_prep_activation_float(int32_t activation, float *ret_min, float *ret_max)
{
    switch (activation) {
    case UTVM_ACTIVATION_NONE:
        *ret_min = -FLT_MAX;
        *ret_max = FLT_MAX;
        return NULL;
    case UTVM_ACTIVATION_RELU:
        *ret_min = 0.0F;
        *ret_max = FLT_MAX;
        return NULL;
    case UTVM_ACTIVATION_RELU_N1_TO_1:
        *ret_min = -1.0F;
        *ret_max = 1.0F;
        return NULL;
    case UTVM_ACTIVATION_RELU6:
        *ret_min = 0.0F;
        *ret_max = 6.0F;
        return NULL;
    default:
        return bad_activation(activation);
    }
}

/* ---- windows ------------------------------------------------------------------------------ */

struct utvm_error *utvm_prep_window(int32_t padding, int32_t size, int32_t filter, int32_t stride,
                                    int32_t dilation, int32_t *ret_output, int32_t *ret_pad)
{
    const int32_t limit = 1 << 20;
    if (filter < 1 || stride < 1 || dilation < 1 || filter > limit || stride > limit ||
        dilation > limit || size > limit) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "a window of %" PRId32 " with stride %" PRId32
                                 " and dilation %" PRId32 " on %" PRId32 " is absurd",
                                 filter, stride, dilation, size);
    }
    int64_t effective = (int64_t)(filter - 1) * dilation + 1;
    if (padding == UTVM_PADDING_SAME) {
        int64_t output = ((int64_t)size + stride - 1) / stride;
        int64_t total = (output - 1) * stride + effective - size;
        if (total > limit) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "a padding of %" PRId64 " is absurd",
                                     total);
        }
        *ret_output = (int32_t)output;
        *ret_pad = total > 0 ? (int32_t)(total / 2) : 0;
        return NULL;
    }
    if (padding != UTVM_PADDING_VALID) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "padding kind %" PRId32 " is unknown", padding);
    }
    if (effective > size) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "a window of %" PRId64 " does not fit into %" PRId32, effective,
                                 size);
    }
    *ret_output = (int32_t)((size - effective) / stride + 1);
    *ret_pad = 0;
    return NULL;
}
