// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/profile.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *kind_text(enum utvm_region_kind kind)
{
    switch (kind) {
    case UTVM_REGION_CODE:
        return "code";
    case UTVM_REGION_WEIGHTS:
        return "weights";
    case UTVM_REGION_ARENA:
        return "arena";
    case UTVM_REGION_STATE:
        return "state";
    case UTVM_REGION_STACK:
        return "stack";
    case UTVM_REGION_DATA:
    case UTVM_REGION_HOST: // not in a memory, and not in the table
        break;
    }
    return "data";
}

static void add_regions(struct utvm_document *doc, const struct utvm_model *m)
{
    static const struct utvm_column columns[] = {
        {"name", "region", UTVM_CELL_TEXT, true},    {"kind", "holds", UTVM_CELL_TEXT, false},
        {"memory", "memory", UTVM_CELL_TEXT, false}, {"base", "from", UTVM_CELL_TEXT, false},
        {"end", "to", UTVM_CELL_TEXT, false},        {"size_bytes", "size", UTVM_CELL_BYTES, false},
    };
    struct utvm_table *table =
        utvm_document_table(doc, "regions", "Regions", columns, COUNT(columns));
    for (uint32_t i = 0; i < m->num_regions; i++) {
        const struct utvm_region *r = &m->regions[i];
        if (r->size_bytes == 0 || r->kind == UTVM_REGION_HOST) {
            continue;
        }
        utvm_table_row(table);
        utvm_table_text(table, "%s", r->name);
        utvm_table_text(table, "%s", kind_text(r->kind));
        utvm_table_text(table, "%s", r->memory);
        utvm_table_text(table, "0x%08x", (unsigned)r->base);
        utvm_table_text(table, "0x%08x", (unsigned)(r->base + r->size_bytes));
        utvm_table_int(table, r->size_bytes);
    }
}

static uint32_t kind_bytes(const struct utvm_model *m, enum utvm_region_kind kind)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < m->num_regions; i++) {
        total += m->regions[i].kind == kind ? m->regions[i].size_bytes : 0;
    }
    return total;
}

static uint32_t arena_bytes(const struct utvm_model *m)
{
    return kind_bytes(m, UTVM_REGION_ARENA);
}

// The arena while one layer runs, as a picture: '#' is memory of live tensors, 'w' workspace.
static void draw_arena(const struct utvm_model *m, uint32_t layer, char *bar, uint32_t columns)
{
    uint32_t total = arena_bytes(m);
    memset(bar, '.', columns);
    bar[columns] = '\0';
    uint32_t before = 0; // bytes of arenas that are drawn to the left
    for (uint32_t r = 0; r < m->num_regions && total > 0; r++) {
        const struct utvm_region *region = &m->regions[r];
        if (region->kind != UTVM_REGION_ARENA) {
            continue;
        }
        const struct utvm_layer *l = &m->layers[layer];
        for (uint32_t i = 0; i <= m->num_tensors; i++) {
            bool is_workspace = i == m->num_tensors;
            const struct utvm_tensor *t = is_workspace ? NULL : &m->tensors[i];
            uint32_t addr = is_workspace ? l->workspace_addr : t->addr;
            uint32_t bytes = is_workspace ? l->workspace_bytes : t->size_bytes;
            bool shown = is_workspace ? bytes > 0 : utvm_tensor_alive(m, t, layer);
            if (!shown || bytes == 0 || addr < region->base ||
                addr - region->base >= region->size_bytes) {
                continue;
            }
            uint64_t start = before + (addr - region->base);
            uint64_t first = start * columns / total;
            uint64_t last = (start + bytes - 1) * columns / total;
            for (uint64_t c = first; c <= last && c < columns; c++) {
                bar[c] = is_workspace ? 'w' : '#';
            }
        }
        before += region->size_bytes;
    }
}

static uint32_t peak_layer(const struct utvm_model *m)
{
    uint32_t peak = 0;
    uint32_t most = 0;
    for (uint32_t i = 0; i < m->num_layers; i++) {
        uint32_t live = utvm_model_live_bytes(m, i);
        if (utvm_layer_runs(&m->layers[i]) && live > most) {
            most = live;
            peak = i;
        }
    }
    return peak;
}

