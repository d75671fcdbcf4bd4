// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/stats.h"
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    uint32_t bins = args->arg[1].given ? args->arg[1].count : 16;
    if (bins == 0 || bins > UTVM_MAX_BINS) {
        return utvm_error_create(UTVM_ERROR_INVALID, "1 to %u bins, not %u", UTVM_MAX_BINS, bins);
    }
    struct utvm_view view = {0};
    struct utvm_error *error = utvm_read_view(sh, &args->arg[0].ref, args->option[0].given, &view);
    if (error) {
        return error;
    }
    struct utvm_histogram histogram;
    utvm_histogram_compute(&view.array, bins, &histogram);
    utvm_view_deinit(&view);
    return utvm_shell_emit(sh, utvm_histogram_document(&histogram), out);
}

const struct utvm_command utvm_command_hist = {
    .name = "hist",
    .group = UTVM_GROUP_LOOKING,
    .summary = "histogram of a tensor's raw values",
    .example = "hist input 8",
    .needs = UTVM_NEEDS_MODEL,
    .args = {{.name = "TENSOR", .kind = UTVM_ARG_TENSOR_REF},
             {.name = "BINS", .kind = UTVM_ARG_COUNT, .optional = true}},
    .options = {{"--force", NULL, UTVM_ARG_WORD, "read memory that has been used again, too",
                 NULL}},
    .run = run,
};
