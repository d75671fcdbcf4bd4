// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/assign.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/stats.h"

// The numbers of "5" or "[1, 2, 3]"; malloc'd.
static struct utvm_error *evaluate_list(struct utvm_shell *sh, const char *text, double **ret,
                                        uint64_t *ret_count)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1])) {
        length--;
    }
    bool list = length >= 2 && text[0] == '[' && text[length - 1] == ']';
    char *copy = strndup(list ? text + 1 : text, list ? length - 2 : length);
    double *values = calloc(length + 1, sizeof(*values));
    struct utvm_error *error = copy && values ? NULL : utvm_error_no_memory();
    uint64_t count = 0;
    char *next = copy;
    while (!error && next) {
        char *item = next;
        next = list ? strchr(item, ',') : NULL;
        if (next) {
            *next++ = '\0';
        }
        struct utvm_value value = {0};
        error = utvm_shell_evaluate(sh, item, &value);
        values[count++] = utvm_value_number(value);
    }
    free(copy);
    if (error) {
        free(values);
        return error;
    }
    *ret = values;
    *ret_count = count;
    return NULL;
}

static struct utvm_error *check_raw(const struct utvm_tensor *tensor, double value)
{
    double low = 0;
    double high = 0;
    if (!utvm_dtype_range(tensor->dtype, &low, &high)) {
        return NULL;
    }
    if (!(value >= low && value <= high) || value != floor(value)) {
        return utvm_error_create(UTVM_ERROR_INVALID, "%g is no %s; for real values use set/f",
                                 value, utvm_dtype_name(tensor->dtype));
    }
    return NULL;
}

static struct utvm_error *assign(const struct utvm_tensor *tensor,
                                 const struct utvm_tensor_ref *ref, const double *values,
                                 uint64_t count, bool real, struct utvm_array *array)
{
    for (uint64_t i = 0; i < ref->slice.num_elems; i++) {
        uint64_t flat = utvm_slice_flat(&ref->slice, i);
        double value = values[count == 1 ? 0 : i];
        if (real) {
            value = utvm_tensor_quantise(tensor, array, flat, value);
        } else {
            struct utvm_error *error = check_raw(tensor, value);
            if (error) {
                return error;
            }
        }
        utvm_array_set(array, flat, value);
    }
    return NULL;
}

struct utvm_error *utvm_assign_tensor(struct utvm_shell *sh, const char *where, const char *what,
                                      bool real)
{
    struct utvm_tensor_ref ref;
    struct utvm_error *error = utvm_tensor_ref_parse(utvm_shell_model(sh), where, &ref);
    if (error) {
        return error;
    }
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[ref.tensor];
    double *values = NULL;
    uint64_t count = 0;
    error = evaluate_list(sh, what, &values, &count);
    if (error) {
        return error;
    }
    if (count != 1 && count != ref.slice.num_elems) {
        free(values);
        return utvm_error_create(UTVM_ERROR_INVALID, "%llu values for %llu elements of '%s'",
                                 (unsigned long long)count, (unsigned long long)ref.slice.num_elems,
                                 tensor->name);
    }
    struct utvm_array array = {0};
    bool fresh = tensor->flags & UTVM_TENSOR_INPUT && !utvm_session_input(sh->session, ref.tensor);
    bool all = ref.slice.num_elems == tensor->num_elems;
    if (fresh || all) {
        // Nothing of what is there now stays, or there is nothing yet: zeros.
        error = utvm_array_init(&array, tensor->dtype, tensor->rank, tensor->dims);
    } else {
        error = utvm_read_whole(sh, ref.tensor, false, &array);
    }
    if (!error) {
        error = assign(tensor, &ref, values, count, real, &array);
    }
    if (!error) {
        error = utvm_store_tensor(sh, ref.tensor, &array);
    }
    utvm_array_deinit(&array);
    free(values);
    return error;
}
