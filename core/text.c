// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void utvm_text_deinit(struct utvm_text *text)
{
    free(text->data);
    *text = (struct utvm_text){0};
}

static bool reserve(struct utvm_text *text, size_t extra)
{
    if (text->failed || extra > SIZE_MAX / 4 - text->length) {
        text->failed = true;
        return false;
    }
    size_t needed = text->length + extra + 1;
    if (text->data && needed <= text->capacity) {
        return true;
    }
    size_t capacity = needed + needed / 2 + 32;
    char *data = realloc(text->data, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void utvm_text_add(struct utvm_text *text, const char *bytes, size_t length)
{
    if (!reserve(text, length)) {
        return;
    }
    if (length) {
        memcpy(text->data + text->length, bytes, length);
    }
    text->length += length;
    text->data[text->length] = '\0';
}

void utvm_text_vaddf(struct utvm_text *text, const char *format, va_list args)
{
    char *made = NULL;
    int length = vasprintf(&made, format, args);
    if (length < 0) {
        text->failed = true;
        return;
    }
    utvm_text_add(text, made, (size_t)length);
    free(made);
}

void utvm_text_addf(struct utvm_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    utvm_text_vaddf(text, format, args);
    va_end(args);
}

char *utvm_text_take(struct utvm_text *text)
{
    if (!text->data) {
        utvm_text_add(text, "", 0);
    }
    char *data = text->failed ? NULL : text->data;
    if (text->failed) {
        free(text->data);
    }
    *text = (struct utvm_text){0};
    return data;
}

// Decodes one character: returns its bytes, or 0 when they are not UTF-8 (overlong forms and
// surrogates included).
static size_t decode(const uint8_t *p, size_t length, uint32_t *ret)
{
    if (p[0] < 0x80) {
        *ret = p[0];
        return 1;
    }
    size_t need = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (p[0] < 0xC2 || p[0] > 0xF4 || need > length) {
        return 0;
    }
    uint32_t code = p[0] & (0xFFu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (p[i] & 0x3Fu);
    }
    if (code < lowest[need] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return 0;
    }
    *ret = code;
    return need;
}

static bool is_hidden(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0xAD ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
           (code >= 0xE0000 && code <= 0xE007F);
}

char *utvm_text_trimmed(const char *from, size_t length)
{
    while (length > 0 && isspace((unsigned char)*from)) {
        from++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)from[length - 1])) {
        length--;
    }
    return strndup(from, length);
}

char *utvm_text_printable(const char *bytes, size_t length)
{
    struct utvm_text text = {0};
    const uint8_t *p = (const uint8_t *)bytes;
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        size_t used = decode(p + i, length - i, &code);
        if (used == 0) {
            utvm_text_addf(&text, "\\x%02x", p[i]);
            used = 1;
        } else if (code == '\n') {
            utvm_text_add(&text, "\\n", 2);
        } else if (code == '\t') {
            utvm_text_add(&text, "\\t", 2);
        } else if (is_hidden(code)) {
            utvm_text_addf(&text, code < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)code);
        } else {
            utvm_text_add(&text, bytes + i, used);
        }
        i += used;
    }
    return utvm_text_take(&text);
}

static size_t columns_of(uint32_t code)
{
    bool combining = (code >= 0x300 && code <= 0x36F) || (code >= 0xFE00 && code <= 0xFE0F);
    bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                (code >= 0x1F300 && code <= 0x1F9FF) || (code >= 0x20000 && code <= 0x3FFFD);
    return combining ? 0 : wide ? 2 : 1;
}

size_t utvm_text_prefix(const char *text, size_t columns)
{
    size_t length = strlen(text);
    size_t at = 0;
    size_t width = 0;
    while (at < length) {
        uint32_t code = 0;
        size_t used = decode((const uint8_t *)text + at, length - at, &code);
        size_t more = used ? columns_of(code) : 1;
        if (width + more > columns) {
            break;
        }
        width += more;
        at += used ? used : 1;
    }
    return at;
}

size_t utvm_text_width(const char *text)
{
    size_t length = strlen(text);
    size_t width = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t used = decode((const uint8_t *)text + at, length - at, &code);
        width += used ? columns_of(code) : 1;
        at += used ? used : 1;
    }
    return width;
}

char *utvm_text_shorten(const char *text, size_t width)
{
    if (utvm_text_width(text) <= width) {
        return strdup(text);
    }
    size_t head = utvm_text_prefix(text, (width - 1) / 2 + (width - 1) % 2);
    size_t length = strlen(text);
    size_t tail = length;
    while (tail > head && utvm_text_width(text + tail) < (width - 1) / 2) {
        do {
            tail--;
        } while (tail > head && ((unsigned char)text[tail] & 0xC0) == 0x80);
    }
    if (utvm_text_width(text + tail) > (width - 1) / 2) {
        tail = length;
    }
    struct utvm_text shown = {0};
    utvm_text_addf(&shown, "%.*s…%s", (int)head, text, text + tail);
    return utvm_text_take(&shown);
}

unsigned utvm_text_distance(const char *a, const char *b, unsigned limit)
{
    enum {
        LONGEST = 64
    };
    size_t na = strnlen(a, LONGEST);
    size_t nb = strnlen(b, LONGEST);
    unsigned row[LONGEST + 1];
    for (size_t j = 0; j <= nb; j++) {
        row[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= na; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            best = best < row[j] + 1 ? best : row[j] + 1;
            best = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[nb] > limit ? limit + 1 : row[nb];
}
