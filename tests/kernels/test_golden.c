// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Every operator of every real network against the values of TensorFlow Lite Micro's reference
// kernels: integers bit for bit, floats within 1e-5 of the tensor's largest value.
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/import/prepare.h"
#include "core/npz.h"
#include "kernels/kernel_table.h"
#include "tests/kernels/portable.h"

#define FLOAT_TOLERANCE 1e-5
#define MAX_NETWORKS 256

struct network {
    char name[64]; /**< directory; empty when there are no models at all */
};

/** One network with its tensors in memory. */
struct bench {
    struct utvm_graph *graph;
    struct utvm_npz *golden;
    char where[600]; /**< model and case, for messages */
    void **tensors;  /**< [graph->num_tensors] */
};

static const char *models_dir(void)
{
    const char *dir = getenv("UTVM_MODELS");
    if (dir) {
        return dir;
    }
    return access(UTVM_TEST_MODELS, R_OK) == 0 ? UTVM_TEST_MODELS : NULL;
}

static void must(struct utvm_error *error, const char *where)
{
    cr_assert_null(error, "%s: %s", where, error ? error->message : "");
}

static void *allocate(size_t size_bytes)
{
    void *memory = aligned_alloc(64, (size_bytes + 64) & ~(size_t)63);
    cr_assert_not_null(memory);
    memset(memory, 0xA5, size_bytes);
    return memory;
}

/** Reads member PREFIX<index> of the case. @return false if there is none */
static bool read_member(struct bench *bench, const char *prefix, uint32_t index,
                        struct utvm_array *ret)
{
    char key[32];
    (void)snprintf(key, sizeof(key), "%s%u", prefix, index);
    size_t member = utvm_npz_find(bench->golden, key);
    if (member == SIZE_MAX) {
        return false;
    }
    must(utvm_npz_read(bench->golden, member, ret), bench->where);
    return true;
}

static void reset_tensors(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->graph->num_tensors; i++) {
        const struct utvm_graph_tensor *tensor = &bench->graph->tensors[i];
        bench->tensors[i] = allocate(tensor->size_bytes);
        if (tensor->data) {
            memcpy(bench->tensors[i], tensor->data, tensor->size_bytes);
        } else if (tensor->is_variable) {
            bool has_zero = tensor->dtype == UTVM_DTYPE_INT8 && tensor->num_scales;
            memset(bench->tensors[i], has_zero ? tensor->zero_points[0] : 0, tensor->size_bytes);
        }
    }
}

/** Puts the inputs of one invocation in place. @return how many invocations the case has */
static uint32_t set_inputs(struct bench *bench, uint32_t invocation)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < bench->graph->num_inputs; i++) {
        uint32_t index = bench->graph->inputs[i];
        uint32_t size_bytes = bench->graph->tensors[index].size_bytes;
        struct utvm_array array = {0};
        size_t offset = 0;
        if (read_member(bench, "seq_", index, &array)) {
            count = array.dims[0];
            offset = (size_t)size_bytes * invocation;
        } else {
            cr_assert(read_member(bench, "in_", index, &array), "%s: no input", bench->where);
        }
        cr_assert_leq(offset + size_bytes, array.size_bytes, "%s: input %u", bench->where, index);
        memcpy(bench->tensors[index], (const char *)array.data + offset, size_bytes);
        utvm_array_deinit(&array);
    }
    return count;
}

static void expect_equal(const struct bench *bench, const struct utvm_graph_tensor *tensor,
                         const struct utvm_array *golden, const void *got, const char *what)
{
    cr_assert_eq(golden->size_bytes, tensor->size_bytes, "%s %s: size", bench->where, what);
    if (tensor->dtype != UTVM_DTYPE_FLOAT32) {
        cr_expect(memcmp(golden->data, got, tensor->size_bytes) == 0, "%s: %s differs",
                  bench->where, what);
        return;
    }
    const float *expected = golden->data;
    const float *actual = got;
    double largest = 0.0;
    double error = 0.0;
    for (uint64_t i = 0; i < tensor->num_elems; i++) {
        largest = fmax(largest, fabs((double)expected[i]));
        error = fmax(error, fabs((double)expected[i] - (double)actual[i]));
    }
    cr_expect(error <= FLOAT_TOLERANCE * largest, "%s: %s is off by %g of %g", bench->where, what,
              error, largest);
}

/** Runs a kernel of prepared into outputs of its own or into the bench's. */
static void call_kernel(struct bench *bench, const struct utvm_graph_operator *op,
                        const struct utvm_prepared *prepared, const char *kernel, void **outputs)
{
    const void *inputs[64];
    const void *constants[UTVM_MAX_PREPARED_CONSTANTS];
    cr_assert_leq(op->num_inputs, 64u);
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        inputs[i] = op->inputs[i] == UTVM_NO_INDEX ? NULL : bench->tensors[op->inputs[i]];
    }
    for (uint32_t i = 0; i < prepared->num_constants; i++) {
        constants[i] = prepared->constants[i].data;
    }
    void *workspace = allocate(prepared->workspace_bytes);
    struct utvm_kernel_args args = {inputs, outputs, constants, workspace};
    utvm_kernel_fn function = utvm_kernel_find(kernel);
    cr_assert_not_null(function, "%s: no kernel %s", bench->where, kernel);
    cr_assert_eq(function(prepared->params, &args), UTVM_STATUS_OK, "%s %s", bench->where, kernel);
    free(workspace);
}

