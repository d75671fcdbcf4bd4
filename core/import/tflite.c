// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/import/tflite_internal.h"
#include "core/sha256.h"
#include "core/text.h"

// More inputs or outputs than any operator has; CONCATENATION and PACK come nearest.
#define MAX_OPERANDS 1024
#define SCHEMA_VERSION 3
#define OPERATOR_CUSTOM 32
#define OPERATOR_IF 118
#define OPERATOR_WHILE 119

struct utvm_error *utvm_tflite_alloc(struct utvm_tflite_impl *impl, uint64_t count,
                                     size_t elem_bytes, void **ret)
{
    if (count > impl->budget_bytes / elem_bytes) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "the file's tables describe far more than its size can hold");
    }
    impl->budget_bytes -= count * elem_bytes;
    *ret = calloc(count ? count : 1, elem_bytes);
    return *ret ? NULL : utvm_error_no_memory();
}

struct utvm_error *utvm_tflite_i32(const struct utvm_fb_table *table, unsigned field,
                                   int32_t fallback, int32_t *ret)
{
    uint64_t value;
    struct utvm_error *error = utvm_fb_scalar(table, field, 4, (uint32_t)fallback, &value);
    if (!error) {
        *ret = (int32_t)(uint32_t)value;
    }
    return error;
}

// Reads a list of tensor indices. -1 is an operand left out, where that is allowed.
static struct utvm_error *read_indices(struct utvm_graph *graph, const struct utvm_fb_table *table,
                                       unsigned field, bool optional, uint32_t **ret,
                                       uint32_t *ret_count)
{
    struct utvm_fb_vector vector;
    struct utvm_error *error = utvm_fb_vector(table, field, 4, &vector);
    if (error) {
        return error;
    }
    if (vector.count > MAX_OPERANDS) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%u tensors are listed, at most %d can be",
                                 vector.count, MAX_OPERANDS);
    }
    void *indices;
    error = utvm_tflite_alloc(graph->impl, vector.count, sizeof(uint32_t), &indices);
    if (error) {
        return error;
    }
    *ret = indices;
    *ret_count = vector.count;
    for (uint32_t i = 0; i < vector.count; i++) {
        uint32_t index = (uint32_t)utvm_fb_elem(&vector, i);
        if (index >= graph->num_tensors && !(optional && index == UTVM_NO_INDEX)) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "tensor %d does not exist, there are %u",
                                     (int32_t)index, graph->num_tensors);
        }
        (*ret)[i] = index;
    }
    return NULL;
}

static struct utvm_error *read_code(const struct utvm_fb_vector *codes, uint32_t opcode,
                                    struct utvm_graph_operator *op)
{
    if (opcode >= codes->count) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "operator code %u does not exist, there are %u",
                                 opcode, codes->count);
    }
    struct utvm_fb_table code;
    uint64_t deprecated;
    int32_t builtin;
    int32_t version;
    struct utvm_error *error = utvm_fb_table_at(codes, opcode, &code);
    if (!error) {
        error = utvm_fb_scalar(&code, UTVM_TFL_CODE_DEPRECATED_BUILTIN, 1, 0, &deprecated);
    }
    if (!error) {
        error = utvm_tflite_i32(&code, UTVM_TFL_CODE_BUILTIN, 0, &builtin);
    }
    if (!error) {
        error = utvm_tflite_i32(&code, UTVM_TFL_CODE_VERSION, 1, &version);
    }
    if (error) {
        return error;
    }
    // Old files have the byte only; new files have both, the byte capped at the placeholder.
    int32_t id = (int8_t)deprecated > builtin ? (int8_t)deprecated : builtin;
    if (id < 0 || version < 0) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "operator code %u is negative", opcode);
    }
    if (id == OPERATOR_CUSTOM) {
        const char *name;
        uint32_t length;
        error = utvm_fb_string(&code, UTVM_TFL_CODE_CUSTOM, &name, &length);
        char *printable = error ? NULL : utvm_text_printable(name, length < 64 ? length : 64);
        if (!error) {
            error =
                utvm_error_create(UTVM_ERROR_UNSUPPORTED, "custom operator '%s' is not supported",
                                  printable ? printable : "?");
        }
        free(printable);
        return error;
    }
    op->operator_id = (uint32_t)id;
    op->version = (uint32_t)version;
    return NULL;
}

