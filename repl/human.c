// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/human.h"

#include <stdlib.h>
#include <string.h>

#include "core/table.h"
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
    utvm_format_int((int64_t)value, buffer, 32);
    return buffer;
}

const char *utvm_human_bytes(uint64_t value, char buffer[32])
{
    utvm_format_bytes((double)value, buffer, 32);
    return buffer;
}

const char *utvm_human_shape(uint32_t rank, const uint32_t *dims, char buffer[96])
{
    utvm_shape_text(rank, dims, buffer, 96);
    return buffer;
}
