// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/step.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    return utvm_step_layers(sh, args->arg[0].given ? args->arg[0].count : 1, out);
}

const struct utvm_command utvm_command_next = {
    .name = "next",
    .alias = "n",
    .group = UTVM_GROUP_RUNNING,
    .summary = "the same as step: layers have no layers inside",
    .detail = "GDB users reach for it. An empty line does it again.",
    .example = "next 3",
    .needs = UTVM_NEEDS_UPLOADED,
    .flags = UTVM_COMMAND_RUNS | UTVM_COMMAND_REPEAT,
    .args = {{.name = "N", .kind = UTVM_ARG_COUNT, .optional = true}},
    .run = run,
};