static struct utvm_error *read_operator(struct utvm_graph *graph,
                                        const struct utvm_fb_vector *codes,
                                        const struct utvm_fb_table *table,
                                        struct utvm_graph_operator *op)
{
    int32_t opcode;
    struct utvm_error *error = utvm_tflite_i32(table, UTVM_TFL_OPERATOR_OPCODE, 0, &opcode);
    if (!error) {
        error = read_code(codes, (uint32_t)opcode, op);
    }
    if (error) {
        return error;
    }
    error = utvm_error_prefix(
        read_indices(graph, table, UTVM_TFL_OPERATOR_INPUTS, true, &op->inputs, &op->num_inputs),
        "inputs");
    if (error) {
        return error;
    }
    error = utvm_error_prefix(read_indices(graph, table, UTVM_TFL_OPERATOR_OUTPUTS, false,
                                           &op->outputs, &op->num_outputs),
                              "outputs");
    if (error) {
        return error;
    }
    error = utvm_error_prefix(read_indices(graph, table, UTVM_TFL_OPERATOR_INTERMEDIATES, false,
                                           &op->intermediates, &op->num_intermediates),
                              "intermediates");
    if (error) {
        return error;
    }
    struct utvm_tflite_impl *impl = graph->impl;
    struct utvm_fb_table *options = &impl->options[op - graph->operators];
    op->options_impl = options;
    return utvm_error_prefix(utvm_fb_table(table, UTVM_TFL_OPERATOR_OPTIONS, options), "options");
}

static struct utvm_error *read_operators(struct utvm_graph *graph,
                                         const struct utvm_fb_table *model,
                                         const struct utvm_fb_table *subgraph)
{
    struct utvm_fb_vector codes = {0};
    struct utvm_fb_vector operators = {0};
    struct utvm_tflite_impl *impl = graph->impl;
    struct utvm_error *error = utvm_fb_vector(model, UTVM_TFL_MODEL_OPERATOR_CODES, 4, &codes);
    if (!error) {
        error = utvm_fb_vector(subgraph, UTVM_TFL_SUBGRAPH_OPERATORS, 4, &operators);
    }
    void *list = NULL;
    void *options = NULL;
    if (!error) {
        error = utvm_tflite_alloc(impl, operators.count, sizeof(*graph->operators), &list);
    }
    if (!error) {
        graph->operators = list;
        graph->num_operators = operators.count;
        error = utvm_tflite_alloc(impl, operators.count, sizeof(*impl->options), &options);
    }
    if (error) {
        return error;
    }
    impl->options = options;
    for (uint32_t i = 0; i < operators.count; i++) {
        struct utvm_fb_table table;
        graph->operators[i].index = i;
        error = utvm_fb_table_at(&operators, i, &table);
        if (!error) {
            error = read_operator(graph, &codes, &table, &graph->operators[i]);
        }
        if (error) {
            return utvm_error_prefix(error, "operator %u", i);
        }
    }
    return NULL;
}

static void mark(bool *used, const uint32_t *indices, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (indices[i] != UTVM_NO_INDEX) {
            used[indices[i]] = true;
        }
    }
}

static struct utvm_error *read_used_tensors(struct utvm_graph *graph,
                                            const struct utvm_fb_table *model,
                                            const struct utvm_fb_vector *tensors,
                                            const bool *is_handle)
{
    bool *used = calloc(graph->num_tensors ? graph->num_tensors : 1, sizeof(*used));
    if (!used) {
        return utvm_error_no_memory();
    }
    mark(used, graph->inputs, graph->num_inputs);
    mark(used, graph->outputs, graph->num_outputs);
    for (uint32_t i = 0; i < graph->num_operators; i++) {
        const struct utvm_graph_operator *op = &graph->operators[i];
        mark(used, op->inputs, op->num_inputs);
        mark(used, op->outputs, op->num_outputs);
        mark(used, op->intermediates, op->num_intermediates);
    }
    for (uint32_t i = 0; i < graph->num_tensors; i++) {
        used[i] = used[i] && !is_handle[i];
    }
    struct utvm_error *error = utvm_tflite_read_tensors(graph, model, tensors, used);
    free(used);
    return error ? error : utvm_tflite_shape_handles(graph);
}

