// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/table_impl.h"

// RFC 4180, with LF line ends as all Unix tools expect. Write errors stay in the stream's flag.

static void write_text(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (const char *p = text; *p; p++) {
        if (*p == '"') {
            fputc('"', out);
        }
        fputc(*p, out);
    }
    fputc('"', out);
}

static void write_value(FILE *out, const struct utvm_value *value)
{
    switch (value->kind) {
    case UTVM_VALUE_NONE:
        break;
    case UTVM_VALUE_TEXT:
        write_text(out, value->text);
        break;
    case UTVM_VALUE_INT:
        fprintf(out, "%lld", (long long)value->integer);
        break;
    case UTVM_VALUE_REAL:
        if (isfinite(value->real)) {
            fprintf(out, "%.15g", value->real);
        }
        break;
    case UTVM_VALUE_BOOL:
        fputs(value->truth ? "true" : "false", out);
        break;
    }
}

static void write_table(FILE *out, const struct utvm_table *table)
{
    for (size_t c = 0; c < table->num_columns; c++) {
        if (c > 0) {
            fputc(',', out);
        }
        write_text(out, table->columns[c].key);
    }
    fputc('\n', out);
    for (size_t r = 0; r < table->num_rows; r++) {
        for (size_t c = 0; c < table->num_columns; c++) {
            if (c > 0) {
                fputc(',', out);
            }
            write_value(out, &table->rows[r].cells[c]);
        }
        fputc('\n', out);
    }
}

static void write_facts(FILE *out, const struct utvm_section *section)
{
    fputs("section,key,value\n", out);
    for (size_t i = 0; i < section->num_facts; i++) {
        write_text(out, section->name ? section->name : "");
        fputc(',', out);
        write_text(out, section->facts[i].key);
        fputc(',', out);
        write_value(out, &section->facts[i].value);
        fputc('\n', out);
    }
}

void utvm_document_write_csv(const struct utvm_document *doc, FILE *out)
{
    for (size_t i = 0; i < doc->num_sections; i++) {
        if (i > 0) {
            fputc('\n', out);
        }
        if (doc->sections[i].table) {
            write_table(out, doc->sections[i].table);
        } else {
            write_facts(out, &doc->sections[i]);
        }
    }
}
