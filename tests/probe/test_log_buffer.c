// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "probe/log_buffer.h"

static struct utvm_log_buffer make(size_t capacity_bytes, const char *text)
{
    struct utvm_log_buffer log;
    cr_assert_null(utvm_log_buffer_init(&log, capacity_bytes));
    utvm_log_buffer_append(&log, text, strlen(text));
    return log;
}

Test(log_buffer, keeps_the_end_of_a_long_stream)
{
    struct utvm_log_buffer log = make(100, "");
    for (char c = 'a'; c <= 'z'; c++) {
        char line[11];
        memset(line, c, 9);
        line[9] = '\n';
        utvm_log_buffer_append(&log, line, 10);
        cr_assert_leq(log.size_bytes, 100);
        cr_assert_eq(strlen(utvm_log_buffer_text(&log)), log.size_bytes);
    }
    cr_expect_not_null(strstr(utvm_log_buffer_text(&log), "yyyyyyyyy\nzzzzzzzzz\n"));
    cr_expect_null(strstr(utvm_log_buffer_text(&log), "aaa"));
    utvm_log_buffer_deinit(&log);
}

Test(log_buffer, keeps_the_end_of_one_piece_that_is_too_large)
{
    char piece[300];
    memset(piece, 'x', sizeof(piece));
    memcpy(piece + sizeof(piece) - 4, "end\n", 4);
    struct utvm_log_buffer log = make(100, "start\n");
    utvm_log_buffer_append(&log, piece, sizeof(piece));
    cr_expect_eq(log.size_bytes, 100);
    cr_expect_str_eq(utvm_log_buffer_text(&log) + 96, "end\n");
    utvm_log_buffer_deinit(&log);
}

Test(log_buffer, turns_nul_bytes_into_text)
{
    struct utvm_log_buffer log = make(100, "");
    utvm_log_buffer_append(&log, "a\0b", 3);
    cr_expect_str_eq(utvm_log_buffer_text(&log), "a?b");
    utvm_log_buffer_deinit(&log);
}

Test(log_buffer, finds_what_stands_between_two_words_of_one_line)
{
    struct utvm_log_buffer log = make(200, "port 1 for gdb\nport 22 for tcl\nport 3 for t");
    char between[8] = "";
    cr_expect(utvm_log_buffer_find_line(&log, "port ", " for tcl", between, sizeof(between)));
    cr_expect_str_eq(between, "22");
    cr_expect(utvm_log_buffer_find_line(&log, "port ", "", between, sizeof(between)));
    cr_expect_str_eq(between, "1 for g", "it is cut to the room there is");
    cr_expect_not(utvm_log_buffer_find_line(&log, "port 3", "", between, sizeof(between)),
                  "a line that is not whole yet does not count");
    utvm_log_buffer_deinit(&log);
}

Test(log_buffer, joins_the_last_lines)
{
    struct utvm_log_buffer log = make(200, "one\nError: two\n\nthree\r\nError: four\nfive");
    char lines[64];
    utvm_log_buffer_last_lines(&log, NULL, 2, lines, sizeof(lines));
    cr_expect_str_eq(lines, "Error: four; five");
    utvm_log_buffer_last_lines(&log, "Error", 5, lines, sizeof(lines));
    cr_expect_str_eq(lines, "Error: two; Error: four");
    utvm_log_buffer_last_lines(&log, NULL, 3, lines, 13);
    cr_expect_str_eq(lines, "five");
    utvm_log_buffer_last_lines(&log, "nothing", 3, lines, sizeof(lines));
    cr_expect_str_eq(lines, "");
    utvm_log_buffer_deinit(&log);
}
