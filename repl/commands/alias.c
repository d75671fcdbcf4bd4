// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/alias.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "repl/commands/common.h"

static struct utvm_error *list(struct utvm_shell *sh, FILE *out)
{
    static const struct utvm_column columns[] = {{"name", "alias", UTVM_CELL_TEXT, true},
                                                 {"command", "stands for", UTVM_CELL_TEXT, true}};
    struct utvm_document *doc = utvm_document_create("aliases");
    struct utvm_table *table = utvm_document_table(doc, "aliases", NULL, columns, 2);
    size_t count = 0;
    for (size_t i = 0; i < sh->num_macros; i++) {
        if (sh->macros[i].is_alias) {
            utvm_table_row(table);
            utvm_table_text(table, "%s", sh->macros[i].name);
            utvm_table_text(table, "%s", sh->macros[i].body);
            count++;
        }
    }
    if (count == 0) {
        utvm_document_note(doc, "No aliases.");
    }
    return utvm_shell_emit(sh, doc, out);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    if (!args->arg[0].given) {
        return list(sh, out);
    }
    const char *text = args->arg[0].text;
    if (strncmp(text, "-a ", 3) == 0) { // GDB's word for: not in completion
        text += 3;
    }
    const char *equals = strchr(text, '=');
    char *name = utvm_text_trimmed(text, equals ? (size_t)(equals - text) : 0);
    char *expansion = equals ? utvm_text_trimmed(equals + 1, strlen(equals + 1)) : NULL;
    struct utvm_error *error = NULL;
    if (!equals || (name && !name[0]) || (expansion && !expansion[0])) {
        sh->usage_error = true;
        error = utvm_error_create(UTVM_ERROR_INVALID, "alias: usage: alias NAME = COMMAND");
    } else if (!name || !expansion) {
        error = utvm_error_no_memory();
    } else {
        error = utvm_alias_define(sh, name, expansion);
        error = utvm_error_prefix(error, "alias");
    }
    free(name);
    free(expansion);
    return error;
}

const struct utvm_command utvm_command_alias = {
    .name = "alias",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "another name for a command and its first arguments",
    .detail = "What follows the name in a line follows COMMAND then. Without NAME it lists the "
              "aliases. A name for several lines is made by 'define'.",
    .example = "alias px = print/x",
    .flags = UTVM_COMMAND_RAW,
    .args = {{.name = "NAME = COMMAND",
              .kind = UTVM_ARG_REST,
              .optional = true,
              .also = UTVM_ARG_WORD}},
    .run = run,
};
