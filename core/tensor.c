// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/tensor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"

#define MAX_ARRAY_BYTES ((uint64_t)1 << 30)

size_t utvm_dtype_size(enum utvm_dtype dtype)
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

const char *utvm_dtype_name(enum utvm_dtype dtype)
{
    switch (dtype) {
    case UTVM_DTYPE_INT8:
        return "int8";
    case UTVM_DTYPE_UINT8:
        return "uint8";
    case UTVM_DTYPE_BOOL:
        return "bool";
    case UTVM_DTYPE_INT16:
        return "int16";
    case UTVM_DTYPE_UINT16:
        return "uint16";
    case UTVM_DTYPE_INT32:
        return "int32";
    case UTVM_DTYPE_UINT32:
        return "uint32";
    case UTVM_DTYPE_FLOAT32:
        return "float32";
    case UTVM_DTYPE_INT64:
        return "int64";
    case UTVM_DTYPE_NONE:
        break;
    }
    return "?";
}

bool utvm_dtype_range(enum utvm_dtype dtype, double *lowest, double *highest)
{
    switch (dtype) {
    case UTVM_DTYPE_INT8:
        *lowest = INT8_MIN;
        *highest = INT8_MAX;
        return true;
    case UTVM_DTYPE_UINT8:
        *lowest = 0;
        *highest = UINT8_MAX;
        return true;
    case UTVM_DTYPE_BOOL:
        *lowest = 0;
        *highest = 1;
        return true;
    case UTVM_DTYPE_INT16:
        *lowest = INT16_MIN;
        *highest = INT16_MAX;
        return true;
    case UTVM_DTYPE_UINT16:
        *lowest = 0;
        *highest = UINT16_MAX;
        return true;
    case UTVM_DTYPE_INT32:
        *lowest = INT32_MIN;
        *highest = INT32_MAX;
        return true;
    case UTVM_DTYPE_UINT32:
        *lowest = 0;
        *highest = UINT32_MAX;
        return true;
    case UTVM_DTYPE_INT64:
        *lowest = -0x1p63;
        *highest = 0x1p63;
        return true;
    case UTVM_DTYPE_FLOAT32:
    case UTVM_DTYPE_NONE:
        break;
    }
    return false;
}

struct utvm_error *utvm_array_init(struct utvm_array *array, enum utvm_dtype dtype, uint32_t rank,
                                   const uint32_t *dims)
{
    size_t elem_bytes = utvm_dtype_size(dtype);
    if (elem_bytes == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "an array needs an element type");
    }
    if (rank > UTVM_MAX_DIMS) {
        return utvm_error_create(UTVM_ERROR_INVALID, "%u dimensions are more than %u",
                                 (unsigned)rank, UTVM_MAX_DIMS);
    }
    uint64_t num_elems = 1;
    for (uint32_t i = 0; i < rank; i++) {
        if (__builtin_mul_overflow(num_elems, (uint64_t)dims[i], &num_elems)) {
            return utvm_error_create(UTVM_ERROR_INVALID, "the product of the dimensions overflows");
        }
    }
    if (num_elems > MAX_ARRAY_BYTES / elem_bytes) {
        return utvm_error_create(UTVM_ERROR_INVALID, "an array of %llu elements exceeds 1 GiB",
                                 (unsigned long long)num_elems);
    }
    struct utvm_array made = {.dtype = dtype,
                              .rank = rank,
                              .num_elems = num_elems,
                              .size_bytes = (size_t)num_elems * elem_bytes};
    for (uint32_t i = 0; i < rank; i++) {
        made.dims[i] = dims[i];
    }
    made.data = calloc(made.size_bytes ? made.size_bytes : 1, 1);
    if (!made.data) {
        return utvm_error_no_memory();
    }
    *array = made;
    return NULL;
}

struct utvm_error *utvm_array_copy(const struct utvm_array *from, struct utvm_array *ret)
{
    struct utvm_array made = {0};
    struct utvm_error *error = utvm_array_init(&made, from->dtype, from->rank, from->dims);
    if (error) {
        return error;
    }
    memcpy(made.data, from->data, from->size_bytes);
    *ret = made;
    return NULL;
}

void utvm_array_deinit(struct utvm_array *array)
{
    free(array->data);
    *array = (struct utvm_array){0};
}

double utvm_array_get(const struct utvm_array *array, uint64_t i)
{
    UTVM_ASSERT(i < array->num_elems);
    const uint8_t *p = (const uint8_t *)array->data + i * utvm_dtype_size(array->dtype);
    switch (array->dtype) {
    case UTVM_DTYPE_INT8:
        return (int8_t)*p;
    case UTVM_DTYPE_UINT8:
        return *p;
    case UTVM_DTYPE_BOOL:
        return *p != 0;
    case UTVM_DTYPE_INT16:
        return (int16_t)utvm_le16(p);
    case UTVM_DTYPE_UINT16:
        return utvm_le16(p);
    case UTVM_DTYPE_INT32:
        return (int32_t)utvm_le32(p);
    case UTVM_DTYPE_UINT32:
        return utvm_le32(p);
    case UTVM_DTYPE_FLOAT32:
        return (double)utvm_le_float(p);
    case UTVM_DTYPE_INT64:
        return (double)(int64_t)utvm_le64(p);
    case UTVM_DTYPE_NONE:
        break;
    }
    return NAN;
}

static int64_t saturate(double value, enum utvm_dtype dtype)
{
    double lowest = 0;
    double highest = 0;
    if (isnan(value) || !utvm_dtype_range(dtype, &lowest, &highest)) {
        return 0;
    }
    value = rint(value);
    if (value >= 0x1p63) { // the one upper bound that double cannot hold
        return dtype == UTVM_DTYPE_INT64 ? INT64_MAX : (int64_t)highest;
    }
    if (value > highest) {
        return (int64_t)highest;
    }
    return (int64_t)(value < lowest ? lowest : value);
}

void utvm_array_set(struct utvm_array *array, uint64_t i, double value)
{
    UTVM_ASSERT(i < array->num_elems);
    size_t elem_bytes = utvm_dtype_size(array->dtype);
    uint8_t *p = (uint8_t *)array->data + i * elem_bytes;
    if (array->dtype == UTVM_DTYPE_FLOAT32) {
        float narrow = (float)value;
        uint32_t bits;
        memcpy(&bits, &narrow, sizeof(bits));
        utvm_put_le32(p, bits);
        return;
    }
    uint64_t bits = (uint64_t)saturate(value, array->dtype);
    uint8_t bytes[8];
    utvm_put_le64(bytes, bits);
    memcpy(p, bytes, elem_bytes);
}

void utvm_shape_text(uint32_t rank, const uint32_t *dims, char *buf, size_t size)
{
    size_t at = 0;
    at += (size_t)snprintf(buf, size, "[");
    for (uint32_t i = 0; i < rank && at < size; i++) {
        at += (size_t)snprintf(buf + at, size - at, i ? ", %u" : "%u", (unsigned)dims[i]);
    }
    if (at < size) {
        snprintf(buf + at, size - at, "]");
    }
}
