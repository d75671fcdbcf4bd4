// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/table_impl.h"

// Tables as aligned columns. Columns without any value are left out. When the window is too narrow,
// names are shortened, then optional columns are left out; if that is not enough, the columns are
// written in several blocks, each starting with the first column: a number is never cut or wrapped.

#define GAP 2u
#define NARROWEST_NAME 10u // of a table that then fits
#define SPLIT_NAME 32u     // of one that has to be split into blocks anyway

static const char bold[] = "\033[1m";
static const char emphasis[] = "\033[1;33m";
static const char faint[] = "\033[2m";
static const char normal[] = "\033[0m";

/** All cells as text, row 0 being the titles. */
struct grid {
    const struct utvm_table *table;
    char **cells;   /**< [(num_rows + 1) * num_columns], owned */
    size_t *widths; /**< [num_columns] as shown */
    bool *hidden;   /**< [num_columns] */
    bool has_marks;
};

static char **grid_cell(const struct grid *g, size_t row, size_t column)
{
    return &g->cells[row * g->table->num_columns + column];
}

static void grid_deinit(struct grid *g)
{
    size_t count = (g->table->num_rows + 1) * g->table->num_columns;
    for (size_t i = 0; g->cells && i < count; i++) {
        free(g->cells[i]);
    }
    free(g->cells);
    free(g->widths);
    free(g->hidden);
}

static bool grid_init(struct grid *g, const struct utvm_table *table)
{
    size_t columns = table->num_columns;
    *g = (struct grid){.table = table};
    g->cells = calloc((table->num_rows + 1) * columns + 1, sizeof(*g->cells));
    g->widths = calloc(columns + 1, sizeof(*g->widths));
    g->hidden = calloc(columns + 1, sizeof(*g->hidden));
    if (!g->cells || !g->widths || !g->hidden) {
        return false;
    }
    for (size_t c = 0; c < columns; c++) {
        g->hidden[c] = table->num_rows > 0; // until a row has a value in it
    }
    for (size_t r = 0; r <= table->num_rows; r++) {
        g->has_marks = g->has_marks || (r > 0 && table->rows[r - 1].marked);
        for (size_t c = 0; c < columns; c++) {
            char *text =
                r == 0 ? strdup(table->columns[c].title)
                       : utvm_value_text(&table->rows[r - 1].cells[c], table->columns[c].kind);
            if (!text) {
                return false;
            }
            *grid_cell(g, r, c) = text;
            g->hidden[c] = g->hidden[c] && (r == 0 || text[0] == '\0');
            size_t width = utvm_text_width(text);
            g->widths[c] = width > g->widths[c] ? width : g->widths[c];
        }
    }
    return true;
}

static size_t line_width(const struct grid *g)
{
    size_t total = 0;
    for (size_t c = 0; c < g->table->num_columns; c++) {
        total += g->hidden[c] ? 0 : g->widths[c] + (total > 0 ? GAP : 0);
    }
    return total;
}

// What the line is wider than it has to be when no name takes more than `least`.
static size_t slack(const struct grid *g, size_t least)
{
    size_t spare = 0;
    for (size_t c = 0; c < g->table->num_columns; c++) {
        bool can =
            !g->hidden[c] && (g->table->columns[c].fit & UTVM_FIT_SHRINK) && g->widths[c] > least;
        spare += can ? g->widths[c] - least : 0;
    }
    return spare;
}

static bool can_fit(const struct grid *g, size_t available)
{
    return line_width(g) <= available + slack(g, NARROWEST_NAME);
}

// Hides optional columns from the right until the rest fits; none if that would not help.
static void hide_optional(struct grid *g, size_t available, bool *left_out)
{
    for (size_t c = g->table->num_columns; c-- > 0 && !can_fit(g, available);) {
        if ((g->table->columns[c].fit & UTVM_FIT_OPTIONAL) && !g->hidden[c]) {
            g->hidden[c] = left_out[c] = true;
        }
    }
}