static struct utvm_error *read_subgraph(struct utvm_graph *graph, const struct utvm_fb_table *model,
                                        const struct utvm_fb_table *subgraph)
{
    struct utvm_fb_vector tensors;
    struct utvm_error *error = utvm_fb_vector(subgraph, UTVM_TFL_SUBGRAPH_TENSORS, 4, &tensors);
    void *list = NULL;
    if (!error) {
        error = utvm_tflite_alloc(graph->impl, tensors.count, sizeof(*graph->tensors), &list);
    }
    if (error) {
        return error;
    }
    graph->tensors = list;
    graph->num_tensors = tensors.count;
    error = utvm_error_prefix(read_indices(graph, subgraph, UTVM_TFL_SUBGRAPH_INPUTS, false,
                                           &graph->inputs, &graph->num_inputs),
                              "model inputs");
    if (error) {
        return error;
    }
    error = utvm_error_prefix(read_indices(graph, subgraph, UTVM_TFL_SUBGRAPH_OUTPUTS, false,
                                           &graph->outputs, &graph->num_outputs),
                              "model outputs");
    if (!error) {
        error = read_operators(graph, model, subgraph);
    }
    if (error) {
        return error;
    }
    bool *is_handle = calloc(graph->num_tensors ? graph->num_tensors : 1, sizeof(*is_handle));
    if (!is_handle) {
        return utvm_error_no_memory();
    }
    error = utvm_tflite_bind_handles(graph, is_handle);
    if (!error) {
        error = read_used_tensors(graph, model, &tensors, is_handle);
    }
    free(is_handle);
    return error;
}

// Reads the subgraph that CALL_ONCE runs before the first inference, for its assignments.
static struct utvm_error *read_init(struct utvm_graph *graph, const struct utvm_fb_table *model,
                                    const struct utvm_fb_vector *subgraphs, uint32_t index)
{
    struct utvm_tflite_impl *impl = graph->impl;
    struct utvm_fb_table subgraph;
    if (index >= subgraphs->count) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "subgraph %u does not exist, there are %u",
                                 index, subgraphs->count);
    }
    struct utvm_error *error = utvm_fb_table_at(subgraphs, index, &subgraph);
    struct utvm_graph *init = calloc(1, sizeof(*init));
    struct utvm_tflite_impl *init_impl = calloc(1, sizeof(*init_impl));
    if (error || !init || !init_impl) {
        free(init);
        free(init_impl);
        return error ? error : utvm_error_no_memory();
    }
    init->impl = init_impl;
    init_impl->bytes = impl->bytes;
    init_impl->fb = impl->fb;
    init_impl->budget_bytes = impl->budget_bytes;
    error = read_subgraph(init, model, &subgraph);
    impl->budget_bytes = init_impl->budget_bytes;
    if (!error) {
        error = utvm_tflite_set_initial_values(graph, init);
    }
    init_impl->bytes = NULL; // the graph's
    utvm_graph_free(init);
    return error;
}

// Operators that run subgraphs, which nothing here can; they are refused by their names.
static const struct utvm_graph_operator *find_control_flow(const struct utvm_graph *graph)
{
    for (uint32_t i = 0; i < graph->num_operators; i++) {
        uint32_t code = graph->operators[i].operator_id;
        if (code == OPERATOR_IF || code == OPERATOR_WHILE) {
            return &graph->operators[i];
        }
    }
    return NULL;
}

static struct utvm_error *read_inits(struct utvm_graph *graph, const struct utvm_fb_table *model,
                                     const struct utvm_fb_vector *subgraphs)
{
    uint32_t subgraph = 0;
    uint32_t i = utvm_tflite_next_call_once(graph, 0, &subgraph);
    const struct utvm_graph_operator *control_flow = find_control_flow(graph);
    if (control_flow) {
        return utvm_graph_blame(
            utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                              "branches and loops over subgraphs are not supported"),
            control_flow);
    }
    if (i == UTVM_NO_INDEX && subgraphs->count > 1) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "the model has %u subgraphs and no CALL_ONCE that would use them",
                                 subgraphs->count);
    }
    while (i != UTVM_NO_INDEX) {
        struct utvm_error *error = read_init(graph, model, subgraphs, subgraph);
        if (error) {
            return utvm_graph_blame(utvm_error_prefix(error, "subgraph %u", subgraph),
                                    &graph->operators[i]);
        }
        i = utvm_tflite_next_call_once(graph, i + 1, &subgraph);
    }
    utvm_tflite_drop_call_once(graph);
    return NULL;
}

