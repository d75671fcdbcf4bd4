// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_VIEW_H
#define UTVM_REPL_VIEW_H

#include "core/model.h"
#include "core/tensor.h"
#include "repl/slice.h"

/**
 * A part of a tensor as a tensor of its own: the elements of a slice, with the quantisation that
 * belongs to them. Indexed axes stay with size 1, so that a per-channel quantisation still fits.
 */
struct utvm_view {
    struct utvm_tensor tensor; /**< name and flags of the original; dims are the slice's counts */
    struct utvm_array array;
    float *scales; /**< owned; behind tensor.scales when channels were selected */
    int32_t *zero_points;
};

/** array is the whole tensor's. @return NO_MEMORY */
UTVM_MUST_CHECK struct utvm_error *utvm_view_init(struct utvm_view *view,
                                                  const struct utvm_tensor *tensor,
                                                  const struct utvm_array *array,
                                                  const struct utvm_slice *slice);
void utvm_view_deinit(struct utvm_view *view);

#endif