// Takes columns from the widest name again and again until the line fits. When names alone cannot
// make it fit, they are only kept from being absurd.
static void shrink_names(struct grid *g, size_t available)
{
    size_t total = line_width(g);
    size_t least = can_fit(g, available) ? NARROWEST_NAME : SPLIT_NAME;
    while (total > available) {
        size_t widest = SIZE_MAX;
        for (size_t c = 0; c < g->table->num_columns; c++) {
            bool can = !g->hidden[c] && (g->table->columns[c].fit & UTVM_FIT_SHRINK) &&
                       g->widths[c] > least;
            if (can && (widest == SIZE_MAX || g->widths[c] > g->widths[widest])) {
                widest = c;
            }
        }
        if (widest == SIZE_MAX) {
            return;
        }
        g->widths[widest]--;
        total--;
    }
}

static void pad(FILE *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fputc(' ', out);
    }
}

static size_t write_shortened(FILE *out, const char *text, size_t width)
{
    char *shown = utvm_text_shorten(text, width);
    size_t columns = shown ? utvm_text_width(shown) : 0;
    fputs(shown ? shown : "", out);
    free(shown);
    return columns;
}

static bool is_left_aligned(const struct utvm_column *column)
{
    return column->kind == UTVM_CELL_TEXT || column->kind == UTVM_CELL_BOOL;
}

static void write_cell(const struct grid *g, FILE *out, size_t row, size_t column, bool is_last)
{
    const char *text = *grid_cell(g, row, column);
    size_t width = g->widths[column];
    size_t natural = utvm_text_width(text);
    if (!is_left_aligned(&g->table->columns[column])) {
        pad(out, natural < width ? width - natural : 0);
        fputs(text, out);
        return;
    }
    size_t shown = write_shortened(out, text, width);
    if (!is_last) {
        pad(out, shown < width ? width - shown : 0);
    }
}

static void write_row(const struct grid *g, FILE *out, const struct utvm_style *style, size_t row,
                      const size_t *shown, size_t num_shown)
{
    bool marked = row > 0 && g->table->rows[row - 1].marked;
    const char *colour = !style->colour ? NULL : row == 0 ? bold : marked ? emphasis : NULL;
    if (colour) {
        fputs(colour, out);
    }
    if (g->has_marks) {
        fputs(marked ? "> " : "  ", out);
    }
    for (size_t i = 0; i < num_shown; i++) {
        pad(out, i > 0 ? GAP : 0);
        write_cell(g, out, row, shown[i], i + 1 == num_shown);
    }
    if (colour) {
        fputs(normal, out);
    }
    fputc('\n', out);
}

// The columns of the block that begins with column `first`: column 0 and what fits; returns where
// the next block begins.
static size_t choose_block(const struct grid *g, size_t first, size_t available, size_t *shown,
                           size_t *num_shown)
{
    size_t total = 0;
    *num_shown = 0;
    if (first > 0 && !g->hidden[0]) {
        shown[(*num_shown)++] = 0;
        total = g->widths[0];
    }
    size_t taken = 0;
    size_t c = first;
    for (; c < g->table->num_columns; c++) {
        if (g->hidden[c]) {
            continue;
        }
        size_t more = g->widths[c] + (total > 0 ? GAP : 0);
        if (taken > 0 && total + more > available) {
            break;
        }
        shown[(*num_shown)++] = c;
        total += more;
        taken++;
    }
    *num_shown = taken > 0 ? *num_shown : 0;
    return c;
}

// Text that starts in column `indent`, broken between words where the window ends; what has no
// place to break stays whole. Lines after the first are indented too.
static void write_folded(FILE *out, const char *text, size_t indent, const struct utvm_style *style)
{
    size_t available = style->width > indent ? style->width - indent : 0;
    while (available > 0 && utvm_text_width(text) > available) {
        size_t fits = utvm_text_prefix(text, available);
        size_t length = fits;
        while (length > 0 && text[length] != ' ') {
            length--;
        }
        if (length == 0) {
            length = fits + strcspn(text + fits, " ");
        }
        fwrite(text, 1, length, out);
        text += length + strspn(text + length, " ");
        if (*text == '\0') {
            break;
        }
        fputc('\n', out);
        pad(out, indent);
    }
    fputs(text, out);
}

static void write_remark(FILE *out, const char *text, const struct utvm_style *style)
{
    fputs(style->colour ? faint : "", out);
    write_folded(out, text, 0, style);
    fprintf(out, "%s\n", style->colour ? normal : "");
}

