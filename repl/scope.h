// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_SCOPE_H
#define UTVM_REPL_SCOPE_H

/** $names that the shell knows by itself, registers included; NULL-terminated. */
extern const char *const utvm_scope_names[];

#endif
