// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/compare.h"
#include "core/profile.h"
#include "core/session_impl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct utvm_document *utvm_compare_document(const struct utvm_session *s,
                                            const struct utvm_reference *ref,
                                            const struct utvm_compare_options *options,
                                            struct utvm_table **ret_table)
{
    static const struct utvm_column columns[] = {
        {"index", "#", UTVM_CELL_INT, false},
        {"name", "layer", UTVM_CELL_TEXT, true},
        {"operator", "operator", UTVM_CELL_TEXT, false},
        {"result", "result", UTVM_CELL_TEXT, false},
        {"max_lsb", "max LSB", UTVM_CELL_REAL, false},
        {"max_abs", "max abs", UTVM_CELL_REAL, false},
        {"unequal", "unequal", UTVM_CELL_PERCENT, false},
        {"sqnr_db", "SQNR dB", UTVM_CELL_REAL, false},
        {"saturated", "saturated", UTVM_CELL_PERCENT, UTVM_FIT_OPTIONAL},
        {"own_max_lsb", "own LSB", UTVM_CELL_REAL, false},
        {"own_max_abs", "own abs", UTVM_CELL_REAL, false},
        {"rmse", "RMSE", UTVM_CELL_REAL, UTVM_FIT_OPTIONAL},
        {"mean_error", "mean error", UTVM_CELL_REAL, UTVM_FIT_OPTIONAL},
        {"l2_ratio", "L2 ratio", UTVM_CELL_REAL, UTVM_FIT_OPTIONAL},
        {"cosine", "cosine", UTVM_CELL_REAL, UTVM_FIT_OPTIONAL},
        {"off_by_one", "off by 1", UTVM_CELL_PERCENT, UTVM_FIT_OPTIONAL},
        {"beyond", "beyond", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"first_beyond", "first at", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"cycles", "cycles", UTVM_CELL_INT, UTVM_FIT_OPTIONAL},
        {"tensor", "tensor", UTVM_CELL_TEXT, UTVM_FIT_SHRINK | UTVM_FIT_OPTIONAL},
        {"reason", "skipped because", UTVM_CELL_TEXT, true},
    };
    struct utvm_document *doc = utvm_document_create("compare");
    utvm_document_fact_text(doc, NULL, "reference", "reference", "%s", utvm_reference_path(ref));
    utvm_document_fact_text(doc, NULL, "model", "model", "%s", s->model ? s->model->name : "");
    const struct utvm_tolerance *t = &options->tolerance;
    if (t->is_default) {
        utvm_document_fact_text(doc, NULL, "tolerance", "tolerance",
                                "integers within %g LSB, floats within 1e-05 of the largest value",
                                t->lsb);
    } else {
        utvm_document_fact_text(doc, NULL, "tolerance", "tolerance",
                                "integers within %g LSB, floats within %g + %g * |reference|",
                                t->lsb, t->atol, t->rtol);
    }
    *ret_table = utvm_document_table(doc, "layers", NULL, columns, COUNT(columns));
    return doc;
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

static void metric_cells(struct utvm_table *table, const struct utvm_compare_row *row,
                         bool is_integer)
{
    const struct utvm_metrics *m = &row->metrics;
    if (is_integer) {
        utvm_table_real(table, m->max_abs_error_lsb);
    } else {
        utvm_table_none(table);
    }
    utvm_table_real(table, m->max_abs_error);
    utvm_table_real(table, share(m->num_unequal, m->num_elems));
    utvm_table_real(table, m->sqnr_db);
    utvm_table_real(table, m->saturated_share);
    if (row->has_own_error && is_integer) {
        utvm_table_real(table, row->own.max_abs_error_lsb);
    } else {
        utvm_table_none(table);
    }
    if (row->has_own_error) {
        utvm_table_real(table, row->own.max_abs_error);
    } else {
        utvm_table_none(table);
    }
    utvm_table_real(table, m->rmse);
    utvm_table_real(table, m->mean_error);
    utvm_table_real(table, m->l2_ratio);
    utvm_table_real(table, m->cosine);
    utvm_table_real(table, share(m->num_off_by_one, m->num_elems));
    utvm_table_int(table, (int64_t)m->num_beyond);
    if (m->first_beyond != UINT64_MAX) {
        utvm_table_int(table, (int64_t)m->first_beyond);
    } else {
        utvm_table_none(table);
    }
}

void utvm_compare_document_row(struct utvm_table *table, const struct utvm_session *s,
                               const struct utvm_compare_row *row)
{
    enum {
        METRIC_CELLS = 14
    };
    const struct utvm_layer *l = &s->model->layers[row->layer];
    const struct utvm_tensor *t = &s->model->tensors[row->tensor];
    bool failed = !row->skipped && row->metrics.num_beyond > 0;
    bool exact = !row->skipped && row->metrics.num_unequal == 0;
    utvm_table_row(table);
    utvm_table_int(table, row->layer);
    if (t->flags & UTVM_TENSOR_VARIABLE) {
        utvm_table_text(table, "state %s", t->name);
    } else {
        utvm_table_text(table, "%s", l->name);
    }
    utvm_table_text(table, "%s", l->operator_name);
    utvm_table_text(table, "%s",
                    row->skipped ? "skipped"
                    : failed     ? "DIFFERS"
                    : exact      ? "equal"
                                 : "close");
    if (row->skipped) {
        for (int i = 0; i < METRIC_CELLS; i++) {
            utvm_table_none(table);
        }
    } else {
        metric_cells(table, row, t->dtype != UTVM_DTYPE_FLOAT32);
    }
    utvm_table_int(table, row->cycles);
    utvm_table_text(table, "%s", t->name);
    if (row->skipped) {
        utvm_table_text(table, "%s", row->skip_reason);
    }
    if (failed) {
        utvm_table_mark(table);
    }
}

void utvm_compare_document_end(struct utvm_document *doc, const struct utvm_session *s,
                               const struct utvm_compare_summary *summary)
{
    utvm_document_fact_number(doc, "summary", "num_compared", "tensors compared", UTVM_CELL_INT,
                              summary->num_compared);
    utvm_document_fact_number(doc, "summary", "num_skipped", "skipped", UTVM_CELL_INT,
                              summary->num_skipped);
    utvm_document_fact_number(doc, "summary", "num_failed", "beyond the tolerance", UTVM_CELL_INT,
                              summary->num_failed);
    if (summary->first_divergence != UTVM_NO_INDEX) {
        char layer[160];
        utvm_layer_text(s->model, summary->first_divergence, layer, sizeof(layer));
        utvm_document_fact_number(doc, "summary", "first_divergence", "first divergence (#)",
                                  UTVM_CELL_INT, summary->first_divergence);
        utvm_document_fact_text(doc, "summary", "first_divergence_layer", "first divergence", "%s",
                                layer);
    }
    if (s->target) {
        char cycles[160];
        utvm_cycles_text(&s->target->info, cycles, sizeof(cycles));
        utvm_document_note(doc, "cycles are %s", cycles);
    }
}
