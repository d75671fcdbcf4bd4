// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/channels.h"
#include "core/profile.h"
#include "core/session_impl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add_totals(struct utvm_document *doc, const struct utvm_session *s,
                       const struct utvm_profile *p)
{
    const struct utvm_model *m = s->model;
    uint32_t clock = utvm_session_clock_hz(s);
    uint64_t macs = 0;
    uint64_t executed = 0;
    uint32_t constant = 0;
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < m->num_layers; i++) {
        macs += m->layers[i].macs;
        executed += m->layers[i].executed_macs;
        uint32_t of_layer;
        (void)utvm_layer_filters(m, &m->layers[i], &of_layer);
        constant += of_layer;
        deepest = p->layers[i].stack_bytes > deepest ? p->layers[i].stack_bytes : deepest;
    }
    char cycles[160] = "of unknown origin";
    if (s->target) {
        utvm_cycles_text(&s->target->info, cycles, sizeof(cycles));
    }
    utvm_document_fact_text(doc, "total", "cycle_source", "cycles are", "%s", cycles);
    utvm_document_fact_number(doc, "total", "repeats", "repeats", UTVM_CELL_INT, p->repeats);
    utvm_document_fact_number(doc, "total", "cycles", "cycles, all layers", UTVM_CELL_INT,
                              (double)p->total_cycles);
    utvm_document_fact_number(doc, "total", "between_cycles", "cycles between layers",
                              UTVM_CELL_INT, (double)p->between_cycles);
    utvm_document_fact_number(doc, "total", "overhead_cycles", "subtracted per layer",
                              UTVM_CELL_INT, p->overhead_cycles);
    if (clock) {
        utvm_document_fact_number(doc, "total", "clock_hz", "clock (Hz)", UTVM_CELL_INT, clock);
        utvm_document_fact_number(doc, "total", "ms", "milliseconds", UTVM_CELL_MILLI,
                                  (double)p->total_cycles * 1000 / clock);
    }
    utvm_document_fact_number(doc, "total", "macs", "MACs of the model", UTVM_CELL_INT,
                              (double)macs);
    utvm_document_fact_number(doc, "total", "executed_macs", "MACs executed", UTVM_CELL_INT,
                              (double)executed);
    if (constant > 0) {
        utvm_document_fact_number(doc, "total", "constant_filters", "filters left out",
                                  UTVM_CELL_INT, constant);
    }
    if (p->total_cycles && executed) {
        utvm_document_fact_number(doc, "total", "macs_per_cycle", "MAC/cycle", UTVM_CELL_MILLI,
                                  (double)executed / (double)p->total_cycles);
    }
    utvm_document_fact_number(doc, "total", "stack_bytes", "deepest stack", UTVM_CELL_BYTES,
                              deepest);
}

static void ratio_cell(struct utvm_table *table, double numerator, double denominator)
{
    if (denominator > 0 && numerator > 0) {
        utvm_table_real(table, numerator / denominator);
    } else {
        utvm_table_none(table);
    }
}

static void add_layers(struct utvm_document *doc, const struct utvm_session *s,
                       const struct utvm_profile *p)
{
    static const struct utvm_column columns[] = {
        {"index", "#", UTVM_CELL_INT, false},
        {"name", "layer", UTVM_CELL_TEXT, true},
        {"operator", "operator", UTVM_CELL_TEXT, false},
        {"shape", "output", UTVM_CELL_TEXT, UTVM_FIT_OPTIONAL},
        {"cycles", "cycles", UTVM_CELL_INT, false},
        {"share", "share", UTVM_CELL_PERCENT, false},
        {"ms", "ms", UTVM_CELL_MILLI, false},
        {"macs_per_cycle", "MAC/cycle", UTVM_CELL_MILLI, false},
        {"macs", "MACs", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"executed_macs", "executed", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"cycles_min", "min", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"cycles_max", "max", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"cycles_cold", "cold", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"cycles_per_mac", "cycles/MAC", UTVM_CELL_MILLI, UTVM_FIT_OPTIONAL},
    };
    const struct utvm_model *m = s->model;
    uint32_t clock = utvm_session_clock_hz(s);
    struct utvm_table *table = utvm_document_table(doc, "layers", "Time", columns, COUNT(columns));
    for (uint32_t i = 0; i < m->num_layers; i++) {
        const struct utvm_layer *l = &m->layers[i];
        const struct utvm_profile_layer *layer = &p->layers[i];
        if (!utvm_layer_runs(l)) {
            continue;
        }
        char shape[UTVM_SHAPE_TEXT_BYTES] = "";
        if (l->num_outputs) {
            const struct utvm_tensor *t = &m->tensors[l->outputs[0]];
            utvm_shape_text(t->rank, t->dims, shape, sizeof(shape));
        }
        double cycles = layer->cycles_median;
        utvm_table_row(table);
        utvm_table_int(table, i);
        utvm_table_text(table, "%s", l->name);
        utvm_table_text(table, "%s", l->operator_name);
        utvm_table_text(table, "%s", shape);
        utvm_table_int(table, layer->cycles_median);
        utvm_table_real(table, p->total_cycles ? cycles / (double)p->total_cycles : 0);
        ratio_cell(table, cycles * 1000, clock);
        ratio_cell(table, (double)l->executed_macs, cycles);
        utvm_table_int(table, (int64_t)l->macs);
        utvm_table_int(table, (int64_t)l->executed_macs);
        utvm_table_int(table, layer->cycles_min);
        utvm_table_int(table, layer->cycles_max);
        utvm_table_int(table, layer->cycles_cold);
        ratio_cell(table, cycles, (double)l->executed_macs);
    }
}

