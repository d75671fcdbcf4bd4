// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_NPZ_H
#define UTVM_CORE_NPZ_H

#include <stddef.h>

#include "core/error.h"
#include "core/tensor.h"

/** NumPy's .npz files: ZIP archives of .npy members, read one member at a time. */
struct utvm_npz;

/**
 * Opens an archive and lists its members; a member without the ending .npy counts by its full name.
 * @return OS; INVALID above 1 GiB; FORMAT (not a ZIP archive or a broken one, with libzip's words;
 *         no member, or more than 65536); NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_npz_open(const char *path, struct utvm_npz **ret);
/** The same from memory; the bytes are copied, name is used in messages. */
UTVM_MUST_CHECK struct utvm_error *utvm_npz_parse(const char *name, const void *bytes,
                                                  size_t size_bytes, struct utvm_npz **ret);
void utvm_npz_close(struct utvm_npz *npz);

size_t utvm_npz_count(const struct utvm_npz *npz);
/** The key of member i < count: its file name without ".npy", printable; lives with the archive. */
const char *utvm_npz_key(const struct utvm_npz *npz, size_t i);
/** @return the member's index, or SIZE_MAX */
size_t utvm_npz_find(const struct utvm_npz *npz, const char *key);
/**
 * Unpacks member i < count.
 * @return FORMAT or UNSUPPORTED naming file and member; INVALID above 1 GiB
 */
UTVM_MUST_CHECK struct utvm_error *utvm_npz_read(struct utvm_npz *npz, size_t i,
                                                 struct utvm_array *ret);

/** Collects arrays and writes them as one deflated .npz. */
struct utvm_npz_writer;

UTVM_MUST_CHECK struct utvm_error *utvm_npz_writer_create(struct utvm_npz_writer **ret);
/** Copies the array. @return INVALID for a key that is empty or already there */
UTVM_MUST_CHECK struct utvm_error *utvm_npz_writer_add(struct utvm_npz_writer *writer,
                                                       const char *key,
                                                       const struct utvm_array *array);
/**
 * Writes under a temporary name and renames; the writer may be used for another path after. Equal
 * arrays give equal files.
 * @return INVALID when nothing was added; OS
 */
UTVM_MUST_CHECK struct utvm_error *utvm_npz_writer_save(struct utvm_npz_writer *writer,
                                                        const char *path);
void utvm_npz_writer_free(struct utvm_npz_writer *writer);

#endif
