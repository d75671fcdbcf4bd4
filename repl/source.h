// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_SOURCE_H
#define UTVM_REPL_SOURCE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/error.h"

/** Where command lines come from: the prompt, a script, a -ex option, the body of a definition. */
struct utvm_source {
    const char *name; /**< for messages: "demo.utvm"; NULL = the prompt */
    unsigned line;    /**< number of the line handed out last, from 1 */
    /** Next line without its newline, malloc'd; NULL at the end. prompt is for people. */
    struct utvm_error *(*next)(struct utvm_source *source, const char *prompt, char **ret);
    void *ctx;
    bool is_file;              /**< a script: its lines can be traced */
    struct utvm_source *outer; /**< the one that was interrupted by this one */
};

/** Lines of an open stream. */
void utvm_source_stream(struct utvm_source *source, const char *name, FILE *stream);

/** Lines of a text; *cursor is advanced and must outlive the source. */
void utvm_source_text(struct utvm_source *source, const char *name, const char **cursor);

#endif
