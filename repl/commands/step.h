// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_STEP_H
#define UTVM_REPL_COMMANDS_STEP_H

#include "repl/commands/common.h"

/** Runs layers one at a time and shows each. */
UTVM_MUST_CHECK struct utvm_error *utvm_step_layers(struct utvm_shell *sh, uint32_t count,
                                                    FILE *out);

#endif
