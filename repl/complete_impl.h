// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMPLETE_IMPL_H
#define UTVM_REPL_COMPLETE_IMPL_H

#include "repl/complete.h"

/** What the files of the completion share. */
struct completer {
    struct utvm_shell *sh;
    struct utvm_completions *found;
    const char *prefix; /**< what is typed of the name */
    char *stem;         /**< what stands in front of it in the same word; NULL = nothing; owned */
};

/** Adds a name that the prefix fits. */
void utvm_completer_add(struct completer *c, const char *name);
void utvm_completer_add_words(struct completer *c, const char *const *words);
void utvm_completer_add_tensors(struct completer *c);

/** Names in an expression, behind operators too: $variables, tensors, their statistics. */
void utvm_complete_expression(struct completer *c);

#endif
