// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/compare.h"

#include "repl/commands/judge.h"
#include "repl/link.h"

struct comparison {
    struct utvm_shell *sh;
    struct utvm_table *table;
};

static struct utvm_error *add_row(void *ctx, const struct utvm_compare_row *row)
{
    const struct comparison *c = ctx;
    utvm_compare_document_row(c->table, c->sh->session, row);
    return NULL;
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
    struct comparison c = {.sh = sh};
    struct utvm_compare_summary summary = {0};
    const char *oracle = utvm_reference_path(reference);
    struct utvm_document *doc = utvm_compare_document(sh->session, reference, options, &c.table);
    struct utvm_error *error =
        utvm_compare_run(sh->session, reference, options, add_row, &c, &summary);
    utvm_progress_clear(sh);
    if (error) {
        utvm_document_free(doc);
        return error;
    }
    utvm_compare_document_end(doc, sh->session, &summary);
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
    .example = "compare golden/01_ring.npz",
    .needs = UTVM_NEEDS_UPLOADED,
    .args = {{.name = "FILE", .kind = UTVM_ARG_FILE, .optional = true}},
    .options = {{"--lsb", "N", UTVM_ARG_NUMBER, "steps by which integers may differ", NULL},
                {"--atol", "X", UTVM_ARG_NUMBER, "absolute tolerance of floats", NULL},
                {"--rtol", "X", UTVM_ARG_NUMBER, "relative tolerance of floats", NULL},
                {"--own", NULL, UTVM_ARG_WORD, "own error beside inherited error", NULL}},
    .run = run,
};
