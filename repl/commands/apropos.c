// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "repl/commands/common.h"
#include "repl/help.h"

static bool mentions(const char *text, const char *word)
{
    return text && strcasestr(text, word);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)sh;
    const char *word = args->arg[0].text;
    unsigned found = 0;
    for (size_t i = 0; utvm_commands[i]; i++) {
        const struct utvm_command *command = utvm_commands[i];
        if (mentions(command->name, word) || mentions(command->summary, word) ||
            mentions(command->detail, word)) {
            fprintf(out, "%-14s %s\n", command->name, command->summary);
            found++;
        }
    }
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        const struct utvm_setting_row *row = utvm_setting_row((enum utvm_setting)i);
        if (mentions(row->name, word) || mentions(row->help, word)) {
            fprintf(out, "set %-22s %s\n", row->name, row->help);
            found++;
        }
    }
    if (found == 0) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "nothing mentions '%.60s'", word);
    }
    return NULL;
}

const struct utvm_command utvm_command_apropos = {
    .name = "apropos",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "commands and settings that mention a word",
    .example = "apropos breakpoint",
    .args = {{.name = "WORD", .kind = UTVM_ARG_REST, .also = UTVM_ARG_WORD}},
    .run = run,
};
