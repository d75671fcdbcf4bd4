// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "repl/bind.h"
#include "repl/human.h"
#include "repl/shell.h"

static struct utvm_error *find_format(const char *text, enum utvm_output_format *ret)
{
    static const struct {
        const char *name;
        enum utvm_output_format format;
    } formats[] = {
        {"text", UTVM_OUTPUT_TEXT}, {"json", UTVM_OUTPUT_JSON}, {"csv", UTVM_OUTPUT_CSV}};
    struct utvm_matches matches = {0};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (utvm_match_prefix(&matches, formats[i].name, text)) {
            *ret = formats[i].format;
        }
    }
    struct utvm_error *error = utvm_matches_result(&matches, "output format", text);
    if (matches.count == 0) {
        utvm_error_drop(error);
        return utvm_error_create(UTVM_ERROR_INVALID, "-o takes text, json or csv, not '%.40s'",
                                 text);
    }
    return error;
}

struct utvm_error *utvm_bind_output(const struct utvm_line *line, enum utvm_output_format *ret)
{
    enum utvm_output_format format = *ret;
    for (size_t i = 0; i + 1 < line->num_tokens; i++) {
        const struct utvm_token *token = &line->tokens[i];
        if (token->quoted) {
            continue;
        }
        if (strcmp(token->text, "--") == 0) {
            break;
        }
        if (utvm_is_output_option(token)) {
            struct utvm_error *error = find_format(line->tokens[++i].text, &format);
            if (error) {
                return error;
            }
        }
    }
    *ret = format;
    return NULL;
}

// ~/x → $HOME/x; other names as they are. *storage owns the result.
static struct utvm_error *expand_file(const char *text, char **storage)
{
    const char *home = getenv("HOME");
    char *path = NULL;
    if (text[0] == '\0') {
        return utvm_error_create(UTVM_ERROR_INVALID, "the file name is empty");
    }
    if (text[0] == '~' && (text[1] == '/' || text[1] == '\0') && home) {
        if (asprintf(&path, "%s%s", home, text + 1) < 0) {
            return utvm_error_no_memory();
        }
    } else {
        path = strdup(text);
        if (!path) {
            return utvm_error_no_memory();
        }
    }
    *storage = path;
    return NULL;
}

static struct utvm_error *bind_choice(const char *const *choices, const char *text, uint32_t *ret)
{
    struct utvm_matches matches = {0};
    struct utvm_text list = {0};
    for (uint32_t i = 0; choices[i]; i++) {
        utvm_text_addf(&list, "%s%s", i ? ", " : "", choices[i]);
        if (strcmp(choices[i], text) == 0) {
            *ret = i;
            utvm_text_deinit(&list);
            return NULL;
        }
        if (utvm_match_prefix(&matches, choices[i], text)) {
            *ret = i;
        }
    }
    struct utvm_error *error = NULL;
    if (matches.count == 0) {
        error = utvm_error_create(UTVM_ERROR_INVALID, "'%.40s' is none of %s", text,
                                  list.data ? list.data : "");
    } else {
        error = utvm_matches_result(&matches, "word", text);
    }
    utvm_text_deinit(&list);
    return error;
}

static struct utvm_error *bind_number(struct utvm_shell *sh, enum utvm_arg_kind kind,
                                      const char *text, struct utvm_bound *ret)
{
    struct utvm_value value = {0};
    struct utvm_error *error = utvm_shell_evaluate(sh, text, &value);
    if (error) {
        return error;
    }
    double number = utvm_value_number(value);
    ret->number = number;
    if (kind == UTVM_ARG_NUMBER) {
        return NULL;
    }
    double limit = kind == UTVM_ARG_ADDRESS ? 4294967295.0 : 2147483647.0;
    if (!(number >= 0 && number <= limit) || number != (double)(uint32_t)number) {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%.40s' is not %s", text,
                                 kind == UTVM_ARG_ADDRESS ? "an address: 0 to 0xffffffff"
                                                          : "a whole number of 0 to 2147483647");
    }
    ret->address = (uint32_t)number;
    ret->count = (uint32_t)number;
    return NULL;
}

static struct utvm_error *find_tensor(const struct utvm_model *model, const char *text,
                                      uint32_t *ret)
{
    struct utvm_error *error = utvm_tensor_lookup(model, text, ret);
    if (error && error->code == UTVM_ERROR_NOT_FOUND && strchr(text, '[')) {
        utvm_error_drop(error);
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "'%.80s': a whole tensor is wanted, not a part of one", text);
    }
    return error;
}

static struct utvm_error *bind_one(struct utvm_shell *sh, enum utvm_arg_kind kind,
                                   const char *const *choices, const char *text, char **storage,
                                   struct utvm_bound *ret, bool *usage)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    struct utvm_error *error = NULL;
    ret->given = true;
    ret->text = text;
    switch (kind) {
    case UTVM_ARG_WORD:
    case UTVM_ARG_SETTING:
    case UTVM_ARG_COMMAND:
    case UTVM_ARG_REST:
        return NULL;
    case UTVM_ARG_LAYER:
        return model ? utvm_model_find_layer(model, text, &ret->index) : NULL;
    case UTVM_ARG_TENSOR:
        return model ? find_tensor(model, text, &ret->index) : NULL;
    case UTVM_ARG_TENSOR_REF:
        return model ? utvm_tensor_ref_parse(model, text, &ret->ref) : NULL;
    case UTVM_ARG_FILE:
        error = expand_file(text, storage);
        ret->text = error ? text : *storage;
        break;
    case UTVM_ARG_CHOICE:
        error = bind_choice(choices, text, &ret->index);
        break;
    case UTVM_ARG_ADDRESS:
    case UTVM_ARG_COUNT:
    case UTVM_ARG_NUMBER:
    case UTVM_ARG_BREAKPOINT:
        error = bind_number(sh, kind, text, ret);
        break;
    }
    *usage = error != NULL;
    return error;
}

struct utvm_error *utvm_bind_values(struct utvm_shell *sh, const struct utvm_command *command,
                                    const struct utvm_binding *binding, struct utvm_args *ret,
                                    bool *usage)
{
    struct utvm_error *error = NULL;
    *usage = false;
    for (unsigned i = 0; i < UTVM_MAX_ARGS && command->args[i].name && !error; i++) {
        const struct utvm_arg *arg = &command->args[i];
        if (!binding->args[i]) {
            continue;
        }
        const char *text = arg->kind == UTVM_ARG_REST ? binding->rest : binding->args[i]->text;
        error = bind_one(sh, arg->kind, arg->choices, text, &ret->texts[i], &ret->arg[i], usage);
    }
    for (unsigned i = 0; i < UTVM_MAX_OPTIONS && command->options[i].name && !error; i++) {
        const struct utvm_option *option = &command->options[i];
        if (!binding->options[i]) {
            continue;
        }
        const char *text = binding->values[i] ? binding->values[i] : binding->options[i]->text;
        ret->option[i].given = true;
        if (option->value) {
            error = bind_one(sh, option->kind, option->choices, text,
                             &ret->texts[UTVM_MAX_ARGS + i], &ret->option[i], usage);
            error = utvm_error_prefix(error, "%s", option->name);
        }
    }
    return error;
}

void utvm_args_deinit(struct utvm_args *args)
{
    for (size_t i = 0; i < UTVM_MAX_ARGS + UTVM_MAX_OPTIONS; i++) {
        free(args->texts[i]);
        args->texts[i] = NULL;
    }
}