static void add_timeline(struct utvm_document *doc, const struct utvm_model *m, uint32_t peak)
{
    static const struct utvm_column columns[] = {
        {"index", "#", UTVM_CELL_INT, false},
        {"name", "layer", UTVM_CELL_TEXT, true},
        {"live_bytes", "live", UTVM_CELL_BYTES, false},
        {"workspace_bytes", "workspace", UTVM_CELL_BYTES, false},
        {"map", "arena", UTVM_CELL_TEXT, false},
    };
    enum {
        MAP_COLUMNS = 40
    };
    struct utvm_table *table =
        utvm_document_table(doc, "arena", "Arena over time", columns, COUNT(columns));
    for (uint32_t i = 0; i < m->num_layers; i++) {
        if (!utvm_layer_runs(&m->layers[i])) {
            continue;
        }
        char bar[MAP_COLUMNS + 1];
        draw_arena(m, i, bar, MAP_COLUMNS);
        utvm_table_row(table);
        utvm_table_int(table, i);
        utvm_table_text(table, "%s", m->layers[i].name);
        utvm_table_int(table, utvm_model_live_bytes(m, i));
        utvm_table_int(table, m->layers[i].workspace_bytes);
        utvm_table_text(table, "%s", bar);
        if (i == peak) {
            utvm_table_mark(table);
        }
    }
}

static void add_holders(struct utvm_document *doc, const struct utvm_model *m, uint32_t peak)
{
    static const struct utvm_column columns[] = {
        {"name", "held at the peak by", UTVM_CELL_TEXT, true},
        {"address", "address", UTVM_CELL_TEXT, false},
        {"size_bytes", "size", UTVM_CELL_BYTES, false},
    };
    struct utvm_table *table =
        utvm_document_table(doc, "peak_holders", NULL, columns, COUNT(columns));
    for (uint32_t i = 0; i < m->num_tensors; i++) {
        const struct utvm_tensor *t = &m->tensors[i];
        if (utvm_tensor_alive(m, t, peak)) {
            utvm_table_row(table);
            utvm_table_text(table, "%s", t->name);
            utvm_table_text(table, "0x%08x", (unsigned)t->addr);
            utvm_table_int(table, t->size_bytes);
        }
    }
    if (m->layers[peak].workspace_bytes) {
        utvm_table_row(table);
        utvm_table_text(table, "(workspace)");
        utvm_table_text(table, "0x%08x", (unsigned)m->layers[peak].workspace_addr);
        utvm_table_int(table, m->layers[peak].workspace_bytes);
    }
}

struct utvm_document *utvm_memory_document(const struct utvm_model *model)
{
    struct utvm_document *doc = utvm_document_create("memory");
    if (!model) {
        return doc;
    }
    uint32_t peak = peak_layer(model);
    uint32_t flash = 0;
    for (uint32_t i = 0; i < model->num_segments; i++) {
        flash +=
            strcmp(model->segments[i].memory, "flash") == 0 ? model->segments[i].size_bytes : 0;
    }
    utvm_document_fact_number(doc, NULL, "flash_bytes", "flash used", UTVM_CELL_BYTES, flash);
    utvm_document_fact_number(doc, NULL, "file_bytes", "constants in file", UTVM_CELL_BYTES,
                              kind_bytes(model, UTVM_REGION_HOST));
    utvm_document_fact_number(doc, NULL, "arena_bytes", "arena", UTVM_CELL_BYTES,
                              arena_bytes(model));
    utvm_document_fact_number(doc, NULL, "peak_bytes", "peak of live bytes", UTVM_CELL_BYTES,
                              utvm_model_live_bytes(model, peak));
    utvm_document_fact_number(doc, NULL, "peak_layer", "peak in layer", UTVM_CELL_INT, peak);
    utvm_document_fact_text(doc, NULL, "peak_layer_name", "its name", "%s",
                            model->layers[peak].name);
    utvm_document_fact_number(doc, NULL, "stack_bytes", "stack reserved", UTVM_CELL_BYTES,
                              model->stack_bytes);
    add_regions(doc, model);
    add_timeline(doc, model, peak);
    add_holders(doc, model, peak);
    return doc;
}
