// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/model.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/description.h"
#include "core/elf_image.h"
#include "core/file.h"
#include "core/sha256.h"
#include "core/text.h"

// Takes over bytes.
static struct utvm_error *load_bytes(const char *name, uint8_t *bytes, size_t size_bytes,
                                     struct utvm_model **ret)
{
    struct utvm_model *model = calloc(1, sizeof(*model));
    struct utvm_model_store *store = calloc(1, sizeof(*store));
    char *path = strdup(name);
    if (!model || !store || !path) {
        free(model);
        free(store);
        free(path);
        free(bytes);
        return utvm_error_no_memory();
    }
    model->impl = store;
    model->path = path;
    store->elf = bytes;
    utvm_sha256_hex(bytes, size_bytes, model->sha256);
    struct utvm_elf_image image;
    struct utvm_error *error = utvm_elf_image_parse(name, bytes, size_bytes, &image);
    if (!error) {
        model->segments = image.segments; // the model's from here on
        model->num_segments = image.num_segments;
        image.segments = NULL;
        error = utvm_description_parse(name, &image, store, model);
        utvm_elf_image_deinit(&image);
    }
    if (error) {
        utvm_model_free(model);
        return error;
    }
    *ret = model;
    return NULL;
}

struct utvm_error *utvm_model_load(const char *path, struct utvm_model **ret)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    struct utvm_error *error = utvm_file_read(path, &bytes, &size_bytes);
    return error ? error : load_bytes(path, bytes, size_bytes, ret);
}

struct utvm_error *utvm_model_parse(const char *name, const void *bytes, size_t size_bytes,
                                    struct utvm_model **ret)
{
    uint8_t *copy = malloc(size_bytes ? size_bytes : 1);
    if (!copy) {
        return utvm_error_no_memory();
    }
    if (size_bytes) {
        memcpy(copy, bytes, size_bytes);
    }
    return load_bytes(name, copy, size_bytes, ret);
}

void utvm_model_free(struct utvm_model *model)
{
    if (!model) {
        return;
    }
    struct utvm_model_store *store = model->impl;
    utvm_model_store_deinit(store);
    free(store);
    free(model->segments);
    free(model->path);
    free(model);
}

/** What a name is looked up among: layers or tensors of one model. */
struct names {
    const struct utvm_model *model;
    const char *what;
    uint32_t count;
    const char *(*get)(const struct utvm_model *model, uint32_t i);
};

static const char *layer_name(const struct utvm_model *model, uint32_t i)
{
    return model->layers[i].name;
}

static const char *tensor_name(const struct utvm_model *model, uint32_t i)
{
    return model->tensors[i].name;
}

#define MAX_CANDIDATES 5

static struct utvm_error *not_found(const struct names *names, const char *text)
{
    struct utvm_text near_names = {0};
    unsigned shown = 0;
    size_t length = strlen(text);
    for (uint32_t i = 0; i < names->count && shown < MAX_CANDIDATES; i++) {
        const char *name = names->get(names->model, i);
        unsigned distance = utvm_text_distance(name, text, 2);
        bool alike =
            length > 0 && (strcasestr(name, text) != NULL || (distance <= 2 && distance < length));
        if (alike) {
            utvm_text_addf(&near_names, shown++ ? ", '%s'" : "; is one of these meant: '%s'", name);
        }
    }
    char *printable = utvm_text_printable(text, length);
    struct utvm_error *error = utvm_error_create(
        UTVM_ERROR_NOT_FOUND, "there is no %s '%s'%s", names->what, printable ? printable : "?",
        near_names.data && !near_names.failed ? near_names.data : "");
    free(printable);
    utvm_text_deinit(&near_names);
    return error;
}

static struct utvm_error *ambiguous(const struct names *names, const char *text, bool exact)
{
    struct utvm_text list = {0};
    unsigned shown = 0;
    size_t length = strlen(text);
    for (uint32_t i = 0; i < names->count; i++) {
        const char *name = names->get(names->model, i);
        bool matches = exact ? strcmp(name, text) == 0 : strncmp(name, text, length) == 0;
        if (matches && ++shown <= MAX_CANDIDATES) {
            utvm_text_addf(&list, "%s'%s' (#%u)", shown > 1 ? ", " : "", name, (unsigned)i);
        }
    }
    struct utvm_error *error = utvm_error_create(
        UTVM_ERROR_INVALID, "%s '%s' is ambiguous: %s%s", names->what, text,
        list.data && !list.failed ? list.data : "", shown > MAX_CANDIDATES ? ", …" : "");
    utvm_text_deinit(&list);
    return error;
}

static struct utvm_error *find(const struct names *names, const char *text, uint32_t *ret)
{
    size_t length = strlen(text);
    uint32_t exact = 0;
    uint32_t prefixed = 0;
    uint32_t found_exact = 0;
    uint32_t found_prefixed = 0;
    for (uint32_t i = 0; i < names->count; i++) {
        const char *name = names->get(names->model, i);
        if (strcmp(name, text) == 0) {
            exact++;
            found_exact = i;
        } else if (strncmp(name, text, length) == 0) {
            prefixed++;
            found_prefixed = i;
        }
    }
    if (length == 0 || (exact == 0 && prefixed == 0)) {
        return not_found(names, text);
    }
    if (exact > 1 || (exact == 0 && prefixed > 1)) {
        return ambiguous(names, text, exact > 1);
    }
    *ret = exact ? found_exact : found_prefixed;
    return NULL;
}

// Parses all of text as a decimal index; false when it is something else.
static bool parse_index(const char *text, uint32_t *ret)
{
    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end != '\0' || value >= UTVM_NO_INDEX) {
        return false;
    }
    *ret = (uint32_t)value;
    return true;
}

