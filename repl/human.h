// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_HUMAN_H
#define UTVM_REPL_HUMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/error.h"
#include "core/tensor.h"

/** Texts for people: candidates of a prefix, foreign strings, numbers with units. */

/** Collects candidates of a prefix match. Zero-initialise. */
struct utvm_matches {
    size_t count;
    char list[256]; /**< "break, breakdown", cut with … when it is long */
};

/** Notes name when it starts with prefix. @return true when it did */
bool utvm_match_prefix(struct utvm_matches *matches, const char *name, const char *prefix);

/** NULL for exactly one match; NOT_FOUND ("undefined WHAT 'x'"), INVALID ("ambiguous …: …"). */
UTVM_MUST_CHECK struct utvm_error *utvm_matches_result(const struct utvm_matches *matches,
                                                       const char *what, const char *text);

/**
 * Writes text that may come from a file, made harmless by utvm_text_printable. Newline and tab pass
 * when multi_line.
 */
void utvm_human_write(FILE *out, const char *text, bool multi_line);

/** 1234567 → "1,234,567". */
const char *utvm_human_count(uint64_t value, char buffer[32]);

/** 34816 → "34.0 KiB"; below 1 KiB in bytes. */
const char *utvm_human_bytes(uint64_t value, char buffer[32]);

/** "[1, 32, 32, 16]". */
const char *utvm_human_shape(uint32_t rank, const uint32_t *dims, char buffer[96]);

#endif
