// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    return utvm_open_model(sh, args->arg[0].text, out);
}

const struct utvm_command utvm_command_file = {
    .name = "file",
    .group = UTVM_GROUP_FILES,
    .summary = "open a model: an ELF, or a .tflite that is built first",
    .detail = "Reads the model's description and code. The target is left alone until 'load'. A "
              ".tflite is built into the cache directory first. Breakpoints are kept.",
    .example = "file demo.elf",
    .args = {{.name = "FILE", .kind = UTVM_ARG_FILE}},
    .run = run,
};