static void add_space(struct utvm_document *doc, const struct utvm_session *s,
                      const struct utvm_profile *p)
{
    static const struct utvm_column columns[] = {
        {"index", "#", UTVM_CELL_INT, false},
        {"name", "layer", UTVM_CELL_TEXT, true},
        {"live_bytes", "live", UTVM_CELL_BYTES, false},
        {"workspace_bytes", "workspace", UTVM_CELL_BYTES, false},
        {"stack_bytes", "stack", UTVM_CELL_BYTES, false},
        {"weights_bytes", "weights", UTVM_CELL_BYTES, false},
        {"code_bytes", "code", UTVM_CELL_BYTES, false},
    };
    const struct utvm_model *m = s->model;
    struct utvm_table *table = utvm_document_table(doc, "space", "Space", columns, COUNT(columns));
    for (uint32_t i = 0; i < m->num_layers; i++) {
        const struct utvm_layer *l = &m->layers[i];
        if (!utvm_layer_runs(l)) {
            continue;
        }
        utvm_table_row(table);
        utvm_table_int(table, i);
        utvm_table_text(table, "%s", l->name);
        utvm_table_int(table, utvm_model_live_bytes(m, i));
        utvm_table_int(table, l->workspace_bytes);
        utvm_table_int(table, p->layers[i].stack_bytes);
        utvm_table_int(table, l->weights_bytes);
        if (l->code_bytes) {
            utvm_table_int(table, l->code_bytes);
        } else {
            utvm_table_none(table);
        }
    }
}

static void add_breakdown(struct utvm_document *doc, const struct utvm_session *s,
                          const struct utvm_profile *p)
{
    static const struct utvm_column columns[] = {
        {"index", "#", UTVM_CELL_INT, false},
        {"name", "layer", UTVM_CELL_TEXT, true},
        {"issue", "issue", UTVM_CELL_INT, false},
        {"dependency", "dependency", UTVM_CELL_INT, false},
        {"mispredict", "mispredict", UTVM_CELL_INT, false},
        {"instruction_fill", "instr. fill", UTVM_CELL_INT, false},
        {"data_fill", "data fill", UTVM_CELL_INT, false},
        {"unaligned", "unaligned", UTVM_CELL_INT, false},
        {"divide", "divide", UTVM_CELL_INT, false},
        {"system", "system", UTVM_CELL_INT, false},
    };
    _Static_assert(COUNT(columns) == 2 + UTVM_BREAKDOWN_COUNT, "a column for each counter");
    struct utvm_table *table =
        utvm_document_table(doc, "breakdown", "Where the cycles go", columns, COUNT(columns));
    for (uint32_t i = 0; i < s->model->num_layers; i++) {
        if (!utvm_layer_runs(&s->model->layers[i])) {
            continue;
        }
        utvm_table_row(table);
        utvm_table_int(table, i);
        utvm_table_text(table, "%s", s->model->layers[i].name);
        for (size_t k = 0; k < UTVM_BREAKDOWN_COUNT; k++) {
            utvm_table_int(table, p->layers[i].record.breakdown[k]);
        }
    }
}

// The DWT's event counters have 8 bits, so only a layer of less than 256 events is counted right;
// they are for short layers and are not summed up.
static void add_events(struct utvm_document *doc, const struct utvm_session *s,
                       const struct utvm_profile *p)
{
    static const struct utvm_column columns[] = {
        {"index", "#", UTVM_CELL_INT, false},     {"name", "layer", UTVM_CELL_TEXT, true},
        {"cpi", "CPI", UTVM_CELL_INT, false},     {"exception", "EXC", UTVM_CELL_INT, false},
        {"sleep", "SLEEP", UTVM_CELL_INT, false}, {"load_store", "LSU", UTVM_CELL_INT, false},
        {"folded", "FOLD", UTVM_CELL_INT, false},
    };
    struct utvm_table *table =
        utvm_document_table(doc, "events", "DWT events, modulo 256", columns, COUNT(columns));
    for (uint32_t i = 0; i < s->model->num_layers; i++) {
        if (!utvm_layer_runs(&s->model->layers[i])) {
            continue;
        }
        const struct utvm_layer_record *record = &p->layers[i].record;
        utvm_table_row(table);
        utvm_table_int(table, i);
        utvm_table_text(table, "%s", s->model->layers[i].name);
        for (unsigned shift = 0; shift < 32; shift += 8) {
            utvm_table_int(table, record->events >> shift & 0xFF);
        }
        utvm_table_int(table, record->fold);
    }
}

struct utvm_document *utvm_profile_document(struct utvm_session *s, const struct utvm_profile *p)
{
    struct utvm_document *doc = utvm_document_create("profile");
    UTVM_ASSERT(s->model && s->model->num_layers == p->num_layers);
    add_totals(doc, s, p);
    add_layers(doc, s, p);
    add_space(doc, s, p);
    if (p->has_breakdown) {
        add_breakdown(doc, s, p);
    }
    // The breakdown says more and does not wrap.
    if (p->has_events && !p->has_breakdown) {
        add_events(doc, s, p);
    }
    if (p->has_breakdown || p->has_events) {
        utvm_document_note(doc,
                           "stack and %s are from one more run, in which counters are read "
                           "between the layers: it takes some tens of cycles more or less",
                           p->has_breakdown ? "where the cycles go" : "events");
    }
    if (p->repeats == 1) {
        utvm_document_note(doc, "one repeat: %s",
                           p->is_cold ? "cold" : "as warm as earlier inferences left the caches");
    } else if (!p->is_cold) {
        utvm_document_note(doc, "'cold' is the first repeat, with caches as warm as earlier "
                                "inferences left them; 'load' makes them cold");
    }
    return doc;
}
