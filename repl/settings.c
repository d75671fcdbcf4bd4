// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/expr.h"
#include "repl/human.h"

static const char *const colour_choices[] = {"auto", "on", "off", NULL};
static const char *const format_choices[] = {"auto", "raw", "real", "hex", NULL};
static const char *const output_choices[] = {"text", "json", "csv", NULL};
static const char *const timing_choices[] = {"count", "fast", "memory", NULL};

static const struct utvm_setting_row rows[UTVM_SET_COUNT] = {
    [UTVM_SET_AUTO_LOAD_LOCAL_INIT] = {"auto-load-local-init", UTVM_SETTING_BOOL, "off",
                                       "read ./.utvminit at start when it belongs to you", NULL},
    [UTVM_SET_CLOCK] = {"clock", UTVM_SETTING_COUNT, "0",
                        "core clock in Hz that cycles become time with; 0 = the model's", NULL},
    [UTVM_SET_COLOR] = {"color", UTVM_SETTING_CHOICE, "auto",
                        "colours: auto = on a terminal unless NO_COLOR is set", colour_choices},
    [UTVM_SET_CONFIRM] = {"confirm", UTVM_SETTING_BOOL, "on", "ask before something is thrown away",
                          NULL},
    [UTVM_SET_FORMAT] = {"format", UTVM_SETTING_CHOICE, "auto",
                         "how print shows values: auto = raw and real", format_choices},
    [UTVM_SET_HISTORY] = {"history", UTVM_SETTING_BOOL, "on", "keep the command history in a file",
                          NULL},
    [UTVM_SET_HISTORY_FILE] = {"history-file", UTVM_SETTING_FILE, "",
                               "empty = ~/.utvm_history, or utvm/history in $XDG_STATE_HOME", NULL},
    [UTVM_SET_HISTORY_SIZE] = {"history-size", UTVM_SETTING_COUNT, "1000",
                               "commands kept in the history", NULL},
    [UTVM_SET_LOGGING] = {"logging", UTVM_SETTING_FILE, "off",
                          "file that commands and output are added to; on = utvm.txt", NULL},
    [UTVM_SET_OUTPUT] = {"output", UTVM_SETTING_CHOICE, "text",
                         "form of every command's output; -o does it for one", output_choices},
    [UTVM_SET_PAGINATION] = {"pagination", UTVM_SETTING_BOOL, "off",
                             "stop after each window full of output", NULL},
    [UTVM_SET_PRINT_ELEMENTS] = {"print-elements", UTVM_SETTING_COUNT, "1000",
                                 "tensors with more elements are summarised; 0 = never", NULL},
    [UTVM_SET_PROMPT] = {"prompt", UTVM_SETTING_TEXT, "utvm> ", "what stands before the input",
                         NULL},
    [UTVM_SET_REFERENCE] = {"reference", UTVM_SETTING_FILE, "",
                            ".npz that maxerr and compare use when none is named", NULL},
    [UTVM_SET_SNAPSHOT_LIMIT] = {"snapshot-limit", UTVM_SETTING_COUNT, "67108864",
                                 "bytes of arena snapshots kept for back; 0 = none", NULL},
    [UTVM_SET_TARGET] = {"target", UTVM_SETTING_TEXT, "embedded-stlink",
                         "embedded-stlink, embedded-bitbang or HOST:PORT of OpenOCD", NULL},
    [UTVM_SET_TIMEOUT] = {"timeout", UTVM_SETTING_COUNT, "0",
                          "milliseconds after which a run is halted; 0 = never", NULL},
    [UTVM_SET_TIMING] = {"timing", UTVM_SETTING_CHOICE, "fast",
                         "cycle model of the emulated board, at the next connect", timing_choices},
    [UTVM_SET_TOLERANCE_ATOL] = {"tolerance-atol", UTVM_SETTING_REAL, "0",
                                 "absolute error that compare allows in float tensors", NULL},
    [UTVM_SET_TOLERANCE_LSB] = {"tolerance-lsb", UTVM_SETTING_REAL, "0",
                                "steps by which compare lets integers differ", NULL},
    [UTVM_SET_TOLERANCE_RTOL] = {"tolerance-rtol", UTVM_SETTING_REAL, "0",
                                 "relative error that compare allows in float tensors", NULL},
    [UTVM_SET_TRACE_COMMANDS] = {"trace-commands", UTVM_SETTING_BOOL, "off",
                                 "scripts print each command before it runs", NULL},
    [UTVM_SET_VERIFY] = {"verify", UTVM_SETTING_BOOL, "on",
                         "load reads back what it wrote and compares", NULL},
    [UTVM_SET_WIDTH] = {"width", UTVM_SETTING_COUNT, "0",
                        "columns of the output; 0 = the window's, unlimited elsewhere", NULL},
};

const struct utvm_setting_row *utvm_setting_row(enum utvm_setting which)
{
    return &rows[which];
}

bool utvm_setting_exact(const char *name, enum utvm_setting *ret)
{
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *ret = (enum utvm_setting)i;
            return true;
        }
    }
    return false;
}

bool utvm_setting_of_words(const char *text, enum utvm_setting *ret, size_t *ret_length)
{
    size_t first = strcspn(text, " \t=");
    size_t blanks = strspn(text + first, " \t");
    size_t second = strcspn(text + first + blanks, " \t=");
    char *name = NULL;
    if (second == 0 ||
        asprintf(&name, "%.*s-%.*s", (int)first, text, (int)second, text + first + blanks) < 0) {
        return false;
    }
    bool found = utvm_setting_exact(name, ret);
    free(name);
    if (found) {
        *ret_length = first + blanks + second;
    }
    return found;
}

