// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct utvm_error *next_of_stream(struct utvm_source *source, const char *prompt, char **ret)
{
    (void)prompt;
    FILE *stream = source->ctx;
    char *line = NULL;
    size_t capacity = 0;
    errno = 0;
    ssize_t length = getline(&line, &capacity, stream);
    if (length < 0) {
        int failure = errno;
        free(line);
        *ret = NULL;
        if (ferror(stream) && failure != EINTR) {
            return utvm_error_os(failure, "cannot read %s", source->name);
        }
        return NULL;
    }
    source->line++;
    if (strlen(line) != (size_t)length) {
        free(line);
        return utvm_error_create(UTVM_ERROR_FORMAT, "the line contains a NUL byte");
    }
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) {
        line[--length] = '\0';
    }
    static const char mark[] = "\xef\xbb\xbf"; // some editors begin UTF-8 with it
    if (source->line == 1 && strncmp(line, mark, strlen(mark)) == 0) {
        memmove(line, line + strlen(mark), strlen(line + strlen(mark)) + 1);
    }
    *ret = line;
    return NULL;
}

void utvm_source_stream(struct utvm_source *source, const char *name, FILE *stream)
{
    *source =
        (struct utvm_source){.name = name, .next = next_of_stream, .ctx = stream, .is_file = true};
}

static struct utvm_error *next_of_text(struct utvm_source *source, const char *prompt, char **ret)
{
    (void)prompt;
    const char **cursor = source->ctx;
    *ret = NULL;
    if (**cursor == '\0') {
        return NULL;
    }
    size_t length = strcspn(*cursor, "\n");
    char *line = strndup(*cursor, length);
    if (!line) {
        return utvm_error_no_memory();
    }
    *cursor += length + ((*cursor)[length] == '\n' ? 1 : 0);
    source->line++;
    *ret = line;
    return NULL;
}

void utvm_source_text(struct utvm_source *source, const char *name, const char **cursor)
{
    *source = (struct utvm_source){.name = name, .next = next_of_text, .ctx = cursor};
}
