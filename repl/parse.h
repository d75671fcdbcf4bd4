// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_PARSE_H
#define UTVM_REPL_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/**
 * Splits a command line. A line is
 *
 *     NAME[/LETTERS] words… [> FILE | >> FILE | | PROGRAM]   [# comment]
 *
 * Words are separated by blanks. Blanks inside '…', "…", […] and (…) belong to the word. In "…" a
 * backslash escapes \", \\, n and t; outside quotes it escapes the next character. An apostrophe
 * between two letters is one: it's. `>` and `|` count as redirection only outside quotes and
 * brackets. A `#` between blanks starts a comment.
 *
 * Where a condition is expected (OPERATORS), > and | compute, but for a > directly behind an option
 * and a last `> FILE` whose FILE looks like one: it begins with /, ./, ../ or ~/, or ends in a dot
 * and an extension that is no statistic's name. Where a value is expected (EXPRESSION), > and |
 * redirect unless a number, a $variable or a parenthesis follows.
 */
enum utvm_redirect {
    UTVM_REDIRECT_NONE,
    UTVM_REDIRECT_FILE,
    UTVM_REDIRECT_APPEND,
    UTVM_REDIRECT_PIPE,
};

enum utvm_parse_flags {
    UTVM_PARSE_OPERATORS = 1u << 0,  /**< a condition: `>` and `|` are operators, mostly */
    UTVM_PARSE_LENIENT = 1u << 1,    /**< an open quote ends at the end (completion) */
    UTVM_PARSE_EXPRESSION = 1u << 2, /**< a value: before a number they are operators */
    UTVM_PARSE_TEXT = 1u << 3,       /**< plain text: a quote without partner is a character */
};

struct utvm_token {
    char *text;   /**< quotes and escapes removed; owned */
    bool quoted;  /**< began with a quote: never an option */
    size_t start; /**< where it stands in the line, in bytes */
    size_t end;   /**< one past its last byte */
};

struct utvm_line {
    struct utvm_token *tokens;
    size_t num_tokens;
    char *body; /**< the text without redirection and comment; token offsets count in it */
    enum utvm_redirect redirect;
    char *redirect_to; /**< file name or program text; NULL when NONE */
};

/** The word in front of a line: command name and the letters behind its slash. */
struct utvm_head {
    char name[64];
    char letters[32]; /**< "16xb" of x/16xb */
    size_t length;    /**< bytes of the line up to the end of the head */
};

/**
 * Reads the command name. Skips leading blanks; a line of nothing but blanks or a comment gives an
 * empty name. `!` is a name of its own.
 * @return INVALID when the line does not start with a name
 */
UTVM_MUST_CHECK struct utvm_error *utvm_parse_head(const char *line, struct utvm_head *ret);

/** Splits what follows the head. @return INVALID for an open quote or a redirection to nowhere */
UTVM_MUST_CHECK struct utvm_error *utvm_parse_line(const char *text, unsigned flags,
                                                   struct utvm_line *ret);
void utvm_line_deinit(struct utvm_line *line);

/**
 * Whether the > or | at `at` redirects output, by the rules above.
 * @param behind_option it stands directly behind an option or its value
 */
bool utvm_parse_redirects(const char *at, unsigned flags, bool behind_option);

/** Finds the closing partner of the bracket at text[at]; SIZE_MAX when there is none. */
size_t utvm_parse_closing(const char *text, size_t at);

#endif
