// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_LOG_H
#define UTVM_REPL_LOG_H

#include "repl/shell.h"

/** The log: a file with what was typed and what came of it, without colours. */

/**
 * Starts or ends logging as the setting 'logging' says, and sets it to what is so then: "off", or
 * the file's name. GDB's "file F", "enabled on" and "on" are understood.
 * @return OS when the file cannot be written, INVALID for others of GDB's words
 */
UTVM_MUST_CHECK struct utvm_error *utvm_log_apply(struct utvm_shell *sh);

/** Ends it. @return OS when the file has not taken everything */
UTVM_MUST_CHECK struct utvm_error *utvm_log_close(struct utvm_shell *sh);

/** A stream that writes to lower and to the log; NULL when there is none. Closing leaves both. */
FILE *utvm_log_tee(const struct utvm_shell *sh, FILE *lower);

/** A line of the user or of a script, behind its prompt: NULL = the usual one. */
void utvm_log_line(const struct utvm_shell *sh, const char *prompt, const char *line);
/** An error that was reported. */
void utvm_log_error(const struct utvm_shell *sh, const char *message);

#endif
