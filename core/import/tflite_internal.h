// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_IMPORT_TFLITE_INTERNAL_H
#define UTVM_CORE_IMPORT_TFLITE_INTERNAL_H

#include "core/import/flatbuffer.h"
#include "core/import/graph.h"

/**
 * Field numbers of TFLite's tables. Source: tensorflow/lite/schema/schema.fbs, version 3; a union
 * takes two numbers, first the type.
 */
enum utvm_tflite_field {
    UTVM_TFL_MODEL_VERSION = 0,
    UTVM_TFL_MODEL_OPERATOR_CODES = 1,
    UTVM_TFL_MODEL_SUBGRAPHS = 2,
    UTVM_TFL_MODEL_DESCRIPTION = 3,
    UTVM_TFL_MODEL_BUFFERS = 4,

    UTVM_TFL_CODE_DEPRECATED_BUILTIN = 0,
    UTVM_TFL_CODE_CUSTOM = 1,
    UTVM_TFL_CODE_VERSION = 2,
    UTVM_TFL_CODE_BUILTIN = 3,

    UTVM_TFL_SUBGRAPH_TENSORS = 0,
    UTVM_TFL_SUBGRAPH_INPUTS = 1,
    UTVM_TFL_SUBGRAPH_OUTPUTS = 2,
    UTVM_TFL_SUBGRAPH_OPERATORS = 3,
    UTVM_TFL_SUBGRAPH_NAME = 4,

    UTVM_TFL_TENSOR_SHAPE = 0,
    UTVM_TFL_TENSOR_TYPE = 1,
    UTVM_TFL_TENSOR_BUFFER = 2,
    UTVM_TFL_TENSOR_NAME = 3,
    UTVM_TFL_TENSOR_QUANTIZATION = 4,
    UTVM_TFL_TENSOR_IS_VARIABLE = 5,
    UTVM_TFL_TENSOR_SPARSITY = 6,

    UTVM_TFL_QUANT_SCALE = 2,
    UTVM_TFL_QUANT_ZERO_POINT = 3,
    UTVM_TFL_QUANT_DETAILS_TYPE = 4,
    UTVM_TFL_QUANT_DIMENSION = 6,

    UTVM_TFL_OPERATOR_OPCODE = 0,
    UTVM_TFL_OPERATOR_INPUTS = 1,
    UTVM_TFL_OPERATOR_OUTPUTS = 2,
    UTVM_TFL_OPERATOR_OPTIONS = 4,
    UTVM_TFL_OPERATOR_INTERMEDIATES = 8,

    UTVM_TFL_BUFFER_DATA = 0,
    UTVM_TFL_BUFFER_OFFSET = 1,
    UTVM_TFL_BUFFER_SIZE = 2,
};

/** What a graph that came from a .tflite file owns beside its public fields. */
struct utvm_tflite_impl {
    uint8_t *bytes; /**< the file, 16-byte aligned by malloc */
    struct utvm_fb fb;
    struct utvm_fb_table *options; /**< [num_operators]; .fb NULL = no options */
    void **copies;                 /**< aligned copies of constants */
    size_t num_copies;
    struct utvm_tflite_handle *handles; /**< [num_handles] of variables */
    uint32_t num_handles;
    uint64_t budget_bytes; /**< what may still be allocated for this file */
};

/**
 * calloc that is charged to the file's budget: a small file whose tables all point at one large
 * vector must not fill the host's memory.
 * @return FORMAT when the budget is spent, NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_alloc(struct utvm_tflite_impl *impl, uint64_t count,
                                                     size_t elem_bytes, void **ret);

/** A field's value as int32. @return FORMAT */
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_i32(const struct utvm_fb_table *table,
                                                   unsigned field, int32_t fallback, int32_t *ret);

/**
 * Reads the tensors of a subgraph into graph->tensors. Tensors that nothing names (used[i] false)
 * keep dtype NONE when theirs is unknown, since nobody asks for them.
 * @return FORMAT or UNSUPPORTED, naming the tensor
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_read_tensors(struct utvm_graph *graph,
                                                            const struct utvm_fb_table *model,
                                                            const struct utvm_fb_vector *tensors,
                                                            const bool *used);

/** An aligned copy of bytes that lives as long as the graph. @return FORMAT, NO_MEMORY */
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_copy_data(struct utvm_tflite_impl *impl,
                                                         const uint8_t *data, uint32_t size_bytes,
                                                         const uint8_t **ret);

/** How the file keeps the elements of a constant. */
enum utvm_tflite_packing {
    UTVM_TFLITE_PLAIN,   /**< as they are */
    UTVM_TFLITE_HALF,    /**< FLOAT16 for float32 */
    UTVM_TFLITE_NIBBLES, /**< INT4 for int8 */
};

/**
 * Sets the tensor's data to its buffer's bytes, aligned and unpacked; leaves it NULL for a tensor
 * without one. Type and shape are read. @return FORMAT, UNSUPPORTED
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_read_data(struct utvm_tflite_impl *impl,
                                                         const struct utvm_fb_table *table,
                                                         const struct utvm_fb_vector *buffers,
                                                         enum utvm_tflite_packing packing,
                                                         struct utvm_graph_tensor *tensor);

/**
 * Makes variable tensors of handles: rewrites READ_VARIABLE and ASSIGN_VARIABLE, drops VAR_HANDLE
 * and sets is_handle[i] of tensors whose type says nothing. Before tensors are read.
 * @return FORMAT naming the operator
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_bind_handles(struct utvm_graph *graph,
                                                            bool *is_handle);
/** Gives the variables their shapes. After tensors are read. @return FORMAT */
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_shape_handles(struct utvm_graph *graph);
/** Takes the constants that a subgraph assigns as what the variables start from. */
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_set_initial_values(struct utvm_graph *graph,
                                                                  const struct utvm_graph *init);
/** The first CALL_ONCE from operator `first` on and its subgraph, or UTVM_NO_INDEX. */
uint32_t utvm_tflite_next_call_once(const struct utvm_graph *graph, uint32_t first,
                                    uint32_t *ret_subgraph);
void utvm_tflite_drop_call_once(struct utvm_graph *graph);

/** Puts "operator 3 'CONV_2D'" in front of an error; NULL stays NULL. */
struct utvm_error *utvm_graph_blame(struct utvm_error *error, const struct utvm_graph_operator *op);

/** Checks that the operators can run in their order. @return FORMAT naming operator and tensor */
UTVM_MUST_CHECK struct utvm_error *utvm_graph_check(const struct utvm_graph *graph);

#endif
