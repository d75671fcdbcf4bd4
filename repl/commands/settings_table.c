// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/settings_table.h"

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
        utvm_table_text(table, "%s", utvm_settings_text(&sh->settings, (enum utvm_setting)i));
        utvm_table_text(table, "%s", row->initial);
        utvm_table_text(table, "%s", row->help);
    }
    return doc;
}
