// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_IMPORT_PREPARE_H
#define UTVM_CORE_IMPORT_PREPARE_H

#include "core/import/graph.h"

/**
 * Prepare: everything that can be decided about one operator before it runs. It checks types,
 * shapes and quantisation, chooses the kernel and computes the kernel's parameters, so that kernels
 * run blind ("validate in prepare, run blind in eval").
 */

/** One named field of a kernel's params struct, so that generated code can spell it out. */
struct utvm_param_field {
    const char *name;
    uint16_t offset_bytes;
    uint16_t count;        /**< 1, or the length of an array */
    enum utvm_dtype dtype; /**< INT32 or FLOAT32 */
};

/** A table that the kernel reads beside its tensors: per-channel multipliers, look-up tables. */
struct utvm_prepared_constant {
    enum utvm_dtype dtype;
    uint32_t num_elems;
    void *data; /**< owned */
};

#define UTVM_MAX_PREPARED_CONSTANTS 8

struct utvm_prepared {
    const char *kernel; /**< "conv_2d_int8": file kernels/ops/KERNEL.c, function utvm_KERNEL */
    const char *params_struct; /**< "utvm_conv_2d_params" */
    const struct utvm_param_field *fields;
    uint32_t num_fields;
    void *params; /**< owned */
    uint32_t params_bytes;
    struct utvm_prepared_constant constants[UTVM_MAX_PREPARED_CONSTANTS];
    uint32_t num_constants;
    uint32_t workspace_bytes; /**< 16-byte aligned scratch */
    /** Bit i: output 0 may lie exactly where input i lies (same bytes, elementwise order). */
    uint32_t in_place_inputs;
    /** Bit i: the kernel does not read input i; what it needs of it is in params or constants. */
    uint32_t unread_inputs;
    uint64_t macs;
    uint64_t executed_macs;
};

/**
 * Prepares one operator.
 * @return UNSUPPORTED or FORMAT naming "operator N 'NAME'", the type or the shape that will not do
 */
UTVM_MUST_CHECK struct utvm_error *utvm_prepare(const struct utvm_graph *graph,
                                                const struct utvm_graph_operator *op,
                                                struct utvm_prepared *ret);
void utvm_prepared_deinit(struct utvm_prepared *prepared);

/** A row of the operator list, for people. */
struct utvm_operator_row {
    uint32_t id;
    const char *name;        /**< "CONV_2D" */
    const char *types;       /**< "int8 int16x8 float32" */
    const char *mac_formula; /**< in the words of kernels/operator_list.h; "0" = none */
};

/** Row i of the operator lists, in the order of the ids; NULL when i is their length. */
const struct utvm_operator_row *utvm_operator_row(uint32_t i);

/** "CONV_2D", or NULL for an id that the operator lists do not have. */
const char *utvm_operator_name(uint32_t operator_id);

#endif
