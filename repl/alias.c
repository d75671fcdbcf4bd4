// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/alias.h"

#include <stdlib.h>
#include <string.h>

#include "repl/script.h"

char *utvm_alias_expand(const struct utvm_macro *alias, const struct utvm_head *head,
                        const char *line)
{
    char *expanded = NULL;
    const char *slash = head->letters[0] ? "/" : "";
    // Letters belong to the command, which arguments may follow already.
    size_t command = strcspn(alias->body, " \t");
    if (asprintf(&expanded, "%.*s%s%s%s%s", (int)command, alias->body, slash, head->letters,
                 alias->body + command, line + head->length) < 0) {
        return NULL;
    }
    return expanded;
}

struct utvm_error *utvm_alias_find_command(const struct utvm_shell *sh, const char *name,
                                           const struct utvm_command **ret)
{
    struct utvm_head head = {.length = 0};
    snprintf(head.name, sizeof(head.name), "%s", name);
    for (unsigned i = 0; i < UTVM_ALIASES_MAX; i++) {
        const struct utvm_macro *macro = utvm_shell_find_macro(sh, head.name);
        if (!macro || !macro->is_alias) {
            return utvm_command_find(head.name, ret);
        }
        struct utvm_error *error = utvm_parse_head(macro->body, &head);
        if (error) {
            return error;
        }
    }
    return utvm_error_create(UTVM_ERROR_INVALID, "the alias '%s' leads to itself", name);
}

// Names of commands, and those that 'define' made, keep their meaning.
static struct utvm_error *check_name(const struct utvm_shell *sh, const char *name)
{
    const struct utvm_command *own = NULL;
    struct utvm_error *error = utvm_command_find(name, &own);
    bool exact =
        !error && (strcmp(own->name, name) == 0 || (own->alias && strcmp(own->alias, name) == 0));
    utvm_error_drop(error);
    if (exact) {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%s' is a command of utvm", name);
    }
    const struct utvm_macro *macro = utvm_shell_find_macro(sh, name);
    if (macro && !macro->is_alias) {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%s' is a command that 'define' has made",
                                 name);
    }
    return NULL;
}

static struct utvm_error *check_expansion(const struct utvm_shell *sh, const char *name,
                                          const char *expansion)
{
    struct utvm_head head;
    struct utvm_error *error = utvm_parse_head(expansion, &head);
    if (error) {
        return error;
    }
    const struct utvm_macro *macro = utvm_shell_find_macro(sh, head.name);
    if (strcmp(head.name, name) == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "the alias '%s' leads to itself", name);
    }
    if (macro && !macro->is_alias) {
        return NULL;
    }
    const struct utvm_command *command = NULL;
    error = utvm_alias_find_command(sh, head.name, &command);
    if (!error && utvm_opens_body(command->name)) {
        error =
            utvm_error_create(UTVM_ERROR_INVALID,
                              "'%s' takes lines up to 'end' and can have no alias", command->name);
    }
    return error;
}

struct utvm_error *utvm_alias_define(struct utvm_shell *sh, const char *name, const char *expansion)
{
    struct utvm_error *error = check_name(sh, name);
    if (!error) {
        error = check_expansion(sh, name, expansion);
    }
    if (!error) {
        error = utvm_macro_define(sh, name, expansion);
    }
    if (!error) {
        utvm_shell_find_macro(sh, name)->is_alias = true;
    }
    return error;
}
