// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_BIND_H
#define UTVM_REPL_BIND_H

#include "core/table.h"
#include "repl/command.h"
#include "repl/parse.h"

/**
 * Binds the words of a line to an entry's arguments and options. Options may stand anywhere; a word
 * that starts with - and a digit is a number, `--` ends the options. When words are fewer than
 * arguments, optional arguments are left out from the right.
 */
struct utvm_binding {
    const struct utvm_token *args[UTVM_MAX_ARGS];
    const struct utvm_token *options[UTVM_MAX_OPTIONS];
    char *values[UTVM_MAX_OPTIONS]; /**< of --name=VALUE; owned */
    char *rest;                     /**< text of a REST argument, options cut out; owned */
};

/** @return INVALID with the usage: arity, unknown option, missing value */
UTVM_MUST_CHECK struct utvm_error *utvm_bind(const struct utvm_command *command,
                                             const struct utvm_line *line,
                                             struct utvm_binding *ret);
void utvm_binding_deinit(struct utvm_binding *binding);

/** True for -o and --output, whose value is the next word. */
bool utvm_is_output_option(const struct utvm_token *token);

/** Turns the bound words into values. *usage tells whether an error is wrong usage. */
UTVM_MUST_CHECK struct utvm_error *utvm_bind_values(struct utvm_shell *sh,
                                                    const struct utvm_command *command,
                                                    const struct utvm_binding *binding,
                                                    struct utvm_args *ret, bool *usage);
void utvm_args_deinit(struct utvm_args *args);

/**
 * The format that `-o FORMAT` asks for, if it is there; found before anything else, so that errors
 * in the rest of the line have that form. Unique prefixes count.
 * @return INVALID for another word; *ret stays
 */
UTVM_MUST_CHECK struct utvm_error *utvm_bind_output(const struct utvm_line *line,
                                                    enum utvm_output_format *ret);

#endif
