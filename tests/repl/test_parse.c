// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "repl/parse.h"

static struct utvm_line parsed(const char *text, unsigned flags)
{
    struct utvm_line line = {0};
    struct utvm_error *error = utvm_parse_line(text, flags, &line);
    cr_assert_null(error, "%s: %s", text, error ? error->message : "");
    return line;
}

static void expect_words(const char *text, unsigned flags, const char *const *words)
{
    struct utvm_line line = parsed(text, flags);
    size_t count = 0;
    for (; words[count]; count++) {
        cr_assert_lt(count, line.num_tokens, "%s: too few words", text);
        cr_expect_str_eq(line.tokens[count].text, words[count]);
    }
    cr_expect_eq(line.num_tokens, count, "%s: %zu words", text, line.num_tokens);
    utvm_line_deinit(&line);
}

static void expect_error(const char *text, const char *part)
{
    struct utvm_line line = {0};
    struct utvm_error *error = utvm_parse_line(text, 0, &line);
    cr_assert_not_null(error, "%s was taken", text);
    cr_expect_not_null(strstr(error->message, part), "%s: %s", text, error->message);
    utvm_error_free(error);
}

static struct utvm_head head_of(const char *text)
{
    struct utvm_head head;
    struct utvm_error *error = utvm_parse_head(text, &head);
    cr_assert_null(error, "%s: %s", text, error ? error->message : "");
    return head;
}

Test(parse, reads_name_and_letters)
{
    struct utvm_head head = head_of("  x/16xb 0x20000000");
    cr_expect_str_eq(head.name, "x");
    cr_expect_str_eq(head.letters, "16xb");
    cr_expect_eq(head.length, 8);
}

Test(parse, a_comment_has_no_name)
{
    cr_expect_str_eq(head_of("  # run").name, "");
    cr_expect_str_eq(head_of("").name, "");
}

Test(parse, exclamation_mark_is_a_name)
{
    struct utvm_head head = head_of("!ls -l");
    cr_expect_str_eq(head.name, "!");
    cr_expect_eq(head.length, 1);
}

Test(parse, refuses_a_line_without_a_name)
{
    struct utvm_head head;
    struct utvm_error *error = utvm_parse_head("[1]", &head);
    cr_assert_not_null(error);
    utvm_error_free(error);
}

Test(parse, refuses_a_very_long_name)
{
    char *line = malloc(1 << 20);
    memset(line, 'a', (1 << 20) - 1);
    line[(1 << 20) - 1] = '\0';
    struct utvm_head head;
    struct utvm_error *error = utvm_parse_head(line, &head);
    cr_assert_not_null(error);
    cr_expect_lt(strlen(error->message), 200);
    utvm_error_free(error);
    free(line);
}

Test(parse, splits_at_blanks)
{
    expect_words(" a  b\tc ", 0, (const char *const[]){"a", "b", "c", NULL});
}

Test(parse, keeps_blanks_in_brackets)
{
    expect_words("conv1[0, 2:5, :, 3] rest", 0,
                 (const char *const[]){"conv1[0, 2:5, :, 3]", "rest", NULL});
    expect_words("(1 + 2) x", 0, (const char *const[]){"(1 + 2)", "x", NULL});
}

Test(parse, an_open_bracket_is_an_ordinary_character)
{
    expect_words("a[1 b (c", 0, (const char *const[]){"a[1", "b", "(c", NULL});
}

Test(parse, takes_quotes_away)
{
    expect_words("'a b' \"c \\\"d\\\" \\n\" e\\ f", 0,
                 (const char *const[]){"a b", "c \"d\" \n", "e f", NULL});
}

Test(parse, refuses_an_open_quote)
{
    expect_error("echo 'abc", "missing closing '");
    expect_error("\"abc", "missing closing \"");
}

Test(parse, lenient_ends_an_open_quote)
{
    expect_words("load 'my fi", UTVM_PARSE_LENIENT, (const char *const[]){"load", "my fi", NULL});
}

Test(parse, finds_redirections)
{
    struct utvm_line line = parsed("conv1 > out.txt", 0);
    cr_expect_eq(line.redirect, UTVM_REDIRECT_FILE);
    cr_expect_str_eq(line.redirect_to, "out.txt");
    cr_expect_str_eq(line.body, "conv1 ");
    utvm_line_deinit(&line);
    line = parsed("conv1>>'my file'", 0);
    cr_expect_eq(line.redirect, UTVM_REDIRECT_APPEND);
    cr_expect_str_eq(line.redirect_to, "my file");
    utvm_line_deinit(&line);
    line = parsed("x | sort -n | head", 0);
    cr_expect_eq(line.redirect, UTVM_REDIRECT_PIPE);
    cr_expect_str_eq(line.redirect_to, "sort -n | head");
    utvm_line_deinit(&line);
}

