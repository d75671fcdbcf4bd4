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
        {"awatch", "'watch TENSOR' stops when it is written"},
        {"catch", "a fault always stops; 'break' and 'watch' stop at layers and tensors"},
        {"cd", "names of files are relative to where utvm was started"},
        {"checkpoint", "'back' and 'restart LAYER' go back without one"},
        {"clear", "'delete N' deletes breakpoints"},
        {"detach", "'disconnect' lets go of the target"},
        {"directory", "sources are those that the kernels were built from"},
        {"down", "there are no frames: 'where' shows the position"},
        {"exec-file", "'file' opens a model"},
        {"edit", "'!$EDITOR FILE' runs a program"},
        {"find", "'x' examines memory, 'stats' and 'hist' a tensor"},
        {"frame", "there are no frames: 'where' shows the position"},
        {"gcore", "'dump --all FILE.npz' keeps a run, 'report' a profile"},
        {"generate-core-file", "'dump --all FILE.npz' keeps a run, 'report' a profile"},
        {"hbreak", "'break' needs no hardware and has no limit"},
        {"inspect", "'print' shows values"},
        {"jump", "'restart LAYER' goes back to a layer, 'call LAYER' runs one out of order"},
        {"kill", "'disconnect' ends what was started, 'reset' resets the chip"},
        {"layout", "there is no full-screen mode: 'list' and 'disassemble' show code"},
        {"ls", "'!ls' runs a program"},
        {"make", "'!make' runs a program, 'build' compiles a model"},
        {"nexti", "the steps are layers: 'step'"},
        {"output", "'print' or 'printf' show values"},
        {"ptype", "'info tensors NAME' describes a tensor"},
        {"pwd", "'!pwd' runs a program"},
        {"python", "there is none inside: '-o json' and '| PROGRAM' hand results on"},
        {"rbreak", "'break' takes patterns: break conv*"},
        {"return", "'finish' ends a layer, 'back' takes it back"},
        {"reverse-continue", "'back N' takes back layers, 'restart' all of them"},
        {"reverse-next", "'back' takes back a layer"},
        {"reverse-step", "'back' takes back a layer"},
        {"rwatch", "'watch TENSOR' stops when it is written"},
        {"search", "'list' shows source, 'apropos' searches the help"},
        {"skip", "layers cannot be left out; 'call LAYER' runs one out of order"},
        {"start", "'restart' goes to before the first layer, 'run' runs"},
        {"stepi", "the steps are layers: 'step'"},
        {"symbol-file", "'file' opens a model"},
        {"target", "'connect' finds the target"},
        {"thbreak", "'tbreak' needs no hardware and has no limit"},
        {"thread", "the core has one thread"},
        {"tui", "there is no full-screen mode: 'list' and 'disassemble' show code"},
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

// Whole words that are as good as a command's name.
static const char *synonym(const char *name)
{
    static const char *const synonyms[][2] = {{"backtrace", "where"}, {"exit", "quit"}};
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        if (strcmp(synonyms[i][0], name) == 0) {
            return synonyms[i][1];
        }
    }
    return name;
}

struct utvm_error *utvm_command_find(const char *name, const struct utvm_command **ret)
{
    name = synonym(name);
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
