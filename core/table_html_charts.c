// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/table_html_impl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    MAX_PARTS = 8, /**< as many as there are colours in the style sheet */
};

/** Which columns of which table become bars. */
struct chart {
    const char *kind;  /**< of the document */
    const char *table; /**< its key */
    const char *caption;
    const char *parts[MAX_PARTS + 1]; /**< keys of the columns that make up a bar */
    bool nested;        /**< the first part includes the others, so these are taken off it */
    const char *unless; /**< key of a table or column that shows the same better; NULL = none */
};

static const struct chart charts[] = {
    {"profile", "layers", "Cycles of each layer", {"cycles"}, false, "breakdown"},
    {"profile",
     "breakdown",
     "Cycles of each layer by cause",
     {"issue", "dependency", "mispredict", "instruction_fill", "data_fill", "unaligned", "divide",
      "system"},
     false,
     NULL},
    {"memory",
     "arena",
     "Memory alive while each layer runs, from first to last",
     {"live_bytes", "workspace_bytes"},
     true,
     NULL},
    {"compare", "layers", "Largest error of each layer, in steps", {"max_lsb"}, false, NULL},
    {"compare", "layers", "Largest error of each layer", {"max_abs"}, false, "max_lsb"},
    {"compare", "layers", "Unequal elements of each layer", {"unequal"}, false, NULL},
};

// Is there a table of that name, or a column in this one with anything in it?
static bool is_shown(const struct utvm_document *doc, const struct utvm_table *own, const char *key)
{
    size_t column = utvm_table_find_column(own, key);
    for (size_t r = 0; column < own->num_columns && r < own->num_rows; r++) {
        if (own->rows[r].cells[column].kind != UTVM_VALUE_NONE) {
            return true;
        }
    }
    return utvm_document_find_table(doc, key) != NULL;
}

// Length of a part; 0 where there is none or where it has no end.
static double number_of(const struct utvm_table_row *row, size_t column)
{
    const struct utvm_value *value = &row->cells[column];
    double number = value->kind == UTVM_VALUE_INT    ? (double)value->integer
                    : value->kind == UTVM_VALUE_REAL ? value->real
                                                     : 0;
    return isfinite(number) && number > 0 ? number : 0;
}

/** A chart bound to the columns of a table. */
struct bars {
    const struct chart *chart;
    const struct utvm_table *table;
    size_t name;
    size_t num_parts;
    size_t columns[MAX_PARTS];
    double longest;
};

static double part_of(const struct bars *b, const struct utvm_table_row *row, size_t part)
{
    double value = number_of(row, b->columns[part]);
    for (size_t p = 1; part == 0 && b->chart->nested && p < b->num_parts; p++) {
        value -= number_of(row, b->columns[p]);
    }
    return value > 0 ? value : 0;
}

static double length_of(const struct bars *b, const struct utvm_table_row *row)
{
    double sum = 0;
    for (size_t p = 0; p < b->num_parts; p++) {
        sum += part_of(b, row, p);
    }
    return sum;
}

static bool bind(const struct chart *chart, const struct utvm_document *doc,
                 const struct utvm_table *table, struct bars *ret)
{
    struct bars b = {.chart = chart, .table = table, .name = utvm_table_find_column(table, "name")};
    if (strcmp(chart->kind, doc->kind) != 0 || strcmp(chart->table, table->key) != 0 ||
        (chart->unless && is_shown(doc, table, chart->unless)) || b.name == table->num_columns) {
        return false;
    }
    for (; chart->parts[b.num_parts]; b.num_parts++) {
        b.columns[b.num_parts] = utvm_table_find_column(table, chart->parts[b.num_parts]);
        if (b.columns[b.num_parts] == table->num_columns) {
            return false;
        }
    }
    for (size_t r = 0; r < table->num_rows; r++) {
        b.longest = fmax(b.longest, length_of(&b, &table->rows[r]));
    }
    *ret = b;
    return b.longest > 0;
}

static void write_number(FILE *out, double number, enum utvm_cell_kind kind)
{
    bool whole = kind == UTVM_CELL_INT || kind == UTVM_CELL_BYTES;
    struct utvm_value value = {.kind = whole ? UTVM_VALUE_INT : UTVM_VALUE_REAL,
                               .integer = whole ? (int64_t)number : 0,
                               .real = number};
    char *text = utvm_value_text(&value, kind);
    utvm_html_text(out, text ? text : "");
    free(text);
}

static void write_bar(FILE *out, const struct bars *b, const struct utvm_table_row *row)
{
    const char *name = row->cells[b->name].text;
    enum utvm_cell_kind kind = b->table->columns[b->columns[0]].kind;
    fprintf(out, "<div class=\"bar%s\"><b>", row->marked ? " m" : "");
    utvm_html_text(out, name ? name : "");
    fputs("</b><span>", out);
    for (size_t p = 0; p < b->num_parts; p++) {
        double part = part_of(b, row, p);
        if (part > 0) {
            fprintf(out, "<i class=\"c%zu\" style=\"width:%.3f%%\" title=\"", p,
                    part / b->longest * 100);
            utvm_html_text(out, b->table->columns[b->columns[p]].title);
            fputs(": ", out);
            write_number(out, part, kind);
            fputs("\"></i>", out);
        }
    }
    fputs("</span><u>", out);
    write_number(out, length_of(b, row), kind);
    fputs("</u></div>\n", out);
}

// What the colours mean; causes that nothing has are left out.
static void write_key(FILE *out, const struct bars *b)
{
    fputs("<div class=\"key\">", out);
    for (size_t p = 0; p < b->num_parts; p++) {
        bool used = false;
        for (size_t r = 0; r < b->table->num_rows; r++) {
            used = used || part_of(b, &b->table->rows[r], p) > 0;
        }
        if (used) {
            fprintf(out, "<i class=\"c%zu\"></i>", p);
            utvm_html_text(out, b->chart->nested && p == 0
                                    ? "tensors"
                                    : b->table->columns[b->columns[p]].title);
        }
    }
    fputs("</div>\n", out);
}

void utvm_html_chart(FILE *out, const struct utvm_document *doc, const struct utvm_table *table)
{
    for (size_t i = 0; i < COUNT(charts); i++) {
        struct bars b;
        if (!bind(&charts[i], doc, table, &b)) {
            continue;
        }
        fputs("<figure><figcaption>", out);
        utvm_html_text(out, charts[i].caption);
        fputs("</figcaption>\n", out);
        if (b.num_parts > 1) {
            write_key(out, &b);
        }
        for (size_t r = 0; r < table->num_rows; r++) {
            write_bar(out, &b, &table->rows[r]);
        }
        fputs("</figure>\n", out);
    }
}

void utvm_html_map(FILE *out, const char *map)
{
    size_t length = strlen(map);
    fputs("<div class=\"map\">", out);
    for (size_t at = 0; at < length;) {
        size_t run = strspn(map + at, (char[]){map[at], '\0'});
        const char *colour = map[at] == '#'   ? " class=\"c0\""
                             : map[at] == 'w' ? " class=\"c1\""
                                              : "";
        fprintf(out, "<i%s style=\"width:%.3f%%\"></i>", colour,
                (double)run / (double)length * 100);
        at += run;
    }
    fputs("</div>", out);
}
