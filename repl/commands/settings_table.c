// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/settings_table.h"

#include <string.h>

#include "repl/help.h"
#include "repl/human.h"

void utvm_settings_write(const struct utvm_shell *sh, FILE *out)
{
    enum {
        name_width = 22,
        value_width = 17,
    };
    unsigned width = sh->style.width ? sh->style.width : 120;
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        const struct utvm_setting_row *row = utvm_setting_row((enum utvm_setting)i);
        const char *value = utvm_settings_text(&sh->settings, (enum utvm_setting)i);
        fprintf(out, "%-*s", name_width, row->name);
        utvm_human_write(out, value, false);
        size_t length = strlen(value);
        if (length + 1 > value_width) {
            fprintf(out, "\n%*s", name_width + value_width, "");
        } else {
            fprintf(out, "%*s", (int)(value_width - length), "");
        }
        utvm_help_fill(out, row->help, width, name_width + value_width, true);
    }
}

// For people an empty text is something, not a column without anything.
static void value_cell(struct utvm_table *table, const char *value, enum utvm_output_format format)
{
    utvm_table_text(table, "%s", !value[0] && format == UTVM_OUTPUT_TEXT ? "''" : value);
}

struct utvm_document *utvm_settings_document(const struct utvm_shell *sh, enum utvm_setting which)
{
    static const struct utvm_column columns[] = {
        {"name", "setting", UTVM_CELL_TEXT, false},
        {"value", "value", UTVM_CELL_TEXT, false},
        {"default", "default", UTVM_CELL_TEXT, false},
        {"help", "meaning", UTVM_CELL_TEXT, true},
    };
    struct utvm_document *doc = utvm_document_create("settings");
    struct utvm_table *table = utvm_document_table(doc, "settings", NULL, columns, 4);
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        if (which != UTVM_SET_COUNT && which != i) {
            continue;
        }
        const struct utvm_setting_row *row = utvm_setting_row((enum utvm_setting)i);
        utvm_table_row(table);
        utvm_table_text(table, "%s", row->name);
        value_cell(table, utvm_settings_text(&sh->settings, (enum utvm_setting)i), sh->format);
        value_cell(table, row->initial, sh->format);
        utvm_table_text(table, "%s", row->help);
    }
    return doc;
}
