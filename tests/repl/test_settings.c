// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "repl/settings.h"

static struct utvm_settings settings;

static void set_up(void)
{
    cr_assert_null(utvm_settings_init(&settings));
}

static void tear_down(void)
{
    utvm_settings_deinit(&settings);
}

TestSuite(settings, .init = set_up, .fini = tear_down);

static void expect_refused(enum utvm_setting which, const char *text)
{
    char before[64];
    strncpy(before, utvm_settings_text(&settings, which), sizeof(before) - 1);
    before[sizeof(before) - 1] = '\0';
    struct utvm_error *error = utvm_settings_set(&settings, which, text);
    cr_assert_not_null(error, "'%s' was taken", text);
    utvm_error_free(error);
    cr_expect_str_eq(utvm_settings_text(&settings, which), before);
}

Test(settings, every_row_has_a_name_help_and_a_valid_default)
{
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        const struct utvm_setting_row *row = utvm_setting_row((enum utvm_setting)i);
        cr_assert_not_null(row->name, "row %u", i);
        cr_expect_not_null(row->help, "%s", row->name);
        cr_expect_not(settings.changed[i], "%s counts as changed", row->name);
        cr_expect_eq(row->type == UTVM_SETTING_CHOICE, row->choices != NULL, "%s", row->name);
        if (i > 0) {
            const char *before = utvm_setting_row((enum utvm_setting)(i - 1))->name;
            cr_expect_lt(strcmp(before, row->name), 0, "%s stands behind %s", row->name, before);
        }
    }
}

Test(settings, booleans_know_several_words)
{
    cr_assert_null(utvm_settings_set(&settings, UTVM_SET_CONFIRM, "off"));
    cr_expect_not(utvm_settings_bool(&settings, UTVM_SET_CONFIRM));
    cr_assert_null(utvm_settings_set(&settings, UTVM_SET_CONFIRM, "1"));
    cr_expect_str_eq(utvm_settings_text(&settings, UTVM_SET_CONFIRM), "on");
    expect_refused(UTVM_SET_CONFIRM, "perhaps");
}

Test(settings, counts_take_expressions_without_names)
{
    cr_assert_null(utvm_settings_set(&settings, UTVM_SET_SNAPSHOT_LIMIT, "4 * 1024"));
    cr_expect_eq(utvm_settings_count(&settings, UTVM_SET_SNAPSHOT_LIMIT), 4096);
    cr_assert_null(utvm_settings_set(&settings, UTVM_SET_WIDTH, "unlimited"));
    cr_expect_eq(utvm_settings_count(&settings, UTVM_SET_WIDTH), 0);
    expect_refused(UTVM_SET_WIDTH, "-1");
    expect_refused(UTVM_SET_WIDTH, "1.5");
    expect_refused(UTVM_SET_WIDTH, "wide");
    expect_refused(UTVM_SET_WIDTH, "1e30");
}

Test(settings, reals_are_not_negative)
{
    cr_assert_null(utvm_settings_set(&settings, UTVM_SET_TOLERANCE_ATOL, "1e-3"));
    cr_expect_float_eq(utvm_settings_real(&settings, UTVM_SET_TOLERANCE_ATOL), 1e-3, 1e-12);
    expect_refused(UTVM_SET_TOLERANCE_ATOL, "-1");
    expect_refused(UTVM_SET_TOLERANCE_ATOL, "0.0/0.0");
}

Test(settings, choices_take_unique_prefixes)
{
    cr_assert_null(utvm_settings_set(&settings, UTVM_SET_OUTPUT, "js"));
    cr_expect_str_eq(utvm_settings_text(&settings, UTVM_SET_OUTPUT), "json");
    expect_refused(UTVM_SET_FORMAT, "r"); // raw, real
    expect_refused(UTVM_SET_OUTPUT, "xml");
}

Test(settings, finds_by_unique_prefix_and_lists_candidates)
{
    enum utvm_setting which;
    cr_assert_null(utvm_setting_find("wid", &which));
    cr_expect_eq(which, UTVM_SET_WIDTH);
    cr_assert_null(utvm_setting_find("history", &which));
    cr_expect_eq(which, UTVM_SET_HISTORY);
    struct utvm_error *error = utvm_setting_find("tol", &which);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr(error->message, "tolerance-atol, tolerance-lsb, tolerance-rtol"));
    utvm_error_free(error);
    error = utvm_setting_find("nothing", &which);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_NOT_FOUND);
    utvm_error_free(error);
}
