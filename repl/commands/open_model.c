// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "repl/build.h"
#include "repl/commands/common.h"
#include "repl/human.h"

static void describe(const struct utvm_model *model, FILE *out)
{
    char weights[32];
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < model->num_layers; i++) {
        bytes += model->layers[i].weights_bytes;
    }
    fprintf(out, "%s: %u layers, %u tensors, %s of weights", model->name, model->num_layers,
            model->num_tensors, utvm_human_bytes(bytes, weights));
    if (model->source_file && model->source_file[0]) {
        fprintf(out, "; from %s", model->source_file);
    }
    fputc('\n', out);
}

struct utvm_error *utvm_open_model(struct utvm_shell *sh, const char *path, FILE *out)
{
    char *built = NULL;
    if (utvm_path_ends_with(path, ".tflite")) {
        struct utvm_error *error = utvm_build_cached(sh, path, out, &built);
        if (error) {
            return error;
        }
    }
    struct utvm_model *model = NULL;
    struct utvm_error *error = utvm_model_load(built ? built : path, &model);
    free(built);
    if (error) {
        return error;
    }
    utvm_session_set_model(sh->session, model);
    utvm_document_free(sh->comparison);
    sh->comparison = NULL;
    free(sh->listing.name);
    sh->listing = (struct utvm_listing){0};
    if (sh->format == UTVM_OUTPUT_TEXT) {
        describe(model, out);
        return NULL;
    }
    struct utvm_document *doc = utvm_document_create("model");
    utvm_document_fact_text(doc, NULL, "name", "name", "%s", model->name);
    utvm_document_fact_text(doc, NULL, "path", "file", "%s", model->path);
    utvm_document_fact_text(doc, NULL, "sha256", "SHA-256", "%s", model->sha256);
    utvm_document_fact_number(doc, NULL, "layers", "layers", UTVM_CELL_INT, model->num_layers);
    utvm_document_fact_number(doc, NULL, "tensors", "tensors", UTVM_CELL_INT, model->num_tensors);
    return utvm_shell_emit(sh, doc, out);
}
