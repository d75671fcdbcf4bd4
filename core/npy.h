// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_NPY_H
#define UTVM_CORE_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/tensor.h"

/**
 * NumPy's .npy files. Read: format versions 1 to 3, little-endian bool, int8 to int64, uint8 to
 * uint32 and float32 as they are; float64 and float16 are turned into float32; Fortran order is
 * turned into C order. Big-endian, complex, string, object and structured types are refused, and so
 * are more than UTVM_MAX_DIMS dimensions. Written: version 1, C order.
 *
 * Source: numpy.lib.format, "NPY format" (NEP 1).
 */

/**
 * Parses the bytes of one .npy file.
 * @param name in messages: the path, or "file.npz: member"
 * @param ret  receives the array
 * @return FORMAT (what, at which byte), UNSUPPORTED (the type), INVALID (too large), NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_npy_parse(const char *name, const void *bytes,
                                                  size_t size_bytes, struct utvm_array *ret);
/** The same from a file; OS when it cannot be read. */
UTVM_MUST_CHECK struct utvm_error *utvm_npy_read(const char *path, struct utvm_array *ret);

/** The bytes of the .npy file of an array, malloc'd. */
UTVM_MUST_CHECK struct utvm_error *utvm_npy_format(const struct utvm_array *array, uint8_t **ret,
                                                   size_t *ret_size_bytes);
/** Writes a file under a temporary name and renames it. */
UTVM_MUST_CHECK struct utvm_error *utvm_npy_write(const char *path, const struct utvm_array *array);

#endif
