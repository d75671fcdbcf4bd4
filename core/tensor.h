// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_TENSOR_H
#define UTVM_CORE_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "kernels/abi.h"

/** A dense array in C order with its own storage. Zero-initialise before the first use. */
struct utvm_array {
    enum utvm_dtype dtype;
    uint32_t rank;
    uint32_t dims[UTVM_MAX_DIMS];
    uint64_t num_elems;
    size_t size_bytes;
    void *data; /**< owned; little-endian elements, aligned for any of them */
};

/** Bytes of one element; 0 for UTVM_DTYPE_NONE or an unknown value. */
size_t utvm_dtype_size(enum utvm_dtype dtype);
/** "int8", "float32", …; "?" for an unknown value. */
const char *utvm_dtype_name(enum utvm_dtype dtype);

/** The least and greatest value of an integer type (or bool); false for float32 and NONE. */
bool utvm_dtype_range(enum utvm_dtype dtype, double *lowest, double *highest);

/**
 * Makes a zeroed array.
 * @return INVALID for rank > UTVM_MAX_DIMS, overflow, or more than 1 GiB; NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_array_init(struct utvm_array *array, enum utvm_dtype dtype,
                                                   uint32_t rank, const uint32_t *dims);
void utvm_array_deinit(struct utvm_array *array);
UTVM_MUST_CHECK struct utvm_error *utvm_array_copy(const struct utvm_array *from,
                                                   struct utvm_array *ret);
/** Element i in C order as a number: exact for all dtypes but int64 beyond 2^53. */
double utvm_array_get(const struct utvm_array *array, uint64_t i);
/** Stores with saturation for integers; NaN into an integer is 0. */
void utvm_array_set(struct utvm_array *array, uint64_t i, double value);

/** Enough for any shape of UTVM_MAX_DIMS dimensions. */
#define UTVM_SHAPE_TEXT_BYTES 80
/** "[1, 32, 32, 3]"; "[]" for a scalar. */
void utvm_shape_text(uint32_t rank, const uint32_t *dims, char *buf, size_t size);

#endif
