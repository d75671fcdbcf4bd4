// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_SETTINGS_H
#define UTVM_REPL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/** What `set NAME VALUE` changes. One row each in settings.c: name, type, default, help. */
enum utvm_setting {
    UTVM_SET_AUTO_LOAD_LOCAL_INIT,
    UTVM_SET_CLOCK,
    UTVM_SET_COLOR,
    UTVM_SET_CONFIRM,
    UTVM_SET_FORMAT,
    UTVM_SET_HISTORY,
    UTVM_SET_HISTORY_FILE,
    UTVM_SET_HISTORY_SIZE,
    UTVM_SET_LOGGING,
    UTVM_SET_OUTPUT,
    UTVM_SET_PAGINATION,
    UTVM_SET_PRINT_ELEMENTS,
    UTVM_SET_PROMPT,
    UTVM_SET_REFERENCE,
    UTVM_SET_SNAPSHOT_LIMIT,
    UTVM_SET_TARGET,
    UTVM_SET_TIMEOUT,
    UTVM_SET_TIMING,
    UTVM_SET_TOLERANCE_ATOL,
    UTVM_SET_TOLERANCE_LSB,
    UTVM_SET_TOLERANCE_RTOL,
    UTVM_SET_TRACE_COMMANDS,
    UTVM_SET_VERIFY,
    UTVM_SET_WIDTH,
    UTVM_SET_COUNT,
};

enum utvm_setting_type {
    UTVM_SETTING_BOOL,   /**< on, off */
    UTVM_SETTING_COUNT,  /**< 0 to 2^31 - 1, an expression without names */
    UTVM_SETTING_REAL,   /**< not negative */
    UTVM_SETTING_CHOICE, /**< one of the choices, unique prefixes count */
    UTVM_SETTING_TEXT,
    UTVM_SETTING_FILE,
};

struct utvm_setting_row {
    const char *name;
    enum utvm_setting_type type;
    const char *initial;
    const char *help;           /**< one line */
    const char *const *choices; /**< NULL-terminated, CHOICE only */
};

struct utvm_settings {
    char *text[UTVM_SET_COUNT];
    double number[UTVM_SET_COUNT]; /**< of BOOL, COUNT, REAL; index of the choice */
    bool changed[UTVM_SET_COUNT];  /**< by the user */
};

const struct utvm_setting_row *utvm_setting_row(enum utvm_setting which);

UTVM_MUST_CHECK struct utvm_error *utvm_settings_init(struct utvm_settings *settings);
void utvm_settings_deinit(struct utvm_settings *settings);

/** @return true when a setting has exactly this name */
bool utvm_setting_exact(const char *name, enum utvm_setting *ret);
/**
 * A setting by two words at the head of text, where its name has a dash: "print elements 10".
 * @param ret_length of both words, with the blanks between
 */
bool utvm_setting_of_words(const char *text, enum utvm_setting *ret, size_t *ret_length);

/** Exact name or unique prefix. @return NOT_FOUND, INVALID with the candidates */
UTVM_MUST_CHECK struct utvm_error *utvm_setting_find(const char *name, enum utvm_setting *ret);

/** @return INVALID when the text does not suit the type; the old value stays */
UTVM_MUST_CHECK struct utvm_error *utvm_settings_set(struct utvm_settings *settings,
                                                     enum utvm_setting which, const char *text);

bool utvm_settings_bool(const struct utvm_settings *settings, enum utvm_setting which);
uint64_t utvm_settings_count(const struct utvm_settings *settings, enum utvm_setting which);
double utvm_settings_real(const struct utvm_settings *settings, enum utvm_setting which);
const char *utvm_settings_text(const struct utvm_settings *settings, enum utvm_setting which);

#endif
