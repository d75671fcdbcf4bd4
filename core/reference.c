// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/compare.h"
#include "core/file.h"
#include "core/npy.h"
#include "core/npz.h"

struct utvm_reference {
    char *path;
    struct utvm_npz *npz;    /**< or NULL: */
    struct utvm_array array; /**< the model's output, from an .npy */
};

struct utvm_error *utvm_reference_open(const char *path, struct utvm_reference **ret)
{
    struct utvm_reference *ref = calloc(1, sizeof(*ref));
    char *copy = strdup(path);
    if (!ref || !copy) {
        free(ref);
        free(copy);
        return utvm_error_no_memory();
    }
    ref->path = copy;
    struct utvm_error *error = utvm_path_ends_with(path, ".npy") ? utvm_npy_read(path, &ref->array)
                                                                 : utvm_npz_open(path, &ref->npz);
    if (error) {
        utvm_reference_close(ref);
        return error;
    }
    *ret = ref;
    return NULL;
}

void utvm_reference_close(struct utvm_reference *ref)
{
    if (!ref) {
        return;
    }
    utvm_npz_close(ref->npz);
    utvm_array_deinit(&ref->array);
    free(ref->path);
    free(ref);
}

const char *utvm_reference_path(const struct utvm_reference *ref)
{
    return ref->path;
}

static size_t find_member(const struct utvm_reference *ref, const struct utvm_tensor *tensor)
{
    const char *prefix = "t";
    if (tensor->flags & UTVM_TENSOR_VARIABLE) {
        prefix = "var_";
    } else if (tensor->flags & UTVM_TENSOR_INPUT) {
        prefix = "in_";
    }
    char key[24];
    snprintf(key, sizeof(key), "%s%u", prefix, (unsigned)tensor->source_index);
    size_t at = utvm_npz_find(ref->npz, key);
    return at == SIZE_MAX ? utvm_npz_find(ref->npz, tensor->name) : at;
}

bool utvm_reference_has(const struct utvm_reference *ref, const struct utvm_tensor *tensor)
{
    if (!ref->npz) {
        return (tensor->flags & UTVM_TENSOR_OUTPUT) && tensor->num_elems == ref->array.num_elems;
    }
    return find_member(ref, tensor) != SIZE_MAX;
}

struct utvm_error *utvm_reference_read(struct utvm_reference *ref, const struct utvm_tensor *tensor,
                                       struct utvm_array *ret)
{
    if (!utvm_reference_has(ref, tensor)) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "%s has no value of tensor '%s' (t%u)",
                                 ref->path, tensor->name, (unsigned)tensor->source_index);
    }
    return ref->npz ? utvm_npz_read(ref->npz, find_member(ref, tensor), ret)
                    : utvm_array_copy(&ref->array, ret);
}
