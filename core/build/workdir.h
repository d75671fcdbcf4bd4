// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_WORKDIR_H
#define UTVM_CORE_BUILD_WORKDIR_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"

/**
 * The directory that the generated files are made in: a new private one, removed at the end, or one
 * that the user wants to keep. It has a link `kernels` to the kernel sources.
 */
struct utvm_workdir {
    char *path; /**< absolute */
    bool keep;
};

/**
 * @param keep_dir NULL, or a directory that is made if it does not exist
 * @param kernels  directory of the kernel sources; linked to as PATH/kernels
 * @return OS
 */
UTVM_MUST_CHECK struct utvm_error *utvm_workdir_open(struct utvm_workdir *dir, const char *keep_dir,
                                                     const char *kernels);
/** Removes the directory unless it is kept. */
void utvm_workdir_close(struct utvm_workdir *dir);

/** PATH/name, malloc'd; NULL when out of memory. */
char *utvm_workdir_path(const struct utvm_workdir *dir, const char *name);

/** Writes the text to PATH/name and empties it. @return OS, NO_MEMORY */
UTVM_MUST_CHECK struct utvm_error *utvm_workdir_write(const struct utvm_workdir *dir,
                                                      const char *name, struct utvm_text *text);

/**
 * Where the kernel sources are: wanted, or the installed ones beside the running program, or those
 * of the source tree that this program was built from.
 * @param ret absolute path of a directory that has abi.h, malloc'd
 * @return NOT_FOUND with the places that were looked at
 */
UTVM_MUST_CHECK struct utvm_error *utvm_find_kernels(const char *wanted, char **ret);

#endif
