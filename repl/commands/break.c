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
        .temporary = false,
    };
    return utvm_break_set(sh, &request, out);
}

const struct utvm_command utvm_command_break = {
    .name = "break",
    .alias = "b",
    .group = UTVM_GROUP_STOPPING,
    .summary = "stop at layers, if a condition holds",
    .detail =
        "LAYER is a name, a unique prefix, #index, a glob such as conv*, an operator kind such as "
        "CONV_2D, or nothing for the next layer. Without a condition it stops before the layer, "
        "with one after it, because conditions are about what the layer did. They know cycles, "
        "stack, the output's min, max, mean, std, sat, satlow, sathigh, zeros (shares), nan, inf "
        "(counts), and maxerr and rmse against 'set reference FILE.npz': if sat > 5%, if nan, "
        "if cycles > 1e6, if maxerr > 2\n"
        "A > compares. It redirects the output when it stands directly behind an option, or when "
        "the last word looks like a file's name: > ./f, > f.txt.",
    .example = "break CONV_2D if sat > 5%",
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
