// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_TCL_LIST_H
#define UTVM_PROBE_TCL_LIST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/**
 * Tcl values on their way out and in: quoting that leaves nothing for the interpreter to act on,
 * and a parser of the list form in which the server answers.
 */

/** A growing text under construction. A failed allocation is remembered and reported at the end. */
struct utvm_tcl_text {
    char *bytes; /**< NUL-terminated once not NULL; owned */
    size_t size_bytes;
    size_t capacity_bytes;
    bool failed;
};

void utvm_tcl_text_init(struct utvm_tcl_text *text);
void utvm_tcl_text_deinit(struct utvm_tcl_text *text);

/** Appends formatted text as it is: Tcl code of our own, numbers. */
void utvm_tcl_text_format(struct utvm_tcl_text *text, const char *format, ...) UTVM_PRINTF(2, 3);
void utvm_tcl_text_vformat(struct utvm_tcl_text *text, const char *format, va_list args)
    UTVM_PRINTF(2, 0);

/**
 * Appends any bytes as one Tcl word in double quotes. Everything but letters, digits and a few
 * harmless signs becomes an octal escape, so the word holds no brace, bracket, dollar, backslash
 * sequence of the value's own, quote, line end, NUL or 0x1a: it stays one word at any depth of
 * braces and in the line protocol.
 * Source: Tcl(n), rules 4, 7, 9 (quotes, substitution, \ooo).
 */
void utvm_tcl_text_quote(struct utvm_tcl_text *text, const void *bytes, size_t size_bytes);

/** NO_MEMORY if any append failed. */
UTVM_MUST_CHECK struct utvm_error *utvm_tcl_text_check(const struct utvm_tcl_text *text);

/** One element; text is NUL-terminated (it may hold further NULs) and lies in the list's storage.
 */
struct utvm_tcl_word {
    const char *text;
    size_t size_bytes;
};

struct utvm_tcl_list {
    struct utvm_tcl_word *words; /**< num_words; owned */
    size_t num_words;
    char *storage; /**< owned */
};

/**
 * Parses a Tcl list: words apart by white space, in braces (taken literally), in quotes or bare
 * (backslash sequences replaced).
 *
 * @param text      size_bytes of foreign bytes, NULs allowed
 * @param max_words a longer list is refused
 * @return FORMAT for unbalanced braces or quotes, text after a closing brace or quote, or too many
 *         words; *ret is then untouched
 * Source: Tcl list syntax as Jim Tcl writes it, lindex(n), split(n).
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tcl_list_parse(const char *text, size_t size_bytes,
                                                       size_t max_words, struct utvm_tcl_list *ret);
void utvm_tcl_list_deinit(struct utvm_tcl_list *list);

/** A whole text as a number, 0x… or decimal, at most 64 bit. @return FORMAT for anything else */
UTVM_MUST_CHECK struct utvm_error *utvm_tcl_parse_u64(const char *text, size_t size_bytes,
                                                      uint64_t *ret);
UTVM_MUST_CHECK struct utvm_error *utvm_tcl_parse_u32(const char *text, size_t size_bytes,
                                                      uint32_t *ret);

/**
 * A text of exactly num numbers apart by white space, each at most max.
 * @return FORMAT for another count, a greater value or other text
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tcl_parse_numbers(const char *text, size_t size_bytes,
                                                          uint32_t max, size_t num, uint32_t *ret);

#endif
