// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_PRINT_H
#define UTVM_REPL_COMMANDS_PRINT_H

#include "repl/commands/common.h"

/**
 * Prints a tensor, a part of one or an expression, as 'print/LETTERS TEXT' does.
 * @param force memory that has been used again, too
 */
UTVM_MUST_CHECK struct utvm_error *utvm_print(struct utvm_shell *sh, const char *text,
                                              const char *letters, bool force, FILE *out);

/** @return INVALID unless the letters are a format of print */
UTVM_MUST_CHECK struct utvm_error *utvm_print_check_letters(const char *letters);

#endif
