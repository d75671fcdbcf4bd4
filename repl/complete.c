// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "repl/alias.h"
#include "repl/complete_impl.h"
#include "repl/parse.h"

void utvm_completer_add(struct completer *c, const char *name)
{
    struct utvm_completions *f = c->found;
    if (strncmp(name, c->prefix, strlen(c->prefix)) != 0) {
        return;
    }
    if (f->count == f->capacity) {
        size_t capacity = f->capacity ? f->capacity * 2 : 16;
        char **list = realloc(f->list, capacity * sizeof(*list));
        if (!list) {
            return;
        }
        f->list = list;
        f->capacity = capacity;
    }
    char *copy = NULL;
    if (asprintf(&copy, "%s%s", c->stem ? c->stem : "", name) >= 0) {
        f->list[f->count++] = copy;
    }
}

void utvm_completer_add_words(struct completer *c, const char *const *words)
{
    for (size_t i = 0; words && words[i]; i++) {
        utvm_completer_add(c, words[i]);
    }
}

static void add_commands(struct completer *c)
{
    for (size_t i = 0; utvm_commands[i]; i++) {
        utvm_completer_add(c, utvm_commands[i]->name);
    }
    for (size_t i = 0; i < c->sh->num_macros; i++) {
        utvm_completer_add(c, c->sh->macros[i].name);
    }
}

static void add_layers(struct completer *c)
{
    const struct utvm_model *model = utvm_shell_model(c->sh);
    char index[16];
    for (uint32_t i = 0; model && i < model->num_layers; i++) {
        utvm_completer_add(c, model->layers[i].name);
        snprintf(index, sizeof(index), "#%u", i);
        if (c->prefix[0] == '#') {
            utvm_completer_add(c, index);
        }
    }
}

void utvm_completer_add_tensors(struct completer *c)
{
    const struct utvm_model *model = utvm_shell_model(c->sh);
    for (uint32_t i = 0; model && i < model->num_tensors; i++) {
        utvm_completer_add(c, model->tensors[i].name);
    }
    if (model) {
        utvm_completer_add(c, "input");
        utvm_completer_add(c, "output");
    }
}

static void add_settings(struct completer *c)
{
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        utvm_completer_add(c, utvm_setting_row((enum utvm_setting)i)->name);
    }
}

static void add_breakpoints(struct completer *c)
{
    char number[16];
    for (size_t i = 0; i < utvm_session_num_breakpoints(c->sh->session); i++) {
        snprintf(number, sizeof(number), "%u", utvm_session_breakpoint(c->sh->session, i)->number);
        utvm_completer_add(c, number);
    }
}

// Entries of a directory; "~/" stands for the home directory while looking.
static void add_files(struct completer *c)
{
    const char *slash = strrchr(c->prefix, '/');
    size_t length = slash ? (size_t)(slash - c->prefix) + 1 : 0;
    const char *home = getenv("HOME");
    char *directory = NULL;
    int made = 0;
    if (length >= 2 && c->prefix[0] == '~' && c->prefix[1] == '/' && home) {
        made = asprintf(&directory, "%s/%.*s", home, (int)(length - 2), c->prefix + 2);
    } else {
        made = asprintf(&directory, "%.*s", length ? (int)length : 1, length ? c->prefix : ".");
    }
    DIR *dir = made < 0 ? NULL : opendir(directory);
    const struct dirent *entry = NULL;
    while (dir && (entry = readdir(dir))) {
        bool hidden = entry->d_name[0] == '.';
        if (hidden && c->prefix[length] != '.') {
            continue;
        }
        struct stat status;
        bool is_dir =
            fstatat(dirfd(dir), entry->d_name, &status, 0) == 0 && S_ISDIR(status.st_mode);
        char *path = NULL;
        if (asprintf(&path, "%.*s%s%s", (int)length, c->prefix, entry->d_name, is_dir ? "/" : "") >=
            0) {
            utvm_completer_add(c, path);
            free(path);
        }
    }
    if (dir) {
        closedir(dir);
    }
    if (made >= 0) {
        free(directory);
    }
    c->found->files = true;
}

