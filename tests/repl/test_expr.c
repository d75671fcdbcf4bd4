// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/expr.h"

static struct utvm_error *lookup(void *ctx, const char *name, const char *index,
                                 struct utvm_value *ret)
{
    (void)ctx;
    if (strcmp(name, "$x") == 0) {
        *ret = utvm_value_integer(7);
        return NULL;
    }
    if (strcmp(name, "conv1") == 0 && index) {
        *ret = utvm_value_integer((int64_t)strlen(index));
        return NULL;
    }
    if (strcmp(name, "a/b c.max") == 0) {
        *ret = utvm_value_real(2.5);
        return NULL;
    }
    return utvm_error_create(UTVM_ERROR_NOT_FOUND, "no '%s'", name);
}

static struct utvm_error *address(void *ctx, const char *name, const char *index,
                                  struct utvm_value *ret)
{
    (void)ctx;
    int64_t offset = index ? (int64_t)strlen(index) : 0;
    *ret = utvm_value_integer(strcmp(name, "conv1") == 0 ? 0x20000000 + offset : 0);
    return NULL;
}

static const struct utvm_scope scope = {.lookup = lookup, .address = address};

static void expect_integer(const char *text, int64_t expected)
{
    struct utvm_value value;
    struct utvm_error *error = utvm_expr_eval(text, &scope, &value);
    cr_assert_null(error, "%s: %s", text, error ? error->message : "");
    cr_expect_not(value.is_real, "%s is real", text);
    cr_expect_eq(value.integer, expected, "%s = %lld", text, (long long)value.integer);
}

static void expect_real(const char *text, double expected)
{
    struct utvm_value value;
    struct utvm_error *error = utvm_expr_eval(text, &scope, &value);
    cr_assert_null(error, "%s: %s", text, error ? error->message : "");
    cr_expect(value.is_real, "%s is no real number", text);
    cr_expect_float_eq(value.real, expected, 1e-12, "%s = %g", text, value.real);
}

static void expect_error(const char *text, const char *part)
{
    struct utvm_value value;
    struct utvm_error *error = utvm_expr_eval(text, &scope, &value);
    cr_assert_not_null(error, "'%s' was taken", text);
    cr_expect_not_null(strstr(error->message, part), "%s: %s", text, error->message);
    utvm_error_free(error);
}

Test(expr, numbers)
{
    expect_integer("42", 42);
    expect_integer("0x1F", 31);
    expect_integer("0b101", 5);
    expect_real("1.5", 1.5);
    expect_real("1e6", 1e6);
    expect_real(".25", 0.25);
}

Test(expr, precedence_is_that_of_c)
{
    expect_integer("1 + 2 * 3", 7);
    expect_integer("(1 + 2) * 3", 9);
    expect_integer("7 - 2 - 1", 4);
    expect_integer("1 << 2 + 1", 8);
    expect_integer("1 | 2 == 2", 1);
    expect_integer("6 & 3 ^ 1", 3);
    expect_integer("1 < 2 == 1", 1);
}

Test(expr, power_binds_to_the_right_and_before_a_sign)
{
    expect_integer("2 ** 3 ** 2", 512);
    expect_integer("-2 ** 2", -4);
    expect_real("2 ** -1", 0.5);
}

Test(expr, integers_stay_integers)
{
    expect_integer("7 / 2", 3);
    expect_integer("-7 % 3", -1);
    expect_real("7 / 2.0", 3.5);
}

Test(expr, a_percentage_is_a_share)
{
    expect_real("5%", 0.05);
    expect_real("5% * 100", 5);
    expect_integer("7 % 4", 3);
    expect_integer("0.06 > 5%", 1);
    expect_integer("(2 + 3) % 3", 2);
}

Test(expr, real_numbers_are_computed_with)
{
    expect_real("1.5 + 2", 3.5);
    expect_real("1.5 - 2", -0.5);
    expect_real("1.5 * 2", 3);
    expect_real("7.5 % 2", 1.5);
    expect_real("1.5 ** 2", 2.25);
    expect_real("-1.5", -1.5);
}

Test(expr, bits_are_set_cleared_and_moved)
{
    expect_integer("12 | 3", 15);
    expect_integer("12 ^ 5", 9);
    expect_integer("12 & 5", 4);
    expect_integer("1 << 5", 32);
    expect_integer("-8 >> 1", -4);
    expect_integer("0X1f + 0B11", 34);
}

Test(expr, comparisons_know_equal_values)
{
    static const struct {
        const char *op;
        int less, equal, more;
    } rows[] = {{"<", 1, 0, 0},  {"<=", 1, 1, 0}, {">", 0, 0, 1},
                {">=", 0, 1, 1}, {"==", 0, 1, 0}, {"!=", 1, 0, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int real = 0; real < 2; real++) {
            char text[32];
            const char *dot = real ? ".0" : "";
            snprintf(text, sizeof(text), "1%s %s 2", dot, rows[i].op);
            expect_integer(text, rows[i].less);
            snprintf(text, sizeof(text), "2%s %s 2", dot, rows[i].op);
            expect_integer(text, rows[i].equal);
            snprintf(text, sizeof(text), "3%s %s 2", dot, rows[i].op);
            expect_integer(text, rows[i].more);
        }
    }
    // Beyond 2^53 doubles would not tell them apart.
    expect_integer("9007199254740993 > 9007199254740992", 1);
    expect_integer("9007199254740993 == 9007199254740992", 0);
}

Test(expr, unary_operators)
{
    expect_integer("!0", 1);
    expect_integer("~0", -1);
    expect_integer("- -3", 3);
    expect_integer("!(1 > 2)", 1);
}

Test(expr, names_and_elements)
{
    expect_integer("$x * 2", 14);
    expect_integer("conv1[0, 1] + 1", 5);
    expect_real("'a/b c'.max", 2.5);
    expect_integer("&conv1 + 4", 0x20000004);
    expect_integer("&conv1[1, 2] + 0x10", 0x20000014);
}

Test(expr, what_does_not_count_is_not_looked_up)
{
    expect_integer("0 && missing", 0);
    expect_integer("1 || missing", 1);
    expect_integer("0 && 1 / 0", 0);
    expect_error("1 && missing", "no 'missing'");
}

Test(expr, nan_compares_as_unequal)
{
    struct utvm_value value;
    cr_assert_null(utvm_expr_eval("0.0 / 0.0 == 0.0 / 0.0", &scope, &value));
    cr_expect_eq(value.integer, 0);
    cr_assert_null(utvm_expr_eval("0.0 / 0.0 >= 1", &scope, &value));
    cr_expect_eq(value.integer, 0);
}

Test(expr, overflow_is_an_error)
{
    expect_error("9223372036854775807 + 1", "overflow");
    expect_error("99999999999999999999", "too large");
    expect_error("1 << 64", "shift");
    expect_error("1 / 0", "division by zero");
    expect_error("(-9223372036854775807 - 1) / -1", "overflow");
}

Test(expr, says_what_is_wrong)
{
    expect_error("", "expected a value at the end");
    expect_error("1 +", "expected a value at the end");
    expect_error("(1", "expected ')'");
    expect_error("1 2", "unexpected text at '2'");
    expect_error("conv1[0", "missing ']'");
    expect_error("0x", "bad number");
    expect_error("12abc", "bad number");
    expect_error("1.5 & 1", "integers");
}

Test(expr, deep_nesting_is_refused)
{
    char *text = malloc(200001);
    memset(text, '(', 200000);
    text[200000] = '\0';
    expect_error(text, "nested too deeply");
    memset(text, '-', 200000);
    expect_error(text, "nested too deeply");
    free(text);
}
