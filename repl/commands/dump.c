// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/npy.h"
#include "core/npz.h"
#include "repl/commands/common.h"
#include "repl/human.h"
#include "repl/render/render.h"

// The view in the shape that numpy would give the slice.
static struct utvm_error *squeeze(const struct utvm_view *view, const struct utvm_slice *slice,
                                  struct utvm_array *ret)
{
    uint32_t dims[UTVM_MAX_DIMS];
    uint32_t rank = utvm_slice_shape(slice, dims);
    struct utvm_error *error = utvm_array_init(ret, view->array.dtype, rank, dims);
    if (!error) {
        memcpy(ret->data, view->array.data, view->array.size_bytes);
    }
    return error;
}

static struct utvm_error *write_npz(const char *path, const char *key,
                                    const struct utvm_array *array)
{
    struct utvm_npz_writer *writer = NULL;
    struct utvm_error *error = utvm_npz_writer_create(&writer);
    if (error) {
        return error;
    }
    error = utvm_npz_writer_add(writer, key, array);
    if (!error) {
        error = utvm_npz_writer_save(writer, path);
    }
    utvm_npz_writer_free(writer);
    return error;
}

static struct utvm_error *dump_one(struct utvm_shell *sh, const struct utvm_tensor_ref *ref,
                                   const char *path, bool force, FILE *out)
{
    struct utvm_view view = {0};
    struct utvm_array array = {0};
    struct utvm_error *error = utvm_read_view(sh, ref, force, &view);
    if (error) {
        return error;
    }
    error = squeeze(&view, &ref->slice, &array);
    if (!error && utvm_path_ends_with(path, ".npz")) {
        char key[16];
        snprintf(key, sizeof(key), "t%u", view.tensor.source_index);
        error = write_npz(path, key, &array);
    } else if (!error && utvm_path_ends_with(path, ".npy")) {
        error = utvm_npy_write(path, &array);
    } else if (!error) {
        error = utvm_file_write(path, array.data, array.size_bytes);
    }
    if (!error) {
        char bytes[32];
        utvm_human_write(out, path, false);
        fprintf(out, ": %s of '%s'\n", utvm_human_bytes(array.size_bytes, bytes), view.tensor.name);
    }
    utvm_array_deinit(&array);
    utvm_view_deinit(&view);
    return error;
}

static struct utvm_error *add_tensor(struct utvm_shell *sh, struct utvm_npz_writer *writer,
                                     const char *prefix, uint32_t index)
{
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    if (tensor->flags & UTVM_TENSOR_ABSENT) {
        return NULL;
    }
    struct utvm_array array = {0};
    struct utvm_error *error = utvm_session_read_tensor(sh->session, index, false, &array);
    if (!error) {
        char key[24];
        snprintf(key, sizeof(key), "%s%u", prefix, tensor->source_index);
        error = utvm_npz_writer_add(writer, key, &array);
    }
    utvm_array_deinit(&array);
    return error;
}

static struct utvm_error *add_outputs(struct utvm_shell *sh, struct utvm_npz_writer *writer)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    struct utvm_error *error = NULL;
    for (uint32_t i = 0; i < model->num_layers && !error; i++) {
        const struct utvm_layer *layer = &model->layers[i];
        if (!utvm_layer_runs(layer)) {
            continue;
        }
        error = utvm_session_run_until(sh->session, i + 1);
        if (!error && utvm_session_status(sh->session)->next_layer <= i) {
            error = utvm_error_create(UTVM_ERROR_CANCELLED, "stopped before layer %u '%s'", i,
                                      layer->name);
        }
        // What is fused into this layer is written by it, too.
        for (uint32_t k = 0; k < model->num_layers && !error; k++) {
            for (uint32_t o = 0;
                 utvm_model_executor(model, k) == i && o < model->layers[k].num_outputs && !error;
                 o++) {
                error = add_tensor(sh, writer, "t", model->layers[k].outputs[o]);
            }
        }
    }
    return error;
}

// One inference, every layer's outputs: an .npz that compare takes as reference.
static struct utvm_error *dump_all(struct utvm_shell *sh, const char *path, bool reset, FILE *out)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    struct utvm_error *error = utvm_shell_require(sh, UTVM_NEEDS_UPLOADED);
    if (error) {
        return error;
    }
    if (!utvm_path_ends_with(path, ".npz")) {
        return utvm_error_create(UTVM_ERROR_INVALID, "--all writes an .npz, not '%s'", path);
    }
    struct utvm_npz_writer *writer = NULL;
    error = utvm_npz_writer_create(&writer);
    if (!error) {
        error = utvm_session_restart(sh->session, reset);
    }
    for (uint32_t i = 0; i < model->num_inputs && !error; i++) {
        const struct utvm_array *input = utvm_session_input(sh->session, model->inputs[i]);
        char key[24];
        snprintf(key, sizeof(key), "in_%u", model->tensors[model->inputs[i]].source_index);
        error = input ? utvm_npz_writer_add(writer, key, input) : NULL;
    }
    if (!error) {
        error = add_outputs(sh, writer);
    }
    if (!error) {
        error = utvm_npz_writer_save(writer, path);
    }
    utvm_npz_writer_free(writer);
    if (!error) {
        utvm_human_write(out, path, false);
        fputs(": the inputs and every layer's outputs\n", out);
    }
    return error;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const char *path = args->arg[1].text;
    if (utvm_path_ends_with(path, ".png")) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "dump writes .npy, .npz or raw bytes; 'show TENSOR --png FILE' "
                                 "draws a picture");
    }
    if (args->option[0].given != !args->arg[0].given) {
        return utvm_error_create(UTVM_ERROR_INVALID, "dump takes either TENSOR or --all");
    }
    if (args->option[0].given) {
        return dump_all(sh, path, args->option[1].given, out);
    }
    return dump_one(sh, &args->arg[0].ref, path, args->option[2].given, out);
}

const struct utvm_command utvm_command_dump = {
    .name = "dump",
    .group = UTVM_GROUP_CHANGING,
    .summary = "write a tensor, or all of a run, to a file",
    .detail = "FILE is .npy, .npz (key t<index in the model file>) or, with another ending, raw "
              "bytes. --all runs an inference and writes the inputs and every layer's outputs: an "
              "oracle for 'compare' and 'diff' later.",
    .example = "dump input input.npy",
    .needs = UTVM_NEEDS_MODEL,
    .args = {{.name = "TENSOR", .kind = UTVM_ARG_TENSOR_REF, .optional = true},
             {.name = "FILE", .kind = UTVM_ARG_FILE}},
    .options = {{"--all", NULL, UTVM_ARG_WORD, "run and write every layer's outputs", NULL},
                {"--reset-state", NULL, UTVM_ARG_WORD,
                 "--all: state tensors to their initial values", NULL},
                {"--force", NULL, UTVM_ARG_WORD, "read memory that has been used again, too",
                 NULL}},
    .run = run,
};
