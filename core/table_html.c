// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/table_html_impl.h"

// One page that needs nothing else: no script, no font, no picture from anywhere, which its own
// policy says to the browser too. Write errors stay in the stream's flag.

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void utvm_html_text(FILE *out, const char *text)
{
    static const char special[] = "&<>\"'";
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    while (*text) {
        size_t plain = strcspn(text, special);
        fwrite(text, 1, plain, out);
        text += plain;
        if (*text) {
            fputs(entities[strchr(special, *text) - special], out);
            text++;
        }
    }
}

static void write_value(FILE *out, const struct utvm_value *value, enum utvm_cell_kind kind,
                        bool *failed)
{
    char *text = utvm_value_text(value, kind);
    *failed = *failed || !text;
    utvm_html_text(out, text ? text : "");
    free(text);
}

static void write_element(FILE *out, const char *open, const char *text, const char *close)
{
    fputs(open, out);
    utvm_html_text(out, text);
    fputs(close, out);
}

// A column in which no row has anything says nothing.
static bool column_is_empty(const struct utvm_table *table, size_t column)
{
    for (size_t r = 0; r < table->num_rows; r++) {
        const struct utvm_value *value = &table->rows[r].cells[column];
        if (value->kind != UTVM_VALUE_NONE &&
            !(value->kind == UTVM_VALUE_TEXT && !value->text[0])) {
            return false;
        }
    }
    return true;
}

// A name that may be shortened is there in full for who points at it.
static bool write_name(FILE *out, const struct utvm_column *column, const struct utvm_value *value)
{
    enum {
        SHORT_BYTES = 32
    };
    bool is_long = column->fit & UTVM_FIT_SHRINK && value->kind == UTVM_VALUE_TEXT &&
                   strlen(value->text) > SHORT_BYTES;
    if (is_long) {
        write_element(out, "<td class=\"s\" title=\"", value->text, "\">");
        write_element(out, "", value->text, "</td>");
    }
    return is_long;
}

static void write_cell(FILE *out, const struct utvm_column *column, const struct utvm_value *value,
                       bool *failed)
{
    if (write_name(out, column, value)) {
        return;
    }
    bool number = column->kind != UTVM_CELL_TEXT;
    double share = value->kind == UTVM_VALUE_REAL ? value->real : NAN;
    if (column->kind == UTVM_CELL_PERCENT && share >= 0 && share <= 1) {
        fprintf(out, "<td class=\"n p\" style=\"--p:%.2f%%\">", share * 100);
    } else {
        fputs(number ? "<td class=\"n\">" : "<td>", out);
    }
    if (strcmp(column->key, "map") == 0 && value->kind == UTVM_VALUE_TEXT) {
        utvm_html_map(out, value->text);
    } else {
        write_value(out, value, column->kind, failed);
    }
    fputs("</td>", out);
}

static void write_table(FILE *out, const struct utvm_table *table, bool *failed)
{
    fputs("<div class=\"scroll\"><table>\n<thead><tr>", out);
    for (size_t c = 0; c < table->num_columns; c++) {
        if (!column_is_empty(table, c)) {
            const struct utvm_column *column = &table->columns[c];
            write_element(out, column->kind == UTVM_CELL_TEXT ? "<th>" : "<th class=\"n\">",
                          column->title, "</th>");
        }
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t r = 0; r < table->num_rows; r++) {
        const struct utvm_table_row *row = &table->rows[r];
        fputs(row->marked ? "<tr class=\"m\">" : "<tr>", out);
        for (size_t c = 0; c < table->num_columns; c++) {
            if (!column_is_empty(table, c)) {
                write_cell(out, &table->columns[c], &row->cells[c], failed);
            }
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void write_facts(FILE *out, const struct utvm_section *section, bool *failed)
{
    if (section->name) {
        write_element(out, "<h3>", section->name, "</h3>\n");
    }
    fputs("<table class=\"facts\"><tbody>\n", out);
    for (size_t i = 0; i < section->num_facts; i++) {
        const struct utvm_fact *fact = &section->facts[i];
        write_element(out, "<tr><th>", fact->title, "</th><td>");
        write_value(out, &fact->value, fact->kind, failed);
        fputs("</td></tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

static const char *title_of(const struct utvm_document *doc)
{
    static const char *const titles[][2] = {{"provenance", "Model and target"},
                                            {"profile", "Profile"},
                                            {"memory", "Memory"},
                                            {"compare", "Comparison"}};
    for (size_t i = 0; i < COUNT(titles); i++) {
        if (strcmp(titles[i][0], doc->kind) == 0) {
            return titles[i][1];
        }
    }
    return doc->kind;
}

static void write_document(FILE *out, const struct utvm_document *doc, bool *failed)
{
    write_element(out, "<section id=\"", doc->kind, "\">\n");
    write_element(out, "<h2>", title_of(doc), "</h2>\n");
    for (size_t i = 0; i < doc->num_sections; i++) {
        const struct utvm_table *table = doc->sections[i].table;
        if (!table) {
            write_facts(out, &doc->sections[i], failed);
            continue;
        }
        if (table->heading) {
            write_element(out, "<h3>", table->heading, "</h3>\n");
        }
        utvm_html_chart(out, doc, table);
        write_table(out, table, failed);
    }
    for (size_t i = 0; i < doc->num_notes; i++) {
        write_element(out, "<p class=\"note\">", doc->notes[i], "</p>\n");
    }
    fputs("</section>\n", out);
}

// The name of the model, if one of the documents says it.
static const char *subject_of(const struct utvm_document *const *docs, size_t num_docs)
{
    const struct utvm_fact *fact = NULL;
    for (size_t d = 0; d < num_docs && !fact; d++) {
        fact = utvm_document_find_fact(docs[d], "model", "name");
    }
    return fact && fact->value.kind == UTVM_VALUE_TEXT ? fact->value.text : "";
}

void utvm_documents_write_html(const char *kind, const struct utvm_document *const *docs,
                               size_t num_docs, FILE *out, bool *failed)
{
    const char *subject = subject_of(docs, num_docs);
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'\">\n",
          out);
    write_element(out, "<title>utvm ", kind, subject[0] ? ": " : "");
    write_element(out, "", subject, "</title>\n<style>\n");
    fputs(utvm_html_style, out);
    fputs("</style>\n</head>\n<body>\n", out);
    write_element(out, "<h1>utvm ", kind, subject[0] ? ": " : "");
    write_element(out, "", subject, "</h1>\n<nav>");
    for (size_t i = 0; i < num_docs; i++) {
        write_element(out, "<a href=\"#", docs[i]->kind, "\">");
        write_element(out, "", title_of(docs[i]), "</a>");
    }
    fputs("</nav>\n", out);
    for (size_t i = 0; i < num_docs; i++) {
        write_document(out, docs[i], failed);
    }
    fputs("</body>\n</html>\n", out);
}
