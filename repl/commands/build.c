// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/build.h"

#include <stdlib.h>
#include <string.h>

#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_build_request request = {
        .model = args->arg[0].text,
        .output = args->arg[1].text,
        .labels = args->option[1].text,
        .ram = args->option[0].given,
        .optimize = args->option[2].text,
        .clock_hz = args->option[3].count,
        .keep_dir = args->option[4].text,
        .no_prune = args->option[5].given,
    };
    char *output = NULL;
    struct utvm_error *error = utvm_build_model(sh, &request, out, &output);
    if (!error) {
        error = utvm_open_model(sh, output, out);
    }
    free(output);
    return error;
}

static const char *const optimize_choices[] = {"2", "3", "s", NULL};

const struct utvm_command utvm_command_build = {
    .name = "build",
    .group = UTVM_GROUP_FILES,
    .summary = "compile a .tflite to an ELF for the Cortex-M7 and open it",
    .detail = "Without OUTPUT the ELF stands beside the model. The same as the program utvm-build, "
              "which has more options.",
    .example = "build demo.tflite ram.elf --ram",
    .args = {{.name = "MODEL", .kind = UTVM_ARG_FILE},
             {.name = "OUTPUT", .kind = UTVM_ARG_FILE, .optional = true}},
    .options = {{"--ram", NULL, UTVM_ARG_WORD, "put everything into RAM, nothing into flash", NULL},
                {"--labels", "FILE", UTVM_ARG_FILE, "class names, one a line", NULL},
                {"--optimize", "LEVEL", UTVM_ARG_CHOICE,
                 "2, 3 or s: what follows the compiler's -O", optimize_choices},
                {"--clock", "HZ", UTVM_ARG_COUNT, "core clock that start-up sets", NULL},
                {"--keep", "DIRECTORY", UTVM_ARG_FILE, "keep the generated C files there", NULL},
                {"--no-prune", NULL, UTVM_ARG_WORD,
                 "compute channels too that no input of the model can change", NULL}},
    .run = run,
};
