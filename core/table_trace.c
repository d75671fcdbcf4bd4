// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <string.h>

#include "core/table_impl.h"

// The JSON object of the Trace Event Format, which chrome://tracing and Perfetto open: layers are
// complete events ("X") one behind the other, memory is a counter ("C"), times are microseconds.
// Source: "Trace Event Format", the Chromium project. Write errors stay in the stream's flag.

/** Where the pieces are that a trace is made of. */
struct trace {
    const struct utvm_table *layers;
    const struct utvm_table *details[2]; /**< of the same layers: space, breakdown; or NULL */
    size_t index;                        /**< columns of layers */
    size_t name;
    size_t operator_name;
    size_t cycles;
    double clock_hz;
    const char *cycles_are;
    const char *model;
    const char *target;
};

// Strings of documents are printable UTF-8, so that these two are all that must be escaped.
static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\') {
            fputc('\\', out);
        }
        fputc(*p, out);
    }
    fputc('"', out);
}

static void write_value(FILE *out, const struct utvm_value *value)
{
    switch (value->kind) {
    case UTVM_VALUE_TEXT:
        write_string(out, value->text);
        return;
    case UTVM_VALUE_INT:
        fprintf(out, "%lld", (long long)value->integer);
        return;
    case UTVM_VALUE_REAL:
        if (isfinite(value->real)) {
            fprintf(out, "%.15g", value->real);
            return;
        }
        break;
    case UTVM_VALUE_BOOL:
        fputs(value->truth ? "true" : "false", out);
        return;
    case UTVM_VALUE_NONE:
        break;
    }
    fputs("null", out);
}

static const char *fact_text(const struct utvm_document *const *docs, size_t num_docs,
                             const char *section, const char *key)
{
    for (size_t d = 0; d < num_docs; d++) {
        const struct utvm_fact *fact = utvm_document_find_fact(docs[d], section, key);
        if (fact && fact->value.kind == UTVM_VALUE_TEXT && fact->value.text[0]) {
            return fact->value.text;
        }
    }
    return NULL;
}

static struct utvm_error *find_profile(const struct utvm_document *const *docs, size_t num_docs,
                                       struct trace *ret)
{
    const struct utvm_document *profile = NULL;
    for (size_t d = 0; d < num_docs; d++) {
        profile = strcmp(docs[d]->kind, "profile") == 0 ? docs[d] : profile;
    }
    struct trace t = {.layers = profile ? utvm_document_find_table(profile, "layers") : NULL};
    if (!t.layers) {
        return utvm_error_create(UTVM_ERROR_INVALID, "only a profile can become a trace");
    }
    const struct utvm_fact *clock = utvm_document_find_fact(profile, "total", "clock_hz");
    if (!clock || clock->value.kind != UTVM_VALUE_INT || clock->value.integer <= 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "a trace is in time, and no clock is known; "
                                                     "'set clock HZ' states one");
    }
    t.clock_hz = (double)clock->value.integer;
    t.details[0] = utvm_document_find_table(profile, "space");
    t.details[1] = utvm_document_find_table(profile, "breakdown");
    t.index = utvm_table_find_column(t.layers, "index");
    t.name = utvm_table_find_column(t.layers, "name");
    t.operator_name = utvm_table_find_column(t.layers, "operator");
    t.cycles = utvm_table_find_column(t.layers, "cycles");
    t.cycles_are = fact_text(&profile, 1, "total", "cycle_source");
    t.model = fact_text(docs, num_docs, "model", "name");
    t.target = fact_text(docs, num_docs, "target", "description");
    UTVM_ASSERT(t.index < t.layers->num_columns && t.name < t.layers->num_columns &&
                t.operator_name < t.layers->num_columns && t.cycles < t.layers->num_columns);
    *ret = t;
    return NULL;
}

