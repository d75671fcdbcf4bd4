// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tflite_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FIELDS 16

// The file grows forwards: a table first, then what it points at, patched into it.
struct writer {
    uint8_t *bytes;
    size_t size;
};

// A field of a table under construction; size 0 = absent.
struct field {
    unsigned size;
    uint64_t value;
};

static size_t append(struct writer *w, const void *data, size_t size, size_t align)
{
    size_t start = (w->size + align - 1) / align * align;
    w->bytes = realloc(w->bytes, start + size + 1);
    if (!w->bytes) {
        abort();
    }
    memset(w->bytes + w->size, 0, start - w->size);
    if (data) {
        memcpy(w->bytes + start, data, size);
    } else {
        memset(w->bytes + start, 0, size);
    }
    w->size = start + size;
    return start;
}

static void put(struct writer *w, size_t pos, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        w->bytes[pos + i] = (uint8_t)(value >> (8 * i));
    }
}

// Makes the offset field at slot point at target.
static void patch(struct writer *w, size_t slot, size_t target)
{
    put(w, slot, target - slot, 4);
}

// Writes vtable and table; positions[i] receives where field i is stored.
static size_t add_table(struct writer *w, const struct field *fields, unsigned count,
                        size_t *positions)
{
    size_t vtable = append(w, NULL, 4 + 2 * (size_t)count, 4);
    size_t table = append(w, NULL, 4, 8);
    put(w, table, table - vtable, 4);
    for (unsigned i = 0; i < count; i++) {
        if (fields[i].size == 0) {
            continue;
        }
        positions[i] = append(w, NULL, fields[i].size, fields[i].size);
        put(w, positions[i], fields[i].value, fields[i].size);
        put(w, vtable + 4 + 2 * (size_t)i, positions[i] - table, 2);
    }
    put(w, vtable, 4 + 2 * (uint64_t)count, 2);
    put(w, vtable + 2, w->size - table, 2);
    return table;
}

// The elements are 16-byte aligned, their count stands before them.
static size_t add_vector(struct writer *w, size_t slot, const void *data, uint32_t count,
                         unsigned elem_bytes)
{
    while ((w->size + 4) % 16 != 0) {
        append(w, "", 1, 1);
    }
    size_t start = append(w, &count, 4, 4);
    append(w, data, (size_t)count * elem_bytes, 1);
    patch(w, slot, start);
    return start + 4;
}

static void add_quantization(struct writer *w, size_t slot, const struct test_tensor *tensor)
{
    size_t at[MAX_FIELDS];
    struct field fields[7] = {
        [2] = {4, 0}, [3] = {4, 0}, [6] = {4, (uint32_t)tensor->quantized_dimension}};
    patch(w, slot, add_table(w, fields, 7, at));
    add_vector(w, at[2], tensor->scales, tensor->num_scales, 4);
    add_vector(w, at[3], tensor->zero_points, tensor->num_zero_points, 8);
}

static void add_tensors(struct writer *w, size_t slot, const struct test_model *model)
{
    size_t list = add_vector(w, slot, NULL, model->num_tensors, 4);
    for (uint32_t i = 0; i < model->num_tensors; i++) {
        const struct test_tensor *tensor = &model->tensors[i];
        size_t at[MAX_FIELDS];
        struct field fields[6] = {
            {4, 0}, {1, (uint8_t)tensor->type},      {4, tensor->data_bytes ? i + 1 : 0},
            {4, 0}, {tensor->num_scales ? 4 : 0, 0}, {1, tensor->is_variable},
        };
        patch(w, list + 4 * (size_t)i, add_table(w, fields, 6, at));
        add_vector(w, at[0], tensor->dims, tensor->rank, 4);
        add_vector(w, at[3], tensor->name, (uint32_t)strlen(tensor->name), 1);
        if (tensor->num_scales) {
            add_quantization(w, at[4], tensor);
        }
    }
}

static const struct test_strings *find_strings(const struct test_model *model,
                                               const struct test_operator *op)
{
    for (uint32_t i = 0; i < model->num_strings && op->num_outputs; i++) {
        if (op->code == 142 && model->strings[i].tensor == (uint32_t)op->outputs[0]) {
            return &model->strings[i];
        }
    }
    return NULL;
}

static void add_options(struct writer *w, size_t slot, const struct test_operator *op)
{
    struct field options[MAX_FIELDS];
    size_t unused[MAX_FIELDS];
    for (uint32_t k = 0; k < op->num_options; k++) {
        options[k] = (struct field){4, (uint32_t)op->options[k]};
    }
    patch(w, slot, add_table(w, options, op->num_options, unused));
}

