// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "repl/condition.h"
#include "repl/parse.h"

enum {
    max_name = 4096, // bounds the look ahead; longer words are no file names
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_blanks(const char *p)
{
    while (is_blank(*p)) {
        p++;
    }
    return p;
}

static bool is_member(const char *name)
{
    if (strcmp(name, "real") == 0 || strcmp(name, "raw") == 0) {
        return true;
    }
    for (size_t i = 0; utvm_condition_names[i]; i++) {
        if (strcmp(name, utvm_condition_names[i]) == 0) {
            return true;
        }
    }
    return false;
}

// "./x", "out/log.txt"; not "x", "conv1.max", "0.5".
static bool looks_like_file(const char *word)
{
    static const char *const starts[] = {"/", "./", "../", "~/"};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strncmp(word, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    const char *dot = strrchr(word, '.');
    if (!dot || dot == word || word[strcspn(word, "[]()'\"$<>=+*&|!%,")] != '\0' ||
        !isalpha((unsigned char)dot[1])) {
        return false;
    }
    for (const char *p = dot + 1; *p; p++) {
        if (!isalnum((unsigned char)*p)) {
            return false;
        }
    }
    return !is_member(dot + 1);
}

// The last word of a line; false when more follows.
static bool last_word(const char *from, char word[max_name])
{
    size_t length = 0;
    while (from[length] && !is_blank(from[length])) {
        if (length + 1 == max_name) {
            return false;
        }
        word[length] = from[length];
        length++;
    }
    word[length] = '\0';
    const char *rest = skip_blanks(from + length);
    return *rest == '\0' || *rest == '#';
}

static bool starts_number(const char *p)
{
    if (*p == '-' || *p == '+') {
        p++;
    }
    char *end = NULL;
    char word[64];
    size_t length = strcspn(p, " \t\r\n#");
    snprintf(word, sizeof(word), "%.*s", length < sizeof(word) ? (int)length : 0, p);
    if (!isdigit((unsigned char)word[0]) && word[0] != '.') {
        return *p == '$' || *p == '(';
    }
    (void)strtod(word, &end);
    // 3, 0x10, 5%, 2*x; not 3.txt, 1st, 2/b
    return *end == '\0' || strchr("%+-*<>=&^)", *end);
}

bool utvm_parse_redirects(const char *at, unsigned flags, bool behind_option)
{
    if (!(flags & (UTVM_PARSE_OPERATORS | UTVM_PARSE_EXPRESSION)) || behind_option) {
        return true;
    }
    char word[max_name];
    if (flags & UTVM_PARSE_OPERATORS) {
        const char *file = skip_blanks(at + (at[1] == '>' ? 2 : 1));
        return at[0] == '>' && last_word(file, word) && looks_like_file(word);
    }
    if (at[1] == '=' || (at[0] == '|' && at[1] == '|')) {
        return false;
    }
    return !starts_number(skip_blanks(at + (at[0] == '>' && at[1] == '>' ? 2 : 1)));
}
