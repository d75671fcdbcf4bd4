// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/saved_profile.h"
#include "repl/commands/judge.h"

static const struct utvm_column columns[] = {
    {"index", "#", UTVM_CELL_INT, false},
    {"name", "layer", UTVM_CELL_TEXT, true},
    {"operator", "operator", UTVM_CELL_TEXT, true},
    {"old_cycles", "old cycles", UTVM_CELL_INT, false},
    {"new_cycles", "new cycles", UTVM_CELL_INT, false},
    {"change", "change", UTVM_CELL_INT, false},
    {"change_share", "change %", UTVM_CELL_PERCENT, false},
    {"stack_change", "stack", UTVM_CELL_INT, false},
    {"code_change", "code", UTVM_CELL_INT, false},
    {"weights_change", "weights", UTVM_CELL_INT, false},
};

static const struct utvm_saved_layer *find(const struct utvm_saved_profile *profile, size_t hint,
                                           const char *name)
{
    if (hint < profile->num_layers && strcmp(profile->layers[hint].name, name) == 0) {
        return &profile->layers[hint];
    }
    for (size_t i = 0; i < profile->num_layers; i++) {
        if (strcmp(profile->layers[i].name, name) == 0) {
            return &profile->layers[i];
        }
    }
    return NULL;
}

static void add_row(struct utvm_table *table, size_t i, const struct utvm_saved_layer *old,
                    const struct utvm_saved_layer *new)
{
    utvm_table_row(table);
    utvm_table_int(table, (int64_t)i);
    utvm_table_text(table, "%s", new->name);
    utvm_table_text(table, "%s", new->operator_name);
    if (!old) {
        utvm_table_none(table);
        utvm_table_int(table, (int64_t) new->cycles);
        return;
    }
    int64_t change = (int64_t)(new->cycles - old->cycles);
    utvm_table_int(table, (int64_t)old->cycles);
    utvm_table_int(table, (int64_t) new->cycles);
    utvm_table_int(table, change);
    if (old->cycles > 0) {
        utvm_table_real(table, (double)change / (double)old->cycles);
    } else {
        utvm_table_none(table);
    }
    utvm_table_int(table, (int64_t)(new->stack_bytes - old->stack_bytes));
    utvm_table_int(table, (int64_t)(new->code_bytes - old->code_bytes));
    utvm_table_int(table, (int64_t)(new->weights_bytes - old->weights_bytes));
    if (change != 0) {
        utvm_table_mark(table);
    }
}

static struct utvm_document *diff_document(const struct utvm_saved_profile *old,
                                           const struct utvm_saved_profile *new)
{
    struct utvm_document *doc = utvm_document_create("diff");
    double change = (double)new->total_cycles - (double)old->total_cycles;
    struct utvm_table *table =
        utvm_document_table(doc, "layers", NULL, columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < new->num_layers; i++) {
        add_row(table, i, find(old, i, new->layers[i].name), &new->layers[i]);
    }
    utvm_document_fact_number(doc, "total", "old_cycles", "old cycles", UTVM_CELL_INT,
                              (double)old->total_cycles);
    utvm_document_fact_number(doc, "total", "new_cycles", "new cycles", UTVM_CELL_INT,
                              (double)new->total_cycles);
    if (old->total_cycles > 0) {
        utvm_document_fact_number(doc, "total", "change_share", "change", UTVM_CELL_PERCENT,
                                  change / (double)old->total_cycles);
    }
    for (size_t i = 0; i < old->num_layers; i++) {
        if (!find(new, i, old->layers[i].name)) {
            utvm_document_note(doc, "layer '%s' is only in the first.", old->layers[i].name);
        }
    }
    if (strcmp(old->cycle_source, new->cycle_source) != 0) {
        utvm_document_note(doc, "the cycles are not of one kind: %s; %s", old->cycle_source,
                           new->cycle_source);
    } else if (new->cycle_source[0]) {
        utvm_document_note(doc, "cycles are %s", new->cycle_source);
    }
    if (!old->model[0] != !new->model[0]) {
        utvm_document_note(doc, "the %s does not say which model it is of",
                           old->model[0] ? "second" : "first");
    } else if (strcmp(old->model, new->model) != 0) {
        utvm_document_note(doc, "the models are not the same: '%s' and '%s'", old->model,
                           new->model);
    }
    return doc;
}

struct utvm_error *utvm_diff_profiles(struct utvm_shell *sh, const char *old_path,
                                      const char *new_path, const double *limit, FILE *out)
{
    struct utvm_saved_profile old = {0};
    struct utvm_saved_profile new = {0};
    struct utvm_error *error = utvm_saved_profile_read(old_path, &old);
    if (!error) {
        error = utvm_saved_profile_read(new_path, &new);
    }
    if (!error) {
        error = utvm_shell_emit(sh, diff_document(&old, &new), out);
    }
    double slower = (double)new.total_cycles - (double)old.total_cycles;
    if (!error && limit && slower > *limit * (double)old.total_cycles) {
        error = utvm_error_create(UTVM_ERROR_MISMATCH, "%.1f %% slower, at most %.1f %% allowed",
                                  slower / (double)old.total_cycles * 100, *limit * 100);
    }
    utvm_saved_profile_deinit(&old);
    utvm_saved_profile_deinit(&new);
    return error;
}
