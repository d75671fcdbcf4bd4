// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/model.h"
#include "core/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A model that the loader accepts must be safe to use: so it is used.
static void use(struct utvm_model *model)
{
    struct utvm_session *s = utvm_session_create();
    utvm_session_set_model(s, model);
    utvm_document_free(utvm_layers_document(s));
    utvm_document_free(utvm_tensors_document(s));
    utvm_document_free(utvm_memory_document(model));
    for (uint32_t i = 0; i < model->num_tensors; i++) {
        struct utvm_array array = {0};
        utvm_error_free(utvm_session_read_tensor(s, i, false, &array));
        utvm_array_deinit(&array);
    }
    utvm_session_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct utvm_model *model = NULL;
    struct utvm_error *error = utvm_model_parse("fuzz", data, size, &model);
    if (!error) {
        use(model);
    }
    utvm_error_free(error);
    return 0;
}
