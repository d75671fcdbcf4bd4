// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_SETTINGS_TABLE_H
#define UTVM_REPL_COMMANDS_SETTINGS_TABLE_H

#include "repl/shell.h"

/** One setting, or all of them for UTVM_SET_COUNT. */
struct utvm_document *utvm_settings_document(const struct utvm_shell *sh, enum utvm_setting which);

#endif
