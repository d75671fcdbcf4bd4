// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/tcl_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// What is being parsed and where its unescaped words go; storage is as large as the text plus one,
// which suffices: a word is never longer than its source, and the byte that ends it pays for NUL.
struct parser {
    const char *text;
    size_t size_bytes;
    size_t pos;
    char *out;
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

// At most max_digits of base 8 or 16 from pos on; the number of digits taken.
static size_t parse_digits(struct parser *p, int base, size_t max_digits, unsigned *value)
{
    size_t num = 0;
    *value = 0;
    while (num < max_digits && p->pos < p->size_bytes) {
        int digit = hex_digit(p->text[p->pos]);
        if (digit < 0 || digit >= base) {
            break;
        }
        *value = *value * (unsigned)base + (unsigned)digit;
        p->pos++;
        num++;
    }
    return num;
}

static char simple_escape(char c)
{
    static const char from[] = "abfnrtv";
    static const char to[] = "\a\b\f\n\r\t\v";
    const char *at = c ? strchr(from, c) : NULL;
    if (at) {
        return to[at - from];
    }
    return c;
}

// The backslash has been passed. Jim runs byte-wise in OpenOCD, so an escape yields one byte.
static void parse_escape(struct parser *p)
{
    if (p->pos == p->size_bytes) {
        *p->out++ = '\\';
        return;
    }
    char c = p->text[p->pos];
    unsigned value = 0;
    if (c >= '0' && c <= '7') {
        parse_digits(p, 8, 3, &value);
        *p->out++ = (char)(value & 0xFFu);
        return;
    }
    p->pos++;
    if (c == 'x' && parse_digits(p, 16, 2, &value) > 0) {
        *p->out++ = (char)value;
        return;
    }
    if (c == '\n') {
        // A continued line: the line end and the blanks after it count as one blank.
        while (p->pos < p->size_bytes && (p->text[p->pos] == ' ' || p->text[p->pos] == '\t')) {
            p->pos++;
        }
        *p->out++ = ' ';
        return;
    }
    *p->out++ = simple_escape(c);
}

static struct utvm_error *parse_braced(struct parser *p)
{
    size_t start = p->pos;
    size_t depth = 1;
    p->pos++;
    while (p->pos < p->size_bytes) {
        char c = p->text[p->pos++];
        if (c == '\\' && p->pos < p->size_bytes) {
            *p->out++ = c;
            c = p->text[p->pos++];
        } else if (c == '{') {
            depth++;
        } else if (c == '}' && --depth == 0) {
            return NULL;
        }
        *p->out++ = c;
    }
    return utvm_error_create(UTVM_ERROR_FORMAT, "brace at byte %zu of a list is not closed", start);
}

static struct utvm_error *parse_quoted(struct parser *p)
{
    size_t start = p->pos;
    p->pos++;
    while (p->pos < p->size_bytes) {
        char c = p->text[p->pos++];
        if (c == '"') {
            return NULL;
        }
        if (c == '\\') {
            parse_escape(p);
        } else {
            *p->out++ = c;
        }
    }
    return utvm_error_create(UTVM_ERROR_FORMAT, "quote at byte %zu of a list is not closed", start);
}

static struct utvm_error *parse_word(struct parser *p)
{
    struct utvm_error *error = NULL;
    char first = p->text[p->pos];
    if (first != '{' && first != '"') {
        while (p->pos < p->size_bytes && !is_space(p->text[p->pos])) {
            char c = p->text[p->pos++];
            if (c == '\\') {
                parse_escape(p);
            } else {
                *p->out++ = c;
            }
        }
        return NULL;
    }
    error = first == '{' ? parse_braced(p) : parse_quoted(p);
    if (!error && p->pos < p->size_bytes && !is_space(p->text[p->pos])) {
        error = utvm_error_create(UTVM_ERROR_FORMAT,
                                  "byte %zu of a list follows a closing brace or quote", p->pos);
    }
    return error;
}

static struct utvm_error *append_word(struct utvm_tcl_list *list, size_t *capacity,
                                      const char *text, size_t size_bytes)
{
    if (list->num_words == *capacity) {
        size_t larger = *capacity ? *capacity * 2 : 8;
        struct utvm_tcl_word *words = realloc(list->words, larger * sizeof(*words));
        if (!words) {
            return utvm_error_no_memory();
        }
        list->words = words;
        *capacity = larger;
    }
    list->words[list->num_words++] = (struct utvm_tcl_word){text, size_bytes};
    return NULL;
}

struct utvm_error *utvm_tcl_list_parse(const char *text, size_t size_bytes, size_t max_words,
                                       struct utvm_tcl_list *ret)
{
    struct utvm_tcl_list list = {0};
    size_t capacity = 0;
    list.storage = malloc(size_bytes + 1);
    if (!list.storage) {
        return utvm_error_no_memory();
    }
    struct parser p = {text, size_bytes, 0, list.storage};
    struct utvm_error *error = NULL;
    while (!error) {
        while (p.pos < size_bytes && is_space(text[p.pos])) {
            p.pos++;
        }
        if (p.pos == size_bytes) {
            break;
        }
        if (list.num_words == max_words) {
            error = utvm_error_create(UTVM_ERROR_FORMAT, "list has more than %zu words", max_words);
            break;
        }
        const char *word = p.out;
        error = parse_word(&p);
        if (!error) {
            size_t word_bytes = (size_t)(p.out - word);
            *p.out++ = '\0';
            error = append_word(&list, &capacity, word, word_bytes);
        }
    }
    if (error) {
        utvm_tcl_list_deinit(&list);
        return error;
    }
    *ret = list;
    return NULL;
}

void utvm_tcl_list_deinit(struct utvm_tcl_list *list)
{
    free(list->words);
    free(list->storage);
    *list = (struct utvm_tcl_list){0};
}

// One number from *pos on; false if there is none or it exceeds max.
static bool parse_number(const char *text, size_t size_bytes, uint64_t max, size_t *pos,
                         uint64_t *ret)
{
    size_t i = *pos;
    uint64_t base = 10;
    if (size_bytes - i > 2 && text[i] == '0' && (text[i + 1] == 'x' || text[i + 1] == 'X')) {
        base = 16;
        i += 2;
    }
    size_t first = i;
    uint64_t value = 0;
    for (; i < size_bytes; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0 || (uint64_t)digit >= base) {
            break;
        }
        if ((uint64_t)digit > max || value > (max - (uint64_t)digit) / base) {
            return false;
        }
        value = value * base + (uint64_t)digit;
    }
    *pos = i;
    *ret = value;
    return i > first;
}

