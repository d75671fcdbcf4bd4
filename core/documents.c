// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdio.h>
#include <string.h>

#include "core/channels.h"
#include "core/profile.h"
#include "core/session_impl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void utvm_cycles_text(const struct utvm_target_info *info, char *buf, size_t size)
{
    switch (info->cycle_source) {
    case UTVM_CYCLES_MEASURED:
        snprintf(buf, size, "measured");
        return;
    case UTVM_CYCLES_MODELLED:
        snprintf(buf, size, "modelled (%s%s%s)", info->timing_mode,
                 info->timing_mode[0] && info->error_band[0] ? ", " : "", info->error_band);
        return;
    case UTVM_CYCLES_UNKNOWN:
        break;
    }
    snprintf(buf, size, "of unknown origin");
}

uint32_t utvm_session_clock_hz(const struct utvm_session *s)
{
    if (s->clock_hz) {
        return s->clock_hz;
    }
    if (s->model && s->model->clock_hz) {
        return s->model->clock_hz;
    }
    return s->target ? s->target->info.clock_hz : 0;
}

static void add_model(struct utvm_document *doc, const struct utvm_model *m)
{
    utvm_document_fact_text(doc, "model", "name", "name", "%s", m->name);
    utvm_document_fact_text(doc, "model", "file", "file", "%s", m->path);
    utvm_document_fact_text(doc, "model", "sha256", "sha256", "%s", m->sha256);
    utvm_document_fact_text(doc, "model", "source_file", "made from", "%s", m->source_file);
    utvm_document_fact_text(doc, "model", "source_sha256", "its sha256", "%s", m->source_sha256);
    utvm_document_fact_text(doc, "model", "builder", "builder", "%s", m->builder);
    utvm_document_fact_text(doc, "model", "compiler", "compiler", "%s", m->compiler);
    utvm_document_fact_text(doc, "model", "options", "options", "%s", m->options);
    utvm_document_fact_number(doc, "model", "num_layers", "layers", UTVM_CELL_INT, m->num_layers);
}

static void add_target(struct utvm_document *doc, const struct utvm_session *s)
{
    const struct utvm_target_info *info = &s->target->info;
    char cycles[160];
    utvm_cycles_text(info, cycles, sizeof(cycles));
    utvm_document_fact_text(doc, "target", "description", "target", "%s", info->description);
    utvm_document_fact_text(doc, "target", "server", "server", "%s", info->server);
    utvm_document_fact_text(doc, "target", "cpuid", "CPUID", "0x%08x", (unsigned)info->cpuid);
    utvm_document_fact_text(doc, "target", "device_id", "device", "0x%08x",
                            (unsigned)info->device_id);
    utvm_document_fact_number(doc, "target", "clock_hz", "clock (Hz)", UTVM_CELL_INT,
                              utvm_session_clock_hz(s));
    utvm_document_fact_text(doc, "target", "cycles", "cycles are", "%s", cycles);
}

struct utvm_document *utvm_provenance_document(const struct utvm_session *s)
{
    struct utvm_document *doc = utvm_document_create("provenance");
    if (s->model) {
        add_model(doc, s->model);
    }
    if (s->target) {
        add_target(doc, s);
    }
    return doc;
}

static void output_shape(const struct utvm_model *m, const struct utvm_layer *l, char *buf,
                         size_t size)
{
    buf[0] = '\0';
    if (l->num_outputs > 0) {
        const struct utvm_tensor *t = &m->tensors[l->outputs[0]];
        utvm_shape_text(t->rank, t->dims, buf, size);
    }
}

// What becomes of a layer that has no function of its own, or how far it has come.
static void layer_state(const struct utvm_session *s, const struct utvm_layer *l, char *buf,
                        size_t size)
{
    bool here = l->index == s->status.next_layer;
    if (l->flags & UTVM_LAYER_FUSED) {
        snprintf(buf, size, "in #%u", (unsigned)l->executed_by);
    } else if (l->flags & UTVM_LAYER_FOLDED) {
        snprintf(buf, size, "folded");
    } else if (here && s->status.interrupted) {
        snprintf(buf, size, "interrupted");
    } else if (here && s->faulted) {
        snprintf(buf, size, "fault");
    } else if (here && s->status.uploaded) {
        snprintf(buf, size, "next");
    } else {
        snprintf(buf, size, "%s", utvm_session_record(s, l->index) ? "done" : "");
    }
}

