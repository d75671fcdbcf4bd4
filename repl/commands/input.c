// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/input.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "repl/commands/common.h"
#include "repl/human.h"

static const char *const pixel_choices[] = {"auto", "raw", "unit", "signed", NULL};

static struct utvm_error *set_one(struct utvm_shell *sh, uint32_t index, const char *path,
                                  const struct utvm_input_options *options, FILE *out)
{
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    struct utvm_array value = {0};
    char *note = NULL;
    struct utvm_error *error = utvm_input_read(path, tensor, options, &value, &note);
    if (!error) {
        error = utvm_session_set_input(sh->session, index, &value);
    }
    utvm_array_deinit(&value);
    if (!error) {
        char shape[96];
        fprintf(out, "%s: %s %s from ", tensor->name, utvm_dtype_name(tensor->dtype),
                utvm_human_shape(tensor->rank, tensor->dims, shape));
        utvm_human_write(out, path, false);
        fprintf(out, "%s%s%s\n", note ? " (" : "", note ? note : "", note ? ")" : "");
    }
    free(note);
    return error;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    const char *path = args->arg[1].text;
    const struct utvm_input_options options = {
        .pixels =
            args->option[0].given ? (enum utvm_pixels)args->option[0].index : UTVM_PIXELS_AUTO,
        .resize = args->option[1].given,
        .has_invocation = args->option[2].given,
        .invocation = args->option[2].count,
    };
    if (args->arg[0].given) {
        return set_one(sh, args->arg[0].index, path, &options, out);
    }
    if (model->num_inputs > 1 && !utvm_path_ends_with(path, ".npz")) {
        return utvm_error_create(UTVM_ERROR_INVALID, "the model has %u inputs: name one",
                                 model->num_inputs);
    }
    for (uint32_t i = 0; i < model->num_inputs; i++) {
        struct utvm_error *error = set_one(sh, model->inputs[i], path, &options, out);
        if (error) {
            return error;
        }
    }
    return NULL;
}

const struct utvm_command utvm_command_input = {
    .name = "input",
    .group = UTVM_GROUP_CHANGING,
    .summary = "give the model its input from a file",
    .detail =
        "FILE is .npy, .npz (key in_<index>, the tensor's name, or the only array; all inputs "
        "at once), .png for image inputs, or raw bytes. Floats for a quantised input are "
        "quantised. The value counts from the next inference on.",
    .example = "input images/01_ring.png",
    .needs = UTVM_NEEDS_MODEL,
    .args = {{.name = "TENSOR", .kind = UTVM_ARG_TENSOR, .optional = true},
             {.name = "FILE", .kind = UTVM_ARG_FILE}},
    .options = {{"--pixels", "AS", UTVM_ARG_CHOICE,
                 "pixels become auto, raw (0..255), unit (0..1), signed (-1..1)", pixel_choices},
                {"--resize", NULL, UTVM_ARG_WORD, "fit a picture of another size", NULL},
                {"--invocation", "N", UTVM_ARG_COUNT, "element N of a sequence (seq_<index>)",
                 NULL}},
    .run = run,
};
