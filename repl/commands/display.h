// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_DISPLAY_H
#define UTVM_REPL_COMMANDS_DISPLAY_H

#include "repl/commands/common.h"

/** Prints all that 'display' has been told to. A value that is not there is said, not an error. */
void utvm_show_displays(struct utvm_shell *sh, FILE *out);

struct utvm_document *utvm_displays_document(const struct utvm_shell *sh);

#endif
