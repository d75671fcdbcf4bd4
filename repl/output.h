// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_OUTPUT_H
#define UTVM_REPL_OUTPUT_H

#include "core/file.h"
#include "repl/parse.h"
#include "repl/shell.h"

/** Where the output of one command goes: the shell's stream, a file, a program, a JSON document. */
struct utvm_sink {
    FILE *stream; /**< for the handler */
    FILE *lower;  /**< below a capture */
    FILE *tee;    /**< lower, when it also goes to the log; NULL = none */
    FILE *below;  /**< below the tee */
    FILE *ascii;  /**< below the pager, for a terminal of ASCII; NULL = none */
    enum utvm_redirect redirect;
    const char *redirect_to;
    struct utvm_file_writer writer;
    bool captured;
    char *text;
    size_t text_bytes;
};

/** Opens what the line asks for and sets sh->style. @return OS when a file cannot be written */
UTVM_MUST_CHECK struct utvm_error *utvm_sink_open(struct utvm_shell *sh,
                                                  const struct utvm_command *command,
                                                  const struct utvm_line *line,
                                                  struct utvm_sink *ret);
/**
 * Ends it. In JSON mode a command has exactly one document: plain text or silence becomes one here,
 * and the error of a command that has written its document becomes part of it.
 *
 * @param error what the handler returned, handed on: NULL, or the command's error
 * @return error, else OS (disk full) or INVALID (the program failed)
 */
UTVM_MUST_CHECK struct utvm_error *utvm_sink_close(struct utvm_shell *sh,
                                                   const struct utvm_command *command,
                                                   struct utvm_sink *sink,
                                                   struct utvm_error *error);

/** The document of an error, for JSON. */
struct utvm_document *utvm_error_document(const struct utvm_error *error, int exit_code);

/** Columns and colours of output that goes to the shell's own stream. */
struct utvm_style utvm_output_style(const struct utvm_shell *sh, bool to_terminal);

/** Lines of the window that a command can fill; 0 = it has no end. */
unsigned utvm_output_rows(const struct utvm_shell *sh, bool to_terminal);

/** Colours on the error stream. */
bool utvm_output_error_colour(const struct utvm_shell *sh);

/** A stream for a terminal that shows ASCII only: one character for each; NULL = out of memory. */
FILE *utvm_ascii_open(FILE *lower);

/** A stream that stops after each window full of lines and asks; NULL when out of memory. */
FILE *utvm_pager_open(FILE *terminal, unsigned rows);

#endif
