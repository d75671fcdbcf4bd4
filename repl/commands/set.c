// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "repl/commands/assign.h"
#include "repl/parse.h"
#include "repl/scope.h"

const char *utvm_find_equals(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '[' || *p == '(') {
            size_t close = utvm_parse_closing(p, 0);
            p = close == SIZE_MAX ? p : p + close;
        } else if (*p == '=' && p[1] != '=' && (p == text || !strchr("=<>!", p[-1]))) {
            return p;
        }
    }
    return NULL;
}

// One quoted word loses its quotes; anything else stays as it was typed.
static char *setting_text(const char *text)
{
    struct utvm_line words = {0};
    struct utvm_error *error = utvm_parse_line(text, UTVM_PARSE_OPERATORS, &words);
    char *result = NULL;
    if (!error && words.num_tokens == 1) {
        result = strdup(words.tokens[0].text);
    } else {
        result = utvm_text_trimmed(text, strlen(text));
    }
    utvm_error_drop(error);
    utvm_line_deinit(&words);
    return result;
}

static struct utvm_error *set_setting(struct utvm_shell *sh, enum utvm_setting which,
                                      const char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    if (*text == '=') {
        text++;
    }
    char *value = setting_text(text);
    if (!value) {
        return utvm_error_no_memory();
    }
    bool flag = utvm_setting_row(which)->type == UTVM_SETTING_BOOL;
    if (!flag && text[strspn(text, " \t")] == '\0') {
        free(value);
        sh->usage_error = true;
        return utvm_error_create(
            UTVM_ERROR_INVALID, "set %s: a value must follow%s", utvm_setting_row(which)->name,
            utvm_setting_row(which)->type >= UTVM_SETTING_TEXT ? "; '' is an empty one" : "");
    }
    char *before = strdup(utvm_settings_text(&sh->settings, which));
    bool changed = sh->settings.changed[which];
    struct utvm_error *error =
        utvm_settings_set(&sh->settings, which, flag && !value[0] ? "on" : value);
    free(value);
    if (error) {
        sh->usage_error = true;
    } else {
        error = utvm_shell_apply_setting(sh, which);
        if (error && before && which != UTVM_SET_LOGGING) {
            // It cannot be used: the old value stays. (A log says itself whether it goes on.)
            utvm_error_drop(utvm_settings_set(&sh->settings, which, before));
            sh->settings.changed[which] = changed;
        }
    }
    free(before);
    return error;
}

static struct utvm_error *set_variable(struct utvm_shell *sh, const char *name, const char *text)
{
    struct utvm_value value;
    struct utvm_error *error = utvm_shell_evaluate(sh, text, &value);
    return error ? error : utvm_scope_assign(sh, name, value);
}

// "set var NAME = VALUE" is what GDB's users type.
static const char *skip_var(const char *text)
{
    size_t word = strcspn(text, " \t=");
    bool is_var = word >= 3 && word <= strlen("variable") && strncmp("variable", text, word) == 0;
    return is_var && strchr(text, '=') && isspace((unsigned char)text[word]) ? text + word + 1
                                                                             : text;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    const char *text = skip_var(args->arg[0].text);
    size_t word = strcspn(text, " \t=");
    char *name = strndup(text, word);
    const char *equals = utvm_find_equals(text);
    enum utvm_setting which = UTVM_SET_COUNT;
    if (!name) {
        return utvm_error_no_memory();
    }
    size_t words = word;
    if (utvm_setting_of_words(text, &which, &words) || utvm_setting_exact(name, &which)) {
        word = words;
        free(name);
        return set_setting(sh, which, text + word);
    }
    struct utvm_error *error = NULL;
    if (equals) {
        char *left = utvm_text_trimmed(text, (size_t)(equals - text));
        if (!left) {
            error = utvm_error_no_memory();
        } else if (left[0] == '$') {
            error = set_variable(sh, left, equals + 1);
        } else {
            error = utvm_shell_require(sh, UTVM_NEEDS_MODEL);
            if (!error) {
                error = utvm_assign_tensor(sh, left, equals + 1, args->letters[0] == 'f');
            }
        }
        free(left);
    } else {
        error = name[0] == '$' ? utvm_error_create(UTVM_ERROR_INVALID, "set %.60s = VALUE", name)
                               : utvm_setting_find(name, &which);
        sh->usage_error = error != NULL;
        if (!error) {
            error = set_setting(sh, which, text + word);
        }
    }
    free(name);
    return error;
}

const struct utvm_command utvm_command_set = {
    .name = "set",
    .group = UTVM_GROUP_CHANGING,
    .summary = "set a setting, a $variable or elements of a tensor",
    .detail = "set width 100 · set $x = 3 * 4 · set conv1[0, 0, :, 0] = 0. Tensor values are raw; "
              "set/f takes real values. A list [1, 2, 3] gives each element its own. set $r0 = 1 "
              "writes a register of the core. An input keeps "
              "its value for all inferences; other tensors are changed in the target's memory now. "
              "'help set NAME' explains a setting.",
    .example = "set input[0, 0, 0, :] = 0",
    .flags = UTVM_COMMAND_OPERATORS | UTVM_COMMAND_LETTERS,
    .args = {{.name = "SETTING VALUE|$NAME = VALUE|TENSOR = VALUE",
              .kind = UTVM_ARG_REST,
              .also = UTVM_ARG_SETTING}},
    .run = run,
};
