// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_LOG_BUFFER_H
#define UTVM_PROBE_LOG_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/** The last bytes of a stream of text; NULs become '?', so that it is a string. */
struct utvm_log_buffer {
    char *bytes; /**< capacity_bytes + 1; owned */
    size_t size_bytes;
    size_t capacity_bytes;
};

UTVM_MUST_CHECK struct utvm_error *utvm_log_buffer_init(struct utvm_log_buffer *log,
                                                        size_t capacity_bytes);
void utvm_log_buffer_deinit(struct utvm_log_buffer *log);

/** Appends; what no longer fits goes at the front, at least a quarter of the buffer at once. */
void utvm_log_buffer_append(struct utvm_log_buffer *log, const char *bytes, size_t size_bytes);

/** Everything kept, NUL-terminated. */
const char *utvm_log_buffer_text(const struct utvm_log_buffer *log);

/**
 * Finds the first whole line in which `before` and then `after` stand; copies what is between them,
 * up to the end of the line if `after` is "", cut to between_bytes.
 */
bool utvm_log_buffer_find_line(const struct utvm_log_buffer *log, const char *before,
                               const char *after, char *between, size_t between_bytes);

/**
 * The last num_lines lines that are not empty and, unless `with` is NULL, contain it; "; " between
 * them; as many of them as fit.
 */
void utvm_log_buffer_last_lines(const struct utvm_log_buffer *log, const char *with,
                                size_t num_lines, char *to, size_t to_bytes);

#endif
