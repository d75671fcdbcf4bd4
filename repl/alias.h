// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_ALIAS_H
#define UTVM_REPL_ALIAS_H

#include "repl/parse.h"
#include "repl/shell.h"

/** Aliases: names of a user for the beginning of a command line. They stand among the macros. */

/** Most that a line goes through; those that lead to each other have no end of their own. */
#define UTVM_ALIASES_MAX 16u

/**
 * Makes or replaces an alias.
 * @param expansion a command, with /letters and arguments if need be
 * @return INVALID for a name that is none or is taken, and for commands with lines of their own;
 *         what looking the command up returns
 */
UTVM_MUST_CHECK struct utvm_error *utvm_alias_define(struct utvm_shell *sh, const char *name,
                                                     const char *expansion);

/** The line with the alias at its head replaced; malloc'd, NULL when out of memory. */
char *utvm_alias_expand(const struct utvm_macro *alias, const struct utvm_head *head,
                        const char *line);

/** The built-in command that a name stands for, aliases of this shell followed. */
UTVM_MUST_CHECK struct utvm_error *utvm_alias_find_command(const struct utvm_shell *sh,
                                                           const char *name,
                                                           const struct utvm_command **ret);

#endif