/** True if a second run would not start from the same state. */
static bool has_state(const struct bench *bench, const struct utvm_graph_operator *op)
{
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        if (op->inputs[i] != UTVM_NO_INDEX && bench->graph->tensors[op->inputs[i]].is_variable) {
            return true;
        }
    }
    return false;
}

/** One operator; compares with the golden values and goes on with those. */
static void run_operator(struct bench *bench, const struct utvm_graph_operator *op, bool compare)
{
    struct utvm_prepared prepared;
    must(utvm_prepare(bench->graph, op, &prepared), bench->where);
    void *outputs[64];
    cr_assert_leq(op->num_outputs, 64u);
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        outputs[i] = bench->tensors[op->outputs[i]];
    }
    call_kernel(bench, op, &prepared, prepared.kernel, outputs);
    for (uint32_t i = 0; compare && i < op->num_outputs; i++) {
        const struct utvm_graph_tensor *tensor = &bench->graph->tensors[op->outputs[i]];
        struct utvm_array golden = {0};
        char what[128];
        (void)snprintf(what, sizeof(what), "operator %u %s (%s)", op->index,
                       utvm_operator_name(op->operator_id), prepared.kernel);
        cr_assert(read_member(bench, "t", op->outputs[i], &golden), "%s: no golden value of %s",
                  bench->where, what);
        expect_equal(bench, tensor, &golden, outputs[i], what);
        memcpy(outputs[i], golden.data, tensor->size_bytes);
        utvm_array_deinit(&golden);
    }
    struct portable portable;
    /* test_forms compares those of floats and those with state. */
    if (compare && bench->graph->tensors[op->outputs[0]].dtype != UTVM_DTYPE_FLOAT32 &&
        !has_state(bench, op) && portable_prepare(bench->graph, op, prepared.kernel, &portable)) {
        void *own[1] = {allocate(bench->graph->tensors[op->outputs[0]].size_bytes)};
        call_kernel(bench, op, &portable.prepared, portable.kernel, own);
        cr_expect(memcmp(own[0], outputs[0], bench->graph->tensors[op->outputs[0]].size_bytes) == 0,
                  "%s: operator %u: %s and %s differ", bench->where, op->index, portable.kernel,
                  prepared.kernel);
        free(own[0]);
        utvm_prepared_deinit(&portable.prepared);
    }
    utvm_prepared_deinit(&prepared);
}

static void check_variables(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->graph->num_tensors; i++) {
        struct utvm_array golden = {0};
        if (bench->graph->tensors[i].is_variable && read_member(bench, "var_", i, &golden)) {
            expect_equal(bench, &bench->graph->tensors[i], &golden, bench->tensors[i],
                         "a variable");
            utvm_array_deinit(&golden);
        }
    }
}

static void run_case(struct bench *bench)
{
    reset_tensors(bench);
    uint32_t invocations = set_inputs(bench, 0);
    for (uint32_t n = 0; n < invocations; n++) {
        (void)set_inputs(bench, n);
        for (uint32_t i = 0; i < bench->graph->num_operators; i++) {
            run_operator(bench, &bench->graph->operators[i], n + 1 == invocations);
        }
    }
    check_variables(bench);
    for (uint32_t i = 0; i < bench->graph->num_tensors; i++) {
        free(bench->tensors[i]);
    }
}

ParameterizedTestParameters(golden, equals_the_reference)
{
    static struct network networks[MAX_NETWORKS];
    size_t count = 0;
    const char *root = models_dir();
    DIR *dir = root ? opendir(root) : NULL;
    for (struct dirent *entry; dir && count < MAX_NETWORKS && (entry = readdir(dir));) {
        char path[600];
        (void)snprintf(path, sizeof(path), "%s/%s/model.tflite", root, entry->d_name);
        if (entry->d_name[0] != '.' && access(path, R_OK) == 0) {
            (void)snprintf(networks[count++].name, sizeof(networks[0].name), "%.63s",
                           entry->d_name);
        }
    }
    if (dir) {
        closedir(dir);
    }
    return cr_make_param_array(struct network, networks, count ? count : 1, NULL);
}

ParameterizedTest(struct network *network, golden, equals_the_reference, .timeout = 300)
{
    if (network->name[0] == '\0') {
        cr_skip_test("no models: set UTVM_MODELS to compare real networks with their reference");
    }
    char path[600];
    char dir_path[512];
    (void)snprintf(dir_path, sizeof(dir_path), "%s/%s", models_dir(), network->name);
    (void)snprintf(path, sizeof(path), "%s/model.tflite", dir_path);
    struct bench bench = {0};
    must(utvm_tflite_load(path, &bench.graph), path);
    bench.tensors = calloc(bench.graph->num_tensors, sizeof(*bench.tensors));
    cr_assert_not_null(bench.tensors);
    DIR *dir = opendir(dir_path);
    cr_assert_not_null(dir, "%s", dir_path);
    size_t cases = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 4, ".npz") != 0) {
            continue;
        }
        (void)snprintf(bench.where, sizeof(bench.where), "%s/%.80s", dir_path, entry->d_name);
        must(utvm_npz_open(bench.where, &bench.golden), bench.where);
        run_case(&bench);
        utvm_npz_close(bench.golden);
        cases++;
    }
    closedir(dir);
    cr_expect_gt(cases, 0u, "%s has no case", dir_path);
    free(bench.tensors);
    utvm_graph_free(bench.graph);
}
