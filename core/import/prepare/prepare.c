// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/import/prepare.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/import/builtin_names.h"
#include "core/import/prepare/common.h"

/* ---- params ------------------------------------------------------------------------------- */

struct field_row {
    const char *name;
    uint16_t count;
    enum utvm_dtype dtype;
};

#define ROW_I(field, meaning) {#field, 1, UTVM_DTYPE_INT32},
#define ROW_A(field, count, meaning) {#field, count, UTVM_DTYPE_INT32},
#define ROW_F(field, meaning) {#field, 1, UTVM_DTYPE_FLOAT32},
#define ROWS(name, FIELDS)                                                                         \
    static const struct field_row rows_##name[] = {FIELDS(ROW_I, ROW_A, ROW_F)};
UTVM_PARAMS_LIST(ROWS)

static const struct {
    const char *name;
    const struct field_row *rows;
    uint32_t num_rows;
    uint32_t size_bytes;
} params_kinds[] = {
#define KIND(name, FIELDS)                                                                         \
    [UTVM_PARAMS_##name] = {"utvm_" #name "_params", rows_##name,                                  \
                            sizeof(rows_##name) / sizeof(rows_##name[0]),                          \
                            sizeof(struct utvm_##name##_params)},
    UTVM_PARAMS_LIST(KIND)};

struct utvm_error *utvm_prep_params(struct utvm_prep *p, enum utvm_params_kind kind, void *ret)
{
    UTVM_ASSERT(!p->out->params);
    uint32_t num_rows = params_kinds[kind].num_rows;
    size_t fields_at = (params_kinds[kind].size_bytes + 15u) & ~(size_t)15u;
    /* One block, so that the fields live exactly as long as the params they describe. */
    char *block = calloc(1, fields_at + num_rows * sizeof(struct utvm_param_field));
    if (!block) {
        return utvm_error_no_memory();
    }
    struct utvm_param_field *fields = (struct utvm_param_field *)(void *)(block + fields_at);
    uint32_t offset = 0;
    for (uint32_t i = 0; i < num_rows; i++) {
        const struct field_row *row = &params_kinds[kind].rows[i];
        fields[i] = (struct utvm_param_field){row->name, (uint16_t)offset, row->count, row->dtype};
        offset += 4u * row->count;
    }
    /* Words without gaps, so the offsets follow from the counts. */
    UTVM_ASSERT(offset == params_kinds[kind].size_bytes);
    p->out->params = block;
    p->out->params_bytes = params_kinds[kind].size_bytes;
    p->out->params_struct = params_kinds[kind].name;
    p->out->fields = fields;
    p->out->num_fields = num_rows;
    *(void **)ret = block;
    return NULL;
}

/* ---- operators ---------------------------------------------------------------------------- */

/** The MAC formula of each row of the operator list, over the terms of one operator. */
#define MACS(id, name, prepare, types, formula)                                                    \
    static uint64_t macs_of_##prepare(const struct utvm_mac_terms *terms)                          \
    {                                                                                              \
        const uint64_t outputs = terms->outputs;                                                   \
        const uint64_t channels = terms->channels;                                                 \
        const uint64_t depth = terms->depth;                                                       \
        const uint64_t inputs = terms->inputs;                                                     \
        const uint64_t filter = terms->filter;                                                     \
        const uint64_t steps = terms->steps;                                                       \
        const uint64_t units = terms->units;                                                       \
        (void)outputs;                                                                             \
        (void)channels;                                                                            \
        (void)depth;                                                                               \
        (void)inputs;                                                                              \
        (void)filter;                                                                              \
        (void)steps;                                                                               \
        (void)units;                                                                               \
        return (formula);                                                                          \
    }
UTVM_OPERATOR_LIST(MACS)

static const struct {
    struct utvm_operator_row row;
    utvm_prepare_fn prepare;
    uint64_t (*macs)(const struct utvm_mac_terms *terms);
} operators[] = {
#define OPERATOR(id, name, prepare, types, macs)                                                   \
    {{(id), #name, (types), #macs}, utvm_prepare_##prepare, macs_of_##prepare},
    UTVM_OPERATOR_LIST(OPERATOR)};

#define NUM_OPERATORS (sizeof(operators) / sizeof(operators[0]))

static const struct utvm_operator_row reader_rows[] = {
#define READER_ROW(id, name, types) {(id), #name, (types), "0"},
    UTVM_READER_OPERATOR_LIST(READER_ROW)};

#define NUM_READER_ROWS (sizeof(reader_rows) / sizeof(reader_rows[0]))

const struct utvm_operator_row *utvm_operator_row(uint32_t i)
{
    size_t prepared = 0;
    size_t read = 0;
    while (prepared < NUM_OPERATORS || read < NUM_READER_ROWS) {
        bool from_reader =
            prepared == NUM_OPERATORS ||
            (read < NUM_READER_ROWS && reader_rows[read].id < operators[prepared].row.id);
        const struct utvm_operator_row *row =
            from_reader ? &reader_rows[read++] : &operators[prepared++].row;
        if (i-- == 0) {
            return row;
        }
    }
    return NULL;
}

const char *utvm_operator_name(uint32_t operator_id)
{
    const struct utvm_operator_row *row;
    for (uint32_t i = 0; (row = utvm_operator_row(i)) != NULL; i++) {
        if (row->id == operator_id) {
            return row->name;
        }
    }
    return NULL;
}

static void set_common_terms(struct utvm_prep *p)
{
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *filter = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    p->terms = (struct utvm_mac_terms){.channels = 1, .depth = 1};
    if (input) {
        p->terms.inputs = input->num_elems;
        p->terms.depth = input->rank ? input->dims[input->rank - 1] : 1;
    }
    if (filter) {
        p->terms.filter = filter->num_elems;
    }
    if (output) {
        p->terms.outputs = output->num_elems;
        p->terms.channels = output->rank ? output->dims[output->rank - 1] : 1;
    }
}

void utvm_prepared_deinit(struct utvm_prepared *prepared)
{
    free(prepared->params);
    for (uint32_t i = 0; i < prepared->num_constants; i++) {
        free(prepared->constants[i].data);
    }
    memset(prepared, 0, sizeof(*prepared));
}

struct utvm_error *utvm_prepare(const struct utvm_graph *graph,
                                const struct utvm_graph_operator *op, struct utvm_prepared *ret)
{
    size_t i = 0;
    while (i < NUM_OPERATORS && operators[i].row.id != op->operator_id) {
        i++;
    }
    if (i == NUM_OPERATORS) {
        const char *name = utvm_builtin_name(op->operator_id);
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "operator %" PRIu32 " '%s' (builtin code %" PRIu32
                                 ") is not supported",
                                 op->index, name ? name : "?", op->operator_id);
    }
    struct utvm_prepared prepared = {0};
    struct utvm_prep p = {.graph = graph, .op = op, .out = &prepared};
    set_common_terms(&p);
    struct utvm_error *error = operators[i].prepare(&p);
    if (error) {
        utvm_prepared_deinit(&prepared);
        return utvm_error_prefix(error, "operator %" PRIu32 " '%s'", op->index,
                                 operators[i].row.name);
    }
    UTVM_ASSERT(prepared.kernel && prepared.params);
    prepared.macs = operators[i].macs(&p.terms);
    prepared.executed_macs = prepared.macs;
    *ret = prepared;
    return NULL;
}
