// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/breakpoints.h"
#include "repl/condition.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_break_request request = {
        .text = args->arg[0].given ? args->arg[0].text : NULL,
        .before = args->option[0].given,
        .after = args->option[1].given,
        .temporary = true,
    };
    return utvm_break_set(sh, &request, out);
}

const struct utvm_command utvm_command_tbreak = {
    .name = "tbreak",
    .alias = "tb",
    .group = UTVM_GROUP_STOPPING,
    .summary = "stop at layers once",
    .detail = "As 'break'; it is deleted when it is hit.",
    .example = "tbreak #2",
    .needs = UTVM_NEEDS_MODEL,
    .flags = UTVM_COMMAND_OPERATORS,
    .args = {{.name = "LAYER|OPERATOR [if CONDITION]",
              .kind = UTVM_ARG_REST,
              .optional = true,
              .also = UTVM_ARG_LAYER,
              .alternatives = utvm_condition_names}},
    .options = {{"--before", NULL, UTVM_ARG_WORD, "stop before the layer runs", NULL},
                {"--after", NULL, UTVM_ARG_WORD, "stop after the layer has run", NULL}},
    .run = run,
};
