// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"
#include "repl/complete.h"
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

TestSuite(complete, .init = set_up, .fini = tear_down);

// Candidates of the last word of a line, separated by blanks.
static char *candidates(const char *line)
{
    size_t start = strlen(line);
    while (start > 0 && line[start - 1] != ' ') {
        start--;
    }
    struct utvm_completions found;
    utvm_complete(rig.sh, line, start, strlen(line), &found);
    struct utvm_text text = {0};
    utvm_text_add(&text, "", 0);
    for (size_t i = 0; i < found.count; i++) {
        utvm_text_addf(&text, "%s%s", i ? " " : "", found.list[i]);
    }
    utvm_completions_deinit(&found);
    return utvm_text_take(&text);
}

static void expect(const char *line, const char *wanted)
{
    char *found = candidates(line);
    cr_expect_str_eq(found, wanted, "'%s': '%s'", line, found);
    free(found);
}

Test(complete, commands)
{
    expect("st", "stats step");
    expect("zz", "");
    expect("help st", "stats step");
}

Test(complete, user_commands)
{
    (void)shell_rig_script(&rig, "define stride\necho\nend\n");
    expect("str", "stride");
}

Test(complete, what_an_alias_stands_for)
{
    (void)shell_rig_run(&rig, "alias topic = info");
    expect("topic mem", "memory");
    expect("topi", "topic");
}

Test(complete, choices_of_an_argument)
{
    expect("info t", "target tensors");
    expect("input --pixels r", "raw");
    expect("info layers -o ", "csv json text");
}

Test(complete, options)
{
    expect("compare --", "--atol --lsb --own --rtol");
    expect("run -", "--reset-state --sequence -o");
}

Test(complete, settings_and_their_values)
{
    expect("set hist", "history history-file history-size");
    expect("set history o", "off on");
    expect("set output ", "csv json text");
    expect("show hist", "history history-file history-size");
    expect("help set timi", "timing");
}

Test(complete, settings_that_know_more_than_files)
{
    expect("set logging of", "off");
    expect("set target embedded-s", "embedded-stlink");
    expect("regs p", "pc psp");
}

Test(complete, conditions)
{
    expect("break x if sat", "sat sathigh satlow");
}

Test(complete, variables_in_expressions)
{
    expect("print $cy", "$cycles");
    expect("print 2*$cy", "2*$cycles");
    expect("set $x = -$bp", "-$bpnum");
    expect("step $runs", "$runs");
    struct utvm_error *error = utvm_shell_execute(rig.sh, "set $cyan = 1");
    cr_assert_null(error);
    expect("print ($cy", "($cyan ($cycles");
}

Test(complete, files)
{
    char directory[] = "/tmp/utvm-test-XXXXXX";
    cr_assert_not_null(mkdtemp(directory));
    char path[64];
    char wanted[200];
    char line[100];
    snprintf(path, sizeof(path), "%s/alpha.npz", directory);
    fclose(fopen(path, "w"));
    snprintf(path, sizeof(path), "%s/also", directory);
    cr_assert_eq(mkdir(path, 0700), 0);
    snprintf(wanted, sizeof(wanted), "%s/alpha.npz %s/also/", directory, directory);
    snprintf(line, sizeof(line), "source %s/al", directory);
    expect(line, wanted);
    snprintf(line, sizeof(line), "print 1 > %s/al", directory);
    expect(line, wanted);
    // The optional tensor in front of the file may be left out.
    snprintf(line, sizeof(line), "input %s/al", directory);
    expect(line, wanted);
    rmdir(path);
    snprintf(path, sizeof(path), "%s/alpha.npz", directory);
    unlink(path);
    rmdir(directory);
}

Test(complete, nothing_for_programs)
{
    expect("print 1 | so", "");
    expect("nonsense a", "");
}
