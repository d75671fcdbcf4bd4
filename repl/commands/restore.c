// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>

#include "core/input.h"
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    uint32_t index = args->arg[0].index;
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    const struct utvm_input_options options = {.pixels = UTVM_PIXELS_AUTO};
    struct utvm_array value = {0};
    struct utvm_error *error = utvm_input_read(args->arg[1].text, tensor, &options, &value, NULL);
    if (!error) {
        error = utvm_store_tensor(sh, index, &value);
    }
    utvm_array_deinit(&value);
    if (!error) {
        fprintf(out, "Restored tensor '%s'.\n", tensor->name);
    }
    return error;
}

const struct utvm_command utvm_command_restore = {
    .name = "restore",
    .group = UTVM_GROUP_CHANGING,
    .summary = "put what 'dump' wrote back into a tensor",
    .detail = "FILE is .npy, .npz (with the tensor's name, or a single array) or raw bytes. The "
              "next layer that runs sees it.",
    .example = "restore input input.npy",
    .needs = UTVM_NEEDS_MODEL,
    .args = {{.name = "TENSOR", .kind = UTVM_ARG_TENSOR}, {.name = "FILE", .kind = UTVM_ARG_FILE}},
    .run = run,
};
