// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    if (args->option[0].given) {
        struct utvm_error *error = utvm_target_reset_run(utvm_shell_target(sh));
        if (!error) {
            fputs("The target is reset and runs.\n", out);
        }
        return error;
    }
    if (!utvm_shell_model(sh)) {
        struct utvm_error *error = utvm_target_reset_halt(utvm_shell_target(sh));
        if (!error) {
            fputs("The target is reset and halted.\n", out);
        }
        return error;
    }
    struct utvm_upload_result result;
    struct utvm_error *error = utvm_session_upload(sh->session, true, &result);
    if (!error) {
        fputs("The target is reset and the model stands before its first layer.\n", out);
    }
    return error;
}

const struct utvm_command utvm_command_reset = {
    .name = "reset",
    .group = UTVM_GROUP_FILES,
    .summary = "reset the chip; the model stands before its first layer",
    .detail = "Resets and halts the core, makes sure that the image is intact, and runs the "
              "start-up code. State tensors get their initial values. --run lets the core run "
              "free instead.",
    .example = "reset",
    .needs = UTVM_NEEDS_TARGET,
    .options = {{"--run", NULL, UTVM_ARG_WORD, "let the core run instead of halting it", NULL}},
    .run = run,
};
