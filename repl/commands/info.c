// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/info.h"

#include <stdlib.h>

#include "core/profile.h"
#include "repl/commands/breakpoints.h"
#include "repl/commands/display.h"

static struct utvm_error *layers(struct utvm_shell *sh, const char *name, FILE *out)
{
    if (!name) {
        return utvm_shell_emit(sh, utvm_layers_document(sh->session), out);
    }
    uint32_t index = 0;
    struct utvm_error *error = utvm_model_find_layer(utvm_shell_model(sh), name, &index);
    return error ? error : utvm_shell_emit(sh, utvm_layer_document(sh, index), out);
}

static struct utvm_error *tensors(struct utvm_shell *sh, const char *name, FILE *out)
{
    if (!name) {
        return utvm_shell_emit(sh, utvm_tensors_document(sh->session), out);
    }
    uint32_t index = 0;
    struct utvm_error *error = utvm_tensor_lookup(utvm_shell_model(sh), name, &index);
    return error ? error : utvm_shell_emit(sh, utvm_tensor_document(sh, index), out);
}

static struct utvm_error *memory(struct utvm_shell *sh, const char *name, FILE *out)
{
    (void)name;
    return utvm_shell_emit(sh, utvm_memory_document(utvm_shell_model(sh)), out);
}

static struct utvm_error *target(struct utvm_shell *sh, const char *name, FILE *out)
{
    (void)name;
    return utvm_shell_emit(sh, utvm_target_document(sh), out);
}

static struct utvm_error *breakpoints(struct utvm_shell *sh, const char *name, FILE *out)
{
    (void)name;
    return utvm_shell_emit(sh, utvm_breakpoints_document(sh, NULL), out);
}

static struct utvm_error *session(struct utvm_shell *sh, const char *name, FILE *out)
{
    (void)name;
    return utvm_shell_emit(sh, utvm_session_document(sh), out);
}

static struct utvm_error *model(struct utvm_shell *sh, const char *name, FILE *out)
{
    (void)name;
    return utvm_shell_emit(sh, utvm_model_document(utvm_shell_model(sh)), out);
}

static struct utvm_error *display(struct utvm_shell *sh, const char *name, FILE *out)
{
    (void)name;
    return utvm_shell_emit(sh, utvm_displays_document(sh), out);
}

static struct utvm_error *registers(struct utvm_shell *sh, const char *name, FILE *out)
{
    return utvm_show_registers(sh, name, false, out);
}

static struct utvm_error *symbol(struct utvm_shell *sh, const char *name, FILE *out)
{
    if (!name) {
        return utvm_error_create(UTVM_ERROR_INVALID, "info symbol: an ADDRESS must follow");
    }
    return utvm_show_symbol(sh, name, out);
}

static const char *const topics[] = {"breakpoints", "display",   "layers",  "memory",
                                     "model",       "registers", "session", "symbol",
                                     "target",      "tensors",   NULL};

static struct utvm_error *list_topics(struct utvm_shell *sh, FILE *out)
{
    // In the order of the topics.
    static const char *const help[] = {"breakpoints and watchpoints, with hits and conditions",
                                       "what 'display' prints at every stop",
                                       "layers in the order they run; NAME: one in full",
                                       "where the model lies and what each layer needs",
                                       "what the model is and how it was built",
                                       "registers of the core",
                                       "what is loaded, the position, cycles so far",
                                       "what lies at an address: info symbol ADDRESS",
                                       "the core, its clock and where its cycles come from",
                                       "tensors, and which hold a value now; NAME: one in full"};
    static const struct utvm_column columns[] = {{"topic", "info", UTVM_CELL_TEXT, false},
                                                 {"help", "shows", UTVM_CELL_TEXT, true}};
    struct utvm_document *doc = utvm_document_create("info");
    struct utvm_table *table = utvm_document_table(doc, "topics", NULL, columns, 2);
    for (size_t i = 0; topics[i]; i++) {
        utvm_table_row(table);
        utvm_table_text(table, "%s", topics[i]);
        utvm_table_text(table, "%s", help[i]);
    }
    return utvm_shell_emit(sh, doc, out);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    // In the order of the topics.
    static const struct {
        unsigned needs;
        struct utvm_error *(*show)(struct utvm_shell *sh, const char *name, FILE *out);
    } rows[] = {
        {0, breakpoints},
        {0, display},
        {UTVM_NEEDS_MODEL, layers},
        {UTVM_NEEDS_MODEL, memory},
        {UTVM_NEEDS_MODEL, model},
        {UTVM_NEEDS_HALTED, registers},
        {0, session},
        {UTVM_NEEDS_MODEL, symbol},
        {UTVM_NEEDS_TARGET, target},
        {UTVM_NEEDS_MODEL, tensors},
    };
    if (!args->arg[0].given) {
        return list_topics(sh, out);
    }
    uint32_t topic = args->arg[0].index;
    struct utvm_error *error = utvm_shell_require(sh, rows[topic].needs);
    const char *name = args->arg[1].given ? args->arg[1].text : NULL;
    return error ? error : rows[topic].show(sh, name, out);
}

const struct utvm_command utvm_command_info = {
    .name = "info",
    .alias = "i",
    .group = UTVM_GROUP_LOOKING,
    .summary = "tables of layers, tensors, memory, target, session, …",
    .detail =
        "'info' lists the topics; 'info layers NAME' and 'info tensors NAME' show one of them "
        "in full, 'info symbol ADDRESS' says what lies there.",
    .example = "info layers",
    .args = {{.name = "TOPIC", .kind = UTVM_ARG_CHOICE, .optional = true, .choices = topics},
             {.name = "NAME", .kind = UTVM_ARG_WORD, .optional = true, .also = UTVM_ARG_TENSOR}},
    .run = run,
};
