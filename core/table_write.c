// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <errno.h>
#include <string.h>

#include "core/table_impl.h"

// Which writer a format takes, and what the writers look up.

const struct utvm_fact *utvm_document_find_fact(const struct utvm_document *doc,
                                                const char *section, const char *key)
{
    for (size_t i = 0; i < doc->num_sections; i++) {
        const struct utvm_section *s = &doc->sections[i];
        if (s->table || !s->name || strcmp(s->name, section) != 0) {
            continue;
        }
        for (size_t f = 0; f < s->num_facts; f++) {
            if (strcmp(s->facts[f].key, key) == 0) {
                return &s->facts[f];
            }
        }
    }
    return NULL;
}

const struct utvm_table *utvm_document_find_table(const struct utvm_document *doc, const char *key)
{
    for (size_t i = 0; i < doc->num_sections; i++) {
        const struct utvm_table *table = doc->sections[i].table;
        if (table && strcmp(table->key, key) == 0) {
            return table;
        }
    }
    return NULL;
}

size_t utvm_table_find_column(const struct utvm_table *table, const char *key)
{
    size_t c = 0;
    while (c < table->num_columns && strcmp(table->columns[c].key, key) != 0) {
        c++;
    }
    return c;
}

static struct utvm_error *stream_error(FILE *out)
{
    return ferror(out) ? utvm_error_os(errno ? errno : EIO, "cannot write the output") : NULL;
}

// Formats in which several documents are one.
static struct utvm_error *write_whole(const char *kind, const struct utvm_document *const *docs,
                                      size_t num_docs, FILE *out, enum utvm_output_format format)
{
    bool failed = false;
    struct utvm_error *error = NULL;
    if (format == UTVM_OUTPUT_HTML) {
        utvm_documents_write_html(kind, docs, num_docs, out, &failed);
        error = failed ? utvm_error_no_memory() : NULL;
    } else {
        error = utvm_documents_write_trace(docs, num_docs, out);
    }
    return error ? error : stream_error(out);
}

struct utvm_error *utvm_document_write(const struct utvm_document *doc, FILE *out,
                                       enum utvm_output_format format,
                                       const struct utvm_style *style)
{
    static const struct utvm_style plain = {0, false};
    if (!doc || doc->failed) {
        return utvm_error_no_memory();
    }
    bool failed = false;
    switch (format) {
    case UTVM_OUTPUT_JSON:
        return utvm_document_write_json(doc, out);
    case UTVM_OUTPUT_HTML:
    case UTVM_OUTPUT_TRACE:
        return write_whole(doc->kind, &doc, 1, out, format);
    case UTVM_OUTPUT_CSV:
        utvm_document_write_csv(doc, out);
        break;
    case UTVM_OUTPUT_TEXT:
        utvm_document_write_text(doc, out, style ? style : &plain, &failed);
        break;
    }
    return failed ? utvm_error_no_memory() : stream_error(out);
}

struct utvm_error *utvm_documents_write(const char *kind, const struct utvm_document *const *docs,
                                        size_t num_docs, FILE *out, enum utvm_output_format format,
                                        const struct utvm_style *style)
{
    for (size_t i = 0; i < num_docs; i++) {
        if (!docs[i] || docs[i]->failed) {
            return utvm_error_no_memory();
        }
    }
    switch (format) {
    case UTVM_OUTPUT_JSON:
        return utvm_documents_write_json(kind, docs, num_docs, out);
    case UTVM_OUTPUT_HTML:
    case UTVM_OUTPUT_TRACE:
        return write_whole(kind, docs, num_docs, out, format);
    case UTVM_OUTPUT_CSV:
    case UTVM_OUTPUT_TEXT:
        break;
    }
    for (size_t i = 0; i < num_docs; i++) {
        if (i > 0) {
            fputc('\n', out);
        }
        struct utvm_error *error = utvm_document_write(docs[i], out, format, style);
        if (error) {
            return error;
        }
    }
    return NULL;
}
