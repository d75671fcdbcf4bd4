// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_IMPORT_FLATBUFFER_H
#define UTVM_CORE_IMPORT_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/**
 * A bounded reader of FlatBuffers. Nothing is trusted: every position is checked against the file
 * before it is used, every sum is computed in 64 bits, and unaligned values are read by bytes.
 * A missing field is its default, as the format has it; a field that points outside is an error.
 * Source: FlatBuffers internals, "Format components" (tables, vtables, vectors, strings).
 */
struct utvm_fb {
    const uint8_t *bytes;
    size_t size_bytes; /**< at most UTVM_FB_MAX_BYTES */
};

#define UTVM_FB_MAX_BYTES 0x7FFFFFFFu

/** A table whose vtable has been checked. Plain data; borrows the bytes. */
struct utvm_fb_table {
    const struct utvm_fb *fb; /**< NULL: an absent table, all of whose fields are absent */
    uint32_t pos;
    uint32_t size_bytes; /**< of the table's inline data */
    uint32_t vtable_pos;
    uint32_t num_fields;
};

/** A vector whose elements lie inside the file. */
struct utvm_fb_vector {
    const struct utvm_fb *fb;
    uint32_t pos; /**< of element 0 */
    uint32_t count;
    uint32_t elem_bytes;
};

/**
 * Opens the root table.
 * @param identifier four characters, for example "TFL3"
 * @return FORMAT: too short, wrong identifier, root outside the file
 */
UTVM_MUST_CHECK struct utvm_error *utvm_fb_root(const struct utvm_fb *fb, const char *identifier,
                                                struct utvm_fb_table *ret);

/** True when the field is stored. */
bool utvm_fb_has(const struct utvm_fb_table *table, unsigned field);

/**
 * A scalar of 1, 2, 4 or 8 bytes, zero-extended; fallback when absent.
 * @return FORMAT when the value lies beyond the table's end
 */
UTVM_MUST_CHECK struct utvm_error *utvm_fb_scalar(const struct utvm_fb_table *table, unsigned field,
                                                  unsigned size_bytes, uint64_t fallback,
                                                  uint64_t *ret);

/** A sub-table; ret->fb is NULL when absent. @return FORMAT */
UTVM_MUST_CHECK struct utvm_error *utvm_fb_table(const struct utvm_fb_table *table, unsigned field,
                                                 struct utvm_fb_table *ret);

/** A vector of elem_bytes-sized elements; count 0 when absent. @return FORMAT */
UTVM_MUST_CHECK struct utvm_error *utvm_fb_vector(const struct utvm_fb_table *table, unsigned field,
                                                  uint32_t elem_bytes, struct utvm_fb_vector *ret);

/** Element i < count as an integer of the vector's element size, zero-extended. */
uint64_t utvm_fb_elem(const struct utvm_fb_vector *vector, uint32_t i);

/** Table i < count of a vector of tables (elem_bytes 4). @return FORMAT */
UTVM_MUST_CHECK struct utvm_error *utvm_fb_table_at(const struct utvm_fb_vector *vector, uint32_t i,
                                                    struct utvm_fb_table *ret);

/** A string, not NUL-terminated: *ret borrowed, length 0 when absent. @return FORMAT */
UTVM_MUST_CHECK struct utvm_error *utvm_fb_string(const struct utvm_fb_table *table, unsigned field,
                                                  const char **ret, uint32_t *length);

#endif
