// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repl/script.h"
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

TestSuite(script, .init = set_up, .fini = tear_down);

static void write_file(char *path, const char *text)
{
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static char *failure_of(const char *text)
{
    const char *cursor = text;
    struct utvm_source source;
    utvm_source_text(&source, "test", &cursor);
    struct utvm_error *error = utvm_shell_run_source(rig.sh, &source);
    cr_assert_not_null(error, "the script succeeded");
    char *message = strdup(error->message);
    utvm_error_free(error);
    return message;
}

Test(script, stops_at_the_first_error_and_names_the_line)
{
    char *message = failure_of("echo one\n# nothing\nexpect 0\necho two\n");
    cr_expect_not_null(strstr(message, "test:3: expect: '0' does not hold"), "%s", message);
    free(message);
    fflush(rig.out);
    cr_expect_str_eq(rig.out_text, "one\n");
}

Test(script, keep_going_reports_and_goes_on)
{
    rig.sh->keep_going = true;
    const char *text = shell_rig_script(&rig, "expect 0\necho two\nnonsense\n");
    cr_expect_str_eq(text, "two\n");
    fflush(rig.err);
    cr_expect_not_null(strstr(rig.err_text, "test:1: expect"), "%s", rig.err_text);
    cr_expect_not_null(strstr(rig.err_text, "test:3: undefined command"), "%s", rig.err_text);
    cr_expect_eq(rig.sh->failure, 3, "the first failure decides");
}

Test(script, defines_commands_with_arguments)
{
    const char *text = shell_rig_script(&rig, "define twice\n"
                                              "echo $arg0 $argc\n"
                                              "print $arg1 * 2\n"
                                              "end\n"
                                              "document twice\nSays it twice.\nend\n"
                                              "twice 'a  b' 21\n"
                                              "help twice\n"
                                              "help\n");
    static const char wanted[] = "a  b 2\n42\nSays it twice.\n";
    cr_expect(strncmp(text, wanted, strlen(wanted)) == 0, "%s", text);
    cr_expect_not_null(strstr(text, "twice          Says it twice."), "%s", text);
}

Test(script, aliases_stand_for_a_command_and_its_first_arguments)
{
    (void)shell_rig_run(&rig, "alias px = print/x");
    cr_expect_str_eq(shell_rig_run(&rig, "px 255"), "0xff\n");
    (void)shell_rig_run(&rig, "alias -a out = print");
    cr_expect_str_eq(shell_rig_run(&rig, "out/t 5"), "101\n");
    (void)shell_rig_run(&rig, "alias two = echo one");
    cr_expect_str_eq(shell_rig_run(&rig, "two three"), "one three\n");
    (void)shell_rig_run(&rig, "alias top = px");
    cr_expect_str_eq(shell_rig_run(&rig, "top 16"), "0x10\n");
    cr_expect_not_null(strstr(shell_rig_run(&rig, "alias"), "two    echo one\n"));
    (void)shell_rig_run(&rig, "alias red = echo \033[31m");
    cr_expect_str_eq(shell_rig_run(&rig, "help red"), "red stands for: echo \\x1b[31m\n");
    cr_expect_not_null(strstr(shell_rig_run(&rig, "help two"), "two stands for: echo one\n"));
    (void)shell_rig_script(&rig, "define mine\necho mine\nend\nalias our = mine\n");
    cr_expect_str_eq(shell_rig_run(&rig, "our"), "mine\n");
}

Test(script, aliases_keep_commands_as_they_are)
{
    shell_rig_fail(&rig, "alias step = print", 1, "alias: 'step' is a command of utvm");
    shell_rig_fail(&rig, "alias s = print", 1, "'s' is a command of utvm");
    shell_rig_fail(&rig, "alias a = nonsense", 1, "undefined command 'nonsense'");
    shell_rig_fail(&rig, "alias w = while", 1, "'while' takes lines up to 'end'");
    shell_rig_fail(&rig, "alias a", 2, "usage: alias NAME = COMMAND");
    shell_rig_fail(&rig, "alias a = a", 1, "the alias 'a' leads to itself");
    (void)shell_rig_run(&rig, "alias a1 = echo");
    (void)shell_rig_run(&rig, "alias b1 = a1");
    (void)shell_rig_run(&rig, "alias a1 = b1");
    shell_rig_fail(&rig, "a1 x", 1, "leads to itself");
    (void)shell_rig_script(&rig, "define mine\necho mine\nend\n");
    shell_rig_fail(&rig, "alias mine = echo", 1, "'mine' is a command that 'define' has made");
}

Test(script, definitions_may_hold_definitions)
{
    const char *text =
        shell_rig_script(&rig, "define outer\ndefine inner\necho in\nend\ninner\nend\nouter\n");
    cr_expect_str_eq(text, "in\n");
}

Test(script, errors_in_definitions_name_both_places)
{
    char *message = failure_of("define bad\nexpect 0\nend\nbad\n");
    cr_expect_not_null(strstr(message, "test:4: bad:1: expect"), "%s", message);
    free(message);
}

Test(script, a_missing_end_is_an_error)
{
    char *message = failure_of("echo a\ndefine x\necho b\n");
    cr_expect_not_null(strstr(message, "test:2: 'end' is missing"), "%s", message);
    free(message);
}

Test(script, endless_recursion_is_an_error)
{
    char *message = failure_of("define again\nagain\nend\nagain\n");
    cr_expect_not_null(strstr(message, "nested deeper than"), "%s", message);
    free(message);
    char path[] = "/tmp/utvm-test-XXXXXX";
    write_file(path, "");
    char line[64];
    snprintf(line, sizeof(line), "source %s\n", path);
    FILE *file = fopen(path, "w");
    fputs(line, file);
    fclose(file);
    shell_rig_fail(&rig, line, 1, "nested deeper than");
    unlink(path);
}

Test(script, a_binary_file_is_refused)
{
    char path[] = "/tmp/utvm-test-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_eq(write(fd, "echo a\0b\n", 9), 9);
    close(fd);
    char line[64];
    snprintf(line, sizeof(line), "source %s", path);
    shell_rig_fail(&rig, line, 1, ":1: the line contains a NUL byte");
    unlink(path);
    shell_rig_fail(&rig, "source /tmp", 1, "Is a directory");
    shell_rig_fail(&rig, "source /nonexistent", 1, "/nonexistent");
}

Test(script, records_what_runs_and_comments_what_fails)
{
    char path[] = "/tmp/utvm-test-XXXXXX";
    write_file(path, "");
    char line[64];
    snprintf(line, sizeof(line), "record %s", path);
    (void)shell_rig_run(&rig, line);
    (void)shell_rig_run(&rig, "echo one");
    shell_rig_fail(&rig, "expect 0", 3, "");
    (void)shell_rig_run(&rig, "record off");
    (void)shell_rig_run(&rig, "echo two");
    char text[200] = "";
    FILE *file = fopen(path, "r");
    (void)!fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    unlink(path);
    cr_expect_str_eq(text, "# recorded by utvm\necho one\n# failed: expect 0\n");
    shell_rig_fail(&rig, "record off", 1, "nothing is being recorded");
}

Test(script, records_the_lines_of_definitions)
{
    char path[] = "/tmp/utvm-test-XXXXXX";
    write_file(path, "");
    char script[200];
    snprintf(script, sizeof(script), "record %s\ndefine f\necho in\nend\nf\nrecord off\n", path);
    (void)shell_rig_script(&rig, script);
    char text[200] = "";
    FILE *file = fopen(path, "r");
    (void)!fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    unlink(path);
    cr_expect_str_eq(text, "# recorded by utvm\ndefine f\necho in\nend\nf\n");
}

Test(script, trace_shows_commands_as_typed)
{
    (void)shell_rig_run(&rig, "set trace-commands on");
    cr_expect_str_eq(shell_rig_script(&rig, "echo a\n"), "utvm> echo a\na\n");
}

Test(script, source_sends_output_where_it_is_told)
{
    char path[] = "/tmp/utvm-test-XXXXXX";
    write_file(path, "echo one\necho two\n");
    char line[100];
    snprintf(line, sizeof(line), "source %s | wc -l > %s.n", path, path);
    cr_expect_str_eq(shell_rig_run(&rig, line), "");
    snprintf(line, sizeof(line), "%s.n", path);
    FILE *file = fopen(line, "r");
    int lines = 0;
    cr_assert_eq(fscanf(file, "%d", &lines), 1);
    cr_expect_eq(lines, 2);
    fclose(file);
    unlink(line);
    unlink(path);
}
