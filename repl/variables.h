// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_VARIABLES_H
#define UTVM_REPL_VARIABLES_H

#include <stddef.h>

#include "repl/expr.h"

/** User variables: `set $x = 3`. */
struct utvm_variable {
    char *name; /**< with its $ */
    struct utvm_value value;
};

struct utvm_variables {
    struct utvm_variable *list;
    size_t count;
};

/** NULL when there is no such variable. */
const struct utvm_value *utvm_variables_find(const struct utvm_variables *vars, const char *name);
UTVM_MUST_CHECK struct utvm_error *utvm_variables_set(struct utvm_variables *vars, const char *name,
                                                      struct utvm_value value);
void utvm_variables_deinit(struct utvm_variables *vars);

#endif
