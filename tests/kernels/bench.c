// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/kernels/bench.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernel_table.h"
#include "tests/kernels/portable.h"
#include "tests/kernels/witness.h"

#define OPERATOR_INDEX 7

/* Behind all memory that a kernel may write; no kernel may write it. */
#define GUARD_BYTES 64
#define GUARD 0xA5

/* Prepare reads options through these; here they are rows of a table. */
int32_t utvm_option_i32(const struct utvm_graph_operator *op, unsigned field, int32_t fallback)
{
    (void)fallback;
    return ((const int32_t *)op->options_impl)[field];
}

int32_t utvm_option_i8(const struct utvm_graph_operator *op, unsigned field, int32_t fallback)
{
    return utvm_option_i32(op, field, fallback);
}

bool utvm_option_bool(const struct utvm_graph_operator *op, unsigned field, bool fallback)
{
    return utvm_option_i32(op, field, fallback) != 0;
}

float utvm_option_f32(const struct utvm_graph_operator *op, unsigned field, float fallback)
{
    (void)fallback;
    float value;
    memcpy(&value, (const int32_t *)op->options_impl + field, sizeof(value));
    return value;
}

struct bench *bench_create(void)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    cr_assert_not_null(bench);
    bench->graph.tensors = bench->tensors;
    return bench;
}

void bench_free(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->graph.num_tensors; i++) {
        free(bench->memory[i]);
        free(bench->tensors[i].scales);
        free(bench->tensors[i].zero_points);
        free(bench->tensors[i].name);
    }
    free(bench);
}

static uint32_t elem_bytes(enum utvm_dtype dtype)
{
    static const uint32_t sizes[] = {0, 1, 1, 2, 4, 8, 4, 1, 2, 4};
    return sizes[dtype];
}

/**
 * Where a witness looks on, there is no sanitizer: a guard stands behind the memory. Elsewhere it
 * has its exact size, so that a sanitizer sees every access beside it.
 */
static void *guarded(size_t size_bytes)
{
    uint8_t *memory = malloc(size_bytes + (witness ? GUARD_BYTES : size_bytes == 0));
    cr_assert_not_null(memory);
    if (witness) {
        memset(memory + size_bytes, GUARD, GUARD_BYTES);
    }
    return memory;
}

static void expect_guard(const void *memory, size_t size_bytes, const char *kernel,
                         const char *what)
{
    bool whole = true;
    for (size_t i = 0; witness && i < GUARD_BYTES; i++) {
        whole &= ((const uint8_t *)memory)[size_bytes + i] == GUARD;
    }
    cr_expect(whole, "%s writes behind its %s", kernel, what);
}

uint32_t bench_tensor(struct bench *bench, enum utvm_dtype dtype, struct bench_shape shape,
                      float scale, int32_t zero_point)
{
    uint32_t index = bench->graph.num_tensors++;
    cr_assert_lt(index, (uint32_t)BENCH_MAX);
    struct utvm_graph_tensor *tensor = &bench->tensors[index];
    tensor->name = strdup("tensor");
    tensor->dtype = dtype;
    tensor->rank = shape.rank;
    memcpy(tensor->dims, shape.dims, sizeof(tensor->dims));
    tensor->num_elems = 1;
    for (uint32_t i = 0; i < shape.rank; i++) {
        tensor->num_elems *= shape.dims[i];
    }
    tensor->size_bytes = (uint32_t)tensor->num_elems * elem_bytes(dtype);
    tensor->num_scales = scale != 0.0F;
    tensor->scales = calloc(1, sizeof(float));
    tensor->zero_points = calloc(1, sizeof(int32_t));
    tensor->scales[0] = scale;
    tensor->zero_points[0] = zero_point;
    bench->memory[index] = guarded(tensor->size_bytes);
    memset(bench->memory[index], 0, tensor->size_bytes);
    return index;
}

uint32_t bench_input(struct bench *bench, enum utvm_dtype dtype, struct bench_shape shape,
                     float scale, int32_t zero_point)
{
    uint32_t index = bench_tensor(bench, dtype, shape, scale, zero_point);
    bench->inputs[bench->num_inputs++] = index;
    return index;
}

uint32_t bench_output(struct bench *bench, enum utvm_dtype dtype, struct bench_shape shape,
                      float scale, int32_t zero_point)
{
    uint32_t index = bench_tensor(bench, dtype, shape, scale, zero_point);
    bench->outputs[bench->num_outputs++] = index;
    return index;
}

void bench_make_constant(struct bench *bench, uint32_t tensor)
{
    bench->tensors[tensor].data = bench->memory[tensor];
}

uint32_t bench_ints(struct bench *bench, const double *values, size_t count)
{
    uint32_t index = bench_input(bench, UTVM_DTYPE_INT32, SHAPE((uint32_t)count), 0, 0);
    bench_set(bench, index, values, count);
    bench_make_constant(bench, index);
    return index;
}

