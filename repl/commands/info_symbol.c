// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>

#include "core/tensor.h"
#include "repl/commands/info.h"

// What lies at an address: an arena has many things at one place, one after another.

/** A stretch of memory; 64 bits, so that its end can be the end of all. */
struct stretch {
    uint64_t base;
    uint64_t size_bytes;
};

struct found {
    struct utvm_table *table;
    size_t count;
};

static bool holds(struct stretch s, utvm_addr addr)
{
    return addr >= s.base && addr - s.base < s.size_bytes;
}

static void add(struct found *found, const char *what, const char *name, struct stretch s,
                utvm_addr addr, const char *state)
{
    struct utvm_table *table = found->table;
    found->count++;
    utvm_table_row(table);
    utvm_table_text(table, "%s", what);
    utvm_table_text(table, "%s", name);
    utvm_table_int(table, (int64_t)(addr - s.base));
    utvm_table_int(table, (int64_t)s.size_bytes);
    if (state) {
        utvm_table_text(table, "%s", state);
    } else {
        utvm_table_none(table);
    }
}

static void add_regions(struct found *found, const struct utvm_model *model, utvm_addr addr)
{
    for (uint32_t i = 0; i < model->num_regions; i++) {
        const struct utvm_region *region = &model->regions[i];
        struct stretch s = {region->base, region->size_bytes};
        if (region->kind != UTVM_REGION_HOST && holds(s, addr)) {
            add(found, "region", region->name, s, addr, region->memory);
        }
    }
}

static void add_tensors(struct utvm_shell *sh, struct found *found, utvm_addr addr)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    for (uint32_t i = 0; i < model->num_tensors; i++) {
        const struct utvm_tensor *tensor = &model->tensors[i];
        struct stretch s = {tensor->addr, tensor->size_bytes};
        if (utvm_tensor_in_memory(tensor) && holds(s, addr)) {
            add(found, "tensor", tensor->name, s, addr,
                utvm_life_text(utvm_session_tensor_life(sh->session, i, NULL)));
        }
    }
}

static void add_layers(struct found *found, const struct utvm_model *model, utvm_addr addr)
{
    for (uint32_t i = 0; i < model->num_layers; i++) {
        const struct utvm_layer *layer = &model->layers[i];
        struct stretch code = {layer->code_addr, layer->code_bytes};
        struct stretch workspace = {layer->workspace_addr, layer->workspace_bytes};
        if (utvm_layer_runs(layer) && holds(code, addr)) {
            add(found, "code of layer", layer->name, code, addr, NULL);
        }
        if (utvm_layer_runs(layer) && holds(workspace, addr)) {
            add(found, "workspace of", layer->name, workspace, addr, NULL);
        }
    }
}

struct utvm_error *utvm_show_symbol(struct utvm_shell *sh, const char *text, FILE *out)
{
    static const struct utvm_column columns[] = {
        {"kind", "what", UTVM_CELL_TEXT, false},    {"name", "name", UTVM_CELL_TEXT, true},
        {"offset", "offset", UTVM_CELL_INT, false}, {"size_bytes", "size", UTVM_CELL_BYTES, false},
        {"state", "state", UTVM_CELL_TEXT, false},
    };
    struct utvm_value value;
    struct utvm_error *error = utvm_shell_evaluate(sh, text, &value);
    if (error) {
        return error;
    }
    double number = utvm_value_number(value);
    if (!(number >= 0 && number <= UINT32_MAX)) {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%.40s' is not an address: 0 to 0xffffffff",
                                 text);
    }
    utvm_addr addr = (utvm_addr)number;
    struct utvm_document *doc = utvm_document_create("symbol");
    utvm_document_fact_text(doc, NULL, "address", "address", "0x%08x", addr);
    char *line = utvm_source_line(sh, addr & ~(utvm_addr)1);
    if (line) {
        utvm_document_fact_text(doc, NULL, "source", "source", "%s", line);
    }
    free(line);
    struct found found = {utvm_document_table(doc, "symbols", NULL, columns, 5), 0};
    add_regions(&found, utvm_shell_model(sh), addr);
    add_layers(&found, utvm_shell_model(sh), addr);
    add_tensors(sh, &found, addr);
    if (found.count == 0) {
        utvm_document_note(doc, "Nothing of the model lies there.");
    }
    return utvm_shell_emit(sh, doc, out);
}