// The cells of a row that the slice does not show itself, as further members of its "args".
static void write_details(FILE *out, const struct utvm_table *table,
                          const struct utvm_table_row *row, bool *first)
{
    static const char *const shown[] = {"index", "name", "operator", "share"};
    for (size_t c = 0; c < table->num_columns; c++) {
        bool skipped = row->cells[c].kind == UTVM_VALUE_NONE;
        for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
            skipped = skipped || strcmp(table->columns[c].key, shown[i]) == 0;
        }
        if (!skipped) {
            fputs(*first ? "" : ",", out);
            write_string(out, table->columns[c].key);
            fputc(':', out);
            write_value(out, &row->cells[c]);
            *first = false;
        }
    }
}

static void write_slice(FILE *out, const struct trace *t, size_t r, double at_us, double us)
{
    const struct utvm_table_row *row = &t->layers->rows[r];
    fputs(",\n{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"name\":", out);
    write_value(out, &row->cells[t->name]);
    fputs(",\"cat\":", out);
    write_value(out, &row->cells[t->operator_name]);
    fprintf(out, ",\"ts\":%.6f,\"dur\":%.6f,\"args\":{\"layer\":", at_us, us);
    write_value(out, &row->cells[t->index]);
    bool first = false;
    write_details(out, t->layers, row, &first);
    for (size_t i = 0; i < 2; i++) {
        if (t->details[i] && r < t->details[i]->num_rows) {
            write_details(out, t->details[i], &t->details[i]->rows[r], &first);
        }
    }
    fputs("}}", out);
}

// Bytes alive from the beginning of a layer on.
static void write_memory(FILE *out, const struct trace *t, size_t r, double at_us)
{
    const struct utvm_table *space = t->details[0];
    size_t live = space ? utvm_table_find_column(space, "live_bytes") : 0;
    if (!space || live == space->num_columns || r >= space->num_rows) {
        return;
    }
    fprintf(out, ",\n{\"ph\":\"C\",\"pid\":1,\"name\":\"memory alive\",\"ts\":%.6f,\"args\":{",
            at_us);
    fputs("\"bytes\":", out);
    write_value(out, &space->rows[r].cells[live]);
    fputs("}}", out);
}

static void write_names(FILE *out, const struct trace *t)
{
    fputs("{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":", out);
    write_string(out, t->model ? t->model : "model");
    fputs("}},\n{\"ph\":\"M\",\"pid\":1,\"tid\":1,\"name\":\"thread_name\",\"args\":{\"name\":",
          out);
    bool modelled = t->cycles_are && strncmp(t->cycles_are, "modelled", 8) == 0;
    write_string(out, modelled ? "layers (modelled time)" : "layers");
    fputs("}}", out);
}

struct utvm_error *utvm_documents_write_trace(const struct utvm_document *const *docs,
                                              size_t num_docs, FILE *out)
{
    struct trace t = {0};
    struct utvm_error *error = find_profile(docs, num_docs, &t);
    if (error) {
        return error;
    }
    fputs("{\"displayTimeUnit\":\"ms\",\n\"otherData\":{\"cycles are\":", out);
    write_string(out, t.cycles_are ? t.cycles_are : "of unknown origin");
    fprintf(out, ",\"clock in Hz\":%.0f,\"target\":", t.clock_hz);
    write_string(out, t.target ? t.target : "");
    fputs("},\n\"traceEvents\":[\n", out);
    write_names(out, &t);
    double cycles_before = 0;
    for (size_t r = 0; r < t.layers->num_rows; r++) {
        const struct utvm_value *value = &t.layers->rows[r].cells[t.cycles];
        double cycles = value->kind == UTVM_VALUE_INT ? (double)value->integer : 0;
        double at_us = cycles_before * 1e6 / t.clock_hz;
        write_slice(out, &t, r, at_us, cycles * 1e6 / t.clock_hz);
        write_memory(out, &t, r, at_us);
        cycles_before += cycles;
    }
    fputs("\n]}\n", out);
    return NULL;
}
