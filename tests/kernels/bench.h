// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_KERNELS_BENCH_H
#define UTVM_TESTS_KERNELS_BENCH_H

#include "core/import/prepare.h"

/**
 * One operator on a bench: tensors made by hand, options by field number, prepared and run like a
 * layer of a model. Values go in and out as doubles, whatever the type.
 */
#define BENCH_MAX 32

struct bench {
    struct utvm_graph graph;
    struct utvm_graph_tensor tensors[BENCH_MAX];
    void *memory[BENCH_MAX];
    int32_t options[BENCH_MAX]; /**< by field number; floats as their bits */
    uint32_t inputs[BENCH_MAX];
    uint32_t num_inputs;
    uint32_t outputs[BENCH_MAX];
    uint32_t num_outputs;
};

struct bench_shape {
    uint32_t rank;
    uint32_t dims[UTVM_MAX_DIMS];
};

#define SHAPE(...)                                                                                 \
    ((struct bench_shape){sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), {__VA_ARGS__}})
#define VALUES(...)                                                                                \
    (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double)

struct bench *bench_create(void);
void bench_free(struct bench *bench);

/** A tensor of zeros; scale 0 = not quantised. @return its index */
uint32_t bench_tensor(struct bench *bench, enum utvm_dtype dtype, struct bench_shape shape,
                      float scale, int32_t zero_point);
/** The same as the operator's next input or output. */
uint32_t bench_input(struct bench *bench, enum utvm_dtype dtype, struct bench_shape shape,
                     float scale, int32_t zero_point);
uint32_t bench_output(struct bench *bench, enum utvm_dtype dtype, struct bench_shape shape,
                      float scale, int32_t zero_point);
/** A constant int32 vector as next input. */
uint32_t bench_ints(struct bench *bench, const double *values, size_t count);
/** Makes the tensor's present values a constant of the model. */
void bench_make_constant(struct bench *bench, uint32_t tensor);

void bench_set(struct bench *bench, uint32_t tensor, const double *values, size_t count);
/** All values of a pseudo-random sequence that fit the type; floats in [-2, 2). */
void bench_randomise(struct bench *bench, uint32_t tensor, uint64_t seed);
double bench_get(const struct bench *bench, uint32_t tensor, uint64_t i);
/** The real value that element i stands for. */
double bench_real(const struct bench *bench, uint32_t tensor, uint64_t i);
void bench_option_float(struct bench *bench, unsigned field, float value);

/** Prepares alone, for what must be refused. */
struct utvm_error *bench_prepare(struct bench *bench, uint32_t operator_id);
/** Prepares and runs. @return the kernel's status; a refusal fails the test */
enum utvm_status bench_status(struct bench *bench, uint32_t operator_id);
/** The same, and the status must be OK. */
void bench_run(struct bench *bench, uint32_t operator_id);
/** Each element within `tolerance` of the values. */
void bench_expect(const struct bench *bench, uint32_t tensor, double tolerance,
                  const double *values, size_t count);
/** Preparing fails with a message that contains each of the words. */
void bench_refuses(struct bench *bench, uint32_t operator_id, const char *word_1,
                   const char *word_2);

#endif
