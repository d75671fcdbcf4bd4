// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMPLETE_H
#define UTVM_REPL_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "repl/shell.h"

/** What could stand at the cursor: commands, options, layers, tensors, files, settings, values. */
struct utvm_completions {
    char **list; /**< sorted, without doubles; owned */
    size_t count;
    size_t capacity;
    bool files; /**< they are file names: directories end in / and take no blank behind */
};

/**
 * Candidates for the word of line that ends at point and begins at start (both in bytes). Run-time
 * names take the same path as static ones: the argument's kind in the command's entry decides.
 * Out of memory gives fewer candidates.
 */
void utvm_complete(struct utvm_shell *sh, const char *line, size_t start, size_t point,
                   struct utvm_completions *ret);
void utvm_completions_deinit(struct utvm_completions *completions);

#endif
