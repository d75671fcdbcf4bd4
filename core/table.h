// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_TABLE_H
#define UTVM_CORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/error.h"

/**
 * The one form in which commands and reports give tabular results, and the one place that writes
 * it as text, JSON, CSV, HTML or a trace. A document is a list of sections; a section is a list of
 * facts (key: value) or a table with columns. Keys are stable and documented; titles are for
 * people.
 *
 * Usage: utvm_document_create → utvm_document_facts / utvm_document_table → add cells row by row →
 * utvm_document_write. Cells and strings are copied. Out of memory is remembered and returned by
 * utvm_document_write, so builders need no error handling: every function accepts a NULL document
 * or table, and writing a NULL document is NO_MEMORY.
 */
struct utvm_document;
struct utvm_table;

enum utvm_cell_kind {
    UTVM_CELL_TEXT,
    UTVM_CELL_INT, /**< shown with thousands separated on request */
    UTVM_CELL_REAL,
    UTVM_CELL_MILLI,   /**< a real that is not negative: three decimals, or <0.001 */
    UTVM_CELL_BYTES,   /**< shown as 12.3 KiB, machine output in bytes */
    UTVM_CELL_PERCENT, /**< 0 to 1, shown as 12.3 % */
    UTVM_CELL_BOOL,
};

/** What may become of a column of text when the line is wider than the window. */
enum utvm_fit {
    UTVM_FIT_SHRINK = 1,   /**< a name: may be shortened with … */
    UTVM_FIT_OPTIONAL = 2, /**< may be left out, which is then said below the table */
};

struct utvm_column {
    const char *key;   /**< stable, snake_case, machine output */
    const char *title; /**< short, text output */
    enum utvm_cell_kind kind;
    unsigned fit; /**< enum utvm_fit flags; `true` is SHRINK */
};

enum utvm_output_format {
    UTVM_OUTPUT_TEXT,
    UTVM_OUTPUT_JSON,
    UTVM_OUTPUT_CSV,
    UTVM_OUTPUT_HTML,  /**< a page of its own, with bars */
    UTVM_OUTPUT_TRACE, /**< Chrome's trace events; of a profile only */
};

struct utvm_style {
    unsigned width; /**< columns of the window; 0 = unlimited */
    bool colour;    /**< ANSI colours in text output */
};

/** @param kind stable word for the document's kind in JSON: "layers", "profile", "compare" … */
struct utvm_document *utvm_document_create(const char *kind);
void utvm_document_free(struct utvm_document *doc);

/**
 * Facts: one line each in text, below the section's name; an object under the section's name in
 * JSON (members of the document itself when section is NULL); lines "section,key,value" in CSV.
 */
void utvm_document_fact_text(struct utvm_document *doc, const char *section, const char *key,
                             const char *title, const char *format, ...) UTVM_PRINTF(5, 6);
void utvm_document_fact_number(struct utvm_document *doc, const char *section, const char *key,
                               const char *title, enum utvm_cell_kind kind, double value);

/** A table section under a stable key. columns are copied; heading may be NULL. */
struct utvm_table *utvm_document_table(struct utvm_document *doc, const char *key,
                                       const char *heading, const struct utvm_column *columns,
                                       size_t num_columns);
/** Starts a new row; cells follow in column order. Missing ones are empty (JSON null). */
void utvm_table_row(struct utvm_table *table);
void utvm_table_text(struct utvm_table *table, const char *format, ...) UTVM_PRINTF(2, 3);
void utvm_table_int(struct utvm_table *table, int64_t value);
void utvm_table_real(struct utvm_table *table, double value);
void utvm_table_bool(struct utvm_table *table, bool value);
void utvm_table_none(struct utvm_table *table);
/** Marks the current row: emphasised in text (the current layer, a divergence). */
void utvm_table_mark(struct utvm_table *table);
/** A remark below the tables in text; "notes" array in JSON. */
void utvm_document_note(struct utvm_document *doc, const char *format, ...) UTVM_PRINTF(2, 3);

/**
 * Writes the document. Text: aligned columns that fit style->width: empty columns go, names shrink,
 * optional columns go, and if all that is not enough the columns are written in blocks below each
 * other; numbers are never cut or wrapped; facts and notes are folded between words. JSON: one
 * object on its own, non-finite numbers as null. CSV: RFC 4180 but for line ends, which are LF;
 * tables one after another separated by an empty line. HTML: one page that needs nothing else.
 * Trace: JSON for chrome://tracing and Perfetto, layers one after another as slices; INVALID for
 * what is no profile. Foreign strings are escaped for the format, terminal control characters
 * included.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_document_write(const struct utvm_document *doc, FILE *out,
                                                       enum utvm_output_format format,
                                                       const struct utvm_style *style);

/**
 * Several documents as one: in JSON an object {"kind": kind, "<kind of each>": {…}}, in HTML one
 * page, in text and CSV one after another.
 */
UTVM_MUST_CHECK struct utvm_error *
utvm_documents_write(const char *kind, const struct utvm_document *const *docs, size_t num_docs,
                     FILE *out, enum utvm_output_format format, const struct utvm_style *style);

/** "1,234,567": what text output shows for an INT. @param buf at least 32 bytes */
void utvm_format_int(int64_t value, char *buf, size_t size);
/** "12.3 KiB", "512 B". @param buf at least 32 bytes */
void utvm_format_bytes(double bytes, char *buf, size_t size);

#endif
