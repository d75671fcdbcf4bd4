// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/saved_profile.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

// A copy of a string member that is safe to print; "" when it is missing.
static char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return utvm_text_printable(text ? text : "", text ? strlen(text) : 0);
}

static uint64_t number_of(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

static struct utvm_error *read_layer(const char *name, const json_t *time, const json_t *space,
                                     size_t i, struct utvm_saved_layer *ret)
{
    if (!json_is_object(time) || !json_is_integer(json_object_get(time, "cycles"))) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: layer %zu of the profile has no cycles",
                                 name, i);
    }
    *ret = (struct utvm_saved_layer){
        .name = text_of(time, "name"),
        .operator_name = text_of(time, "operator"),
        .cycles = number_of(time, "cycles"),
        .stack_bytes = number_of(space, "stack_bytes"),
        .code_bytes = number_of(space, "code_bytes"),
        .weights_bytes = number_of(space, "weights_bytes"),
    };
    return ret->name && ret->operator_name ? NULL : utvm_error_no_memory();
}

static struct utvm_error *read_profile(const char *name, const json_t *root,
                                       struct utvm_saved_profile *ret)
{
    // A report holds the profile as a member; the profile's own output is one.
    const json_t *profile = json_object_get(root, "profile");
    profile = profile ? profile : root;
    const json_t *layers = json_object_get(profile, "layers");
    const json_t *space = json_object_get(profile, "space");
    const json_t *total = json_object_get(profile, "total");
    if (!json_is_array(layers) || !json_is_object(total)) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: there is no profile in it", name);
    }
    const json_t *model = json_object_get(json_object_get(root, "provenance"), "model");
    ret->model = text_of(model, "name");
    ret->cycle_source = text_of(total, "cycle_source");
    ret->total_cycles = number_of(total, "cycles");
    size_t count = json_array_size(layers);
    ret->layers = calloc(count + 1, sizeof(*ret->layers));
    if (!ret->model || !ret->cycle_source || !ret->layers) {
        return utvm_error_no_memory();
    }
    for (size_t i = 0; i < count; i++) {
        struct utvm_error *error =
            read_layer(name, json_array_get(layers, i), json_array_get(space, i), i,
                       &ret->layers[ret->num_layers++]);
        if (error) {
            return error;
        }
    }
    return NULL;
}

struct utvm_error *utvm_saved_profile_parse(const char *name, const void *bytes, size_t size_bytes,
                                            struct utvm_saved_profile *ret)
{
    json_error_t failure;
    json_t *root = json_loadb(bytes, size_bytes, JSON_REJECT_DUPLICATES, &failure);
    if (!root) {
        char *text = utvm_text_printable(failure.text, strlen(failure.text));
        struct utvm_error *error = utvm_error_create(UTVM_ERROR_FORMAT, "%s:%d: %s", name,
                                                     failure.line, text ? text : "no JSON");
        free(text);
        return error;
    }
    struct utvm_saved_profile profile = {0};
    struct utvm_error *error = read_profile(name, root, &profile);
    json_decref(root);
    if (error) {
        utvm_saved_profile_deinit(&profile);
        return error;
    }
    *ret = profile;
    return NULL;
}

struct utvm_error *utvm_saved_profile_read(const char *path, struct utvm_saved_profile *ret)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    struct utvm_error *error = utvm_file_read(path, &bytes, &size_bytes);
    if (error) {
        return error;
    }
    error = utvm_saved_profile_parse(path, bytes, size_bytes, ret);
    free(bytes);
    return error;
}

void utvm_saved_profile_deinit(struct utvm_saved_profile *profile)
{
    for (size_t i = 0; i < profile->num_layers; i++) {
        free(profile->layers[i].name);
        free(profile->layers[i].operator_name);
    }
    free(profile->layers);
    free(profile->model);
    free(profile->cycle_source);
    *profile = (struct utvm_saved_profile){0};
}
