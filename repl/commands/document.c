// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>

#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    char *body = NULL;
    struct utvm_error *error = utvm_shell_read_body(sh, &body);
    if (error) {
        return error;
    }
    struct utvm_macro *macro = utvm_shell_find_macro(sh, args->arg[0].text);
    if (!macro) {
        free(body);
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "'%s' is no command that was defined",
                                 args->arg[0].text);
    }
    free(macro->document);
    macro->document = body;
    return NULL;
}

const struct utvm_command utvm_command_document = {
    .name = "document",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "help for a command made by 'define', up to 'end'",
    .example = "document twice",
    .args = {{.name = "NAME", .kind = UTVM_ARG_COMMAND}},
    .run = run,
};
