// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/log_buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct utvm_error *utvm_log_buffer_init(struct utvm_log_buffer *log, size_t capacity_bytes)
{
    *log = (struct utvm_log_buffer){.capacity_bytes = capacity_bytes};
    log->bytes = calloc(1, capacity_bytes + 1);
    return log->bytes ? NULL : utvm_error_no_memory();
}

void utvm_log_buffer_deinit(struct utvm_log_buffer *log)
{
    free(log->bytes);
    *log = (struct utvm_log_buffer){0};
}

void utvm_log_buffer_append(struct utvm_log_buffer *log, const char *bytes, size_t size_bytes)
{
    if (size_bytes > log->capacity_bytes) {
        bytes += size_bytes - log->capacity_bytes;
        size_bytes = log->capacity_bytes;
    }
    if (size_bytes > log->capacity_bytes - log->size_bytes) {
        size_t excess = log->size_bytes + size_bytes - log->capacity_bytes;
        size_t drop = excess + log->capacity_bytes / 4;
        if (drop > log->size_bytes) {
            drop = log->size_bytes;
        }
        log->size_bytes -= drop;
        memmove(log->bytes, log->bytes + drop, log->size_bytes);
    }
    for (size_t i = 0; i < size_bytes; i++) {
        log->bytes[log->size_bytes++] = bytes[i];
        if (!bytes[i]) {
            log->bytes[log->size_bytes - 1] = '?';
        }
    }
    log->bytes[log->size_bytes] = '\0';
}

const char *utvm_log_buffer_text(const struct utvm_log_buffer *log)
{
    return log->bytes ? log->bytes : "";
}

bool utvm_log_buffer_find_line(const struct utvm_log_buffer *log, const char *before,
                               const char *after, char *between, size_t between_bytes)
{
    const char *line = utvm_log_buffer_text(log);
    for (const char *end = strchr(line, '\n'); end; line = end + 1, end = strchr(line, '\n')) {
        const char *from = memmem(line, (size_t)(end - line), before, strlen(before));
        if (!from) {
            continue;
        }
        from += strlen(before);
        const char *to = after[0] ? memmem(from, (size_t)(end - from), after, strlen(after)) : end;
        if (to) {
            snprintf(between, between_bytes, "%.*s", (int)(to - from), from);
            return true;
        }
    }
    return false;
}

void utvm_log_buffer_last_lines(const struct utvm_log_buffer *log, const char *with,
                                size_t num_lines, char *to, size_t to_bytes)
{
    // From the end backwards: each line goes in front of what is there.
    const char *text = utvm_log_buffer_text(log);
    const char *end = text + log->size_bytes;
    size_t used = 0;
    to[0] = '\0';
    while (end > text && num_lines > 0) {
        const char *start = end;
        while (start > text && start[-1] != '\n') {
            start--;
        }
        size_t size = (size_t)(end - start);
        size_t separator = used > 0 ? 2 : 0;
        if (size > 0 && (!with || memmem(start, size, with, strlen(with)))) {
            if (used + size + separator + 1 > to_bytes) {
                break;
            }
            memmove(to + size + separator, to, used + 1);
            memcpy(to, start, size);
            if (separator) {
                memcpy(to + size, "; ", 2);
            }
            used += size + separator;
            num_lines--;
        }
        end = start > text ? start - 1 : text;
    }
    for (size_t i = 0; i < used; i++) {
        if ((unsigned char)to[i] < ' ') {
            to[i] = ' ';
        }
    }
}
