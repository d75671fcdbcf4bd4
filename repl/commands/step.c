// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/step.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    return utvm_step_layers(sh, args->arg[0].given ? args->arg[0].count : 1, out);
}

const struct utvm_command utvm_command_step = {
    .name = "step",
    .alias = "s",
    .group = UTVM_GROUP_RUNNING,
    .summary = "run the next layer, or the next N layers",
    .detail = "Stops after each layer has run and shows it: output tensor, cycles, memory alive. "
              "A breakpoint stops it earlier. "
              "Fused and folded layers are passed, they have no code of their own. "
              "An empty line does it again.",
    .example = "step 3",
    .needs = UTVM_NEEDS_UPLOADED,
    .flags = UTVM_COMMAND_RUNS | UTVM_COMMAND_REPEAT,
    .args = {{.name = "N", .kind = UTVM_ARG_COUNT, .optional = true}},
    .run = run,
};
