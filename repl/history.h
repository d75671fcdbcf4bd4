// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_HISTORY_H
#define UTVM_REPL_HISTORY_H

#include "repl/shell.h"

/** Files of the user: history and start-up files. */

/** Where the history is kept, malloc'd; NULL when it is off or there is no home. */
char *utvm_history_path(const struct utvm_shell *sh);
/** Makes the directory, and an empty file that only the user may read. */
void utvm_history_prepare(const char *path);

/** Runs utvm/utvminit of $XDG_CONFIG_HOME or ~/.utvminit, then ./.utvminit if that is allowed. */
UTVM_MUST_CHECK struct utvm_error *utvm_run_init_files(struct utvm_shell *sh);

#endif
