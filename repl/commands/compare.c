// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/compare.h"

#include <math.h>
#include <stdlib.h>

#include "repl/commands/judge.h"
#include "repl/link.h"

struct comparison {
    struct utvm_shell *sh;
    struct utvm_table *table;
};

static struct utvm_error *add_row(void *ctx, const struct utvm_compare_row *row)
{
    struct comparison *c = ctx;
    const struct utvm_model *model = utvm_shell_model(c->sh);
    const struct utvm_layer *layer = &model->layers[row->layer];
    utvm_table_row(c->table);
    utvm_table_int(c->table, row->layer);
    utvm_table_text(c->table, "%s", layer->name);
    utvm_table_text(c->table, "%s", layer->operator_name);
    utvm_table_text(c->table, "%s", model->tensors[row->tensor].name);
    if (row->skipped) {
        utvm_table_text(c->table, "%s", row->skip_reason ? row->skip_reason : "skipped");
        return NULL;
    }
    bool fails = row->metrics.num_beyond > 0;
    utvm_table_text(c->table, "%s",
                    fails                           ? "differs"
                    : row->metrics.num_unequal == 0 ? "equal"
                                                    : "close");
    utvm_metrics_add(c->table, &row->metrics);
    if (row->has_own_error) {
        utvm_table_real(c->table, isnan(row->own.max_abs_error_lsb) ? row->own.max_abs_error
                                                                    : row->own.max_abs_error_lsb);
    }
    if (fails) {
        utvm_table_mark(c->table);
    }
    return NULL;
}

static struct utvm_table *make_table(struct utvm_document *doc, bool own_error)
{
    struct utvm_column columns[24] = {
        {"layer", "#", UTVM_CELL_INT, false},           {"name", "layer", UTVM_CELL_TEXT, true},
        {"operator", "operator", UTVM_CELL_TEXT, true}, {"tensor", "tensor", UTVM_CELL_TEXT, true},
        {"result", "result", UTVM_CELL_TEXT, false},
    };
    size_t count = 5;
    for (size_t i = 0; i < utvm_num_metrics_columns; i++) {
        columns[count++] = utvm_metrics_columns[i];
    }
    if (own_error) {
        columns[count++] =
            (struct utvm_column){"own_max_error", "own error", UTVM_CELL_REAL, false};
    }
    return utvm_document_table(doc, "layers", NULL, columns, count);
}

static struct utvm_error *verdict(const struct utvm_model *model,
                                  const struct utvm_compare_summary *summary, const char *oracle)
{
    if (summary->num_compared == 0) {
        return utvm_error_create(UTVM_ERROR_MISMATCH, "nothing of %s could be compared", oracle);
    }
    if (summary->num_failed == 0) {
        return NULL;
    }
    uint32_t first = summary->first_divergence;
    return utvm_error_create(UTVM_ERROR_MISMATCH,
                             "layer %u '%s' is the first to differ from %s; %u of %u do", first,
                             first < model->num_layers ? model->layers[first].name : "?", oracle,
                             summary->num_failed, summary->num_compared);
}

static struct utvm_error *compare(struct utvm_shell *sh, struct utvm_reference *reference,
                                  const struct utvm_compare_options *options, FILE *out)
{
    struct utvm_document *doc = utvm_document_create("compare");
    struct comparison c = {.sh = sh};
    struct utvm_compare_summary summary = {0};
    const char *oracle = utvm_reference_path(reference);
    utvm_document_fact_text(doc, NULL, "oracle", "oracle", "%s", oracle);
    c.table = make_table(doc, options->own_error);
    struct utvm_error *error =
        utvm_compare_run(sh->session, reference, options, add_row, &c, &summary);
    utvm_progress_clear(sh);
    if (error) {
        utvm_document_free(doc);
        return error;
    }
    utvm_document_fact_number(doc, "summary", "compared", "compared", UTVM_CELL_INT,
                              summary.num_compared);
    utvm_document_fact_number(doc, "summary", "skipped", "skipped", UTVM_CELL_INT,
                              summary.num_skipped);
    utvm_document_fact_number(doc, "summary", "failed", "differ", UTVM_CELL_INT,
                              summary.num_failed);
    if (summary.num_failed > 0) {
        utvm_document_fact_number(doc, "summary", "first_divergence", "first divergence",
                                  UTVM_CELL_INT, summary.first_divergence);
    }
    sh->wrote_document = true;
    error = utvm_document_write(doc, out, sh->format, &sh->style);
    utvm_document_free(sh->comparison);
    sh->comparison = doc; // for report
    return error ? error : verdict(utvm_shell_model(sh), &summary, oracle);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_compare_options options = {
        .tolerance = utvm_tolerance_of(sh, &args->option[0], &args->option[1], &args->option[2]),
        .own_error = args->option[3].given,
    };
    if (!args->arg[0].given) {
        if (!sh->reference) {
            return utvm_error_create(
                UTVM_ERROR_STATE, "compare with what? name an .npz, or 'set reference FILE.npz'");
        }
        return compare(sh, sh->reference, &options, out);
    }
    struct utvm_reference *reference = NULL;
    struct utvm_error *error = utvm_reference_open(args->arg[0].text, &reference);
    if (error) {
        return error;
    }
    error = compare(sh, reference, &options, out);
    utvm_reference_close(reference);
    return error;
}

const struct utvm_command utvm_command_compare = {
    .name = "compare",
    .group = UTVM_GROUP_JUDGING,
    .summary = "compare every layer's output with a reference",
    .detail =
        "FILE is an .npz with arrays t<index in the model file> or named like the tensors, by "
        "default the one that 'set reference' names. Goes through the model again from the "
        "same inputs and reads each layer at its stop. Integers must be equal within --lsb; "
        "floats within --atol plus --rtol times the reference, by default within 1e-5 of its "
        "greatest absolute value. A difference fails the command. --own feeds each layer the "
        "reference's inputs too, and so tells a layer's own error from an inherited one.",
    .example = "compare golden/ring_0.npz",
    .needs = UTVM_NEEDS_UPLOADED,
    .args = {{.name = "FILE", .kind = UTVM_ARG_FILE, .optional = true}},
    .options = {{"--lsb", "N", UTVM_ARG_NUMBER, "steps by which integers may differ", NULL},
                {"--atol", "X", UTVM_ARG_NUMBER, "absolute tolerance of floats", NULL},
                {"--rtol", "X", UTVM_ARG_NUMBER, "relative tolerance of floats", NULL},
                {"--own", NULL, UTVM_ARG_WORD, "own error beside inherited error", NULL}},
    .run = run,
};