static struct utvm_error *not_a_number(const char *text, size_t size_bytes)
{
    return utvm_error_create(UTVM_ERROR_FORMAT, "'%.*s' is not a number in range",
                             size_bytes > 32 ? 32 : (int)size_bytes, text);
}

static struct utvm_error *parse_whole(const char *text, size_t size_bytes, uint64_t max,
                                      uint64_t *ret)
{
    size_t pos = 0;
    uint64_t value = 0;
    if (!parse_number(text, size_bytes, max, &pos, &value) || pos != size_bytes) {
        return not_a_number(text, size_bytes);
    }
    *ret = value;
    return NULL;
}

struct utvm_error *utvm_tcl_parse_u64(const char *text, size_t size_bytes, uint64_t *ret)
{
    return parse_whole(text, size_bytes, UINT64_MAX, ret);
}

struct utvm_error *utvm_tcl_parse_u32(const char *text, size_t size_bytes, uint32_t *ret)
{
    uint64_t value = 0;
    struct utvm_error *error = parse_whole(text, size_bytes, UINT32_MAX, &value);
    if (!error) {
        *ret = (uint32_t)value;
    }
    return error;
}

struct utvm_error *utvm_tcl_parse_numbers(const char *text, size_t size_bytes, uint32_t max,
                                          size_t num, uint32_t *ret)
{
    size_t pos = 0;
    size_t found = 0;
    for (;;) {
        while (pos < size_bytes && is_space(text[pos])) {
            pos++;
        }
        if (pos == size_bytes) {
            break;
        }
        uint64_t value = 0;
        size_t start = pos;
        if (!parse_number(text, size_bytes, max, &pos, &value) ||
            (pos < size_bytes && !is_space(text[pos]))) {
            return not_a_number(text + start, size_bytes - start);
        }
        if (found == num) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "more than %zu numbers", num);
        }
        ret[found++] = (uint32_t)value;
    }
    if (found != num) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%zu numbers instead of %zu", found, num);
    }
    return NULL;
}
