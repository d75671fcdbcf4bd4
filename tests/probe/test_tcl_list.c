// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "probe/tcl_list.h"

static struct utvm_tcl_list parse(const char *text)
{
    struct utvm_tcl_list list = {0};
    struct utvm_error *error = utvm_tcl_list_parse(text, strlen(text), 16, &list);
    cr_assert_null(error, "'%s': %s", text, error ? error->message : "");
    return list;
}

static void expect_words(const char *text, size_t num, const char *const *words)
{
    struct utvm_tcl_list list = parse(text);
    cr_assert_eq(list.num_words, num, "'%s' has %zu words", text, list.num_words);
    for (size_t i = 0; i < num; i++) {
        cr_expect_str_eq(list.words[i].text, words[i]);
        cr_expect_eq(list.words[i].size_bytes, strlen(words[i]));
    }
    utvm_tcl_list_deinit(&list);
}

#define EXPECT_WORDS(text, ...)                                                                    \
    expect_words(text, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *),                \
                 (const char *const[]){__VA_ARGS__})

static void expect_refused(const char *text, const char *part)
{
    struct utvm_tcl_list list = {0};
    struct utvm_error *error = utvm_tcl_list_parse(text, strlen(text), 3, &list);
    cr_assert_not_null(error, "'%s' was accepted", text);
    cr_expect_eq(error->code, UTVM_ERROR_FORMAT);
    cr_expect_not_null(strstr(error->message, part), "'%s': %s", text, error->message);
    cr_expect_null(list.words);
    utvm_error_free(error);
}

Test(tcl_list, splits_at_white_space)
{
    expect_words("", 0, NULL);
    expect_words(" \t\r\n", 0, NULL);
    EXPECT_WORDS("one", "one");
    EXPECT_WORDS("  one\ttwo\nthree  ", "one", "two", "three");
}

Test(tcl_list, takes_braces_literally)
{
    EXPECT_WORDS("{} {a b} {a {b c} d}", "", "a b", "a {b c} d");
    EXPECT_WORDS("{a\\{b} {x\\}}", "a\\{b", "x\\}");
    EXPECT_WORDS("{a\\nb}", "a\\nb");
}

Test(tcl_list, replaces_backslash_sequences_outside_braces)
{
    EXPECT_WORDS("a\\{ \"b\\\" c\" \\\\", "a{", "b\" c", "\\");
    EXPECT_WORDS("\\101\\x42\\103 \\n\\t \\x", "ABC", "\n\t", "x");
    EXPECT_WORDS("a\\\n   b", "a b");
    EXPECT_WORDS("end\\", "end\\");
    EXPECT_WORDS("\\1018", "A8");
}

Test(tcl_list, keeps_nul_bytes)
{
    static const char text[] = "a\0b {c\0} \\000";
    struct utvm_tcl_list list = {0};
    cr_assert_null(utvm_tcl_list_parse(text, sizeof(text) - 1, 3, &list));
    cr_assert_eq(list.num_words, 3);
    cr_expect_eq(list.words[0].size_bytes, 3);
    cr_expect_arr_eq(list.words[0].text, "a\0b", 3);
    cr_expect_arr_eq(list.words[1].text, "c\0", 2);
    cr_expect_eq(list.words[2].size_bytes, 1);
    cr_expect_eq(list.words[2].text[0], '\0');
    utvm_tcl_list_deinit(&list);
}

Test(tcl_list, refuses_malformed_lists)
{
    expect_refused("a {b", "brace at byte 2");
    expect_refused("a {b {c} d", "brace at byte 2");
    expect_refused("{a\\}", "brace at byte 0");
    expect_refused("\"a", "quote at byte 0");
    expect_refused("{a}b", "byte 3");
    expect_refused("\"a\"b", "byte 3");
    expect_refused("a b c d", "more than 3 words");
}

Test(tcl_numbers, reads_decimal_and_hexadecimal)
{
    uint64_t value = 0;
    cr_assert_null(utvm_tcl_parse_u64("0xFFFFFFFFffffffff", 18, &value));
    cr_expect_eq(value, UINT64_MAX);
    uint32_t word = 0;
    cr_assert_null(utvm_tcl_parse_u32("4294967295", 10, &word));
    cr_expect_eq(word, UINT32_MAX);
}

Test(tcl_numbers, refuses_what_is_no_number_in_range)
{
    static const char *const bad[] = {"",   "0x", "x",          "1 ",          " 1", "-1",
                                      "1a", "+1", "4294967296", "0x100000000", "0xg"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint32_t value = 7;
        struct utvm_error *error = utvm_tcl_parse_u32(bad[i], strlen(bad[i]), &value);
        cr_expect_not_null(error, "'%s' was accepted", bad[i]);
        cr_expect_eq(value, 7);
        utvm_error_free(error);
    }
    uint64_t wide = 7;
    struct utvm_error *error = utvm_tcl_parse_u64("18446744073709551616", 20, &wide);
    cr_expect_not_null(error);
    utvm_error_free(error);
}

Test(tcl_numbers, reads_exactly_as_many_as_asked_for)
{
    static const char text[] = " 0x1 255\n3 ";
    uint32_t values[3] = {0};
    cr_assert_null(utvm_tcl_parse_numbers(text, strlen(text), 255, 3, values));
    cr_expect_eq(values[0] + values[1] + values[2], 259);
    static const size_t wrong[] = {2, 4};
    for (size_t i = 0; i < 2; i++) {
        uint32_t more[4];
        struct utvm_error *error = utvm_tcl_parse_numbers(text, strlen(text), 255, wrong[i], more);
        cr_expect_not_null(error, "%zu numbers were accepted", wrong[i]);
        utvm_error_free(error);
    }
    struct utvm_error *error = utvm_tcl_parse_numbers(text, strlen(text), 254, 3, values);
    cr_expect_not_null(error);
    utvm_error_free(error);
}

Test(tcl_text, quotes_everything_that_tcl_acts_on)
{
    struct utvm_tcl_text text;
    utvm_tcl_text_init(&text);
    utvm_tcl_text_format(&text, "puts ");
    utvm_tcl_text_quote(&text, "a b{$[\"\\;\n\0\x1a\xff", 13);
    cr_assert_null(utvm_tcl_text_check(&text));
    cr_expect_str_eq(text.bytes, "puts \"a b\\173\\044\\133\\042\\134\\073\\012\\000\\032\\377\"");
    utvm_tcl_text_deinit(&text);
}

Test(tcl_text, grows_for_long_fragments)
{
    struct utvm_tcl_text text;
    utvm_tcl_text_init(&text);
    utvm_tcl_text_format(&text, "%0500d|", 7);
    utvm_tcl_text_format(&text, "%0500d|", 8);
    cr_assert_null(utvm_tcl_text_check(&text));
    cr_expect_eq(text.size_bytes, 1002);
    cr_expect_eq(text.bytes[499], '7');
    cr_expect_eq(text.bytes[1000], '8');
    cr_expect_eq(text.bytes[1002], '\0');
    utvm_tcl_text_deinit(&text);
}
