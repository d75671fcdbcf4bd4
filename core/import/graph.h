// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_IMPORT_GRAPH_H
#define UTVM_CORE_IMPORT_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "kernels/abi.h"

/**
 * A network as an importer read it, before anything is decided about memory or code. Importers
 * (.tflite now) produce it; prepare, the memory planner and the emitter consume it.
 */
struct utvm_graph_tensor {
    char *name; /**< owned; may hold any bytes but NUL */
    enum utvm_dtype dtype;
    uint32_t rank;
    uint32_t dims[UTVM_MAX_DIMS];
    uint64_t num_elems;
    uint32_t size_bytes;
    const uint8_t *data; /**< constant: size_bytes bytes, borrowed from the graph; else NULL */
    bool is_variable;
    const uint8_t *initial; /**< what a variable starts from: size_bytes bytes, borrowed; or NULL */
    uint32_t num_scales;    /**< 0, 1 or dims[quantized_dimension] */
    float *scales;          /**< [num_scales], owned, each > 0 and at most 1e18 */
    int32_t *zero_points;   /**< [num_scales], owned, in range of the dtype */
    uint32_t quantized_dimension;
};

struct utvm_graph_operator {
    uint32_t operator_id; /**< TFLite builtin operator code */
    uint32_t version;
    uint32_t index;   /**< in the model file */
    uint32_t *inputs; /**< [num_inputs] tensor indices or UTVM_NO_INDEX, checked; owned */
    uint32_t num_inputs;
    uint32_t *outputs; /**< [num_outputs], owned, checked */
    uint32_t num_outputs;
    uint32_t *intermediates; /**< [num_intermediates], owned */
    uint32_t num_intermediates;
    const void *options_impl; /**< builtin options table; read by utvm_option_*() */
};

struct utvm_graph {
    char *name; /**< model description or file base name */
    struct utvm_graph_tensor *tensors;
    uint32_t num_tensors;
    struct utvm_graph_operator *operators;
    uint32_t num_operators;
    uint32_t *inputs;
    uint32_t num_inputs;
    uint32_t *outputs;
    uint32_t num_outputs;
    char sha256[65]; /**< of the model file */
    void *impl;
};

/** Reads a .tflite file. @return OS, FORMAT naming table and operator index, UNSUPPORTED */
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_load(const char *path, struct utvm_graph **ret);
UTVM_MUST_CHECK struct utvm_error *utvm_tflite_parse(const char *name, const void *bytes,
                                                     size_t size_bytes, struct utvm_graph **ret);
void utvm_graph_free(struct utvm_graph *graph);

/**
 * Fields of an operator's builtin options by their FlatBuffer field number (0-based position in
 * TFLite's schema.fbs). Absent options or fields give the default.
 * Source: tensorflow/lite/schema/schema.fbs.
 */
int32_t utvm_option_i32(const struct utvm_graph_operator *op, unsigned field, int32_t fallback);
int32_t utvm_option_i8(const struct utvm_graph_operator *op, unsigned field, int32_t fallback);
bool utvm_option_bool(const struct utvm_graph_operator *op, unsigned field, bool fallback);
float utvm_option_f32(const struct utvm_graph_operator *op, unsigned field, float fallback);

#endif
