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

#endif
