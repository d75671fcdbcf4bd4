// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>

#include "core/input.h"
#include "repl/commands/common.h"

// The least number of invocations that FILE holds for every input.
static struct utvm_error *sequence_length(const struct utvm_model *model, const char *path,
                                          uint32_t *ret)
{
    uint32_t length = UINT32_MAX;
    for (uint32_t i = 0; i < model->num_inputs; i++) {
        uint32_t count = 0;
        struct utvm_error *error =
            utvm_input_invocations(path, &model->tensors[model->inputs[i]], &count);
        if (error) {
            return error;
        }
        length = count < length ? count : length;
    }
    if (!model->num_inputs || length == 0) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND,
                                 "%s holds no sequence (seq_<index>) for every input of the model",
                                 path);
    }
    *ret = length;
    return NULL;
}

static struct utvm_error *set_inputs(struct utvm_shell *sh, const char *path, uint32_t invocation)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    const struct utvm_input_options options = {.has_invocation = true, .invocation = invocation};
    struct utvm_error *error = NULL;
    for (uint32_t i = 0; i < model->num_inputs && !error; i++) {
        struct utvm_array value = {0};
        char *note = NULL;
        error = utvm_input_read(path, &model->tensors[model->inputs[i]], &options, &value, &note);
        if (!error) {
            error = utvm_session_set_input(sh->session, model->inputs[i], &value);
        }
        utvm_array_deinit(&value);
        free(note);
    }
    return error;
}

// The results of several inferences, for machines.
static struct utvm_table *runs_table(struct utvm_document *doc)
{
    static const struct utvm_column columns[] = {
        {"run", "#", UTVM_CELL_INT, false},
        {"reason", "stopped", UTVM_CELL_TEXT, false},
        {"next_layer", "next layer", UTVM_CELL_INT, false},
        {"total_cycles", "cycles", UTVM_CELL_INT, false},
        {"class", "class", UTVM_CELL_TEXT, false},
        {"score", "score", UTVM_CELL_REAL, false},
    };
    return utvm_document_table(doc, "runs", NULL, columns, sizeof(columns) / sizeof(columns[0]));
}

static struct utvm_error *add_run(struct utvm_shell *sh, struct utvm_table *table, uint32_t k)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    struct utvm_class best = {0};
    size_t count = 0;
    struct utvm_error *error =
        status->reason == UTVM_STOP_END ? utvm_top_classes(sh, 1, &best, &count) : NULL;
    utvm_table_row(table);
    utvm_table_int(table, k);
    utvm_table_text(table, "%s", utvm_stop_reason_name(status->reason));
    utvm_table_int(table, status->next_layer);
    utvm_table_int(table, (int64_t)status->total_cycles);
    if (count > 0) {
        utvm_table_text(table, "%s", best.label);
        utvm_table_real(table, best.score);
    }
    return error;
}

static struct utvm_error *run_each(struct utvm_shell *sh, const struct utvm_args *args,
                                   uint32_t count, struct utvm_table *table, FILE *out)
{
    const struct utvm_bound *sequence = &args->option[1];
    for (uint32_t k = 0; k < count; k++) {
        struct utvm_error *error = sequence->given ? set_inputs(sh, sequence->text, k) : NULL;
        if (!error) {
            error = utvm_session_restart(sh->session, args->option[0].given && k == 0);
        }
        if (!error) {
            error = utvm_session_continue(sh->session);
        }
        if (!error) {
            error = table ? add_run(sh, table, k) : utvm_show_stop(sh, out, 0, false);
        }
        if (error || utvm_session_status(sh->session)->reason != UTVM_STOP_END) {
            return error; // a breakpoint or Ctrl-C ends the row of inferences
        }
    }
    return NULL;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_bound *sequence = &args->option[1];
    uint32_t count = args->arg[0].given ? args->arg[0].count : 1;
    if (sequence->given) {
        uint32_t length = 0;
        struct utvm_error *error = sequence_length(utvm_shell_model(sh), sequence->text, &length);
        if (error) {
            return error;
        }
        if (args->arg[0].given && count > length) {
            return utvm_error_create(UTVM_ERROR_INVALID, "%s holds %u invocations, not %u",
                                     sequence->text, (unsigned)length, (unsigned)count);
        }
        count = args->arg[0].given ? count : length;
    }
    if (count == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "no inference is asked for: N is 0");
    }
    if (sh->format == UTVM_OUTPUT_TEXT || count == 1) {
        return run_each(sh, args, count, NULL, out);
    }
    struct utvm_document *doc = utvm_document_create("runs");
    struct utvm_error *error = run_each(sh, args, count, runs_table(doc), out);
    if (error) {
        utvm_document_free(doc);
        return error;
    }
    return utvm_shell_emit(sh, doc, out);
}

const struct utvm_command utvm_command_run = {
    .name = "run",
    .alias = "r",
    .group = UTVM_GROUP_RUNNING,
    .summary = "run an inference from the first layer, or N of them",
    .detail = "Runs until a breakpoint, a fault, Ctrl-C or the end of the model. Inputs that were "
              "never set are zero. State tensors keep their values between inferences unless "
              "--reset-state is given, which resets them before the first. --sequence gives "
              "inference k element k of FILE.npz's seq_<index>, as many as it holds unless N says "
              "fewer.",
    .example = "run 2",
    .needs = UTVM_NEEDS_UPLOADED,
    .flags = UTVM_COMMAND_RUNS,
    .args = {{.name = "N", .kind = UTVM_ARG_COUNT, .optional = true}},
    .options = {{"--reset-state", NULL, UTVM_ARG_WORD, "state tensors to their initial values",
                 NULL},
                {"--sequence", "FILE", UTVM_ARG_FILE, "the inputs, one inference each", NULL}},
    .run = run,
};