static void store(void *memory, enum utvm_dtype dtype, uint64_t i, double value)
{
    switch ((int)dtype) {
    case UTVM_DTYPE_INT8:
        ((int8_t *)memory)[i] = (int8_t)value;
        break;
    case UTVM_DTYPE_UINT8:
    case UTVM_DTYPE_BOOL:
        ((uint8_t *)memory)[i] = (uint8_t)value;
        break;
    case UTVM_DTYPE_INT16:
        ((int16_t *)memory)[i] = (int16_t)value;
        break;
    case UTVM_DTYPE_INT32:
        ((int32_t *)memory)[i] = (int32_t)value;
        break;
    case UTVM_DTYPE_INT64:
        ((int64_t *)memory)[i] = (int64_t)value;
        break;
    default:
        ((float *)memory)[i] = (float)value;
        break;
    }
}

void bench_set(struct bench *bench, uint32_t tensor, const double *values, size_t count)
{
    cr_assert_eq(count, bench->tensors[tensor].num_elems);
    for (size_t i = 0; i < count; i++) {
        store(bench->memory[tensor], bench->tensors[tensor].dtype, i, values[i]);
    }
}

void bench_randomise(struct bench *bench, uint32_t tensor, uint64_t seed)
{
    const struct utvm_graph_tensor *t = &bench->tensors[tensor];
    for (uint64_t i = 0; i < t->num_elems; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int32_t bits = (int32_t)(uint32_t)(seed >> 32);
        double value = t->dtype == UTVM_DTYPE_FLOAT32
                           ? bits / 1073741824.0
                           : bits >> (32 - 8 * (int)elem_bytes(t->dtype));
        store(bench->memory[tensor], t->dtype, i, value);
    }
}

double bench_get(const struct bench *bench, uint32_t tensor, uint64_t i)
{
    const void *memory = bench->memory[tensor];
    switch ((int)bench->tensors[tensor].dtype) {
    case UTVM_DTYPE_INT8:
        return ((const int8_t *)memory)[i];
    case UTVM_DTYPE_UINT8:
    case UTVM_DTYPE_BOOL:
        return ((const uint8_t *)memory)[i];
    case UTVM_DTYPE_INT16:
        return ((const int16_t *)memory)[i];
    case UTVM_DTYPE_INT32:
        return ((const int32_t *)memory)[i];
    case UTVM_DTYPE_INT64:
        return (double)((const int64_t *)memory)[i];
    default:
        return (double)((const float *)memory)[i];
    }
}

double bench_real(const struct bench *bench, uint32_t tensor, uint64_t i)
{
    const struct utvm_graph_tensor *t = &bench->tensors[tensor];
    double value = bench_get(bench, tensor, i);
    return t->num_scales ? (value - t->zero_points[0]) * (double)t->scales[0] : value;
}

void bench_option_float(struct bench *bench, unsigned field, float value)
{
    memcpy(&bench->options[field], &value, sizeof(value));
}

static struct utvm_graph_operator operator_of(struct bench *bench, uint32_t operator_id)
{
    return (struct utvm_graph_operator){.operator_id = operator_id,
                                        .version = 1,
                                        .index = OPERATOR_INDEX,
                                        .inputs = bench->inputs,
                                        .num_inputs = bench->num_inputs,
                                        .outputs = bench->outputs,
                                        .num_outputs = bench->num_outputs,
                                        .options_impl = bench->options};
}

struct utvm_error *bench_prepare(struct bench *bench, uint32_t operator_id)
{
    struct utvm_graph_operator op = operator_of(bench, operator_id);
    struct utvm_prepared prepared = {0};
    struct utvm_error *error = utvm_prepare(&bench->graph, &op, &prepared);
    if (!error) {
        utvm_prepared_deinit(&prepared);
    }
    return error;
}

static void show_tensor(const struct bench *bench, const char *kernel, uint32_t tensor)
{
    const struct utvm_graph_tensor *t = &bench->tensors[tensor];
    if (t->dtype != UTVM_DTYPE_FLOAT32) {
        witness(kernel, bench->memory[tensor], t->size_bytes);
        return;
    }
    for (uint64_t i = 0; i < t->num_elems; i++) {
        /* Which of its many NaN a processor gives is its own affair. */
        float value = ((const float *)bench->memory[tensor])[i];
        value = isnan(value) ? NAN : value;
        witness(kernel, &value, sizeof(value));
    }
}

/** Shows what the kernel wrote: all outputs and variables. */
static void show(const struct bench *bench, const char *kernel, enum utvm_status status)
{
    if (!witness) {
        return;
    }
    uint8_t code = (uint8_t)status;
    witness(NULL, &code, sizeof(code));
    for (uint32_t i = 0; i < bench->num_outputs; i++) {
        show_tensor(bench, kernel, bench->outputs[i]);
    }
    for (uint32_t i = 0; i < bench->graph.num_tensors; i++) {
        if (bench->tensors[i].is_variable) {
            show_tensor(bench, kernel, i);
        }
    }
}

