// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "core/table_impl.h"

// The only writer of JSON (saved_profile.c reads it). Its setters fail on out of memory only, since
// every string of a document is printable UTF-8.

#define DUMP_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(15))

static json_t *value_json(const struct utvm_value *value)
{
    switch (value->kind) {
    case UTVM_VALUE_NONE:
        break;
    case UTVM_VALUE_TEXT:
        return json_string(value->text);
    case UTVM_VALUE_INT:
        return json_integer(value->integer);
    case UTVM_VALUE_REAL:
        return isfinite(value->real) ? json_real(value->real) : json_null();
    case UTVM_VALUE_BOOL:
        return json_boolean(value->truth);
    }
    return json_null();
}

static bool add_facts(json_t *object, const struct utvm_section *section)
{
    json_t *into = object;
    if (section->name) {
        into = json_object();
        if (json_object_set_new(object, section->name, into) != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < section->num_facts; i++) {
        const struct utvm_fact *fact = &section->facts[i];
        if (json_object_set_new(into, fact->key, value_json(&fact->value)) != 0) {
            return false;
        }
    }
    return true;
}

static bool add_table(json_t *object, const struct utvm_table *table)
{
    json_t *rows = json_array();
    if (json_object_set_new(object, table->key, rows) != 0) {
        return false;
    }
    for (size_t r = 0; r < table->num_rows; r++) {
        json_t *row = json_object();
        if (json_array_append_new(rows, row) != 0) {
            return false;
        }
        for (size_t c = 0; c < table->num_columns; c++) {
            const struct utvm_value *cell = &table->rows[r].cells[c];
            if (json_object_set_new(row, table->columns[c].key, value_json(cell)) != 0) {
                return false;
            }
        }
    }
    return true;
}

static bool fill(json_t *object, const struct utvm_document *doc)
{
    if (json_object_set_new(object, "kind", json_string(doc->kind)) != 0) {
        return false;
    }
    for (size_t i = 0; i < doc->num_sections; i++) {
        const struct utvm_section *s = &doc->sections[i];
        if (!(s->table ? add_table(object, s->table) : add_facts(object, s))) {
            return false;
        }
    }
    if (doc->num_notes == 0) {
        return true;
    }
    json_t *notes = json_array();
    if (json_object_set_new(object, "notes", notes) != 0) {
        return false;
    }
    for (size_t i = 0; i < doc->num_notes; i++) {
        if (json_array_append_new(notes, json_string(doc->notes[i])) != 0) {
            return false;
        }
    }
    return true;
}

// Takes over object.
static struct utvm_error *dump(json_t *object, bool complete, FILE *out)
{
    struct utvm_error *error = NULL;
    errno = 0;
    if (!object || !complete) {
        error = utvm_error_no_memory();
    } else if (json_dumpf(object, out, DUMP_FLAGS) != 0 || fputc('\n', out) == EOF) {
        error = utvm_error_os(errno ? errno : EIO, "cannot write the output");
    }
    json_decref(object);
    return error;
}

struct utvm_error *utvm_document_write_json(const struct utvm_document *doc, FILE *out)
{
    json_t *object = json_object();
    return dump(object, object && fill(object, doc), out);
}

struct utvm_error *utvm_documents_write_json(const char *kind,
                                             const struct utvm_document *const *docs,
                                             size_t num_docs, FILE *out)
{
    json_t *object = json_object();
    bool complete = object && json_object_set_new(object, "kind", json_string(kind)) == 0;
    for (size_t i = 0; i < num_docs && complete; i++) {
        json_t *member = json_object();
        complete = json_object_set_new(object, docs[i]->kind, member) == 0 && fill(member, docs[i]);
    }
    return dump(object, complete, out);
}
