// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_CORE_TFLITE_WRITER_H
#define UTVM_TESTS_CORE_TFLITE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Small .tflite files made in memory: right by default, and wrong in one chosen way for a test. */
struct test_tensor {
    const char *name;
    int8_t type; /**< TensorType: 0 FLOAT32, 2 INT32, 7 INT16, 9 INT8, … */
    uint32_t rank;
    int32_t dims[8];
    const void *data; /**< constant, data_bytes of it */
    uint32_t data_bytes;
    uint32_t num_scales; /**< up to 16 */
    float scales[16];
    uint32_t num_zero_points;
    int64_t zero_points[16];
    int32_t quantized_dimension;
    bool is_variable;
};

struct test_operator {
    int32_t code; /**< BuiltinOperator */
    uint32_t num_inputs;
    int32_t inputs[8];
    uint32_t num_outputs;
    int32_t outputs[8];
    const int32_t *options; /**< int32 fields of the options table, num_options of them */
    uint32_t num_options;
};

/** Options that are two strings: of VAR_HANDLE, container and name. */
struct test_strings {
    uint32_t tensor; /**< of every VAR_HANDLE that writes it, instead of its options */
    const char *values[2];
};

struct test_model {
    int32_t version;        /**< 0 = 3 */
    uint32_t num_subgraphs; /**< 0 = 1 */
    const struct test_tensor *tensors;
    uint32_t num_tensors;
    const struct test_operator *operators;
    uint32_t num_operators;
    const struct test_operator *init_operators; /**< of subgraph 1, which has the same tensors */
    uint32_t num_init_operators;
    const struct test_strings *strings;
    uint32_t num_strings;
    uint32_t num_inputs;
    int32_t inputs[4];
    uint32_t num_outputs;
    int32_t outputs[4];
};

/** @return malloc'd bytes */
uint8_t *test_write_tflite(const struct test_model *model, size_t *size_bytes);

#endif
