// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_TENSOR_REF_H
#define UTVM_REPL_TENSOR_REF_H

#include "core/model.h"
#include "repl/slice.h"

/** A tensor, or a part of one, as a user names it. */
struct utvm_tensor_ref {
    uint32_t tensor;
    bool sliced;
    struct utvm_slice slice;
    char format; /**< 'r', 'f', 'x' behind a slash; 0 without */
};

/**
 * Finds a tensor by name, t<index>, the name of the layer that writes it, a unique prefix, or
 * `input` and `output` for the first of the model.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tensor_lookup(const struct utvm_model *model,
                                                      const char *name, uint32_t *ret);

/** Resolves NAME, NAME[slice], either with /r, /f or /x behind it. */
UTVM_MUST_CHECK struct utvm_error *utvm_tensor_ref_parse(const struct utvm_model *model,
                                                         const char *text,
                                                         struct utvm_tensor_ref *ret);

/** True when the values are integers that stand for real numbers. */
bool utvm_tensor_is_quantised(const struct utvm_tensor *tensor);

/** "int8 [1, 32, 32, 16], scale 0.0235, zero point -128"; malloc'd, NULL when out of memory. */
char *utvm_tensor_describe(const struct utvm_tensor *tensor, const struct utvm_slice *slice);

#endif
