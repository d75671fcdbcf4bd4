// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/repl/shell_rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "repl/interrupt.h"

void shell_rig_init(struct shell_rig *rig)
{
    *rig = (struct shell_rig){0};
    // As in the program: a command whose reader is gone learns of it by the write that fails.
    utvm_interrupt_install();
    rig->out = open_memstream(&rig->out_text, &rig->out_bytes);
    rig->err = open_memstream(&rig->err_text, &rig->err_bytes);
    struct utvm_error *error = utvm_shell_create(rig->out, rig->err, &rig->sh);
    cr_assert_null(error, "%s", error ? error->message : "");
}

void shell_rig_deinit(struct shell_rig *rig)
{
    utvm_shell_free(rig->sh);
    fclose(rig->out);
    fclose(rig->err);
    free(rig->out_text);
    free(rig->err_text);
}

static size_t printed(struct shell_rig *rig)
{
    fflush(rig->out);
    return rig->out_bytes;
}

const char *shell_rig_run(struct shell_rig *rig, const char *line)
{
    size_t before = printed(rig);
    struct utvm_error *error = utvm_shell_execute(rig->sh, line);
    cr_assert_null(error, "%s: %s", line, error ? error->message : "");
    (void)printed(rig);
    return rig->out_text + before;
}

void shell_rig_fail(struct shell_rig *rig, const char *line, int exit_code, const char *part)
{
    struct utvm_error *error = utvm_shell_execute(rig->sh, line);
    cr_assert_not_null(error, "'%s' succeeded", line);
    cr_expect_eq(utvm_shell_exit_code(rig->sh, error), exit_code, "%s: exit code %d", line,
                 utvm_shell_exit_code(rig->sh, error));
    cr_expect_not_null(strstr(error->message, part), "%s: %s", line, error->message);
    utvm_error_free(error);
}

const char *shell_rig_script(struct shell_rig *rig, const char *text)
{
    size_t before = printed(rig);
    const char *cursor = text;
    struct utvm_source source;
    utvm_source_text(&source, "test", &cursor);
    source.is_file = true;
    struct utvm_error *error = utvm_shell_run_source(rig->sh, &source);
    cr_assert_null(error, "%s", error ? error->message : "");
    (void)printed(rig);
    return rig->out_text + before;
}
