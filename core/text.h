// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_TEXT_H
#define UTVM_CORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/** A growing string. Zero-initialise; running out of memory is remembered in `failed`. */
struct utvm_text {
    char *data; /**< NUL-terminated once anything was added; owned */
    size_t length;
    size_t capacity;
    bool failed;
};

void utvm_text_deinit(struct utvm_text *text);
void utvm_text_add(struct utvm_text *text, const char *bytes, size_t length);
void utvm_text_addf(struct utvm_text *text, const char *format, ...) UTVM_PRINTF(2, 3);
void utvm_text_vaddf(struct utvm_text *text, const char *format, va_list args) UTVM_PRINTF(2, 0);
/** The string, malloc'd and never NULL but when out of memory; the text is empty afterwards. */
char *utvm_text_take(struct utvm_text *text);

/** A copy of length bytes without the blanks around them, malloc'd; NULL when out of memory. */
char *utvm_text_trimmed(const char *from, size_t length);

/**
 * A copy that is safe to send to a terminal: control characters (C0, DEL, C1), bytes that are not
 * UTF-8, and characters that reorder or hide text become \n, \xNN or \uNNNN. Idempotent.
 * @return malloc'd; NULL when out of memory
 */
char *utvm_text_printable(const char *bytes, size_t length);

/** Columns that printable UTF-8 takes on a terminal: wide East Asian characters take two. */
size_t utvm_text_width(const char *text);

/** Bytes of the longest prefix that takes at most `columns` columns. */
size_t utvm_text_prefix(const char *text, size_t columns);

/**
 * A name that is too wide keeps its two ends around a …: the end is what tells layers of one block
 * apart.
 * @param width 1 or more columns
 * @return malloc'd; NULL when out of memory
 */
char *utvm_text_shorten(const char *text, size_t width);

/**
 * How alike two names are, for "did you mean": the number of edits (insert, delete, replace), at
 * most `limit` + 1. Names longer than 64 bytes are compared by their first 64.
 */
unsigned utvm_text_distance(const char *a, const char *b, unsigned limit);

#endif