static void add_kind(struct completer *c, enum utvm_arg_kind kind, const char *const *choices)
{
    switch (kind) {
    case UTVM_ARG_LAYER:
        add_layers(c);
        break;
    case UTVM_ARG_TENSOR:
    case UTVM_ARG_TENSOR_REF:
        utvm_completer_add_tensors(c);
        break;
    case UTVM_ARG_FILE:
        add_files(c);
        break;
    case UTVM_ARG_CHOICE:
        utvm_completer_add_words(c, choices);
        break;
    case UTVM_ARG_SETTING:
        add_settings(c);
        break;
    case UTVM_ARG_COMMAND:
        add_commands(c);
        break;
    case UTVM_ARG_BREAKPOINT:
        add_breakpoints(c);
        break;
    case UTVM_ARG_WORD:
    case UTVM_ARG_ADDRESS:
    case UTVM_ARG_COUNT:
    case UTVM_ARG_NUMBER:
    case UTVM_ARG_REST:
        break;
    }
}

static void add_options(struct completer *c, const struct utvm_command *command)
{
    for (unsigned i = 0; command->options[i].name; i++) {
        utvm_completer_add(c, command->options[i].name);
    }
    utvm_completer_add(c, "-o");
}

static const struct utvm_option *option_with_value(const struct utvm_command *command,
                                                   const char *text)
{
    for (unsigned i = 0; command->options[i].name; i++) {
        if (command->options[i].value && strcmp(command->options[i].name, text) == 0) {
            return &command->options[i];
        }
    }
    return NULL;
}

// `set NAME …`: what the setting takes.
static bool add_setting_values(struct completer *c, const struct utvm_line *line)
{
    static const char *const flags[] = {"on", "off", NULL};
    static const char *const targets[] = {"embedded-stlink", "embedded-bitbang", NULL};
    enum utvm_setting which = UTVM_SET_COUNT;
    if (line->num_tokens == 0 || !utvm_setting_exact(line->tokens[0].text, &which)) {
        return false;
    }
    const struct utvm_setting_row *row = utvm_setting_row(which);
    if (row->type == UTVM_SETTING_BOOL) {
        utvm_completer_add_words(c, flags);
    } else if (row->type == UTVM_SETTING_CHOICE) {
        utvm_completer_add_words(c, row->choices);
    } else if (row->type == UTVM_SETTING_FILE) {
        add_files(c);
    }
    if (which == UTVM_SET_LOGGING) {
        utvm_completer_add_words(c, flags);
    } else if (which == UTVM_SET_TARGET) {
        utvm_completer_add_words(c, targets);
    }
    return true;
}

// What follows the first word of 'info' and 'expect'. @return false when that says nothing
static bool complete_sub_command(struct completer *c, const struct utvm_command *command,
                                 const char *word)
{
    static const char *const total[] = {"total", NULL};
    const struct utvm_model *model = utvm_shell_model(c->sh);
    if (strcmp(command->name, "info") == 0 && strncmp("layers", word, strlen(word)) == 0) {
        add_layers(c);
        return true;
    }
    if (strcmp(command->name, "expect") == 0 && strcmp(word, "cycles") == 0) {
        add_layers(c);
        utvm_completer_add_words(c, total);
        return true;
    }
    if (strcmp(command->name, "expect") == 0 && strcmp(word, "class") == 0) {
        for (uint32_t i = 0; model && i < model->num_labels; i++) {
            utvm_completer_add(c, model->labels[i]);
        }
        return true;
    }
    return false;
}

// Operator kinds of the model's layers, and 'if' behind them.
static void add_break_words(struct completer *c, unsigned place)
{
    static const char *const condition[] = {"if", NULL};
    const struct utvm_model *model = utvm_shell_model(c->sh);
    for (uint32_t i = 0; model && i < model->num_layers; i++) {
        utvm_completer_add(c, model->layers[i].operator_name);
    }
    if (place == 1) {
        utvm_completer_add_words(c, condition);
    }
}

static bool takes_expression(const struct utvm_command *command, const struct utvm_arg *arg)
{
    return command->flags & (UTVM_COMMAND_OPERATORS | UTVM_COMMAND_EXPRESSION) ||
           arg->kind == UTVM_ARG_COUNT || arg->kind == UTVM_ARG_NUMBER ||
           arg->kind == UTVM_ARG_ADDRESS ||
           (arg->kind == UTVM_ARG_REST && arg->also == UTVM_ARG_TENSOR);
}

