// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "repl/commands/common.h"
#include "repl/script.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    const char *name = args->arg[0].text;
    char *body = NULL;
    struct utvm_error *error = utvm_shell_read_body(sh, &body);
    if (error) {
        return error;
    }
    const struct utvm_command *own = NULL;
    struct utvm_error *missing = utvm_command_find(name, &own);
    utvm_error_drop(missing);
    bool taken = !missing && strcmp(own->name, name) == 0;
    if (!taken || utvm_shell_confirm(sh, "It is a command of utvm. Redefine it?")) {
        error = utvm_macro_define(sh, name, body);
    }
    free(body);
    return error;
}

const struct utvm_command utvm_command_define = {
    .name = "define",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "make a command of the lines up to 'end'",
    .detail = "In the lines $arg0, $arg1, … are the words of the call and $argc is their number.",
    .example = "define twice",
    .args = {{.name = "NAME", .kind = UTVM_ARG_WORD, .also = UTVM_ARG_WORD}},
    .run = run,
};
