// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/table_impl.h"

// Strings become printable when they enter a document: there is no way around it to a terminal.

static char *keep(struct utvm_document *doc, const char *text)
{
    char *copy = utvm_text_printable(text, strlen(text));
    if (!copy) {
        doc->failed = true;
    }
    return copy;
}

static char *keep_format(struct utvm_document *doc, const char *format, va_list args)
    UTVM_PRINTF(2, 0);
static char *keep_format(struct utvm_document *doc, const char *format, va_list args)
{
    struct utvm_text text = {0};
    utvm_text_vaddf(&text, format, args);
    char *raw = utvm_text_take(&text);
    if (!raw) {
        doc->failed = true;
        return NULL;
    }
    char *copy = keep(doc, raw);
    free(raw);
    return copy;
}

struct utvm_document *utvm_document_create(const char *kind)
{
    struct utvm_document *doc = calloc(1, sizeof(*doc));
    if (doc) {
        doc->kind = keep(doc, kind);
    }
    return doc;
}

static void table_free(struct utvm_table *table)
{
    if (!table) {
        return;
    }
    for (size_t r = 0; r < table->num_rows; r++) {
        for (size_t c = 0; c < table->num_columns; c++) {
            free(table->rows[r].cells[c].text);
        }
        free(table->rows[r].cells);
    }
    for (size_t c = 0; table->columns && c < table->num_columns; c++) {
        free((void *)(uintptr_t)table->columns[c].key);
        free((void *)(uintptr_t)table->columns[c].title);
    }
    free(table->rows);
    free(table->columns);
    free(table->heading);
    free(table->key);
    free(table);
}

void utvm_document_free(struct utvm_document *doc)
{
    if (!doc) {
        return;
    }
    for (size_t i = 0; i < doc->num_sections; i++) {
        struct utvm_section *s = &doc->sections[i];
        for (size_t f = 0; f < s->num_facts; f++) {
            free(s->facts[f].key);
            free(s->facts[f].title);
            free(s->facts[f].value.text);
        }
        free(s->facts);
        free(s->name);
        table_free(s->table);
    }
    for (size_t i = 0; i < doc->num_notes; i++) {
        free(doc->notes[i]);
    }
    free(doc->sections);
    free(doc->notes);
    free(doc->kind);
    free(doc);
}

static struct utvm_section *add_section(struct utvm_document *doc)
{
    struct utvm_section *sections =
        realloc(doc->sections, (doc->num_sections + 1) * sizeof(*sections));
    if (!sections) {
        doc->failed = true;
        return NULL;
    }
    doc->sections = sections;
    sections[doc->num_sections] = (struct utvm_section){0};
    return &sections[doc->num_sections++];
}

static struct utvm_section *facts_section(struct utvm_document *doc, const char *name)
{
    for (size_t i = 0; i < doc->num_sections; i++) {
        struct utvm_section *s = &doc->sections[i];
        bool same = name ? s->name && strcmp(s->name, name) == 0 : !s->name;
        if (!s->table && same) {
            return s;
        }
    }
    struct utvm_section *section = add_section(doc);
    if (section && name) {
        section->name = keep(doc, name);
    }
    return section;
}

static struct utvm_fact *add_fact(struct utvm_document *doc, const char *section, const char *key,
                                  const char *title)
{
    struct utvm_section *s = doc ? facts_section(doc, section) : NULL;
    if (!s) {
        return NULL;
    }
    struct utvm_fact *facts = realloc(s->facts, (s->num_facts + 1) * sizeof(*facts));
    if (!facts) {
        doc->failed = true;
        return NULL;
    }
    s->facts = facts;
    struct utvm_fact *fact = &facts[s->num_facts++];
    *fact = (struct utvm_fact){.key = keep(doc, key), .title = keep(doc, title)};
    return fact;
}

void utvm_document_fact_text(struct utvm_document *doc, const char *section, const char *key,
                             const char *title, const char *format, ...)
{
    struct utvm_fact *fact = add_fact(doc, section, key, title);
    if (!fact) {
        return;
    }
    va_list args;
    va_start(args, format);
    fact->kind = UTVM_CELL_TEXT;
    fact->value.kind = UTVM_VALUE_TEXT;
    fact->value.text = keep_format(doc, format, args);
    va_end(args);
}

void utvm_document_fact_number(struct utvm_document *doc, const char *section, const char *key,
                               const char *title, enum utvm_cell_kind kind, double value)
{
    struct utvm_fact *fact = add_fact(doc, section, key, title);
    if (!fact) {
        return;
    }
    fact->kind = kind;
    bool whole = (kind == UTVM_CELL_INT || kind == UTVM_CELL_BYTES) && fabs(value) < 0x1p63;
    if (kind == UTVM_CELL_BOOL) {
        fact->value = (struct utvm_value){.kind = UTVM_VALUE_BOOL, .truth = value != 0};
    } else if (whole) {
        fact->value = (struct utvm_value){.kind = UTVM_VALUE_INT, .integer = (int64_t)value};
    } else {
        fact->value = (struct utvm_value){.kind = UTVM_VALUE_REAL, .real = value};
    }
}

struct utvm_table *utvm_document_table(struct utvm_document *doc, const char *key,
                                       const char *heading, const struct utvm_column *columns,
                                       size_t num_columns)
{
    struct utvm_section *section = doc ? add_section(doc) : NULL;
    struct utvm_table *table = section ? calloc(1, sizeof(*table)) : NULL;
    if (!table) {
        if (doc) {
            doc->failed = true;
        }
        return NULL;
    }
    section->table = table;
    table->doc = doc;
    table->key = keep(doc, key);
    table->heading = heading ? keep(doc, heading) : NULL;
    table->columns = calloc(num_columns + 1, sizeof(*table->columns));
    if (!table->columns) {
        doc->failed = true;
        return NULL;
    }
    table->num_columns = num_columns;
    for (size_t i = 0; i < num_columns; i++) {
        table->columns[i] = columns[i];
        table->columns[i].key = keep(doc, columns[i].key);
        table->columns[i].title = keep(doc, columns[i].title);
    }
    return table;
}

