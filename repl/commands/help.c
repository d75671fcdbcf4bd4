// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/help.h"

#include <stdlib.h>
#include <string.h>

#include "repl/commands/common.h"
#include "repl/human.h"

static struct utvm_error *setting(struct utvm_shell *sh, const char *name, FILE *out)
{
    enum utvm_setting which;
    struct utvm_error *error = utvm_setting_find(name, &which);
    if (error) {
        return error;
    }
    utvm_help_setting(out, which, utvm_settings_text(&sh->settings, which));
    return NULL;
}

static bool is_setting_word(const char *word)
{
    return strcmp(word, "set") == 0 || strcmp(word, "show") == 0;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    if (!args->arg[0].given) {
        utvm_help_overview(out, sh->macros, sh->num_macros);
        return NULL;
    }
    const char *name = args->arg[0].text;
    if (args->arg[1].given) {
        if (is_setting_word(name)) {
            return setting(sh, args->arg[1].text, out);
        }
        return utvm_error_create(UTVM_ERROR_INVALID, "help COMMAND, or help set SETTING");
    }
    const struct utvm_macro *macro = utvm_shell_find_macro(sh, name);
    if (macro) {
        if (macro->is_alias) {
            fprintf(out, "%s stands for: ", macro->name);
            utvm_human_write(out, macro->body, false);
            fputc('\n', out);
        }
        if (macro->document || !macro->is_alias) {
            utvm_human_write(out, macro->document ? macro->document : "Not documented.\n", true);
        }
        return NULL;
    }
    enum utvm_group group;
    if (utvm_help_group_named(name, &group)) {
        utvm_help_group(out, group);
        return NULL;
    }
    const struct utvm_command *command = NULL;
    struct utvm_error *error = utvm_command_find(name, &command);
    if (error) {
        return error;
    }
    utvm_help_command(out, command, sh->style.width);
    return NULL;
}

const struct utvm_command utvm_command_help = {
    .name = "help",
    .alias = "h",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "commands by group, one command, or a setting",
    .detail = "help · help COMMAND · help GROUP (its first word) · help set SETTING.",
    .example = "help print",
    .args = {{.name = "COMMAND", .kind = UTVM_ARG_COMMAND, .optional = true},
             {.name = "SETTING", .kind = UTVM_ARG_SETTING, .optional = true}},
    .run = run,
};
