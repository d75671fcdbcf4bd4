// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_REPL_SHELL_RIG_H
#define UTVM_TESTS_REPL_SHELL_RIG_H

#include "repl/shell.h"

/** A shell whose streams end in memory. */
struct shell_rig {
    struct utvm_shell *sh;
    FILE *out;
    FILE *err;
    char *out_text;
    char *err_text;
    size_t out_bytes;
    size_t err_bytes;
};

void shell_rig_init(struct shell_rig *rig);
void shell_rig_deinit(struct shell_rig *rig);

/** Runs a line that must succeed; returns what it printed. */
const char *shell_rig_run(struct shell_rig *rig, const char *line);

/** Runs a line that must fail with this exit code; the message must contain part. */
void shell_rig_fail(struct shell_rig *rig, const char *line, int exit_code, const char *part);

/** Runs the lines of a text as a script called "test"; returns what they printed. */
const char *shell_rig_script(struct shell_rig *rig, const char *text);

#endif
