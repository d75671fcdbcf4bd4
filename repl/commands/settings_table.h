// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_SETTINGS_TABLE_H
#define UTVM_REPL_COMMANDS_SETTINGS_TABLE_H

#include "repl/shell.h"

/** One setting, or all of them for UTVM_SET_COUNT. */
struct utvm_document *utvm_settings_document(const struct utvm_shell *sh, enum utvm_setting which);

/** All settings for a person: long explanations go on in the next line. */
void utvm_settings_write(const struct utvm_shell *sh, FILE *out);

#endif