void utvm_table_row(struct utvm_table *table)
{
    if (!table) {
        return;
    }
    if (table->num_rows == table->row_capacity) {
        size_t capacity = table->row_capacity * 2 + 16;
        struct utvm_table_row *rows = realloc(table->rows, capacity * sizeof(*rows));
        if (!rows) {
            table->doc->failed = true;
            return;
        }
        table->rows = rows;
        table->row_capacity = capacity;
    }
    struct utvm_value *cells = calloc(table->num_columns + 1, sizeof(*cells));
    if (!cells) {
        table->doc->failed = true;
        return;
    }
    table->rows[table->num_rows++] = (struct utvm_table_row){.cells = cells};
}

// The next cell of the current row; NULL after a failure, when nothing matters any more.
static struct utvm_value *next_cell(struct utvm_table *table)
{
    if (!table || table->doc->failed) {
        return NULL;
    }
    UTVM_ASSERT(table->num_rows > 0);
    struct utvm_table_row *row = &table->rows[table->num_rows - 1];
    UTVM_ASSERT(row->num_cells < table->num_columns);
    return &row->cells[row->num_cells++];
}

void utvm_table_text(struct utvm_table *table, const char *format, ...)
{
    struct utvm_value *cell = next_cell(table);
    if (!cell) {
        return;
    }
    va_list args;
    va_start(args, format);
    cell->kind = UTVM_VALUE_TEXT;
    cell->text = keep_format(table->doc, format, args);
    va_end(args);
}

void utvm_table_int(struct utvm_table *table, int64_t value)
{
    struct utvm_value *cell = next_cell(table);
    if (cell) {
        *cell = (struct utvm_value){.kind = UTVM_VALUE_INT, .integer = value};
    }
}

void utvm_table_real(struct utvm_table *table, double value)
{
    struct utvm_value *cell = next_cell(table);
    if (cell) {
        *cell = (struct utvm_value){.kind = UTVM_VALUE_REAL, .real = value};
    }
}

void utvm_table_bool(struct utvm_table *table, bool value)
{
    struct utvm_value *cell = next_cell(table);
    if (cell) {
        *cell = (struct utvm_value){.kind = UTVM_VALUE_BOOL, .truth = value};
    }
}

void utvm_table_none(struct utvm_table *table)
{
    (void)next_cell(table);
}

void utvm_table_mark(struct utvm_table *table)
{
    if (table && table->num_rows > 0) {
        table->rows[table->num_rows - 1].marked = true;
    }
}

void utvm_document_note(struct utvm_document *doc, const char *format, ...)
{
    if (!doc) {
        return;
    }
    char **notes = realloc(doc->notes, (doc->num_notes + 1) * sizeof(*notes));
    if (!notes) {
        doc->failed = true;
        return;
    }
    doc->notes = notes;
    va_list args;
    va_start(args, format);
    char *note = keep_format(doc, format, args);
    va_end(args);
    if (note) {
        notes[doc->num_notes++] = note;
    }
}

void utvm_format_int(int64_t value, char *buf, size_t size)
{
    char digits[24];
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)magnitude);
    size_t at = 0;
    if (value < 0 && size > 1) {
        buf[at++] = '-';
    }
    for (int i = 0; i < length && at + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            buf[at++] = ',';
        }
        buf[at++] = digits[i];
    }
    buf[at] = '\0';
}

void utvm_format_bytes(double bytes, char *buf, size_t size)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (fabs(bytes) < 1024) {
        snprintf(buf, size, "%.0f B", bytes);
        return;
    }
    size_t unit = 0;
    double scaled = bytes / 1024;
    while (fabs(scaled) >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        scaled /= 1024;
        unit++;
    }
    snprintf(buf, size, "%.1f %s", scaled, units[unit]);
}

char *utvm_value_text(const struct utvm_value *value, enum utvm_cell_kind kind)
{
    char buf[64] = "";
    double number = value->kind == UTVM_VALUE_INT ? (double)value->integer : value->real;
    switch (value->kind) {
    case UTVM_VALUE_NONE:
        break;
    case UTVM_VALUE_TEXT:
        return strdup(value->text ? value->text : "");
    case UTVM_VALUE_BOOL:
        snprintf(buf, sizeof(buf), "%s", value->truth ? "yes" : "no");
        break;
    case UTVM_VALUE_INT:
    case UTVM_VALUE_REAL:
        if (kind == UTVM_CELL_BYTES) {
            utvm_format_bytes(number, buf, sizeof(buf));
        } else if (kind == UTVM_CELL_PERCENT) {
            snprintf(buf, sizeof(buf), "%.1f %%", number * 100);
        } else if (value->kind == UTVM_VALUE_INT) {
            utvm_format_int(value->integer, buf, sizeof(buf));
        } else if (kind == UTVM_CELL_MILLI && isfinite(number)) {
            bool tiny = number != 0 && fabs(number) < 0.001;
            snprintf(buf, sizeof(buf), "%s%.3f", tiny ? "<" : "", tiny ? 0.001 : number);
        } else {
            snprintf(buf, sizeof(buf), "%.6g", number);
        }
        break;
    }
    return strdup(buf);
}
