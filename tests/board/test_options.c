// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "probe/board/options.h"

static struct board_options options;
static char error[256];

#define PARSE(...) parse((char *[]){(char[]){"utvm-board"}, __VA_ARGS__, NULL})

static bool parse(char **argv)
{
    int argc = 0;
    while (argv[argc]) {
        argc++;
    }
    error[0] = '\0';
    return board_options_parse(&options, argc, argv, error, sizeof(error));
}

Test(options, default_is_the_stlink_on_its_usual_port)
{
    cr_assert(parse((char *[]){(char[]){"utvm-board"}, NULL}));
    cr_assert(options.stlink);
    cr_assert_eq(options.stlink_port, 7184);
    cr_assert_not(options.bitbang);
    cr_assert_eq(options.timing, BOARD_TIMING_FAST);
    cr_assert_eq(options.ready_fd, -1);
    cr_assert_eq(options.parent_fd, -1);
}

Test(options, bitbang_alone_leaves_the_stlink_out)
{
    cr_assert(PARSE("--bitbang", "/tmp/x.sock"));
    cr_assert_not(options.stlink);
    cr_assert_str_eq(options.bitbang_path, "/tmp/x.sock");
    cr_assert(PARSE("--bitbang", "9824"));
    cr_assert_null(options.bitbang_path);
    cr_assert_eq(options.bitbang_port, 9824);
    cr_assert(PARSE("--bitbang", "./9824"));
    cr_assert_str_eq(options.bitbang_path, "./9824");
}

Test(options, takes_everything_at_once)
{
    cr_assert(PARSE("--stlink", "0", "--timing=memory", "--profile", "p", "--usart1", "pty",
                    "--usart3=stdio", "--uart8=u", "--flash", "f", "--fault", "wait=1", "--fault",
                    "wait=2", "--ready-fd", "5", "--parent-fd", "6", "--die-with-parent", "--stay"),
              "%s", error);
    cr_assert_eq(options.stlink_port, 0);
    cr_assert_eq(options.timing, BOARD_TIMING_MEMORY);
    cr_assert_str_eq(options.serial[0], "pty");
    cr_assert_null(options.serial[1]);
    cr_assert_str_eq(options.serial[2], "stdio");
    cr_assert_str_eq(options.serial[7], "u");
    cr_assert_eq(options.faults.num, 2U);
    cr_assert_eq(options.ready_fd, 5);
    cr_assert_eq(options.parent_fd, 6);
    cr_assert(options.die_with_parent);
    cr_assert(options.stay);
}

Test(options, refuses_and_names_what_is_wrong)
{
    static const struct {
        const char *option;
        const char *value;
        const char *says;
    } cases[] = {
        {"--stlink", "65536", "65536"},       {"--stlink", "-1", "TCP port"},
        {"--stlink", "1 ", "TCP port"},       {"--stlink", "", "TCP port"},
        {"--bitbang", "70000", "TCP port"},   {"--bitbang", "", "empty"},
        {"--timing", "quick", "count, fast"}, {"--ready-fd", "x", "descriptor"},
        {"--parent-fd", "-2", "descriptor"},  {"--fault", "none=1", "no such kind"},
        {"--nonsense", "x", "--nonsense"},    {"extra", "x", "extra"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char option[32];
        char value[32];
        (void)snprintf(option, sizeof(option), "%s", cases[i].option);
        (void)snprintf(value, sizeof(value), "%s", cases[i].value);
        cr_assert_not(PARSE(option, value), "%s %s", option, value);
        cr_assert(strstr(error, cases[i].says), "'%s %s' says: %s", option, value, error);
    }
}

Test(options, refuses_an_option_without_its_value)
{
    cr_assert_not(PARSE("--stlink"));
    cr_assert(strstr(error, "--stlink needs a value"), "%s", error);
}

Test(options, help_names_every_option)
{
    static const char *const names[] = {
        "--stlink",    "--bitbang",         "--flash",  "--timing", "--profile",
        "--usart1",    "--usart3",          "--usart6", "--stay",   "--ready-fd",
        "--parent-fd", "--die-with-parent", "--fault",  "--version"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool found = false;
        for (size_t piece = 0; board_help[piece]; piece++) {
            found = found || strstr(board_help[piece], names[i]) != NULL;
        }
        cr_assert(found, "%s", names[i]);
    }
}