static void add_strings(struct writer *w, size_t slot, const struct test_strings *strings)
{
    const struct field offsets[2] = {{4, 0}, {4, 0}};
    size_t at[MAX_FIELDS];
    patch(w, slot, add_table(w, offsets, 2, at));
    for (int k = 0; k < 2; k++) {
        add_vector(w, at[k], strings->values[k], (uint32_t)strlen(strings->values[k]), 1);
    }
}

static void add_operators(struct writer *w, size_t slot, const struct test_model *model,
                          const struct test_operator *operators, uint32_t count,
                          uint32_t first_code)
{
    size_t list = add_vector(w, slot, NULL, count, 4);
    for (uint32_t i = 0; i < count; i++) {
        const struct test_operator *op = &operators[i];
        const struct test_strings *strings = find_strings(model, op);
        bool has_options = op->options || strings;
        size_t at[MAX_FIELDS];
        struct field fields[5] = {{4, first_code + i},
                                  {4, 0},
                                  {4, 0},
                                  {1, has_options ? 1 : 0},
                                  {has_options ? 4 : 0, 0}};
        patch(w, list + 4 * (size_t)i, add_table(w, fields, 5, at));
        add_vector(w, at[1], op->inputs, op->num_inputs, 4);
        add_vector(w, at[2], op->outputs, op->num_outputs, 4);
        if (strings) {
            add_strings(w, at[4], strings);
        } else if (has_options) {
            add_options(w, at[4], op);
        }
    }
}

static void add_codes(struct writer *w, size_t slot, const struct test_model *model)
{
    uint32_t count = model->num_operators + model->num_init_operators;
    size_t list = add_vector(w, slot, NULL, count, 4);
    for (uint32_t i = 0; i < count; i++) {
        int32_t code = i < model->num_operators
                           ? model->operators[i].code
                           : model->init_operators[i - model->num_operators].code;
        size_t at[MAX_FIELDS];
        struct field fields[4] = {
            {1, (uint64_t)(code < 127 ? code : 127)}, {0, 0}, {4, 1}, {4, (uint32_t)code}};
        patch(w, list + 4 * (size_t)i, add_table(w, fields, 4, at));
    }
}

// Buffer 0 is empty, buffer i + 1 is tensor i's.
static void add_buffers(struct writer *w, size_t slot, const struct test_model *model)
{
    size_t list = add_vector(w, slot, NULL, model->num_tensors + 1, 4);
    for (uint32_t i = 0; i <= model->num_tensors; i++) {
        const struct test_tensor *tensor = i ? &model->tensors[i - 1] : NULL;
        size_t at[MAX_FIELDS];
        struct field fields[1] = {{tensor && tensor->data_bytes ? 4 : 0, 0}};
        patch(w, list + 4 * (size_t)i, add_table(w, fields, 1, at));
        if (fields[0].size) {
            add_vector(w, at[0], tensor->data, tensor->data_bytes, 1);
        }
    }
}

uint8_t *test_write_tflite(const struct test_model *model, size_t *size_bytes)
{
    struct writer w = {0};
    size_t at[MAX_FIELDS];
    append(&w, "\0\0\0\0TFL3", 8, 1);
    struct field model_fields[5] = {{4, model->version ? (uint64_t)(uint32_t)model->version : 3},
                                    {4, 0},
                                    {4, 0},
                                    {0, 0},
                                    {4, 0}};
    patch(&w, 0, add_table(&w, model_fields, 5, at));
    uint32_t num_subgraphs = model->num_subgraphs ? model->num_subgraphs : 1;
    size_t codes = at[1];
    size_t buffers = at[4];
    size_t list = add_vector(&w, at[2], NULL, num_subgraphs, 4);
    struct field subgraph_fields[4] = {{4, 0}, {4, 0}, {4, 0}, {4, 0}};
    size_t subgraph = add_table(&w, subgraph_fields, 4, at);
    for (uint32_t i = 0; i < num_subgraphs; i++) {
        patch(&w, list + 4 * (size_t)i, subgraph);
    }
    add_tensors(&w, at[0], model);
    add_vector(&w, at[1], model->inputs, model->num_inputs, 4);
    add_vector(&w, at[2], model->outputs, model->num_outputs, 4);
    add_operators(&w, at[3], model, model->operators, model->num_operators, 0);
    if (model->num_init_operators) {
        size_t init[MAX_FIELDS];
        patch(&w, list + 4, add_table(&w, subgraph_fields, 4, init));
        add_tensors(&w, init[0], model);
        add_vector(&w, init[1], NULL, 0, 4);
        add_vector(&w, init[2], NULL, 0, 4);
        add_operators(&w, init[3], model, model->init_operators, model->num_init_operators,
                      model->num_operators);
    }
    add_codes(&w, codes, model);
    add_buffers(&w, buffers, model);
    *size_bytes = w.size;
    return w.bytes;
}
