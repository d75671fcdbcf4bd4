// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/stats.h"

#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct utvm_view view = {0};
    struct utvm_error *error = utvm_read_view(sh, &args->arg[0].ref, args->option[0].given, &view);
    if (error) {
        return error;
    }
    error = utvm_shell_emit(sh, utvm_stats_document(&view.tensor, &view.array), out);
    utvm_view_deinit(&view);
    return error;
}

const struct utvm_command utvm_command_stats = {
    .name = "stats",
    .group = UTVM_GROUP_LOOKING,
    .summary = "least, greatest, mean, saturation, NaN of a tensor",
    .example = "stats input",
    .needs = UTVM_NEEDS_MODEL,
    .args = {{.name = "TENSOR", .kind = UTVM_ARG_TENSOR_REF}},
    .options = {{"--force", NULL, UTVM_ARG_WORD, "read memory that has been used again, too",
                 NULL}},
    .run = run,
};
