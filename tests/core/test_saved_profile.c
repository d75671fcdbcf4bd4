// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "core/saved_profile.h"

static const char report[] =
    "{\"kind\": \"report\", \"provenance\": {\"model\": {\"name\": \"demo\"}},"
    " \"profile\": {\"total\": {\"cycles\": 30, \"cycle_source\": \"modelled\"},"
    "  \"layers\": [{\"name\": \"a\", \"operator\": \"ADD\", \"cycles\": 10},"
    "               {\"name\": \"b\\u001b[31m\", \"operator\": \"MUL\", \"cycles\": 20}],"
    "  \"space\": [{\"stack_bytes\": 8, \"code_bytes\": 100, \"weights_bytes\": 5}]}}";

static void expect_refused(const char *text, const char *part)
{
    struct utvm_saved_profile profile = {0};
    struct utvm_error *error = utvm_saved_profile_parse("x.json", text, strlen(text), &profile);
    cr_assert_not_null(error, "'%s' was taken", text);
    cr_expect_eq(error->code, UTVM_ERROR_FORMAT);
    cr_expect_not_null(strstr(error->message, part), "%s: %s", text, error->message);
    utvm_error_free(error);
}

Test(saved_profile, reads_a_report)
{
    struct utvm_saved_profile profile;
    cr_assert_null(utvm_saved_profile_parse("x.json", report, strlen(report), &profile));
    cr_expect_str_eq(profile.model, "demo");
    cr_expect_str_eq(profile.cycle_source, "modelled");
    cr_expect_eq(profile.total_cycles, 30);
    cr_assert_eq(profile.num_layers, 2);
    cr_expect_str_eq(profile.layers[0].name, "a");
    cr_expect_eq(profile.layers[0].cycles, 10);
    cr_expect_eq(profile.layers[0].stack_bytes, 8);
    cr_expect_eq(profile.layers[0].code_bytes, 100);
    cr_expect_eq(profile.layers[0].weights_bytes, 5);
    cr_expect_eq(profile.layers[1].stack_bytes, 0, "a missing row of space is zero");
    utvm_saved_profile_deinit(&profile);
}

Test(saved_profile, names_are_safe_to_print)
{
    struct utvm_saved_profile profile;
    cr_assert_null(utvm_saved_profile_parse("x.json", report, strlen(report), &profile));
    cr_expect_null(strchr(profile.layers[1].name, '\033'));
    utvm_saved_profile_deinit(&profile);
}

Test(saved_profile, reads_the_output_of_profile_itself)
{
    static const char text[] =
        "{\"kind\": \"profile\", \"total\": {\"cycles\": 1}, \"layers\": []}";
    struct utvm_saved_profile profile;
    cr_assert_null(utvm_saved_profile_parse("x.json", text, strlen(text), &profile));
    cr_expect_eq(profile.total_cycles, 1);
    cr_expect_str_eq(profile.model, "");
    utvm_saved_profile_deinit(&profile);
}

Test(saved_profile, refuses_what_is_no_profile)
{
    expect_refused("", "x.json:1:");
    expect_refused("{\"a\": \n 1", "x.json:2:");
    expect_refused("[]", "no profile");
    expect_refused("{}", "no profile");
    expect_refused("{\"total\": {}, \"layers\": [1]}", "layer 0");
    expect_refused("{\"total\": {}, \"layers\": [{\"cycles\": \"many\"}]}", "layer 0");
    expect_refused("{\"total\": {}, \"total\": {}}", "duplicate");
}

Test(saved_profile, a_missing_file_is_named)
{
    struct utvm_saved_profile profile;
    struct utvm_error *error = utvm_saved_profile_read("/nonexistent.json", &profile);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr(error->message, "/nonexistent.json"));
    utvm_error_free(error);
}
