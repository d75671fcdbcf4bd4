// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/profile.h"
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)args;
    return utvm_shell_emit(sh, utvm_memory_document(utvm_shell_model(sh)), out);
}

const struct utvm_command utvm_command_memory = {
    .name = "memory",
    .group = UTVM_GROUP_JUDGING,
    .summary = "where the model lies and what each layer needs",
    .example = "memory",
    .needs = UTVM_NEEDS_MODEL,
    .run = run,
};
