// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/tcl_list.h"

void utvm_tcl_text_init(struct utvm_tcl_text *text)
{
    *text = (struct utvm_tcl_text){0};
}

void utvm_tcl_text_deinit(struct utvm_tcl_text *text)
{
    free(text->bytes);
    *text = (struct utvm_tcl_text){0};
}

// Room for more bytes and the NUL behind them; NULL when there is none.
static char *reserve(struct utvm_tcl_text *text, size_t more)
{
    if (text->failed || more > SIZE_MAX / 4 || text->size_bytes > SIZE_MAX / 4) {
        text->failed = true;
        return NULL;
    }
    size_t needed = text->size_bytes + more + 1;
    if (needed > text->capacity_bytes) {
        size_t capacity = needed * 2;
        char *bytes = realloc(text->bytes, capacity);
        if (!bytes) {
            text->failed = true;
            return NULL;
        }
        text->bytes = bytes;
        text->capacity_bytes = capacity;
    }
    return text->bytes + text->size_bytes;
}

void utvm_tcl_text_format(struct utvm_tcl_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    utvm_tcl_text_vformat(text, format, args);
    va_end(args);
}

void utvm_tcl_text_vformat(struct utvm_tcl_text *text, const char *format, va_list args)
{
    char *fragment = NULL;
    int length = vasprintf(&fragment, format, args);
    char *at = length < 0 ? NULL : reserve(text, (size_t)length);
    if (at) {
        memcpy(at, fragment, (size_t)length + 1);
        text->size_bytes += (size_t)length;
    } else {
        text->failed = true;
    }
    if (length >= 0) {
        free(fragment);
    }
}

void utvm_tcl_text_quote(struct utvm_tcl_text *text, const void *bytes, size_t size_bytes)
{
    static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "_-./:=,+@% ";
    const unsigned char *in = bytes;
    char *at = size_bytes > SIZE_MAX / 16 ? NULL : reserve(text, 4 * size_bytes + 2);
    if (!at) {
        text->failed = true;
        return;
    }
    char *start = at;
    *at++ = '"';
    for (size_t i = 0; i < size_bytes; i++) {
        if (in[i] && strchr(harmless, in[i])) {
            *at++ = (char)in[i];
        } else {
            *at++ = '\\';
            *at++ = (char)('0' + (in[i] >> 6));
            *at++ = (char)('0' + ((in[i] >> 3) & 7));
            *at++ = (char)('0' + (in[i] & 7));
        }
    }
    *at++ = '"';
    *at = '\0';
    text->size_bytes += (size_t)(at - start);
}

struct utvm_error *utvm_tcl_text_check(const struct utvm_tcl_text *text)
{
    return text->failed ? utvm_error_no_memory() : NULL;
}
