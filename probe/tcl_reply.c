// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/tcl_reply.h"

#include <stdio.h>
#include <string.h>

enum {
    TAG,
    CODE,
    VALUE,
    LOG,
    NUM_WORDS
};

enum utvm_tcl_reply_kind utvm_tcl_reply_match(const char *message, size_t size_bytes, uint64_t tag)
{
    static const char notice[] = "type ";
    if (size_bytes >= sizeof(notice) - 1 && memcmp(message, notice, sizeof(notice) - 1) == 0) {
        return UTVM_TCL_REPLY_NOTICE;
    }
    const char *end = size_bytes ? memchr(message, ' ', size_bytes) : NULL;
    uint64_t found = 0;
    struct utvm_error *error =
        utvm_tcl_parse_u64(message, end ? (size_t)(end - message) : 0, &found);
    if (error || found == 0 || found > tag) {
        utvm_error_drop(error);
        return UTVM_TCL_REPLY_FOREIGN;
    }
    return found == tag ? UTVM_TCL_REPLY_PRESENT : UTVM_TCL_REPLY_LATE;
}

// What OpenOCD says whenever something happens, which explains nothing.
static bool is_chatter(const char *line, size_t size_bytes)
{
    static const char *const starts[] = {
        "SWD DPIDR",
        "stlink_dap_op_connect",
        "Unable to match requested speed",
        "xPSR:",
    };
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        size_t length = strlen(starts[i]);
        if (size_bytes >= length && memcmp(line, starts[i], length) == 0) {
            return true;
        }
    }
    return memmem(line, size_bytes, "] halted due to", 15) != NULL;
}

// Appends a line to the message unless it is there already; false when it is full.
static bool append(char *message, size_t capacity, const char *line, size_t line_bytes)
{
    char clean[512];
    size_t used = strlen(message);
    size_t room = capacity - used < sizeof(clean) ? capacity - used : sizeof(clean);
    size_t length = line_bytes + 3 < room ? line_bytes : room > 3 ? room - 3 : 0;
    for (size_t i = 0; i < length; i++) {
        bool is_control = (unsigned char)line[i] < ' ' || line[i] == 0x7F;
        clean[i] = line[i];
        if (is_control) {
            clean[i] = '?';
        }
    }
    clean[length] = '\0';
    if (length > 0 && !strstr(message, clean)) {
        snprintf(message + used, capacity - used, "%s%s", used ? "; " : "", clean);
    }
    return length == line_bytes;
}

// The server's words in one line: its log (where OpenOCD puts messages), else the result.
static void copy_message(char *to, size_t to_bytes, const char *text)
{
    bool room = true;
    to[0] = '\0';
    while (*text && room) {
        text += strspn(text, " \r\n");
        size_t size = strcspn(text, "\r\n");
        size_t line_bytes = size;
        while (line_bytes > 0 && text[line_bytes - 1] == ' ') {
            line_bytes--;
        }
        if (line_bytes > 0 && !is_chatter(text, line_bytes)) {
            room = append(to, to_bytes, text, line_bytes);
        }
        text += size;
    }
}

static struct utvm_error *failure(const struct utvm_tcl_list *list)
{
    char message[512];
    copy_message(message, sizeof(message), list->words[LOG].text);
    if (!message[0]) {
        copy_message(message, sizeof(message), list->words[VALUE].text);
    }
    if (!message[0]) {
        snprintf(message, sizeof(message), "command failed with code %s", list->words[CODE].text);
    }
    return utvm_error_create(UTVM_ERROR_TARGET, "OpenOCD: %s", message);
}

struct utvm_error *utvm_tcl_reply_parse(const char *message, size_t size_bytes,
                                        struct utvm_tcl_reply *ret)
{
    struct utvm_tcl_list list = {0};
    struct utvm_error *error = utvm_tcl_list_parse(message, size_bytes, NUM_WORDS, &list);
    if (error) {
        return utvm_error_prefix(error, "malformed reply of OpenOCD");
    }
    if (list.num_words != NUM_WORDS) {
        error = utvm_error_create(UTVM_ERROR_FORMAT, "reply of OpenOCD has %zu words instead of %d",
                                  list.num_words, NUM_WORDS);
    } else if (strcmp(list.words[CODE].text, "0") != 0) {
        error = failure(&list);
    }
    if (error) {
        utvm_tcl_list_deinit(&list);
        return error;
    }
    *ret = (struct utvm_tcl_reply){list, list.words[VALUE].text, list.words[VALUE].size_bytes,
                                   list.words[LOG].text};
    return NULL;
}

void utvm_tcl_reply_deinit(struct utvm_tcl_reply *reply)
{
    utvm_tcl_list_deinit(&reply->list);
    *reply = (struct utvm_tcl_reply){0};
}
