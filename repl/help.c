// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/help.h"

#include <stdlib.h>
#include <string.h>

#include "repl/human.h"

void utvm_help_fill(FILE *out, const char *text, unsigned width, unsigned indent, bool started)
{
    unsigned column = 0;
    if (started) {
        size_t word = strcspn(text, " \n");
        fprintf(out, "%.*s", (int)word, text);
        column = indent + (unsigned)word;
        text += word;
        text += *text == ' ';
    }
    while (*text) {
        if (*text == '\n') {
            fputc('\n', out);
            column = 0;
            text++;
            continue;
        }
        size_t word = strcspn(text, " \n");
        if (column > 0 && column + 1 + word > width) {
            fputc('\n', out);
            column = 0;
        }
        if (column == 0) {
            column = indent + (unsigned)word;
            fprintf(out, "%*s%.*s", (int)indent, "", (int)word, text);
        } else {
            column += 1 + (unsigned)word;
            fprintf(out, " %.*s", (int)word, text);
        }
        text += word;
        text += *text == ' ';
    }
    fputc('\n', out);
}

void utvm_help_group(FILE *out, enum utvm_group group)
{
    for (size_t i = 0; utvm_commands[i]; i++) {
        const struct utvm_command *command = utvm_commands[i];
        if (command->group == group) {
            char name[40];
            snprintf(name, sizeof(name), "%s%s%s", command->name, command->alias ? ", " : "",
                     command->alias ? command->alias : "");
            fprintf(out, "  %-14s %s\n", name, command->summary);
        }
    }
}

static bool group_has_commands(enum utvm_group group)
{
    for (size_t i = 0; utvm_commands[i]; i++) {
        if (utvm_commands[i]->group == group) {
            return true;
        }
    }
    return false;
}

void utvm_help_overview(FILE *out, const struct utvm_macro *macros, size_t num_macros)
{
    for (unsigned group = 0; group < UTVM_GROUP_COUNT; group++) {
        if (group_has_commands((enum utvm_group)group)) {
            fprintf(out, "%s\n", utvm_group_title((enum utvm_group)group));
            utvm_help_group(out, (enum utvm_group)group);
        }
    }
    if (num_macros > 0) {
        fputs("defined here\n", out);
    }
    for (size_t i = 0; i < num_macros; i++) {
        const char *text = macros[i].is_alias ? macros[i].body : "";
        text = macros[i].document ? macros[i].document : text;
        fprintf(out, "  %-14s ", macros[i].name);
        char *line = strndup(text, strcspn(text, "\n"));
        utvm_human_write(out, line ? line : "", false);
        free(line);
        fputc('\n', out);
    }
    fputs("\nUnique prefixes will do. 'help COMMAND' has more, 'apropos WORD' searches.\n", out);
}

bool utvm_help_group_named(const char *name, enum utvm_group *ret)
{
    for (unsigned group = 0; group < UTVM_GROUP_COUNT; group++) {
        const char *title = utvm_group_title((enum utvm_group)group);
        if (strncmp(title, name, strlen(name)) == 0 && strlen(name) == strcspn(title, " ")) {
            *ret = (enum utvm_group)group;
            return true;
        }
    }
    return false;
}

void utvm_help_command(FILE *out, const struct utvm_command *command, unsigned width)
{
    char *usage = utvm_command_usage(command);
    width = width == 0 || width > 80 ? 80 : width;
    fprintf(out, "%s\n", usage ? usage : command->name);
    free(usage);
    fprintf(out, "  %s\n", command->summary);
    if (command->detail) {
        fputc('\n', out);
        utvm_help_fill(out, command->detail, width, 2, false);
    }
    for (unsigned i = 0; command->options[i].name; i++) {
        const struct utvm_option *option = &command->options[i];
        char name[40];
        snprintf(name, sizeof(name), "%s%s%s", option->name, option->value ? " " : "",
                 option->value ? option->value : "");
        fprintf(out, "%s  %-18s %s\n", i ? "" : "\n", name, option->help);
    }
    if (command->alias) {
        fprintf(out, "\n  short: %s\n", command->alias);
    }
    fprintf(out, "\n  example: %s\n", command->example);
}

void utvm_help_setting(FILE *out, enum utvm_setting which, const char *value)
{
    const struct utvm_setting_row *row = utvm_setting_row(which);
    static const char *const types[] = {"on|off", "N", "X", NULL, "TEXT", "FILE"};
    fprintf(out, "set %s ", row->name);
    if (row->type == UTVM_SETTING_CHOICE) {
        for (size_t i = 0; row->choices[i]; i++) {
            fprintf(out, "%s%s", i ? "|" : "", row->choices[i]);
        }
    } else {
        fputs(types[row->type], out);
    }
    fprintf(out, "\n  %s\n  now: ", row->help);
    utvm_human_write(out, value, false);
    fprintf(out, "\n  default: %s\n", row->initial);
}
