// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/command.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "repl/human.h"
#include "repl/parse.h"

const char *utvm_group_title(enum utvm_group group)
{
    static const char *const titles[UTVM_GROUP_COUNT] = {
        [UTVM_GROUP_FILES] = "files and target", [UTVM_GROUP_RUNNING] = "running",
        [UTVM_GROUP_STOPPING] = "stopping",      [UTVM_GROUP_LOOKING] = "looking",
        [UTVM_GROUP_CHANGING] = "changing",      [UTVM_GROUP_JUDGING] = "judging",
        [UTVM_GROUP_TUNING] = "tuning",          [UTVM_GROUP_SCRIPTING] = "scripting",
    };
    return titles[group];
}

char *utvm_command_usage(const struct utvm_command *command)
{
    struct utvm_text text = {0};
    utvm_text_addf(&text, "%s%s", command->name,
                   command->flags & UTVM_COMMAND_LETTERS ? "[/LETTERS]" : "");
    for (unsigned i = 0; command->args[i].name; i++) {
        const struct utvm_arg *arg = &command->args[i];
        utvm_text_addf(&text, arg->optional ? " [%s" : " %s", arg->name);
        if (arg->kind == UTVM_ARG_CHOICE) {
            for (unsigned k = 0; arg->choices[k]; k++) {
                utvm_text_addf(&text, "%s%s", k ? "|" : "=", arg->choices[k]);
            }
        }
        utvm_text_addf(&text, "%s", arg->optional ? "]" : "");
    }
    for (unsigned i = 0; command->options[i].name; i++) {
        const struct utvm_option *option = &command->options[i];
        utvm_text_addf(&text, " [%s%s%s]", option->name, option->value ? " " : "",
                       option->value ? option->value : "");
    }
    return utvm_text_take(&text);
}

// A remark on names that are near to a mistyped one: " (did you mean 'step'?)".
static void near_name(const char *name, char *buffer, size_t size)
{
    const char *best = NULL;
    unsigned least = 3;
    for (size_t i = 0; utvm_commands[i]; i++) {
        unsigned distance = utvm_text_distance(name, utvm_commands[i]->name, 2);
        if (distance < least) {
            least = distance;
            best = utvm_commands[i]->name;
        }
    }
    buffer[0] = '\0';
    if (best && least < strlen(name)) {
        snprintf(buffer, size, "; did you mean '%s'?", best);
    }
}

// What users of GDB type, and what does that here.
static const char *habit(const char *name)
{
    static const struct {
        const char *name;
        const char *hint;
    } habits[] = {
        {"advance", "'until LAYER' runs on to a layer"},
        {"attach", "'connect HOST:PORT' attaches to an OpenOCD that runs"},
        {"clear", "'delete N' deletes breakpoints"},
        {"detach", "'disconnect' lets go of the target"},
        {"down", "there are no frames: 'where' shows the position"},
        {"exec-file", "'file' opens a model"},
        {"frame", "there are no frames: 'where' shows the position"},
        {"inspect", "'print' shows values"},
        {"jump", "'restart LAYER' goes back to a layer, 'call LAYER' runs one out of order"},
        {"kill", "'disconnect' ends what was started, 'reset' resets the chip"},
        {"ls", "'!ls' runs a program"},
        {"nexti", "the steps are layers: 'step'"},
        {"output", "'print' or 'printf' show values"},
        {"ptype", "'info tensors NAME' describes a tensor"},
        {"pwd", "'!pwd' runs a program"},
        {"reverse-step", "'back' takes back a layer"},
        {"rwatch", "'watch TENSOR' stops when it is written"},
        {"start", "'restart' goes to before the first layer, 'run' runs"},
        {"stepi", "the steps are layers: 'step'"},
        {"symbol-file", "'file' opens a model"},
        {"target", "'connect' finds the target"},
        {"thread", "the core has one thread"},
        {"up", "there are no frames: 'where' shows the position"},
        {"whatis", "'info tensors NAME' describes a tensor"},
    };
    for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
        if (strcmp(habits[i].name, name) == 0) {
            return habits[i].hint;
        }
    }
    return NULL;
}

struct utvm_error *utvm_command_find(const char *name, const struct utvm_command **ret)
{
    struct utvm_matches matches = {0};
    const struct utvm_command *found = NULL;
    for (size_t i = 0; utvm_commands[i]; i++) {
        const struct utvm_command *command = utvm_commands[i];
        if (strcmp(command->name, name) == 0 ||
            (command->alias && strcmp(command->alias, name) == 0)) {
            *ret = command;
            return NULL;
        }
        if (utvm_match_prefix(&matches, command->name, name)) {
            found = command;
        }
    }
    if (matches.count == 0 && habit(name)) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "undefined command '%s'; %s", name,
                                 habit(name));
    }
    if (matches.count == 0) {
        char near[96];
        near_name(name, near, sizeof(near));
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "undefined command '%s'%s", name,
                                 near[0] ? near : "; try 'help'");
    }
    if (matches.count == 1) {
        *ret = found;
    }
    return utvm_matches_result(&matches, "command", name);
}

unsigned utvm_command_parse_flags(const struct utvm_command *command)
{
    unsigned flags = 0;
    flags |= command->flags & UTVM_COMMAND_OPERATORS ? UTVM_PARSE_OPERATORS : 0;
    flags |= command->flags & UTVM_COMMAND_EXPRESSION ? UTVM_PARSE_EXPRESSION : 0;
    flags |= command->flags & UTVM_COMMAND_TEXT ? UTVM_PARSE_TEXT : 0;
    return flags;
}

const struct utvm_arg *utvm_command_arg(const struct utvm_command *command, unsigned place)
{
    const struct utvm_arg *last = NULL;
    for (unsigned i = 0; command->args[i].name; i++) {
        last = &command->args[i];
        if (i == place) {
            return last;
        }
    }
    return last && last->kind == UTVM_ARG_REST ? last : NULL;
}
