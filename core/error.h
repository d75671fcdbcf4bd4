// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_ERROR_H
#define UTVM_CORE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Errors of the host programs. A fallible function returns `struct utvm_error *`; NULL is success.
 * Who receives an error owns it: hands it on (with context in front) or frees it, once. A caller's
 * result object changes only on success.
 */
enum utvm_error_code {
    UTVM_ERROR_NO_MEMORY,
    UTVM_ERROR_INVALID,     /**< an argument or a value of the user makes no sense */
    UTVM_ERROR_FORMAT,      /**< foreign bytes are malformed: ELF, .tflite, .npz, PNG, reply */
    UTVM_ERROR_UNSUPPORTED, /**< well-formed, but not something this program can do */
    UTVM_ERROR_NOT_FOUND,
    UTVM_ERROR_STATE,    /**< not now: no model, core running, tensor overwritten */
    UTVM_ERROR_OS,       /**< a system call failed; os_errno says how */
    UTVM_ERROR_NO_SPACE, /**< does not fit into the device's flash or RAM */
    UTVM_ERROR_TIMEOUT,
    UTVM_ERROR_TARGET,    /**< the server reported a failure */
    UTVM_ERROR_LOST,      /**< the connection, OpenOCD or the board is gone */
    UTVM_ERROR_FAULT,     /**< the core took a fault or a kernel returned an error status */
    UTVM_ERROR_MISMATCH,  /**< a comparison or an expectation failed */
    UTVM_ERROR_CANCELLED, /**< Ctrl-C */
};

struct utvm_error {
    enum utvm_error_code code;
    bool has_address;
    uint32_t address; /**< target address, when has_address */
    int os_errno;     /**< errno, when code is OS; else 0 */
    char *message;    /**< one line, lower case, no full stop; owned */
};

#define UTVM_MUST_CHECK __attribute__((warn_unused_result))
#define UTVM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/** Makes an error. Falls back to the static out-of-memory error, so it never returns NULL. */
UTVM_MUST_CHECK struct utvm_error *utvm_error_create(enum utvm_error_code code, const char *format,
                                                     ...) UTVM_PRINTF(2, 3);

/** Like utvm_error_create, with a target address; the message does not repeat it. */
UTVM_MUST_CHECK struct utvm_error *utvm_error_at(enum utvm_error_code code, uint32_t address,
                                                 const char *format, ...) UTVM_PRINTF(3, 4);

/** A failed system call: "WHAT: strerror(os_errno)", code OS. */
UTVM_MUST_CHECK struct utvm_error *utvm_error_os(int os_errno, const char *format, ...)
    UTVM_PRINTF(2, 3);

/** The static out-of-memory error. */
UTVM_MUST_CHECK struct utvm_error *utvm_error_no_memory(void);

/** Puts "CONTEXT: " in front of the message and returns the same error; NULL stays NULL. */
UTVM_MUST_CHECK struct utvm_error *utvm_error_prefix(struct utvm_error *error, const char *format,
                                                     ...) UTVM_PRINTF(2, 3);

/** Frees an error; NULL and the static error are fine. */
void utvm_error_free(struct utvm_error *error);

/** Drops an error on purpose, where a later one says more: a visible decision, not an accident. */
void utvm_error_drop(struct utvm_error *error);

/** A stable lower-case word for machine output: "format", "lost", "fault", … */
const char *utvm_error_code_name(enum utvm_error_code code);

#ifdef __clang_analyzer__
// The analyser sees one source file at a time and has to be told that these never give NULL.
static inline struct utvm_error *utvm_error_not_null(struct utvm_error *error)
{
    if (!error) {
        __builtin_unreachable();
    }
    return error;
}
#define utvm_error_create(...) utvm_error_not_null(utvm_error_create(__VA_ARGS__))
#define utvm_error_at(...) utvm_error_not_null(utvm_error_at(__VA_ARGS__))
#define utvm_error_os(...) utvm_error_not_null(utvm_error_os(__VA_ARGS__))
#define utvm_error_no_memory() utvm_error_not_null(utvm_error_no_memory())
#endif

/** For what only our own code can violate: prints BUG, file, line and aborts. */
#define UTVM_ASSERT(condition)                                                                     \
    ((condition) ? (void)0 : utvm_assert_failed(__FILE__, __LINE__, #condition))
__attribute__((noreturn)) void utvm_assert_failed(const char *file, int line, const char *what);

#endif