struct utvm_document *utvm_layers_document(const struct utvm_session *s)
{
    static const struct utvm_column columns[] = {
        {"index", "#", UTVM_CELL_INT, false},
        {"name", "layer", UTVM_CELL_TEXT, true},
        {"operator", "operator", UTVM_CELL_TEXT, false},
        {"shape", "output", UTVM_CELL_TEXT, false},
        {"state", "state", UTVM_CELL_TEXT, false},
        {"cycles", "cycles", UTVM_CELL_INT, false},
        {"macs", "MACs", UTVM_CELL_INT, false},
        {"executed_macs", "executed", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"weights_bytes", "weights", UTVM_CELL_BYTES, UTVM_FIT_OPTIONAL},
        {"kernel", "kernel", UTVM_CELL_TEXT, UTVM_FIT_SHRINK | UTVM_FIT_OPTIONAL},
    };
    struct utvm_document *doc = utvm_document_create("layers");
    const struct utvm_model *m = s->model;
    struct utvm_table *table = utvm_document_table(doc, "layers", NULL, columns, COUNT(columns));
    bool any_cycles = false;
    uint32_t filters = 0;
    uint32_t constant = 0;
    uint32_t unread = 0;
    for (uint32_t i = 0; m && i < m->num_layers; i++) {
        const struct utvm_layer *l = &m->layers[i];
        char shape[UTVM_SHAPE_TEXT_BYTES];
        char state[32];
        uint32_t of_layer;
        filters += utvm_layer_filters(m, l, &of_layer);
        constant += of_layer;
        unread += utvm_layer_is_unread(m, l) ? 1 : 0;
        output_shape(m, l, shape, sizeof(shape));
        layer_state(s, l, state, sizeof(state));
        utvm_table_row(table);
        utvm_table_int(table, i);
        utvm_table_text(table, "%s", l->name);
        utvm_table_text(table, "%s", l->operator_name);
        utvm_table_text(table, "%s", shape);
        utvm_table_text(table, "%s", state);
        if (utvm_session_record(s, i)) {
            utvm_table_int(table, utvm_session_layer_cycles(s, i));
            any_cycles = true;
        } else {
            utvm_table_none(table);
        }
        utvm_table_int(table, (int64_t)l->macs);
        utvm_table_int(table, (int64_t)l->executed_macs);
        utvm_table_int(table, l->weights_bytes);
        utvm_table_text(table, "%s", l->kernel);
        if (s->status.uploaded && i == s->status.next_layer) {
            utvm_table_mark(table);
        }
    }
    if (constant > 0) {
        utvm_document_note(doc, "%u of %u filters are constant and not computed", constant,
                           filters);
    }
    if (unread > 0) {
        utvm_document_note(doc,
                           unread == 1 ? "%u layer computes what no other reads"
                                       : "%u layers compute what no other reads",
                           unread);
    }
    if (any_cycles && s->target) {
        char cycles[160];
        utvm_cycles_text(&s->target->info, cycles, sizeof(cycles));
        utvm_document_note(doc, "cycles are %s", cycles);
    }
    return doc;
}

static const char *tensor_role(const struct utvm_tensor *t)
{
    if (t->flags & UTVM_TENSOR_CONSTANT) {
        return "constant";
    }
    if (t->flags & UTVM_TENSOR_VARIABLE) {
        return "state";
    }
    if (t->flags & UTVM_TENSOR_INPUT) {
        return "input";
    }
    return t->flags & UTVM_TENSOR_OUTPUT ? "output" : "activation";
}

static const char *life_text(enum utvm_tensor_life life)
{
    switch (life) {
    case UTVM_LIFE_VALID:
        return "valid";
    case UTVM_LIFE_NOT_WRITTEN:
        return "not written";
    case UTVM_LIFE_OVERWRITTEN:
        return "overwritten";
    case UTVM_LIFE_PARTIAL:
        return "half written";
    case UTVM_LIFE_ABSENT:
        break;
    }
    return "absent";
}

static void layer_cell(struct utvm_table *table, uint32_t layer)
{
    if (layer == UTVM_NO_INDEX) {
        utvm_table_none(table);
    } else {
        utvm_table_int(table, layer);
    }
}

static void tensor_row(struct utvm_table *table, const struct utvm_session *s,
                       const struct utvm_tensor *t)
{
    char shape[UTVM_SHAPE_TEXT_BYTES];
    utvm_shape_text(t->rank, t->dims, shape, sizeof(shape));
    utvm_table_row(table);
    utvm_table_int(table, t->index);
    utvm_table_text(table, "%s", t->name);
    utvm_table_text(table, "%s", tensor_role(t));
    utvm_table_text(table, "%s", utvm_dtype_name(t->dtype));
    utvm_table_text(table, "%s", shape);
    utvm_table_int(table, t->size_bytes);
    utvm_table_text(table, "%s", life_text(utvm_session_tensor_life(s, t->index, NULL)));
    if (utvm_tensor_in_memory(t)) {
        utvm_table_text(table, "0x%08x", (unsigned)t->addr);
    } else {
        utvm_table_none(table);
    }
    if (t->region) {
        utvm_table_text(table, "%s", t->region->name);
    } else {
        utvm_table_none(table);
    }
    if (t->num_scales == 1) {
        utvm_table_real(table, (double)t->scales[0]);
        utvm_table_int(table, t->zero_points[0]);
    } else {
        utvm_table_none(table);
        utvm_table_none(table);
    }
    layer_cell(table, t->first_layer);
    layer_cell(table, t->last_layer);
    layer_cell(table, t->source_index);
}

struct utvm_document *utvm_tensors_document(const struct utvm_session *s)
{
    static const struct utvm_column columns[] = {
        {"index", "#", UTVM_CELL_INT, false},
        {"name", "tensor", UTVM_CELL_TEXT, true},
        {"role", "role", UTVM_CELL_TEXT, false},
        {"dtype", "type", UTVM_CELL_TEXT, false},
        {"shape", "shape", UTVM_CELL_TEXT, false},
        {"size_bytes", "size", UTVM_CELL_BYTES, false},
        {"life", "value", UTVM_CELL_TEXT, false},
        {"address", "address", UTVM_CELL_TEXT, UTVM_FIT_OPTIONAL},
        {"region", "region", UTVM_CELL_TEXT, UTVM_FIT_OPTIONAL},
        {"scale", "scale", UTVM_CELL_REAL, UTVM_FIT_OPTIONAL},
        {"zero_point", "zero", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"first_layer", "written by", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"last_layer", "last read by", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"source_index", "t", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
    };
    struct utvm_document *doc = utvm_document_create("tensors");
    struct utvm_table *table = utvm_document_table(doc, "tensors", NULL, columns, COUNT(columns));
    for (uint32_t i = 0; s->model && i < s->model->num_tensors; i++) {
        tensor_row(table, s, &s->model->tensors[i]);
    }
    return doc;
}
