// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_TABLE_IMPL_H
#define UTVM_CORE_TABLE_IMPL_H

#include "core/table.h"
#include "core/text.h"

/** What table.c builds and the writers (table_text.c, table_csv.c, table_json.c …) read. */
enum utvm_value_kind {
    UTVM_VALUE_NONE,
    UTVM_VALUE_TEXT,
    UTVM_VALUE_INT,
    UTVM_VALUE_REAL,
    UTVM_VALUE_BOOL,
};

struct utvm_value {
    enum utvm_value_kind kind;
    char *text; /**< TEXT: printable, owned */
    int64_t integer;
    double real;
    bool truth;
};

struct utvm_table_row {
    bool marked;
    size_t num_cells;
    struct utvm_value *cells; /**< [num_columns] */
};

struct utvm_table {
    struct utvm_document *doc;
    char *key;
    char *heading; /**< or NULL */
    size_t num_columns;
    struct utvm_column *columns; /**< key and title owned */
    size_t num_rows;
    size_t row_capacity;
    struct utvm_table_row *rows;
};

struct utvm_fact {
    char *key;
    char *title;
    enum utvm_cell_kind kind;
    struct utvm_value value;
};

/** Either facts or a table. */
struct utvm_section {
    char *name; /**< facts: as given, or NULL; table: NULL */
    size_t num_facts;
    struct utvm_fact *facts;
    struct utvm_table *table;
};

struct utvm_document {
    char *kind;
    size_t num_sections;
    struct utvm_section *sections;
    size_t num_notes;
    char **notes;
    bool failed; /**< out of memory */
};

/** A value for people, malloc'd; "" for none. */
char *utvm_value_text(const struct utvm_value *value, enum utvm_cell_kind kind);

/** Pieces of a document by their stable names; NULL where there is none. */
const struct utvm_fact *utvm_document_find_fact(const struct utvm_document *doc,
                                                const char *section, const char *key);
const struct utvm_table *utvm_document_find_table(const struct utvm_document *doc, const char *key);
/** Place of a column; num_columns where there is none. */
size_t utvm_table_find_column(const struct utvm_table *table, const char *key);

void utvm_document_write_text(const struct utvm_document *doc, FILE *out,
                              const struct utvm_style *style, bool *failed);
void utvm_document_write_csv(const struct utvm_document *doc, FILE *out);
/** @return NO_MEMORY, OS when writing fails */
UTVM_MUST_CHECK struct utvm_error *utvm_document_write_json(const struct utvm_document *doc,
                                                            FILE *out);
UTVM_MUST_CHECK struct utvm_error *
utvm_documents_write_json(const char *kind, const struct utvm_document *const *docs,
                          size_t num_docs, FILE *out);
void utvm_documents_write_html(const char *kind, const struct utvm_document *const *docs,
                               size_t num_docs, FILE *out, bool *failed);
/** @return INVALID without a profile or a clock; OS when writing fails is left to the caller */
UTVM_MUST_CHECK struct utvm_error *
utvm_documents_write_trace(const struct utvm_document *const *docs, size_t num_docs, FILE *out);

#endif