static enum utvm_status call(struct bench *bench, const struct utvm_prepared *prepared,
                             const char *kernel)
{
    const void *inputs[BENCH_MAX];
    void *outputs[BENCH_MAX];
    const void *constants[UTVM_MAX_PREPARED_CONSTANTS];
    for (uint32_t i = 0; i < bench->num_inputs; i++) {
        inputs[i] = bench->inputs[i] == UTVM_NO_INDEX ? NULL : bench->memory[bench->inputs[i]];
    }
    for (uint32_t i = 0; i < bench->num_outputs; i++) {
        outputs[i] = bench->memory[bench->outputs[i]];
    }
    for (uint32_t i = 0; i < prepared->num_constants; i++) {
        constants[i] = prepared->constants[i].data;
    }
    void *workspace = guarded(prepared->workspace_bytes);
    struct utvm_kernel_args args = {inputs, outputs, constants, workspace};
    utvm_kernel_fn function = utvm_kernel_find(kernel);
    cr_assert_not_null(function, "no kernel %s", kernel);
    enum utvm_status status = function(prepared->params, &args);
    expect_guard(workspace, prepared->workspace_bytes, kernel, "workspace");
    for (uint32_t i = 0; i < bench->num_outputs; i++) {
        uint32_t size_bytes = bench->tensors[bench->outputs[i]].size_bytes;
        expect_guard(outputs[i], size_bytes, kernel, "output");
    }
    free(workspace);
    show(bench, kernel, status);
    return status;
}

static bool is_result(const struct bench *bench, uint32_t tensor)
{
    return tensor == bench->outputs[0] || bench->tensors[tensor].is_variable;
}

/** The bytes of output 0 and of all variables, which are exchanged with `bytes` if they are given.
 */
static uint8_t *exchange_results(struct bench *bench, uint8_t *bytes)
{
    size_t total = 0;
    for (uint32_t i = 0; i < bench->graph.num_tensors; i++) {
        if (is_result(bench, i)) {
            total += bench->tensors[i].size_bytes;
        }
    }
    uint8_t *old = calloc(1, total + 1);
    size_t at = 0;
    for (uint32_t i = 0; i < bench->graph.num_tensors; i++) {
        size_t size_bytes = bench->tensors[i].size_bytes;
        if (!is_result(bench, i)) {
            continue;
        }
        memcpy(old + at, bench->memory[i], size_bytes);
        if (bytes) {
            memcpy(bench->memory[i], bytes + at, size_bytes);
        }
        at += size_bytes;
    }
    free(bytes);
    return old;
}

/**
 * Where a kernel has a fast and a portable form, both must give the same bytes, from the same
 * state.
 * @param before what exchange_results() gave before the fast one ran; freed
 */
static void compare_with_portable(struct bench *bench, const struct utvm_graph_operator *op,
                                  const char *fast_kernel, uint8_t *before)
{
    struct portable portable;
    if (!portable_prepare(&bench->graph, op, fast_kernel, &portable)) {
        free(before);
        return;
    }
    uint8_t *fast = exchange_results(bench, before);
    cr_assert_eq(call(bench, &portable.prepared, portable.kernel), UTVM_STATUS_OK);
    uint8_t *slow = exchange_results(bench, NULL);
    for (uint32_t i = 0, at = 0; i < bench->graph.num_tensors; i++) {
        if (is_result(bench, i)) {
            cr_expect(memcmp(fast + at, slow + at, bench->tensors[i].size_bytes) == 0,
                      "%s and %s differ in tensor %u", portable.kernel, fast_kernel, i);
            at += bench->tensors[i].size_bytes;
        }
    }
    free(fast);
    free(slow);
    utvm_prepared_deinit(&portable.prepared);
}

enum utvm_status bench_status(struct bench *bench, uint32_t operator_id)
{
    struct utvm_graph_operator op = operator_of(bench, operator_id);
    struct utvm_prepared prepared = {0};
    struct utvm_error *error = utvm_prepare(&bench->graph, &op, &prepared);
    cr_assert_null(error, "%s", error ? error->message : "");
    uint8_t *before = exchange_results(bench, NULL);
    enum utvm_status status = call(bench, &prepared, prepared.kernel);
    compare_with_portable(bench, &op, prepared.kernel, before);
    utvm_prepared_deinit(&prepared);
    return status;
}

void bench_run(struct bench *bench, uint32_t operator_id)
{
    cr_assert_eq(bench_status(bench, operator_id), UTVM_STATUS_OK);
}

void bench_expect(const struct bench *bench, uint32_t tensor, double tolerance,
                  const double *values, size_t count)
{
    cr_assert_eq(count, bench->tensors[tensor].num_elems);
    for (size_t i = 0; i < count; i++) {
        double got = bench_get(bench, tensor, i);
        cr_expect(fabs(got - values[i]) <= tolerance, "element %zu is %g instead of %g", i, got,
                  values[i]);
    }
}

void bench_refuses(struct bench *bench, uint32_t operator_id, const char *word_1,
                   const char *word_2)
{
    struct utvm_error *error = bench_prepare(bench, operator_id);
    cr_assert_not_null(error, "it was accepted");
    cr_expect(strstr(error->message, word_1) && strstr(error->message, word_2),
              "\"%s\" does not say %s, %s", error->message, word_1, word_2);
    utvm_error_free(error);
}