Test(parse, brackets_and_quotes_hide_redirections)
{
    struct utvm_line line = parsed("(1 > 0) '|' \">\"", 0);
    cr_expect_eq(line.redirect, UTVM_REDIRECT_NONE);
    cr_expect_eq(line.num_tokens, 3);
    utvm_line_deinit(&line);
}

Test(parse, operators_are_words_where_expressions_stand)
{
    expect_words("sat > 5% | nan", UTVM_PARSE_OPERATORS,
                 (const char *const[]){"sat", ">", "5%", "|", "nan", NULL});
}

Test(parse, refuses_a_redirection_to_nowhere)
{
    expect_error("x > ", "nothing follows '>'");
    expect_error("x |", "nothing follows '|'");
    expect_error("x > a b", "one file name");
}

Test(parse, a_comment_ends_the_line_but_an_index_does_not)
{
    expect_words("#3 a # the third", 0, (const char *const[]){"#3", "a", NULL});
}

Test(parse, notes_where_words_stand)
{
    struct utvm_line line = parsed("ab  'c d'", 0);
    cr_expect_eq(line.tokens[1].start, 4);
    cr_expect_eq(line.tokens[1].end, 9);
    cr_expect(line.tokens[1].quoted);
    cr_expect_not(line.tokens[0].quoted);
    utvm_line_deinit(&line);
}

Test(parse, takes_a_line_of_a_megabyte)
{
    size_t size = 1 << 20;
    char *text = malloc(size + 1);
    for (size_t i = 0; i < size; i++) {
        text[i] = "([ '"[i % 3];
    }
    text[size] = '\0';
    struct utvm_line line = parsed(text, 0);
    cr_expect_gt(line.num_tokens, 1000);
    utvm_line_deinit(&line);
    free(text);
}

// What is left before the redirection, and where it goes; NULL = not redirected.
static void expect_redirect(const char *text, unsigned flags, const char *body, const char *to)
{
    struct utvm_line line = parsed(text, flags);
    cr_expect_eq(line.redirect != UTVM_REDIRECT_NONE, to != NULL, "%s", text);
    if (to && line.redirect_to) {
        cr_expect_str_eq(line.redirect_to, to);
        cr_expect_eq(strncmp(line.body, body, strlen(body)), 0, "%s: '%s'", text, line.body);
    }
    utvm_line_deinit(&line);
}

Test(parse, a_condition_compares_unless_a_file_is_meant)
{
    const unsigned flags = UTVM_PARSE_OPERATORS;
    expect_redirect("conv1 if cycles > 1e6", flags, "", NULL);
    expect_redirect("conv1 if cycles > limit", flags, "", NULL);
    expect_redirect("t max > conv1.max", flags, "", NULL);
    expect_redirect("t max > conv1.max/2", flags, "", NULL);
    expect_redirect("t max > 'a.b'", flags, "", NULL);
    expect_redirect("t max > 0.5", flags, "", NULL);
    expect_redirect("t max > a.txt && min < 3", flags, "", NULL);
    expect_redirect("t a | b", flags, "", NULL);
    expect_redirect("t nan > out.txt", flags, "t nan", "out.txt");
    expect_redirect("t nan >> ./out # why", flags, "t nan", "./out");
    expect_redirect("t max > 3 > /tmp/out", flags, "t max > 3", "/tmp/out");
    expect_redirect("t nan -o json > f", flags, "t nan -o json", "f");
    expect_redirect("t nan -o json | wc", flags, "t nan -o json", "wc");
    expect_redirect("conv1 --after > f", flags, "conv1 --after", "f");
    expect_redirect("--after conv1 if cycles > f", flags, "", NULL);
}

Test(parse, a_value_compares_with_numbers)
{
    const unsigned flags = UTVM_PARSE_EXPRESSION;
    expect_redirect("3 > 2", flags, "", NULL);
    expect_redirect("3 >= $x", flags, "", NULL);
    expect_redirect("1 || x", flags, "", NULL);
    expect_redirect("8 >> 2", flags, "", NULL);
    expect_redirect("$x > -0.5e3", flags, "", NULL);
    expect_redirect("x > (a)", flags, "", NULL);
    expect_redirect("x > 2.txt", flags, "x", "2.txt");
    expect_redirect("x >> log", flags, "x", "log");
    expect_redirect("x | head -3", flags, "x", "head -3");
}

Test(parse, an_apostrophe_is_a_letter)
{
    expect_words("it's don't", 0, (const char *const[]){"it's", "don't", NULL});
    expect_words("a='b c'", 0, (const char *const[]){"a=b c", NULL});
    expect_words("users' own \"x", UTVM_PARSE_TEXT,
                 (const char *const[]){"users'", "own", "\"x", NULL});
}
