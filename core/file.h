// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_FILE_H
#define UTVM_CORE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/error.h"

/** No file that utvm reads whole is larger. */
#define UTVM_MAX_FILE_BYTES ((size_t)1 << 30)

/**
 * Reads a whole file.
 * @param ret  malloc'd, never NULL on success
 * @return OS with the path; INVALID for a directory or more than UTVM_MAX_FILE_BYTES; NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_file_read(const char *path, uint8_t **ret,
                                                  size_t *ret_size_bytes);

/**
 * Writes a file under a temporary name beside it; `_commit` renames it to its own
 * name, `_abort` removes it. So a reader never sees half a file and a full disk loses nothing. What
 * exists and is no ordinary file (a device, a pipe) is written in place.
 */
struct utvm_file_writer {
    FILE *stream; /**< write here; errors are found by commit */
    char *path;
    char *temporary; /**< NULL: in place */
};

UTVM_MUST_CHECK struct utvm_error *utvm_file_writer_open(struct utvm_file_writer *writer,
                                                         const char *path);
/** Ends the writer in either case. @return OS with the path; the old file then still stands */
UTVM_MUST_CHECK struct utvm_error *utvm_file_writer_commit(struct utvm_file_writer *writer);
void utvm_file_writer_abort(struct utvm_file_writer *writer);

/** open, write, commit. */
UTVM_MUST_CHECK struct utvm_error *utvm_file_write(const char *path, const void *bytes,
                                                   size_t size_bytes);

/**
 * Whether a stream has taken all that was written to it.
 * @return 0, or the errno of what went wrong, also when that was a while ago
 */
int utvm_stream_failure(FILE *stream);

/** True when path ends in suffix, letters compared without case: ".npy". */
bool utvm_path_ends_with(const char *path, const char *suffix);

#endif
