// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/bind.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "repl/human.h"

static struct utvm_error *usage_error(const struct utvm_command *command, const char *what)
{
    char *usage = utvm_command_usage(command);
    struct utvm_error *error =
        utvm_error_create(UTVM_ERROR_INVALID, "%s; usage: %s", what, usage ? usage : command->name);
    free(usage);
    return error;
}

static bool looks_like_option(const struct utvm_token *token)
{
    const char *text = token->text;
    return !token->quoted && text[0] == '-' && (text[1] == '-' || isalpha((unsigned char)text[1]));
}

bool utvm_is_output_option(const struct utvm_token *token)
{
    return strcmp(token->text, "-o") == 0 || strcmp(token->text, "--output") == 0;
}

static bool has_rest(const struct utvm_command *command)
{
    for (unsigned i = 0; command->args[i].name; i++) {
        if (command->args[i].kind == UTVM_ARG_REST) {
            return true;
        }
    }
    return false;
}

// Finds an option by its name, or by a unique prefix of a long one. SIZE_MAX when unknown.
static size_t find_option(const struct utvm_command *command, const char *text, size_t length)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; command->options[i].name; i++) {
        const char *name = command->options[i].name;
        if (strncmp(name, text, length) != 0) {
            continue;
        }
        if (name[length] == '\0') {
            return i;
        }
        if (length > 2) {
            found = found == SIZE_MAX ? i : SIZE_MAX - 1;
        }
    }
    return found >= SIZE_MAX - 1 ? SIZE_MAX : found;
}

struct binder {
    const struct utvm_command *command;
    const struct utvm_line *line;
    struct utvm_binding *binding;
    const struct utvm_token **words; // positional
    size_t num_words;
    bool *is_option; // per token
};

static struct utvm_error *missing_value(const struct binder *b, const char *name)
{
    struct utvm_error *error = usage_error(b->command, "a value must follow");
    return utvm_error_prefix(error, "%s", name);
}

// Takes one option; *at moves over its value.
static struct utvm_error *take_option(struct binder *b, size_t *at, bool *taken)
{
    const struct utvm_token *token = &b->line->tokens[*at];
    const char *equals = strchr(token->text, '=');
    size_t length = equals ? (size_t)(equals - token->text) : strlen(token->text);
    *taken = true;
    bool is_format = utvm_is_output_option(token);
    size_t which = is_format ? 0 : find_option(b->command, token->text, length);
    if (which == SIZE_MAX) {
        if (has_rest(b->command) && token->text[1] != '-') {
            *taken = false;
            return NULL;
        }
        struct utvm_error *error = usage_error(b->command, "unknown option");
        return utvm_error_prefix(error, "%.60s", token->text);
    }
    b->is_option[*at] = true;
    bool wants_value = is_format || b->command->options[which].value;
    if (!wants_value) {
        b->binding->options[which] = token;
        return equals ? usage_error(b->command, "this option takes no value") : NULL;
    }
    if (equals && !is_format) {
        free(b->binding->values[which]);
        b->binding->values[which] = strdup(equals + 1);
        b->binding->options[which] = token;
        return b->binding->values[which] ? NULL : utvm_error_no_memory();
    }
    if (*at + 1 >= b->line->num_tokens) {
        return missing_value(b, token->text);
    }
    ++*at;
    b->is_option[*at] = true;
    if (!is_format) {
        b->binding->options[which] = &b->line->tokens[*at];
    }
    return NULL;
}

static struct utvm_error *sort_tokens(struct binder *b)
{
    bool options = true;
    for (size_t i = 0; i < b->line->num_tokens; i++) {
        const struct utvm_token *token = &b->line->tokens[i];
        if (options && !token->quoted && strcmp(token->text, "--") == 0) {
            options = false;
            b->is_option[i] = true;
            continue;
        }
        bool taken = false;
        if (options && looks_like_option(token)) {
            struct utvm_error *error = take_option(b, &i, &taken);
            if (error) {
                return error;
            }
        }
        if (!taken) {
            b->words[b->num_words++] = token;
        }
    }
    return NULL;
}

// The text from the first word of the REST argument on, option words left out.
static struct utvm_error *collect_rest(struct binder *b, const struct utvm_token *first)
{
    struct utvm_text text = {0};
    size_t from = first->start;
    for (size_t i = 0; i < b->line->num_tokens; i++) {
        const struct utvm_token *token = &b->line->tokens[i];
        if (token->start < first->start || !b->is_option[i]) {
            continue;
        }
        utvm_text_add(&text, b->line->body + from, token->start - from);
        from = token->end;
    }
    utvm_text_addf(&text, "%s", b->line->body + from);
    char *rest = utvm_text_take(&text);
    if (!rest) {
        return utvm_error_no_memory();
    }
    size_t length = strlen(rest);
    while (length > 0 && isspace((unsigned char)rest[length - 1])) {
        rest[--length] = '\0';
    }
    b->binding->rest = rest;
    return NULL;
}

static struct utvm_error *assign_words(struct binder *b)
{
    const struct utvm_command *command = b->command;
    size_t required = 0;
    size_t total = 0;
    while (command->args[total].name) {
        required += !command->args[total].optional;
        total++;
    }
    if (b->num_words < required) {
        size_t missing = 0;
        size_t seen = 0;
        for (; missing < total; missing++) {
            seen += !command->args[missing].optional;
            if (seen > b->num_words) {
                break;
            }
        }
        char what[80];
        snprintf(what, sizeof(what), "missing %s", command->args[missing].name);
        return usage_error(command, what);
    }
    size_t spare = b->num_words - required;
    size_t next = 0;
    for (size_t i = 0; i < total; i++) {
        const struct utvm_arg *arg = &command->args[i];
        if (arg->optional && spare == 0) {
            continue;
        }
        spare -= arg->optional;
        b->binding->args[i] = b->words[next++];
        if (arg->kind == UTVM_ARG_REST) {
            return collect_rest(b, b->binding->args[i]);
        }
    }
    if (next < b->num_words) {
        return usage_error(command, total ? "too many arguments" : "it takes no arguments");
    }
    return NULL;
}

struct utvm_error *utvm_bind(const struct utvm_command *command, const struct utvm_line *line,
                             struct utvm_binding *ret)
{
    struct utvm_binding binding = {0};
    struct binder b = {.command = command, .line = line, .binding = &binding};
    // NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds
    b.words = calloc(line->num_tokens + 1, sizeof(*b.words));
    b.is_option = calloc(line->num_tokens + 1, sizeof(*b.is_option));
    struct utvm_error *error = NULL;
    if (!b.words || !b.is_option) {
        error = utvm_error_no_memory();
    }
    if (!error) {
        error = sort_tokens(&b);
    }
    if (!error) {
        error = assign_words(&b);
    }
    free(b.words);
    free(b.is_option);
    if (error) {
        utvm_binding_deinit(&binding);
        return utvm_error_prefix(error, "%s", command->name);
    }
    *ret = binding;
    return NULL;
}

void utvm_binding_deinit(struct utvm_binding *binding)
{
    for (size_t i = 0; i < UTVM_MAX_OPTIONS; i++) {
        free(binding->values[i]);
    }
    free(binding->rest);
    *binding = (struct utvm_binding){0};
}
