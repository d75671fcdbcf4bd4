// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_SCRIPT_H
#define UTVM_REPL_SCRIPT_H

#include "repl/shell.h"

/** User-defined commands and the recording of sessions. */

/** Defines or replaces. body is copied. @return INVALID for a bad name or one of a command */
UTVM_MUST_CHECK struct utvm_error *utvm_macro_define(struct utvm_shell *sh, const char *name,
                                                     const char *body);
/** Runs a user-defined command; $arg0, $arg1, … and $argc in its body are replaced. */
UTVM_MUST_CHECK struct utvm_error *
utvm_macro_run(struct utvm_shell *sh, const struct utvm_macro *macro, const char *arguments);

/** True for a line that starts a body of its own: define, document, commands, if, while. */
bool utvm_opens_body(const char *line);

/** Starts recording at the current depth; replaces a recording that runs. */
UTVM_MUST_CHECK struct utvm_error *utvm_record_start(struct utvm_shell *sh, const char *path);
/** @return OS when the file could not be written; STATE when nothing is recorded */
UTVM_MUST_CHECK struct utvm_error *utvm_record_stop(struct utvm_shell *sh);
/** Adds a line that has run, as a comment if it failed. */
void utvm_record_line(struct utvm_shell *sh, const char *line, bool succeeded);

/** Runs a file. "-" is the standard input. */
UTVM_MUST_CHECK struct utvm_error *utvm_script_run(struct utvm_shell *sh, const char *path);

#endif
