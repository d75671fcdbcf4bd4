// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "repl/complete_impl.h"
#include "repl/condition.h"
#include "repl/scope.h"

static void add_variables(struct completer *c)
{
    utvm_completer_add_words(c, utvm_scope_names);
    const struct utvm_variables *own = &c->sh->variables;
    for (size_t i = 0; i < own->count; i++) {
        utvm_completer_add(c, own->list[i].name);
    }
}

// "conv1.": its statistics and elements.
static void add_members(struct completer *c)
{
    const struct utvm_model *model = utvm_shell_model(c->sh);
    const char *dot = strrchr(c->prefix, '.');
    if (!model || !dot) {
        return;
    }
    uint32_t tensor = 0;
    char *base = strndup(c->prefix, (size_t)(dot - c->prefix));
    struct utvm_error *error =
        base ? utvm_tensor_lookup(model, base, &tensor) : utvm_error_no_memory();
    utvm_error_drop(error);
    if (error) {
        free(base);
        return;
    }
    static const char *const elements[] = {"real", "raw"};
    char *member = NULL;
    for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
        if (asprintf(&member, "%s.%s", base, elements[i]) >= 0) {
            utvm_completer_add(c, member);
            free(member);
        }
    }
    for (size_t i = UTVM_CONDITION_LAYER_NAMES; utvm_condition_names[i]; i++) {
        if (asprintf(&member, "%s.%s", base, utvm_condition_names[i]) >= 0) {
            utvm_completer_add(c, member);
            free(member);
        }
    }
    free(base);
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_.$", c)) || (unsigned char)c >= 0x80;
}

void utvm_complete_expression(struct completer *c)
{
    size_t start = strlen(c->prefix);
    while (start > 0 && is_name_char(c->prefix[start - 1])) {
        start--;
    }
    if (start > 0) {
        c->stem = strndup(c->prefix, start);
        if (!c->stem) {
            return;
        }
        c->prefix += start;
    }
    if (c->prefix[0] == '$') {
        add_variables(c);
        return;
    }
    add_members(c);
    if (start > 0) {
        utvm_completer_add_tensors(c);
    }
}
