// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/import/tflite_internal.h"

// The bytes of a buffer: inside the FlatBuffer, or behind it in files beyond 2 GB.
static struct utvm_error *find_buffer(const struct utvm_tflite_impl *impl,
                                      const struct utvm_fb_vector *buffers, uint32_t index,
                                      const uint8_t **ret, uint64_t *ret_bytes)
{
    struct utvm_fb_table buffer;
    struct utvm_fb_vector data;
    uint64_t offset;
    uint64_t size_bytes;
    struct utvm_error *error = utvm_fb_table_at(buffers, index, &buffer);
    if (!error) {
        error = utvm_fb_vector(&buffer, UTVM_TFL_BUFFER_DATA, 1, &data);
    }
    if (!error) {
        error = utvm_fb_scalar(&buffer, UTVM_TFL_BUFFER_OFFSET, 8, 0, &offset);
    }
    if (!error) {
        error = utvm_fb_scalar(&buffer, UTVM_TFL_BUFFER_SIZE, 8, 0, &size_bytes);
    }
    if (error) {
        return error;
    }
    *ret = NULL;
    *ret_bytes = 0;
    if (offset > 1) {
        if (offset > impl->fb.size_bytes || size_bytes > impl->fb.size_bytes - offset) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "buffer %u lies outside the file", index);
        }
        *ret = impl->bytes + offset;
        *ret_bytes = size_bytes;
    } else if (data.count > 0) {
        *ret = impl->bytes + data.pos;
        *ret_bytes = data.count;
    }
    return NULL;
}

// Takes over a block that lives as long as the graph.
static struct utvm_error *keep_block(struct utvm_tflite_impl *impl, void *block)
{
    void **copies = realloc(impl->copies, (impl->num_copies + 1) * sizeof(*copies));
    if (!copies) {
        free(block);
        return utvm_error_no_memory();
    }
    impl->copies = copies;
    copies[impl->num_copies++] = block;
    return NULL;
}

struct utvm_error *utvm_tflite_copy_data(struct utvm_tflite_impl *impl, const uint8_t *data,
                                         uint32_t size_bytes, const uint8_t **ret)
{
    void *copy;
    struct utvm_error *error = utvm_tflite_alloc(impl, size_bytes, 1, &copy);
    if (!error) {
        memcpy(copy, data, size_bytes);
        error = keep_block(impl, copy);
    }
    if (!error) {
        *ret = copy;
    }
    return error;
}

// Kernels that run on the host read int32 and int64 constants in place.
static struct utvm_error *align_data(struct utvm_tflite_impl *impl,
                                     struct utvm_graph_tensor *tensor)
{
    size_t elem_bytes = tensor->num_elems ? (size_t)(tensor->size_bytes / tensor->num_elems) : 1;
    if (((size_t)(tensor->data - impl->bytes)) % elem_bytes == 0) {
        return NULL;
    }
    return utvm_tflite_copy_data(impl, tensor->data, tensor->size_bytes, &tensor->data);
}

// What a number of elements takes in the file.
static uint64_t packed_bytes(enum utvm_tflite_packing packing,
                             const struct utvm_graph_tensor *tensor)
{
    switch (packing) {
    case UTVM_TFLITE_HALF:
        return tensor->num_elems * 2;
    case UTVM_TFLITE_NIBBLES:
        return (tensor->num_elems + 1) / 2;
    case UTVM_TFLITE_PLAIN:
        break;
    }
    return tensor->size_bytes;
}

// IEEE 754 binary16 to the float of the same value.
static float half_to_float(uint16_t half)
{
    int exponent = half >> 10 & 31;
    float fraction = (float)(half & 1023);
    float value = exponent == 31 ? (fraction == 0.0F ? INFINITY : NAN)
                  : exponent     ? ldexpf(1024.0F + fraction, exponent - 25)
                                 : ldexpf(fraction, -24);
    return half >> 15 ? -value : value;
}

static struct utvm_error *unpack(struct utvm_tflite_impl *impl, enum utvm_tflite_packing packing,
                                 struct utvm_graph_tensor *tensor)
{
    const uint8_t *from = tensor->data;
    void *unpacked;
    struct utvm_error *error = utvm_tflite_alloc(impl, tensor->size_bytes, 1, &unpacked);
    if (!error) {
        error = keep_block(impl, unpacked);
    }
    if (error) {
        return error;
    }
    for (uint64_t i = 0; i < tensor->num_elems; i++) {
        if (packing == UTVM_TFLITE_HALF) {
            ((float *)unpacked)[i] = half_to_float(utvm_le16(from + 2 * i));
        } else {
            // Two values a byte, the first in the low half; each with its sign.
            int value = from[i / 2] >> (i % 2 ? 4 : 0) & 15;
            ((int8_t *)unpacked)[i] = (int8_t)(value < 8 ? value : value - 16);
        }
    }
    tensor->data = unpacked;
    return NULL;
}

struct utvm_error *utvm_tflite_read_data(struct utvm_tflite_impl *impl,
                                         const struct utvm_fb_table *table,
                                         const struct utvm_fb_vector *buffers,
                                         enum utvm_tflite_packing packing,
                                         struct utvm_graph_tensor *tensor)
{
    uint64_t index;
    uint64_t size_bytes;
    struct utvm_error *error = utvm_fb_scalar(table, UTVM_TFL_TENSOR_BUFFER, 4, 0, &index);
    if (error || index == 0) {
        return error;
    }
    if (index >= buffers->count) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "buffer %u does not exist, there are %u",
                                 (unsigned)index, buffers->count);
    }
    error = find_buffer(impl, buffers, (uint32_t)index, &tensor->data, &size_bytes);
    if (error || !tensor->data) {
        return error;
    }
    uint64_t needed_bytes = packed_bytes(packing, tensor);
    if (size_bytes != needed_bytes) {
        return utvm_error_create(
            UTVM_ERROR_FORMAT, "its shape needs %llu bytes, its buffer %u has %llu",
            (unsigned long long)needed_bytes, (unsigned)index, (unsigned long long)size_bytes);
    }
    if (utvm_fb_has(table, UTVM_TFL_TENSOR_SPARSITY)) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "sparse tensors are not supported");
    }
    return packing == UTVM_TFLITE_PLAIN ? align_data(impl, tensor) : unpack(impl, packing, tensor);
}
