// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/human.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

bool utvm_match_prefix(struct utvm_matches *matches, const char *name, const char *prefix)
{
    if (strncmp(name, prefix, strlen(prefix)) != 0) {
        return false;
    }
    size_t used = strlen(matches->list);
    size_t room = sizeof(matches->list) - used;
    const char *comma = matches->count ? ", " : "";
    if (strlen(comma) + strlen(name) + sizeof(", …") < room) {
        snprintf(matches->list + used, room, "%s%s", comma, name);
    } else if (room > sizeof(", …") && !strstr(matches->list, "…")) {
        snprintf(matches->list + used, room, ", …");
    }
    matches->count++;
    return true;
}

struct utvm_error *utvm_matches_result(const struct utvm_matches *matches, const char *what,
                                       const char *text)
{
    if (matches->count == 0) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "undefined %s '%.80s'", what, text);
    }
    if (matches->count > 1) {
        return utvm_error_create(UTVM_ERROR_INVALID, "ambiguous %s '%.80s': %s", what, text,
                                 matches->list);
    }
    return NULL;
}

void utvm_human_write(FILE *out, const char *text, bool multi_line)
{
    while (*text) {
        size_t length = multi_line ? strcspn(text, "\n\t") : strlen(text);
        char *printable = utvm_text_printable(text, length);
        fputs(printable ? printable : "?", out);
        free(printable);
        text += length;
        if (*text) {
            fputc(*text++, out);
        }
    }
}

const char *utvm_human_count(uint64_t value, char buffer[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, value);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            buffer[used++] = ',';
        }
        buffer[used++] = digits[i];
    }
    buffer[used] = '\0';
    return buffer;
}

const char *utvm_human_bytes(uint64_t value, char buffer[32])
{
    if (value < 1024) {
        snprintf(buffer, 32, "%" PRIu64 " B", value);
    } else if (value < 1024 * 1024) {
        snprintf(buffer, 32, "%.1f KiB", (double)value / 1024);
    } else {
        snprintf(buffer, 32, "%.1f MiB", (double)value / (1024 * 1024));
    }
    return buffer;
}

const char *utvm_human_shape(uint32_t rank, const uint32_t *dims, char buffer[96])
{
    size_t used = 0;
    buffer[used++] = '[';
    for (uint32_t i = 0; i < rank && i < UTVM_MAX_DIMS; i++) {
        used += (size_t)snprintf(buffer + used, 96 - used, "%s%u", i ? ", " : "", dims[i]);
    }
    snprintf(buffer + used, 96 - used, "]");
    return buffer;
}
