// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/control.h"
#include "repl/interrupt.h"

static struct utvm_error *loop(struct utvm_shell *sh, const char *text,
                               const struct utvm_control *control)
{
    for (;;) {
        bool holds = false;
        struct utvm_error *error = utvm_control_test(sh, text, &holds);
        if (!error && holds) {
            error = utvm_control_run(sh, control, false);
        }
        if (!error && *utvm_interrupt_flag()) {
            error = utvm_error_create(UTVM_ERROR_CANCELLED, "interrupted");
        }
        bool ends = sh->loop_end == UTVM_LOOP_BREAK || sh->quit;
        sh->loop_end = UTVM_LOOP_ON;
        if (error || !holds || ends) {
            return error;
        }
    }
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct utvm_control control = {0};
    (void)out;
    struct utvm_error *error = utvm_control_read(sh, &control);
    if (error) {
        return error;
    }
    if (control.otherwise) {
        error = utvm_error_create(UTVM_ERROR_INVALID, "while has no 'else'");
    } else {
        sh->num_loops++;
        error = loop(sh, args->arg[0].text, &control);
        sh->num_loops--;
    }
    utvm_control_deinit(&control);
    return error;
}

const struct utvm_command utvm_command_while = {
    .name = "while",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "run lines up to 'end' as long as a value is not zero",
    .detail = "'loop_break' ends it, 'loop_continue' begins the next round, Ctrl-C interrupts it.",
    .example = "while $layer < 3",
    .flags = UTVM_COMMAND_OPERATORS | UTVM_COMMAND_PLAIN,
    .args = {{.name = "EXPRESSION", .kind = UTVM_ARG_REST, .also = UTVM_ARG_TENSOR_REF}},
    .run = run,
};