static struct utvm_error *read_model(struct utvm_graph *graph)
{
    struct utvm_tflite_impl *impl = graph->impl;
    struct utvm_fb_table model;
    struct utvm_fb_vector subgraphs;
    struct utvm_fb_table subgraph;
    int32_t version;
    struct utvm_error *error = utvm_fb_root(&impl->fb, "TFL3", &model);
    if (!error) {
        error = utvm_tflite_i32(&model, UTVM_TFL_MODEL_VERSION, 0, &version);
    }
    if (!error && version != SCHEMA_VERSION) {
        error = utvm_error_create(UTVM_ERROR_UNSUPPORTED, "schema version %d, only %d is known",
                                  version, SCHEMA_VERSION);
    }
    if (!error) {
        error = utvm_fb_vector(&model, UTVM_TFL_MODEL_SUBGRAPHS, 4, &subgraphs);
    }
    if (!error && subgraphs.count == 0) {
        error = utvm_error_create(UTVM_ERROR_FORMAT, "the model has no subgraph");
    }
    if (!error) {
        error = utvm_fb_table_at(&subgraphs, 0, &subgraph);
    }
    if (!error) {
        error = read_subgraph(graph, &model, &subgraph);
    }
    if (!error) {
        error = read_inits(graph, &model, &subgraphs);
    }
    return error ? error : utvm_graph_check(graph);
}

// The file's base name without ".tflite"; the directory's name when that says nothing: "model".
static char *model_name(const char *path)
{
    size_t length = strlen(path);
    if (utvm_path_ends_with(path, ".tflite")) {
        length -= 7;
    }
    const char *slash = memrchr(path, '/', length);
    const char *base = slash ? slash + 1 : path;
    length -= (size_t)(base - path);
    if (slash && slash > path && length == 5 && memcmp(base, "model", 5) == 0) {
        const char *before = memrchr(path, '/', (size_t)(slash - path));
        base = before ? before + 1 : path;
        length = (size_t)(slash - base);
    }
    if (length == 0 || base[0] == '.') {
        return strdup("model");
    }
    return utvm_text_printable(base, length);
}

// Takes ownership of bytes.
static struct utvm_error *parse_owned(const char *name, uint8_t *bytes, size_t size_bytes,
                                      struct utvm_graph **ret)
{
    struct utvm_graph *graph = calloc(1, sizeof(*graph));
    struct utvm_tflite_impl *impl = calloc(1, sizeof(*impl));
    if (!graph || !impl) {
        free(graph);
        free(impl);
        free(bytes);
        return utvm_error_no_memory();
    }
    graph->impl = impl;
    impl->bytes = bytes;
    impl->fb = (struct utvm_fb){.bytes = bytes, .size_bytes = size_bytes};
    impl->budget_bytes = (1u << 20) + 64 * (uint64_t)size_bytes;
    graph->name = model_name(name);
    struct utvm_error *error = graph->name ? NULL : utvm_error_no_memory();
    if (!error) {
        utvm_sha256_hex(bytes, size_bytes, graph->sha256);
        error = read_model(graph);
    }
    if (error) {
        utvm_graph_free(graph);
        return utvm_error_prefix(error, "%s", name);
    }
    *ret = graph;
    return NULL;
}

struct utvm_error *utvm_tflite_parse(const char *name, const void *bytes, size_t size_bytes,
                                     struct utvm_graph **ret)
{
    uint8_t *copy = malloc(size_bytes ? size_bytes : 1);
    if (!copy) {
        return utvm_error_no_memory();
    }
    if (size_bytes) {
        memcpy(copy, bytes, size_bytes);
    }
    return parse_owned(name, copy, size_bytes, ret);
}

struct utvm_error *utvm_tflite_load(const char *path, struct utvm_graph **ret)
{
    uint8_t *bytes;
    size_t size_bytes;
    struct utvm_error *error = utvm_file_read(path, &bytes, &size_bytes);
    return error ? error : parse_owned(path, bytes, size_bytes, ret);
}
