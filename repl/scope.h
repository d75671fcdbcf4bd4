// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_SCOPE_H
#define UTVM_REPL_SCOPE_H

#include "repl/shell.h"

/** $names that the shell knows by itself, registers included; NULL-terminated. */
extern const char *const utvm_scope_names[];

/**
 * `set $NAME = VALUE`: a variable of the user, or a register of the core, which must be halted.
 * @return INVALID for what the shell says itself, as $layer; STATE; what writing a register returns
 */
UTVM_MUST_CHECK struct utvm_error *utvm_scope_assign(struct utvm_shell *sh, const char *name,
                                                     struct utvm_value value);

#endif
