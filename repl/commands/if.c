// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/control.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct utvm_control control = {0};
    bool holds = false;
    (void)out;
    // The body is read whatever the expression says: its lines are no commands of their own.
    struct utvm_error *error = utvm_control_read(sh, &control);
    if (error) {
        return error;
    }
    error = utvm_control_test(sh, args->arg[0].text, &holds);
    if (!error) {
        error = utvm_control_run(sh, &control, !holds);
    }
    utvm_control_deinit(&control);
    return error;
}

const struct utvm_command utvm_command_if = {
    .name = "if",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "run lines up to 'else' or 'end' if a value is not zero",
    .detail = "The lines between 'else' and 'end' run when it is zero.",
    .example = "if $cycles > 1e6",
    .flags = UTVM_COMMAND_OPERATORS | UTVM_COMMAND_PLAIN,
    .args = {{.name = "EXPRESSION", .kind = UTVM_ARG_REST, .also = UTVM_ARG_TENSOR_REF}},
    .run = run,
};
