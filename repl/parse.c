// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/parse.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

struct utvm_error *utvm_parse_head(const char *line, struct utvm_head *ret)
{
    struct utvm_head head = {{0}, {0}, 0};
    size_t i = 0;
    while (is_blank(line[i])) {
        i++;
    }
    if (line[i] == '\0' || line[i] == '#') {
        head.length = i;
        *ret = head;
        return NULL;
    }
    if (line[i] == '!') {
        head.name[0] = '!';
        head.length = i + 1;
        *ret = head;
        return NULL;
    }
    size_t start = i;
    while (is_name_char(line[i])) {
        i++;
    }
    size_t length = i - start;
    if (length == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "a command starts with a letter; try 'help'");
    }
    if (length >= sizeof(head.name)) {
        return utvm_error_create(UTVM_ERROR_INVALID, "undefined command of %zu characters", length);
    }
    memcpy(head.name, line + start, length);
    if (line[i] == '/') {
        size_t from = ++i;
        while (isalnum((unsigned char)line[i])) {
            i++;
        }
        if (i - from >= sizeof(head.letters)) {
            return utvm_error_create(UTVM_ERROR_INVALID, "format after '%s/' is too long",
                                     head.name);
        }
        memcpy(head.letters, line + from, i - from);
    }
    if (line[i] != '\0' && !is_blank(line[i]) && !strchr("[('\"$>|=&", line[i])) {
        return utvm_error_create(UTVM_ERROR_INVALID, "unexpected '%c' after '%s'",
                                 isprint((unsigned char)line[i]) ? line[i] : '?', head.name);
    }
    head.length = i;
    *ret = head;
    return NULL;
}

// Skips a quoted run that begins at text[at]; returns the index of its closing quote.
static size_t quote_end(const char *text, size_t at)
{
    char quote = text[at];
    for (size_t i = at + 1; text[i] != '\0'; i++) {
        if (quote == '"' && text[i] == '\\' && text[i + 1] != '\0') {
            i++;
        } else if (text[i] == quote) {
            return i;
        }
    }
    return SIZE_MAX;
}

size_t utvm_parse_closing(const char *text, size_t at)
{
    size_t depth = 0;
    for (size_t i = at; text[i] != '\0'; i++) {
        char c = text[i];
        if (c == '\'' || c == '"') {
            size_t end = quote_end(text, i);
            if (end != SIZE_MAX) {
                i = end;
            }
        } else if (c == '[' || c == '(') {
            depth++;
        } else if (c == ']' || c == ')') {
            if (--depth == 0) {
                return i;
            }
        }
    }
    return SIZE_MAX;
}

struct scanner {
    const char *text;
    unsigned flags;
    size_t at;
    // Brackets that never close are ordinary characters; found once, so that a long line of them
    // is not scanned again from each.
    bool unbalanced;
    bool behind_option; // the last word was an option, or its value
    char *word;
    size_t length;
};

static void copy(struct scanner *s, size_t from, size_t to)
{
    memcpy(s->word + s->length, s->text + from, to - from);
    s->length += to - from;
}

static void copy_double_quoted(struct scanner *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        char c = s->text[i];
        if (c == '\\' && i + 1 < to) {
            char next = s->text[++i];
            if (next == 'n') {
                c = '\n';
            } else if (next == 't') {
                c = '\t';
            } else if (next == '"' || next == '\\') {
                c = next;
            } else {
                s->word[s->length++] = '\\';
                c = next;
            }
        }
        s->word[s->length++] = c;
    }
}

static struct utvm_error *scan_quoted(struct scanner *s)
{
    const char quote = s->text[s->at];
    size_t end = quote_end(s->text, s->at);
    bool open = end == SIZE_MAX;
    if (open && s->flags & UTVM_PARSE_TEXT) {
        s->word[s->length++] = quote;
        s->at++;
        return NULL;
    }
    if (open) {
        if (!(s->flags & UTVM_PARSE_LENIENT)) {
            return utvm_error_create(UTVM_ERROR_INVALID, "missing closing %c", quote);
        }
        end = s->at + strlen(s->text + s->at);
    }
    if (quote == '"') {
        copy_double_quoted(s, s->at + 1, end);
    } else {
        copy(s, s->at + 1, end);
    }
    s->at = open ? end : end + 1;
    return NULL;
}

static bool is_redirection(const struct scanner *s)
{
    char c = s->text[s->at];
    return (c == '>' || c == '|') &&
           utvm_parse_redirects(s->text + s->at, s->flags, s->behind_option);
}

// The one of "it's".
static bool is_apostrophe(const struct scanner *s)
{
    return s->text[s->at] == '\'' && s->at > 0 && isalpha((unsigned char)s->text[s->at - 1]) &&
           isalpha((unsigned char)s->text[s->at + 1]);
}

