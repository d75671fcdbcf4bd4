// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/variables.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static struct utvm_variable *find(const struct utvm_variables *vars, const char *name)
{
    for (size_t i = 0; i < vars->count; i++) {
        if (strcmp(vars->list[i].name, name) == 0) {
            return &vars->list[i];
        }
    }
    return NULL;
}

const struct utvm_value *utvm_variables_find(const struct utvm_variables *vars, const char *name)
{
    const struct utvm_variable *variable = find(vars, name);
    return variable ? &variable->value : NULL;
}

static bool is_valid(const char *name)
{
    if (name[0] != '$' || isdigit((unsigned char)name[1])) {
        return false;
    }
    size_t i = 1;
    while (isalnum((unsigned char)name[i]) || name[i] == '_') {
        i++;
    }
    return i > 1 && i < 64 && name[i] == '\0';
}

struct utvm_error *utvm_variables_set(struct utvm_variables *vars, const char *name,
                                      struct utvm_value value)
{
    if (!is_valid(name)) {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%.64s' is no name of a variable", name);
    }
    struct utvm_variable *variable = find(vars, name);
    if (variable) {
        variable->value = value;
        return NULL;
    }
    struct utvm_variable *list = realloc(vars->list, (vars->count + 1) * sizeof(*list));
    if (!list) {
        return utvm_error_no_memory();
    }
    vars->list = list;
    char *copy = strdup(name);
    if (!copy) {
        return utvm_error_no_memory();
    }
    list[vars->count++] = (struct utvm_variable){.name = copy, .value = value};
    return NULL;
}

void utvm_variables_deinit(struct utvm_variables *vars)
{
    for (size_t i = 0; i < vars->count; i++) {
        free(vars->list[i].name);
    }
    free(vars->list);
    *vars = (struct utvm_variables){0};
}
