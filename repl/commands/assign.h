// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_ASSIGN_H
#define UTVM_REPL_COMMANDS_ASSIGN_H

#include "repl/commands/common.h"

/**
 * Puts a number, or a list [a, b, …] of as many as the slice has elements, into a part of a tensor.
 * @param real the numbers are in real units, not raw
 */
UTVM_MUST_CHECK struct utvm_error *utvm_assign_tensor(struct utvm_shell *sh, const char *where,
                                                      const char *what, bool real);

/** The "=" that is no part of ==, <=, >=, !=, outside brackets; NULL when there is none. */
const char *utvm_find_equals(const char *text);

#endif
