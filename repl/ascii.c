// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "repl/output.h"

struct filter {
    FILE *lower;
    unsigned char sequence[4]; // of one character, as far as it has come
    size_t have;
    size_t want;
};

// One column each, so that tables stay aligned.
static char replacement(const unsigned char *sequence, size_t length)
{
    static const struct {
        const char *character;
        char instead;
    } rows[] = {{"→", '>'}, {"…", '~'}, {"±", '~'}, {"·", '-'}, {"×", 'x'}, {"µ", 'u'}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strlen(rows[i].character) == length &&
            memcmp(rows[i].character, sequence, length) == 0) {
            return rows[i].instead;
        }
    }
    return '?';
}

static void put(struct filter *f, unsigned char byte)
{
    if (byte >= 0xC0) {
        f->want = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        f->have = 0;
    } else if (byte < 0x80 || f->have == 0) {
        f->have = 0;
        fputc(byte < 0x80 ? byte : '?', f->lower);
        return;
    }
    f->sequence[f->have++] = byte;
    if (f->have == f->want) {
        fputc(replacement(f->sequence, f->have), f->lower);
        f->have = 0;
    }
}

static ssize_t write_ascii(void *cookie, const char *bytes, size_t size)
{
    struct filter *f = cookie;
    for (size_t i = 0; i < size; i++) {
        put(f, (unsigned char)bytes[i]);
    }
    return (ssize_t)size;
}

static int close_ascii(void *cookie)
{
    struct filter *f = cookie;
    int result = fflush(f->lower);
    free(f);
    return result;
}

FILE *utvm_ascii_open(FILE *lower)
{
    struct filter *f = calloc(1, sizeof(*f));
    if (!f) {
        return NULL;
    }
    f->lower = lower;
    cookie_io_functions_t functions = {.write = write_ascii, .close = close_ascii};
    FILE *stream = fopencookie(f, "w", functions);
    if (!stream) {
        free(f);
    }
    return stream;
}
