// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_SLICE_H
#define UTVM_REPL_SLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/tensor.h"

/**
 * A part of a tensor in numpy's notation: `0, 2:5, :, -1`, `..., 3`, `::2`, `::-1`. Indices out of
 * range are errors, slices out of range are clipped, as in numpy. Missing axes are taken whole.
 */
struct utvm_slice_axis {
    int64_t start; /**< first index, 0 to dim - 1 (any value when count is 0) */
    int64_t step;  /**< not 0 */
    uint32_t count;
    bool keep; /**< false: an index, the axis vanishes from the result's shape */
};

struct utvm_slice {
    uint32_t rank; /**< of the tensor */
    uint32_t dims[UTVM_MAX_DIMS];
    struct utvm_slice_axis axes[UTVM_MAX_DIMS];
    uint64_t num_elems;
};

/** The whole tensor. rank at most UTVM_MAX_DIMS. */
void utvm_slice_all(uint32_t rank, const uint32_t *dims, struct utvm_slice *ret);

/**
 * Parses what stands between the brackets.
 * @return INVALID naming the axis: too many axes, out of range, zero step, no number
 */
UTVM_MUST_CHECK struct utvm_error *utvm_slice_parse(const char *text, uint32_t rank,
                                                    const uint32_t *dims, struct utvm_slice *ret);

/** Shape of the result: fills dims, returns its rank. */
uint32_t utvm_slice_shape(const struct utvm_slice *slice, uint32_t dims[UTVM_MAX_DIMS]);

/** Flat index in the tensor of the i-th element of the slice, i below num_elems. */
uint64_t utvm_slice_flat(const struct utvm_slice *slice, uint64_t i);

/** Index per axis of the tensor of the i-th element of the slice. */
void utvm_slice_index(const struct utvm_slice *slice, uint64_t i, uint32_t index[UTVM_MAX_DIMS]);

#endif