struct utvm_error *utvm_setting_find(const char *name, enum utvm_setting *ret)
{
    if (utvm_setting_exact(name, ret)) {
        return NULL;
    }
    struct utvm_matches matches = {0};
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        if (utvm_match_prefix(&matches, rows[i].name, name)) {
            *ret = (enum utvm_setting)i;
        }
    }
    return utvm_matches_result(&matches, "setting", name);
}

static struct utvm_error *parse_bool(const char *text, double *ret)
{
    static const char *const yes[] = {"on", "yes", "true", "1"};
    static const char *const no[] = {"off", "no", "false", "0"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *ret = strcmp(text, yes[i]) == 0;
            return NULL;
        }
    }
    return utvm_error_create(UTVM_ERROR_INVALID, "'%.40s' is neither on nor off", text);
}

static struct utvm_error *parse_choice(const char *const *choices, const char *text, double *ret)
{
    struct utvm_matches matches = {0};
    for (size_t i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0) {
            *ret = (double)i;
            return NULL;
        }
        if (utvm_match_prefix(&matches, choices[i], text)) {
            *ret = (double)i;
        }
    }
    if (matches.count == 0) {
        struct utvm_matches all = {0};
        for (size_t i = 0; choices[i]; i++) {
            (void)utvm_match_prefix(&all, choices[i], "");
        }
        return utvm_error_create(UTVM_ERROR_INVALID, "'%.40s' is none of %s", text, all.list);
    }
    return utvm_matches_result(&matches, "choice", text);
}

static struct utvm_error *parse_value(const struct utvm_setting_row *row, const char *text,
                                      double *ret)
{
    struct utvm_value value = {0};
    switch (row->type) {
    case UTVM_SETTING_BOOL:
        return parse_bool(text, ret);
    case UTVM_SETTING_CHOICE:
        return parse_choice(row->choices, text, ret);
    case UTVM_SETTING_COUNT:
    case UTVM_SETTING_REAL: {
        if (row->type == UTVM_SETTING_COUNT && strcmp(text, "unlimited") == 0) {
            *ret = 0;
            return NULL;
        }
        struct utvm_error *error = utvm_expr_eval(text, NULL, &value);
        double number = error ? -1 : utvm_value_number(value);
        bool is_count = row->type == UTVM_SETTING_COUNT;
        bool whole = number >= 0 && number <= INT32_MAX && number == (double)(int32_t)number;
        utvm_error_drop(error); // that it is no number is all there is to say
        if (!(number >= 0) || !isfinite(number) || (is_count && !whole)) {
            return utvm_error_create(UTVM_ERROR_INVALID, "'%.40s' is not a %s", text,
                                     is_count ? "whole number from 0 to 2147483647"
                                              : "number from 0");
        }
        *ret = number;
        return NULL;
    }
    case UTVM_SETTING_TEXT:
    case UTVM_SETTING_FILE:
        *ret = 0;
        return NULL;
    }
    return NULL;
}

// The text that is kept: the full word of a choice, on/off of a bool.
static char *canonical(const struct utvm_setting_row *row, const char *text, double number)
{
    if (row->type == UTVM_SETTING_CHOICE) {
        return strdup(row->choices[(size_t)number]);
    }
    if (row->type == UTVM_SETTING_BOOL) {
        return strdup(number != 0 ? "on" : "off");
    }
    if (row->type == UTVM_SETTING_COUNT || row->type == UTVM_SETTING_REAL) {
        char *result = NULL;
        return asprintf(&result, "%.16g", number) < 0 ? NULL : result;
    }
    return strdup(text);
}

struct utvm_error *utvm_settings_set(struct utvm_settings *settings, enum utvm_setting which,
                                     const char *text)
{
    const struct utvm_setting_row *row = &rows[which];
    double number = 0;
    struct utvm_error *error = parse_value(row, text, &number);
    if (error) {
        return utvm_error_prefix(error, "set %s", row->name);
    }
    char *copy = canonical(row, text, number);
    if (!copy) {
        return utvm_error_no_memory();
    }
    free(settings->text[which]);
    settings->text[which] = copy;
    settings->number[which] = number;
    settings->changed[which] = true;
    return NULL;
}

struct utvm_error *utvm_settings_init(struct utvm_settings *settings)
{
    *settings = (struct utvm_settings){0};
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        struct utvm_error *error =
            utvm_settings_set(settings, (enum utvm_setting)i, rows[i].initial);
        if (error) {
            utvm_settings_deinit(settings);
            return error;
        }
        settings->changed[i] = false;
    }
    return NULL;
}

void utvm_settings_deinit(struct utvm_settings *settings)
{
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        free(settings->text[i]);
        settings->text[i] = NULL;
    }
}

bool utvm_settings_bool(const struct utvm_settings *settings, enum utvm_setting which)
{
    return settings->number[which] != 0;
}

uint64_t utvm_settings_count(const struct utvm_settings *settings, enum utvm_setting which)
{
    return (uint64_t)settings->number[which];
}

double utvm_settings_real(const struct utvm_settings *settings, enum utvm_setting which)
{
    return settings->number[which];
}

const char *utvm_settings_text(const struct utvm_settings *settings, enum utvm_setting which)
{
    return settings->text[which];
}