static void complete_argument(struct completer *c, const struct utvm_command *command,
                              const struct utvm_line *line)
{
    static const char *const formats[] = {"text", "json", "csv", NULL};
    unsigned place = 0;
    const char *previous = "";
    for (size_t i = 0; i < line->num_tokens; i++) {
        const char *text = line->tokens[i].text;
        bool value = option_with_value(command, previous) || strcmp(previous, "-o") == 0;
        place += !value && text[0] != '-';
        previous = text;
    }
    const struct utvm_option *option = option_with_value(command, previous);
    if (strcmp(previous, "-o") == 0) {
        utvm_completer_add_words(c, formats);
        return;
    }
    if (option) {
        add_kind(c, option->kind, option->choices);
        return;
    }
    if (c->prefix[0] == '-') {
        add_options(c, command);
    }
    if (c->found->count > 0) {
        return;
    }
    if (strcmp(command->name, "set") == 0 && place > 0) {
        if (!add_setting_values(c, line)) {
            utvm_completer_add_tensors(c);
            utvm_complete_expression(c);
        }
        return;
    }
    if (place > 0 && complete_sub_command(c, command, line->tokens[0].text)) {
        return;
    }
    const struct utvm_arg *arg = utvm_command_arg(command, place);
    if (!arg) {
        return;
    }
    add_kind(c, arg->kind, arg->choices);
    utvm_completer_add_words(c, arg->alternatives);
    if (arg->also != arg->kind) {
        add_kind(c, arg->also, NULL);
    }
    // An optional argument may have been left out.
    const struct utvm_arg *next = utvm_command_arg(command, place + 1);
    if (arg->optional && next && next != arg) {
        add_kind(c, next->kind, next->choices);
    }
    // Names that mean a tensor where a setting may stand, too.
    if (arg->kind == UTVM_ARG_REST && arg->also == UTVM_ARG_SETTING) {
        utvm_completer_add_tensors(c);
    }
    if (arg->kind == UTVM_ARG_REST && arg->also == UTVM_ARG_LAYER) {
        add_break_words(c, place);
    }
    if (takes_expression(command, arg) && c->found->count == 0) {
        utvm_complete_expression(c);
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(struct utvm_completions *f)
{
    if (f->count == 0) {
        return;
    }
    qsort(f->list, f->count, sizeof(*f->list), compare_names);
    size_t kept = 1;
    for (size_t i = 1; i < f->count; i++) {
        if (strcmp(f->list[i], f->list[kept - 1]) == 0) {
            free(f->list[i]);
        } else {
            f->list[kept++] = f->list[i];
        }
    }
    f->count = kept;
}

static void complete_line(struct completer *c, const char *before)
{
    struct utvm_head head;
    struct utvm_error *error = utvm_parse_head(before, &head);
    if (error) {
        utvm_error_drop(error);
        return;
    }
    if (head.name[0] == '\0') {
        add_commands(c);
        return;
    }
    const struct utvm_command *command = NULL;
    error = utvm_alias_find_command(c->sh, head.name, &command);
    if (error) {
        utvm_error_drop(error);
        return;
    }
    unsigned flags = utvm_command_parse_flags(command) | UTVM_PARSE_LENIENT;
    struct utvm_line line = {0};
    error = utvm_parse_line(before + head.length, flags, &line);
    if (error) {
        utvm_error_drop(error);
        return;
    }
    if (line.redirect == UTVM_REDIRECT_FILE || line.redirect == UTVM_REDIRECT_APPEND) {
        add_files(c);
    } else if (line.redirect == UTVM_REDIRECT_NONE) {
        complete_argument(c, command, &line);
    }
    utvm_line_deinit(&line);
}

void utvm_complete(struct utvm_shell *sh, const char *line, size_t start, size_t point,
                   struct utvm_completions *ret)
{
    *ret = (struct utvm_completions){0};
    char *before = strndup(line, start);
    char *word = strndup(line + start, point - start);
    if (before && word) {
        struct completer c = {.sh = sh, .found = ret, .prefix = word};
        complete_line(&c, before);
        free(c.stem);
        sort_unique(ret);
    }
    free(before);
    free(word);
}

void utvm_completions_deinit(struct utvm_completions *completions)
{
    for (size_t i = 0; i < completions->count; i++) {
        free(completions->list[i]);
    }
    free(completions->list);
    *completions = (struct utvm_completions){0};
}
