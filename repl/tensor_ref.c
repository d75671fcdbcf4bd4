// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/tensor_ref.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "repl/human.h"

static bool find_exact(const struct utvm_model *model, const char *name, uint32_t *ret)
{
    for (uint32_t i = 0; i < model->num_tensors; i++) {
        if (strcmp(model->tensors[i].name, name) == 0) {
            *ret = i;
            return true;
        }
    }
    for (uint32_t i = 0; i < model->num_layers; i++) {
        const struct utvm_layer *layer = &model->layers[i];
        if (layer->num_outputs > 0 && strcmp(layer->name, name) == 0) {
            *ret = layer->outputs[0];
            return true;
        }
    }
    if (strcmp(name, "input") == 0 && model->num_inputs > 0) {
        *ret = model->inputs[0];
        return true;
    }
    if (strcmp(name, "output") == 0 && model->num_outputs > 0) {
        *ret = model->outputs[0];
        return true;
    }
    return false;
}

struct utvm_error *utvm_tensor_lookup(const struct utvm_model *model, const char *name,
                                      uint32_t *ret)
{
    if (find_exact(model, name, ret)) {
        return NULL;
    }
    struct utvm_error *error = utvm_model_find_tensor(model, name, ret);
    if (!error || error->code != UTVM_ERROR_NOT_FOUND) {
        return error;
    }
    if (isdigit((unsigned char)name[0])) {
        return error; // a number is a value, not the layer of this index
    }
    uint32_t layer = 0;
    struct utvm_error *as_layer = utvm_model_find_layer(model, name, &layer);
    if (as_layer || model->layers[layer].num_outputs == 0) {
        utvm_error_drop(as_layer);
        return error;
    }
    utvm_error_drop(error);
    *ret = model->layers[layer].outputs[0];
    return NULL;
}

static bool is_format(const char *text)
{
    return (text[0] == 'r' || text[0] == 'f' || text[0] == 'x') && text[1] == '\0';
}

// The '[' that the last ']' closes, when the text ends in one.
static char *open_bracket(char *text)
{
    size_t length = strlen(text);
    if (length == 0 || text[length - 1] != ']') {
        return NULL;
    }
    unsigned depth = 0;
    for (size_t i = length; i-- > 0;) {
        if (text[i] == ']') {
            depth++;
        } else if (text[i] == '[' && --depth == 0) {
            return text + i;
        }
    }
    return NULL;
}

// "input[5": a slice without its other bracket. NULL when it is something else.
static struct utvm_error *lone_bracket(const struct utvm_model *model, char *text)
{
    char *open = strchr(text, '[');
    char *close = strrchr(text, ']');
    if (!open == !close) {
        return NULL;
    }
    char *bracket = open ? open : close;
    char kept = *bracket;
    uint32_t index = 0;
    *bracket = '\0';
    struct utvm_error *error = utvm_tensor_lookup(model, text, &index);
    *bracket = kept;
    if (error) {
        utvm_error_drop(error);
        return NULL;
    }
    return utvm_error_create(UTVM_ERROR_INVALID, "'%.80s': a '%c' is missing", text,
                             open ? ']' : '[');
}

static struct utvm_error *parse_copy(const struct utvm_model *model, char *text,
                                     struct utvm_tensor_ref *ret)
{
    struct utvm_tensor_ref ref = {0};
    bool found = find_exact(model, text, &ref.tensor);
    if (!found) {
        char *slash = strrchr(text, '/');
        if (slash && slash != text && is_format(slash + 1)) {
            ref.format = slash[1];
            *slash = '\0';
        }
        found = find_exact(model, text, &ref.tensor);
    }
    char *open = found ? NULL : open_bracket(text);
    if (open) {
        text[strlen(text) - 1] = '\0';
        *open = '\0';
        char *end = open;
        while (end > text && end[-1] == ' ') {
            *--end = '\0';
        }
    }
    if (!found) {
        struct utvm_error *error = utvm_tensor_lookup(model, text, &ref.tensor);
        struct utvm_error *bracket = error && !open ? lone_bracket(model, text) : NULL;
        if (bracket) {
            utvm_error_drop(error);
            return bracket;
        }
        if (error) {
            return error;
        }
    }
    const struct utvm_tensor *tensor = &model->tensors[ref.tensor];
    utvm_slice_all(tensor->rank, tensor->dims, &ref.slice);
    if (open) {
        ref.sliced = true;
        struct utvm_error *error =
            utvm_slice_parse(open + 1, tensor->rank, tensor->dims, &ref.slice);
        if (error) {
            return utvm_error_prefix(error, "tensor '%s'", tensor->name);
        }
    }
    *ret = ref;
    return NULL;
}

struct utvm_error *utvm_tensor_ref_parse(const struct utvm_model *model, const char *text,
                                         struct utvm_tensor_ref *ret)
{
    char *copy = strdup(text);
    if (!copy) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = parse_copy(model, copy, ret);
    free(copy);
    return error;
}

bool utvm_tensor_is_quantised(const struct utvm_tensor *tensor)
{
    return tensor->num_scales > 0 && tensor->dtype != UTVM_DTYPE_FLOAT32;
}

char *utvm_tensor_describe(const struct utvm_tensor *tensor, const struct utvm_slice *slice)
{
    char shape[96];
    uint32_t dims[UTVM_MAX_DIMS];
    uint32_t rank = tensor->rank;
    memcpy(dims, tensor->dims, sizeof(dims));
    if (slice) {
        rank = utvm_slice_shape(slice, dims);
    }
    struct utvm_text text = {0};
    utvm_text_addf(&text, "%s %s", utvm_dtype_name(tensor->dtype),
                   utvm_human_shape(rank, dims, shape));
    if (utvm_tensor_is_quantised(tensor)) {
        if (tensor->num_scales == 1) {
            utvm_text_addf(&text, ", scale %.6g, zero point %d", (double)tensor->scales[0],
                           (int)tensor->zero_points[0]);
        } else {
            utvm_text_addf(&text, ", %u scales along axis %u", tensor->num_scales,
                           tensor->quantized_dimension);
        }
    }
    return utvm_text_take(&text);
}