struct utvm_error *utvm_model_find_layer(const struct utvm_model *model, const char *text,
                                         uint32_t *ret)
{
    uint32_t index = 0;
    if (text[0] == '#' && parse_index(text + 1, &index)) {
        if (index >= model->num_layers) {
            return utvm_error_create(UTVM_ERROR_NOT_FOUND,
                                     "there is no layer #%u; the model has #0 to #%u",
                                     (unsigned)index, (unsigned)model->num_layers - 1);
        }
        *ret = index;
        return NULL;
    }
    const struct names names = {model, "layer", model->num_layers, layer_name};
    struct utvm_error *error = find(&names, text, ret);
    // A number that begins no name is an index, too.
    if (error && error->code == UTVM_ERROR_NOT_FOUND && parse_index(text, &index) &&
        index < model->num_layers) {
        utvm_error_drop(error);
        *ret = index;
        return NULL;
    }
    return error;
}

struct utvm_error *utvm_model_find_tensor(const struct utvm_model *model, const char *text,
                                          uint32_t *ret)
{
    const struct names names = {model, "tensor", model->num_tensors, tensor_name};
    uint32_t index = 0;
    bool is_index = text[0] == 't' && parse_index(text + 1, &index);
    // A tensor may be named "t5"; its name wins.
    for (uint32_t i = 0; i < model->num_tensors && is_index; i++) {
        is_index = strcmp(model->tensors[i].name, text) != 0;
    }
    for (uint32_t i = 0; i < model->num_tensors && is_index; i++) {
        if (model->tensors[i].source_index == index) {
            *ret = i;
            return NULL;
        }
    }
    return find(&names, text, ret);
}

uint32_t utvm_model_executor(const struct utvm_model *model, uint32_t layer)
{
    return model->layers[layer].executed_by;
}

bool utvm_layer_runs(const struct utvm_layer *layer)
{
    return (layer->flags & (UTVM_LAYER_FUSED | UTVM_LAYER_FOLDED)) == 0;
}

bool utvm_layer_is_unread(const struct utvm_model *model, const struct utvm_layer *layer)
{
    const uint32_t wanted = UTVM_TENSOR_OUTPUT | UTVM_TENSOR_VARIABLE | UTVM_TENSOR_ABSENT;
    for (uint32_t i = 0; i < layer->num_outputs; i++) {
        const struct utvm_tensor *t = &model->tensors[layer->outputs[i]];
        if ((t->flags & wanted) != 0 || t->last_layer != layer->index) {
            return false;
        }
    }
    for (uint32_t i = 0; i < layer->num_inputs; i++) {
        bool is_there = layer->inputs[i] != UTVM_NO_INDEX;
        if (is_there && (model->tensors[layer->inputs[i]].flags & UTVM_TENSOR_VARIABLE) != 0) {
            return false; // it keeps state for its next run
        }
    }
    return utvm_layer_runs(layer) && layer->num_outputs > 0;
}

bool utvm_tensor_in_memory(const struct utvm_tensor *t)
{
    return t->region && t->region->kind != UTVM_REGION_HOST;
}

bool utvm_tensor_alive(const struct utvm_model *model, const struct utvm_tensor *t, uint32_t layer)
{
    if (!t->region || t->region->kind != UTVM_REGION_ARENA || (t->flags & UTVM_TENSOR_CONSTANT)) {
        return false;
    }
    uint32_t first =
        t->first_layer == UTVM_NO_INDEX ? 0 : utvm_model_executor(model, t->first_layer);
    uint32_t last = first;
    if (t->last_layer != UTVM_NO_INDEX) {
        last = utvm_model_executor(model, t->last_layer);
    }
    if (t->flags & UTVM_TENSOR_OUTPUT) {
        last = model->num_layers - 1;
    }
    return first <= layer && layer <= last;
}

const uint8_t *utvm_model_bytes(const struct utvm_model *model, uint32_t addr, uint32_t size_bytes)
{
    return utvm_segments_at(model->segments, model->num_segments, addr, size_bytes);
}

uint32_t utvm_model_layer_at(const struct utvm_model *model, uint32_t pc)
{
    for (uint32_t i = 0; i < model->num_layers; i++) {
        const struct utvm_layer *l = &model->layers[i];
        if (l->code_addr && pc >= l->code_addr && pc - l->code_addr < l->code_bytes) {
            return i;
        }
    }
    return UTVM_NO_INDEX;
}

struct span {
    uint32_t start;
    uint32_t end;
};

static int by_start(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

uint32_t utvm_model_live_bytes(const struct utvm_model *model, uint32_t layer)
{
    // Tensors may share bytes on purpose (in place), so the union of their ranges is what counts.
    struct span *spans = calloc((size_t)model->num_tensors + 1, sizeof(*spans));
    if (!spans) {
        return 0;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < model->num_tensors; i++) {
        const struct utvm_tensor *t = &model->tensors[i];
        if (utvm_tensor_alive(model, t, layer)) {
            spans[count++] = (struct span){t->addr, t->addr + t->size_bytes};
        }
    }
    const struct utvm_layer *l = &model->layers[layer];
    if (l->workspace_bytes) {
        spans[count++] = (struct span){l->workspace_addr, l->workspace_addr + l->workspace_bytes};
    }
    qsort(spans, count, sizeof(*spans), by_start);
    uint32_t bytes = 0;
    uint32_t reached = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t start = spans[i].start > reached ? spans[i].start : reached;
        if (spans[i].end > start) {
            bytes += spans[i].end - start;
            reached = spans[i].end;
        }
    }
    free(spans);
    return bytes;
}
