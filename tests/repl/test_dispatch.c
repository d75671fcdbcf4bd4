// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/repl/shell_rig.h"

static struct shell_rig rig;

static void set_up(void)
{
    shell_rig_init(&rig);
}

static void tear_down(void)
{
    shell_rig_deinit(&rig);
}

TestSuite(dispatch, .init = set_up, .fini = tear_down);

Test(dispatch, every_entry_is_complete)
{
    for (size_t i = 0; utvm_commands[i]; i++) {
        const struct utvm_command *c = utvm_commands[i];
        cr_assert_not_null(c->name);
        cr_expect_not_null(c->run, "%s", c->name);
        cr_expect_not_null(c->example, "%s has no example", c->name);
        cr_expect_leq(strlen(c->summary), 60, "%s: its summary is too long", c->name);
        cr_expect_neq(c->summary[strlen(c->summary) - 1], '.', "%s: full stop", c->name);
        bool bang = c->example && c->example[0] == '!';
        cr_expect(bang || strncmp(c->example, c->name, strlen(c->name)) == 0,
                  "%s: its example is of another command", c->name);
        if (i > 0) {
            cr_expect_lt(strcmp(utvm_commands[i - 1]->name, c->name), 0, "%s: order", c->name);
        }
    }
}

Test(dispatch, prefixes_and_aliases_are_those_of_gdb)
{
    static const struct {
        const char *text;
        const char *command;
    } cases[] = {{"s", "step"},
                 {"c", "continue"},
                 {"b", "break"},
                 {"p", "print"},
                 {"i", "info"},
                 {"x", "x"},
                 {"q", "quit"},
                 {"r", "run"},
                 {"n", "next"},
                 {"h", "help"},
                 {"u", "until"},
                 {"d", "delete"},
                 {"disas", "disassemble"},
                 {"tb", "tbreak"},
                 {"wat", "watch"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct utvm_command *command = NULL;
        cr_assert_null(utvm_command_find(cases[i].text, &command), "%s", cases[i].text);
        cr_expect_str_eq(command->name, cases[i].command);
    }
}

Test(dispatch, lists_the_candidates_of_an_ambiguous_prefix)
{
    shell_rig_fail(&rig, "re", 2, "ambiguous command 're': record, regs, report, reset, restart");
}

Test(dispatch, suggests_a_near_name)
{
    shell_rig_fail(&rig, "contineu", 2, "undefined command 'contineu'; did you mean 'continue'?");
}

Test(dispatch, refuses_wrong_arity_with_the_usage)
{
    shell_rig_fail(&rig, "until", 2, "until: missing LAYER; usage: until LAYER");
    shell_rig_fail(&rig, "step 1 2", 2, "too many arguments; usage: step [N]");
    shell_rig_fail(&rig, "disconnect now", 2, "it takes no arguments");
}

Test(dispatch, refuses_unknown_options)
{
    shell_rig_fail(&rig, "load --fast", 2, "--fast");
    shell_rig_fail(&rig, "compare --lsb", 2, "a value must follow");
    shell_rig_fail(&rig, "info -o xml session", 2, "text, json or csv");
}

Test(dispatch, asks_for_what_is_missing)
{
    shell_rig_fail(&rig, "info layers", 1, "'file M.elf' opens one");
    shell_rig_fail(&rig, "regs", 1, "'connect' or 'load'");
    shell_rig_fail(&rig, "break 1", 1, "there is no model");
    shell_rig_fail(&rig, "step", 1, "there is no model");
}

Test(dispatch, refuses_letters_where_none_belong)
{
    shell_rig_fail(&rig, "step/x", 2, "step takes no /x");
    shell_rig_fail(&rig, "print/z 1", 1, "not /z");
}

Test(dispatch, prints_expressions)
{
    cr_expect_str_eq(shell_rig_run(&rig, "print 6 * 7"), "42\n");
    cr_expect_str_eq(shell_rig_run(&rig, "print/x 255"), "0xff\n");
    cr_expect_str_eq(shell_rig_run(&rig, "p $_ + 1"), "256\n");
    cr_expect_str_eq(shell_rig_run(&rig, "p -3"), "-3\n");
}

Test(dispatch, keeps_variables)
{
    (void)shell_rig_run(&rig, "set $x = 3 > 2");
    (void)shell_rig_run(&rig, "set $y = $x + 0.5");
    cr_expect_str_eq(shell_rig_run(&rig, "print $y"), "1.5\n");
    shell_rig_fail(&rig, "print $z", 1, "no variable '$z'");
    shell_rig_fail(&rig, "set $1 = 2", 1, "no name of a variable");
}

Test(dispatch, sets_and_shows_settings)
{
    (void)shell_rig_run(&rig, "set width 100");
    cr_expect_not_null(strstr(shell_rig_run(&rig, "show width"), "100"));
    (void)shell_rig_run(&rig, "set prompt 'my > '");
    cr_expect_str_eq(utvm_settings_text(&rig.sh->settings, UTVM_SET_PROMPT), "my > ");
    (void)shell_rig_run(&rig, "set confirm");
    shell_rig_fail(&rig, "set width x y", 2, "set width");
    shell_rig_fail(&rig, "set tol 1", 2, "ambiguous setting");
    shell_rig_fail(&rig, "set prompt", 2, "a value must follow; '' is an empty one");
    cr_expect_str_eq(utvm_settings_text(&rig.sh->settings, UTVM_SET_PROMPT), "my > ");
    (void)shell_rig_run(&rig, "set prompt ''");
    cr_expect_str_eq(utvm_settings_text(&rig.sh->settings, UTVM_SET_PROMPT), "");
    shell_rig_fail(&rig, "set color purple", 2, "'purple' is none of auto, on, off");
    shell_rig_fail(&rig, "set width -1", 2, "'-1' is not a whole number from 0");
    shell_rig_fail(&rig, "set width foo", 2, "'foo' is not a whole number from 0 to 2147483647");
    shell_rig_fail(&rig, "set width 99999999999", 2, "is not a whole number from 0 to 2147483647");
    shell_rig_fail(&rig, "set tolerance-lsb foo", 2, "'foo' is not a number from 0");
    shell_rig_fail(&rig, "set $x", 2, "set $x = VALUE");
}

Test(dispatch, a_setting_that_cannot_be_used_keeps_its_value)
{
    shell_rig_fail(&rig, "set reference /nonexistent/file.npz", 1, "/nonexistent/file.npz");
    cr_expect_str_eq(utvm_settings_text(&rig.sh->settings, UTVM_SET_REFERENCE), "");
}

static char *content(const char *path)
{
    char *text = calloc(1, 4096);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    cr_assert_geq(fread(text, 1, 4095, file), 1);
    fclose(file);
    unlink(path);
    return text;
}

Test(dispatch, logs_commands_and_their_output)
{
    char directory[] = "/tmp/utvm-test-XXXXXX";
    cr_assert_not_null(mkdtemp(directory));
    cr_assert_eq(chdir(directory), 0);
    (void)shell_rig_run(&rig, "print 1");
    (void)shell_rig_run(&rig, "set logging on");
    (void)shell_rig_run(&rig, "print 1 + 1");
    (void)shell_rig_run(&rig, "set color on");
    (void)shell_rig_run(&rig, "help > /dev/null");
    (void)shell_rig_script(&rig, "define twice\necho $arg0 $arg0\nend\ntwice a\n");
    (void)shell_rig_run(&rig, "!printf 'echo inner\\n' > inner.utvm");
    (void)shell_rig_script(&rig, "source inner.utvm\n");
    (void)shell_rig_run(&rig, "set logging file other.txt");
    (void)shell_rig_run(&rig, "print 3");
    (void)shell_rig_run(&rig, "set logging enabled off");
    (void)shell_rig_run(&rig, "print 4");
    char *text = content("utvm.txt");
    cr_expect_str_eq(text,
                     "utvm> print 1 + 1\n2\n"
                     "utvm> set color on\n"
                     "utvm> help > /dev/null\n"
                     "utvm> define twice\n>echo $arg0 $arg0\n>end\n"
                     "utvm> twice a\na a\n"
                     "utvm> !printf 'echo inner\\n' > inner.utvm\n"
                     "utvm> source inner.utvm\ninner\n"
                     "utvm> set logging file other.txt\n",
                     "%s", text);
    free(text);
    text = content("other.txt");
    cr_expect_str_eq(text, "utvm> print 3\n3\nutvm> set logging enabled off\n");
    free(text);
    unlink("inner.utvm");
    cr_assert_eq(chdir("/"), 0);
    rmdir(directory);
}

// What a script puts out goes by the log of its time, not by the one that was there when it began.
Test(dispatch, lets_a_script_begin_and_end_the_log)
{
    char directory[] = "/tmp/utvm-test-XXXXXX";
    cr_assert_not_null(mkdtemp(directory));
    cr_assert_eq(chdir(directory), 0);
    (void)shell_rig_run(&rig, "!printf 'set logging on\necho in\n' > begin.utvm");
    (void)shell_rig_run(&rig, "!printf 'echo in\nset logging off\necho out\n' > end.utvm");
    (void)shell_rig_script(&rig, "source begin.utvm\nsource begin.utvm > elsewhere.txt\n");
    cr_expect_str_eq(shell_rig_script(&rig, "source end.utvm\n"), "in\nout\n");
    char *text = content("utvm.txt");
    cr_expect_str_eq(text,
                     "in\n"
                     "utvm> source begin.utvm > elsewhere.txt\n"
                     "utvm> source end.utvm\nin\n",
                     "%s", text);
    free(text);
    unlink("begin.utvm");
    unlink("end.utvm");
    unlink("elsewhere.txt");
    cr_assert_eq(chdir("/"), 0);
    rmdir(directory);
}

Test(dispatch, says_why_the_log_cannot_be_written)
{
    shell_rig_fail(&rig, "set logging /nonexistent/x", 1, "cannot write '/nonexistent/x'");
    cr_expect_str_eq(utvm_settings_text(&rig.sh->settings, UTVM_SET_LOGGING), "off");
    // Words of GDB's that would be the names of files.
    shell_rig_fail(&rig, "set logging file", 1, "a value must follow");
    shell_rig_fail(&rig, "set logging overwrite on", 1, "no 'overwrite'");
    cr_expect_str_eq(utvm_settings_text(&rig.sh->settings, UTVM_SET_LOGGING), "off");
    (void)shell_rig_run(&rig, "set logging /dev/full");
    shell_rig_fail(&rig, "set logging off", 1, "No space left on device");
    cr_expect_str_eq(utvm_settings_text(&rig.sh->settings, UTVM_SET_LOGGING), "off");
}

Test(dispatch, redirects_to_files_and_programs)
{
    char path[] = "/tmp/utvm-test-XXXXXX";
    int fd = mkstemp(path);
    char line[100];
    char text[32] = "";
    snprintf(line, sizeof(line), "print 1 > %s", path);
    cr_expect_str_eq(shell_rig_run(&rig, line), "");
    snprintf(line, sizeof(line), "echo two >> '%s'", path);
    (void)shell_rig_run(&rig, line);
    snprintf(line, sizeof(line), "echo three | cat >> %s", path);
    (void)shell_rig_run(&rig, line);
    close(fd);
    FILE *file = fopen(path, "r");
    cr_expect_eq(fread(text, 1, sizeof(text) - 1, file), 12);
    cr_expect_str_eq(text, "1\ntwo\nthree\n");
    fclose(file);
    unlink(path);
    shell_rig_fail(&rig, "print 1 > /nonexistent/x", 1, "/nonexistent/x");
    shell_rig_fail(&rig, "print 1 | exit 3", 1, "exit code 3");
    shell_rig_fail(&rig, "help > /dev/full", 1, "No space left on device");
    shell_rig_fail(&rig, "help >> /dev/full", 1, "No space left on device");
}

Test(dispatch, says_how_a_program_ended)
{
    shell_rig_fail(&rig, "!exit 7", 1, "exit code 7");
    shell_rig_fail(&rig, "shell kill -9 $$", 1, "signal 9");
}

Test(dispatch, expectations_fail_with_their_own_exit_code)
{
    (void)shell_rig_run(&rig, "expect 1 + 1 == 2");
    shell_rig_fail(&rig, "expect 1 > 2", 3, "'1 > 2' does not hold");
    shell_rig_fail(&rig, "expect", 2, "missing WHAT");
}

Test(dispatch, json_wraps_plain_text_and_errors)
{
    const char *text = shell_rig_run(&rig, "print 6 * 7 -o json");
    cr_expect_not_null(strstr(text, "\"kind\": \"value\""), "%s", text);
    cr_expect_not_null(strstr(text, "\"value\": 42"), "%s", text);
    (void)shell_rig_run(&rig, "set output json");
    text = shell_rig_run(&rig, "disconnect");
    cr_expect_not_null(strstr(text, "\"kind\": \"disconnect\""), "%s", text);
    size_t before = rig.out_bytes;
    utvm_shell_report(rig.sh, utvm_shell_execute(rig.sh, "expect 0"));
    cr_expect_not_null(strstr(rig.out_text + before, "\"code\": \"mismatch\""), "%s",
                       rig.out_text + before);
    cr_expect_eq(rig.sh->failure, 3);
}

Test(dispatch, errors_have_the_form_that_the_line_asks_for)
{
    static const char *const lines[] = {"nonsense -o json", "re -o json", "step 1 2 -o json",
                                        "disconnect -o json --what", "step/x -o json"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        size_t before = rig.out_bytes;
        utvm_shell_report(rig.sh, utvm_shell_execute(rig.sh, lines[i]));
        fflush(rig.out);
        cr_expect_not_null(strstr(rig.out_text + before, "\"kind\": \"error\""), "%s", lines[i]);
    }
    utvm_shell_report(rig.sh, utvm_shell_execute(rig.sh, "nonsense"));
    fflush(rig.err);
    cr_expect_not_null(strstr(rig.err_text, "undefined command"), "text again: %s", rig.err_text);
}

Test(dispatch, says_which_numbers_will_do)
{
    shell_rig_fail(&rig, "quit -1", 2, "'-1' is not a whole number of 0 to 2147483647");
    shell_rig_fail(&rig, "quit 99999999999", 2, "'99999999999' is not a whole number");
}

Test(dispatch, looks_at_what_to_connect_to_first)
{
    shell_rig_fail(&rig, "connect nosuch", 1,
                   "'nosuch' is not embedded-stlink, embedded-bitbang or HOST:PORT");
    shell_rig_fail(&rig, "connect localhost:99999", 1, "port 99999 is not between 1 and 65535");
    shell_rig_fail(&rig, "connect localhost:0", 1, "port 0 is not between 1 and 65535");
    shell_rig_fail(&rig, "connect localhost:6x", 1, "'localhost:6x' is not HOST:PORT");
    shell_rig_fail(&rig, "set target nosuch", 1, "'nosuch' is not embedded-stlink");
    cr_expect_str_eq(utvm_settings_text(&rig.sh->settings, UTVM_SET_TARGET), "embedded-stlink");
}

Test(dispatch, info_alone_lists_its_topics)
{
    cr_expect_not_null(strstr(shell_rig_run(&rig, "info"), "breakpoints and watchpoints"));
}

Test(dispatch, escapes_what_would_command_the_terminal)
{
    utvm_shell_report(rig.sh, utvm_shell_execute(rig.sh, "print 'a\033]0;x\007'"));
    fflush(rig.err);
    cr_expect_null(strchr(rig.err_text, '\033'), "%s", rig.err_text);
    const char *text = shell_rig_run(&rig, "echo \033[31mred");
    cr_expect_null(strchr(text, '\033'));
}

Test(dispatch, help_is_there_for_everything)
{
    char line[100];
    cr_expect_not_null(strstr(shell_rig_run(&rig, "help"), "step, s"));
    for (size_t i = 0; utvm_commands[i]; i++) {
        snprintf(line, sizeof(line), "help %s", utvm_commands[i]->name);
        cr_expect_not_null(strstr(shell_rig_run(&rig, line), utvm_commands[i]->example), "%s",
                           line);
    }
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        snprintf(line, sizeof(line), "help set %s", utvm_setting_row((enum utvm_setting)i)->name);
        cr_expect_not_null(strstr(shell_rig_run(&rig, line), "default:"), "%s", line);
    }
    cr_expect_not_null(strstr(shell_rig_run(&rig, "help running"), "continue, c"));
    cr_expect_not_null(strstr(shell_rig_run(&rig, "apropos histogram"), "hist"));
    shell_rig_fail(&rig, "apropos zzz", 1, "nothing mentions");
}

Test(dispatch, quit_takes_an_exit_code)
{
    (void)shell_rig_run(&rig, "quit 5");
    cr_expect(rig.sh->quit);
    cr_expect_eq(rig.sh->exit_code, 5);
}

Test(dispatch, takes_a_line_of_a_megabyte)
{
    size_t size = 1 << 20;
    char *line = malloc(size + 1);
    memset(line, 'x', size);
    memcpy(line, "print ", 6);
    line[size] = '\0';
    struct utvm_error *error = utvm_shell_execute(rig.sh, line);
    cr_assert_not_null(error);
    cr_expect_lt(strlen(error->message), 500);
    utvm_error_free(error);
    free(line);
}
