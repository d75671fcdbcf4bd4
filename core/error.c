// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __clang_analyzer__ // here they are defined
#undef utvm_error_create
#undef utvm_error_at
#undef utvm_error_os
#undef utvm_error_no_memory
#endif

// Handed out when there is no memory for a real one; never freed.
static struct utvm_error no_memory_error = {
    .code = UTVM_ERROR_NO_MEMORY,
    .message = (char[]){"out of memory"},
};

static struct utvm_error *create(enum utvm_error_code code, const char *format, va_list args)
    UTVM_PRINTF(2, 0);
static struct utvm_error *create(enum utvm_error_code code, const char *format, va_list args)
{
    struct utvm_error *error = calloc(1, sizeof(*error));
    if (!error) {
        return &no_memory_error;
    }
    error->code = code;
    if (vasprintf(&error->message, format, args) < 0) {
        free(error);
        return &no_memory_error;
    }
    return error;
}

struct utvm_error *utvm_error_create(enum utvm_error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct utvm_error *error = create(code, format, args);
    va_end(args);
    return error;
}

struct utvm_error *utvm_error_at(enum utvm_error_code code, uint32_t address, const char *format,
                                 ...)
{
    va_list args;
    va_start(args, format);
    struct utvm_error *error = create(code, format, args);
    va_end(args);
    if (error != &no_memory_error) {
        error->has_address = true;
        error->address = address;
    }
    return error;
}

struct utvm_error *utvm_error_os(int os_errno, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct utvm_error *error = create(UTVM_ERROR_OS, format, args);
    va_end(args);
    if (error == &no_memory_error) {
        return error;
    }
    error->os_errno = os_errno;
    char *message = NULL;
    if (asprintf(&message, "%s: %s", error->message, strerror(os_errno)) >= 0) {
        free(error->message);
        error->message = message;
    }
    return error;
}

struct utvm_error *utvm_error_no_memory(void)
{
    return &no_memory_error;
}

struct utvm_error *utvm_error_prefix(struct utvm_error *error, const char *format, ...)
{
    if (!error || error == &no_memory_error) {
        return error;
    }
    va_list args;
    va_start(args, format);
    char *context = NULL;
    int length = vasprintf(&context, format, args);
    va_end(args);
    if (length < 0) {
        return error;
    }
    char *message = NULL;
    if (asprintf(&message, "%s: %s", context, error->message) >= 0) {
        free(error->message);
        error->message = message;
    }
    free(context);
    return error;
}

void utvm_error_free(struct utvm_error *error)
{
    if (!error || error == &no_memory_error) {
        return;
    }
    free(error->message);
    free(error);
}

void utvm_error_drop(struct utvm_error *error)
{
    utvm_error_free(error);
}

const char *utvm_error_code_name(enum utvm_error_code code)
{
    switch (code) {
    case UTVM_ERROR_NO_MEMORY:
        return "no_memory";
    case UTVM_ERROR_INVALID:
        return "invalid";
    case UTVM_ERROR_FORMAT:
        return "format";
    case UTVM_ERROR_UNSUPPORTED:
        return "unsupported";
    case UTVM_ERROR_NOT_FOUND:
        return "not_found";
    case UTVM_ERROR_STATE:
        return "state";
    case UTVM_ERROR_OS:
        return "os";
    case UTVM_ERROR_NO_SPACE:
        return "no_space";
    case UTVM_ERROR_TIMEOUT:
        return "timeout";
    case UTVM_ERROR_TARGET:
        return "target";
    case UTVM_ERROR_LOST:
        return "lost";
    case UTVM_ERROR_FAULT:
        return "fault";
    case UTVM_ERROR_MISMATCH:
        return "mismatch";
    case UTVM_ERROR_CANCELLED:
        return "cancelled";
    }
    return "?";
}

void utvm_assert_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "BUG: %s:%d: %s\n", file, line, what);
    abort();
}
