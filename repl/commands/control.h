// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_CONTROL_H
#define UTVM_REPL_COMMANDS_CONTROL_H

#include "repl/commands/common.h"

/** Bodies of `if` and `while`. */
struct utvm_control {
    const struct utvm_source *source; /**< they were read from */
    const char *name;                 /**< of it; NULL at the prompt */
    unsigned first_line;              /**< of the command itself */
    unsigned else_line;
    char *body;
    char *otherwise; /**< behind `else`; NULL = there is none */
};

/** Reads the lines up to `end`. */
UTVM_MUST_CHECK struct utvm_error *utvm_control_read(struct utvm_shell *sh,
                                                     struct utvm_control *ret);
void utvm_control_deinit(struct utvm_control *control);

/** Runs the lines, or those behind `else`. */
UTVM_MUST_CHECK struct utvm_error *
utvm_control_run(struct utvm_shell *sh, const struct utvm_control *control, bool otherwise);

/** Whether an expression is true, that is, not zero. */
UTVM_MUST_CHECK struct utvm_error *utvm_control_test(struct utvm_shell *sh, const char *text,
                                                     bool *ret);

#endif