static bool say_what_is_left_out(const struct utvm_table *table, const bool *left_out, FILE *out,
                                 const struct utvm_style *style)
{
    struct utvm_text text = {0};
    for (size_t c = 0; c < table->num_columns; c++) {
        if (left_out[c]) {
            utvm_text_addf(&text, "%s%s", text.length ? ", " : "(too wide for the window: ",
                           table->columns[c].title);
        }
    }
    if (text.length == 0) {
        return !text.failed;
    }
    utvm_text_add(&text, ")", 1);
    if (!text.failed) {
        write_remark(out, text.data, style);
    }
    bool made = !text.failed;
    utvm_text_deinit(&text);
    return made;
}

static bool write_grid(struct grid *g, FILE *out, const struct utvm_style *style)
{
    const struct utvm_table *table = g->table;
    bool *left_out = calloc(table->num_columns + 1, sizeof(*left_out));
    size_t *shown = calloc(table->num_columns + 1, sizeof(*shown));
    bool made = left_out && shown;
    size_t gutter = g->has_marks ? 2 : 0;
    size_t available = style->width ? style->width : SIZE_MAX / 2;
    available = available > gutter ? available - gutter : 1;
    if (made) {
        hide_optional(g, available, left_out);
        shrink_names(g, available);
    }
    for (size_t first = 0; made && first < table->num_columns;) {
        size_t num_shown = 0;
        size_t next = choose_block(g, first, available, shown, &num_shown);
        if (first > 0 && num_shown > 0) {
            fputc('\n', out);
        }
        for (size_t r = 0; num_shown > 0 && r <= table->num_rows; r++) {
            write_row(g, out, style, r, shown, num_shown);
        }
        first = next;
    }
    made = made && say_what_is_left_out(table, left_out, out, style);
    free(left_out);
    free(shown);
    return made;
}

static bool write_table(const struct utvm_table *table, FILE *out, const struct utvm_style *style)
{
    struct grid g;
    bool made = grid_init(&g, table);
    if (made && table->heading) {
        fprintf(out, "%s%s%s\n", style->colour ? bold : "", table->heading,
                style->colour ? normal : "");
    }
    made = made && write_grid(&g, out, style);
    grid_deinit(&g);
    return made;
}

static bool write_facts(const struct utvm_section *section, FILE *out,
                        const struct utvm_style *style)
{
    size_t width = 0;
    for (size_t i = 0; i < section->num_facts; i++) {
        size_t title = utvm_text_width(section->facts[i].title);
        width = title > width ? title : width;
    }
    if (section->name) {
        fprintf(out, "%s%s%s\n", style->colour ? bold : "", section->name,
                style->colour ? normal : "");
    }
    for (size_t i = 0; i < section->num_facts; i++) {
        const struct utvm_fact *fact = &section->facts[i];
        char *value = utvm_value_text(&fact->value, fact->kind);
        if (!value) {
            return false;
        }
        size_t indent = section->name ? GAP : 0;
        pad(out, indent);
        fputs(fact->title, out);
        pad(out, width - utvm_text_width(fact->title) + GAP);
        write_folded(out, value, indent + width + GAP, style);
        fputc('\n', out);
        free(value);
    }
    return true;
}

// A table without rows, of which a note says all: "No breakpoints."
static bool is_left_out(const struct utvm_document *doc, const struct utvm_section *section)
{
    const struct utvm_table *table = section->table;
    return table && !table->heading && table->num_rows == 0 && doc->num_notes > 0;
}

void utvm_document_write_text(const struct utvm_document *doc, FILE *out,
                              const struct utvm_style *style, bool *failed)
{
    bool any = false;
    for (size_t i = 0; i < doc->num_sections; i++) {
        const struct utvm_section *s = &doc->sections[i];
        if (is_left_out(doc, s)) {
            continue;
        }
        if (any) {
            fputc('\n', out);
        }
        any = true;
        bool written = s->table ? write_table(s->table, out, style) : write_facts(s, out, style);
        if (!written) {
            *failed = true;
            return;
        }
    }
    for (size_t i = 0; i < doc->num_notes; i++) {
        if (i == 0 && any) {
            fputc('\n', out);
        }
        write_remark(out, doc->notes[i], style);
    }
}
