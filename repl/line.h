// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_LINE_H
#define UTVM_REPL_LINE_H

#include "repl/shell.h"

/**
 * The prompt: line editing, history and completion by Readline, on a terminal. Runs commands until
 * quit, Ctrl-D, or a signal that ends the program.
 */
void utvm_prompt_run(struct utvm_shell *sh);

#endif
