// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_HELP_H
#define UTVM_REPL_HELP_H

#include <stdio.h>

#include "repl/shell.h"

/** Help, made from the command and setting tables. */
void utvm_help_overview(FILE *out, const struct utvm_macro *macros, size_t num_macros);
/** width: columns to fill, 0 = 80. */
void utvm_help_command(FILE *out, const struct utvm_command *command, unsigned width);
void utvm_help_group(FILE *out, enum utvm_group group);
/** A group by the first word of its title. */
bool utvm_help_group_named(const char *name, enum utvm_group *ret);
void utvm_help_setting(FILE *out, enum utvm_setting which, const char *value);

/** Options of the program; also part of the man page. */
void utvm_help_program(FILE *out);

/** The README's command reference, the man page utvm(1), and the completion of bash. */
void utvm_help_markdown(FILE *out);
void utvm_help_man(FILE *out);
void utvm_help_bash(FILE *out);
/** Every command's example, one a line, in the order of the table: they are run by a test. */
void utvm_help_examples(FILE *out);

/**
 * Writes text in lines of at most width columns, each indented.
 * @param started the cursor stands behind the first line's indent already
 */
void utvm_help_fill(FILE *out, const char *text, unsigned width, unsigned indent, bool started);

#endif