// One word; stops at a blank, a redirection or the end.
static struct utvm_error *scan_word(struct scanner *s)
{
    for (;;) {
        char c = s->text[s->at];
        if (c == '\0' || is_blank(c) || is_redirection(s)) {
            return NULL;
        }
        if ((c == '\'' || c == '"') && !is_apostrophe(s)) {
            struct utvm_error *error = scan_quoted(s);
            if (error) {
                return error;
            }
        } else if (c == '\\' && s->text[s->at + 1] != '\0') {
            char next = s->text[s->at + 1];
            if ((s->flags & UTVM_PARSE_TEXT) != 0 && (next == 'n' || next == 't')) {
                next = next == 'n' ? '\n' : '\t'; // "echo done\n", as in GDB
            }
            s->word[s->length++] = next;
            s->at += 2;
        } else if ((c == '[' || c == '(') && !s->unbalanced) {
            size_t close = utvm_parse_closing(s->text, s->at);
            if (close == SIZE_MAX) {
                s->unbalanced = true;
                continue;
            }
            copy(s, s->at, close + 1);
            s->at = close + 1;
        } else {
            // || and >> are one operator: what follows the first of the two says nothing.
            bool twice = (c == '|' || c == '>') && s->text[s->at + 1] == c;
            copy(s, s->at, s->at + 1 + twice);
            s->at += 1 + (size_t)twice;
        }
    }
}

static struct utvm_error *add_token(struct utvm_line *line, const struct scanner *s, size_t start)
{
    if ((line->num_tokens & (line->num_tokens - 1)) == 0) {
        size_t capacity = line->num_tokens ? line->num_tokens * 2 : 1;
        struct utvm_token *tokens = realloc(line->tokens, capacity * sizeof(*tokens));
        if (!tokens) {
            return utvm_error_no_memory();
        }
        line->tokens = tokens;
    }
    char *text = malloc(s->length + 1);
    if (!text) {
        return utvm_error_no_memory();
    }
    memcpy(text, s->word, s->length);
    text[s->length] = '\0';
    char first = s->text[start];
    line->tokens[line->num_tokens++] = (struct utvm_token){
        .text = text,
        .quoted = first == '\'' || first == '"' || first == '\\',
        .start = start,
        .end = s->at,
    };
    return NULL;
}

// The part behind > >> or |.
static struct utvm_error *scan_redirection(struct scanner *s, struct utvm_line *line)
{
    bool pipe = s->text[s->at] == '|';
    bool append = !pipe && s->text[s->at + 1] == '>';
    s->at += append ? 2 : 1;
    while (is_blank(s->text[s->at])) {
        s->at++;
    }
    if (pipe) {
        line->redirect = UTVM_REDIRECT_PIPE;
        line->redirect_to = strdup(s->text + s->at);
    } else {
        line->redirect = append ? UTVM_REDIRECT_APPEND : UTVM_REDIRECT_FILE;
        s->length = 0;
        struct utvm_error *error = scan_word(s);
        if (error) {
            return error;
        }
        while (is_blank(s->text[s->at])) {
            s->at++;
        }
        if (s->text[s->at] != '\0' && s->text[s->at] != '#') {
            return utvm_error_create(UTVM_ERROR_INVALID, "one file name must follow '>'");
        }
        line->redirect_to = strndup(s->word, s->length);
    }
    if (!line->redirect_to) {
        return utvm_error_no_memory();
    }
    if (line->redirect_to[0] == '\0' && !(s->flags & UTVM_PARSE_LENIENT)) {
        return utvm_error_create(UTVM_ERROR_INVALID, "nothing follows '%s'", pipe ? "|" : ">");
    }
    return NULL;
}

static bool is_option(const struct utvm_token *token)
{
    const char *text = token->text;
    return !token->quoted && text[0] == '-' && (text[1] == '-' || isalpha((unsigned char)text[1]));
}

static bool is_output_option(const struct utvm_token *token)
{
    return strcmp(token->text, "-o") == 0 || strcmp(token->text, "--output") == 0;
}

static struct utvm_error *scan_line(struct scanner *s, struct utvm_line *line, size_t *ret_end)
{
    for (;;) {
        while (is_blank(s->text[s->at])) {
            s->at++;
        }
        char c = s->text[s->at];
        *ret_end = s->at;
        if (c == '\0') {
            return NULL;
        }
        char next = s->text[s->at + 1];
        if (c == '#' && (next == '\0' || is_blank(next))) {
            return NULL;
        }
        if (is_redirection(s)) {
            return scan_redirection(s, line);
        }
        size_t start = s->at;
        bool value = s->behind_option && is_output_option(&line->tokens[line->num_tokens - 1]);
        s->behind_option = false;
        s->length = 0;
        struct utvm_error *error = scan_word(s);
        if (error) {
            return error;
        }
        error = add_token(line, s, start);
        if (error) {
            return error;
        }
        s->behind_option = value || is_option(&line->tokens[line->num_tokens - 1]);
    }
}

struct utvm_error *utvm_parse_line(const char *text, unsigned flags, struct utvm_line *ret)
{
    struct utvm_line line = {0};
    struct scanner s = {.text = text, .flags = flags};
    s.word = malloc(strlen(text) + 1);
    if (!s.word) {
        return utvm_error_no_memory();
    }
    size_t end = 0;
    struct utvm_error *error = scan_line(&s, &line, &end);
    free(s.word);
    if (!error) {
        line.body = strndup(text, end);
        if (!line.body) {
            error = utvm_error_no_memory();
        }
    }
    if (error) {
        utvm_line_deinit(&line);
        return error;
    }
    *ret = line;
    return NULL;
}

void utvm_line_deinit(struct utvm_line *line)
{
    for (size_t i = 0; i < line->num_tokens; i++) {
        free(line->tokens[i].text);
    }
    free(line->tokens);
    free(line->body);
    free(line->redirect_to);
    *line = (struct utvm_line){0};
}
