// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "repl/commands/display.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    if (!args->arg[0].given && sh->num_displays > 0 &&
        !utvm_shell_confirm(sh, "Take away all displays?")) {
        return NULL;
    }
    bool found = !args->arg[0].given;
    size_t kept = 0;
    for (size_t i = 0; i < sh->num_displays; i++) {
        if (args->arg[0].given && sh->displays[i].number != args->arg[0].count) {
            sh->displays[kept++] = sh->displays[i];
        } else {
            found = true;
            free(sh->displays[i].text);
        }
    }
    sh->num_displays = kept;
    if (!found) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "no display %u; 'info display' lists them",
                                 args->arg[0].count);
    }
    return NULL;
}

const struct utvm_command utvm_command_undisplay = {
    .name = "undisplay",
    .group = UTVM_GROUP_LOOKING,
    .summary = "take away what 'display' prints at every stop",
    .detail = "Without N all of it, after asking.",
    .example = "undisplay",
    .args = {{.name = "N", .kind = UTVM_ARG_COUNT, .optional = true}},
    .run = run,
};
