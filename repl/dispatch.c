// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "repl/alias.h"
#include "repl/bind.h"
#include "repl/commands/common.h"
#include "repl/human.h"
#include "repl/interrupt.h"
#include "repl/log.h"
#include "repl/output.h"
#include "repl/script.h"

static struct utvm_error *need(const char *what)
{
    return utvm_error_create(UTVM_ERROR_STATE, "%s", what);
}

struct utvm_error *utvm_shell_require(struct utvm_shell *sh, unsigned needs)
{
    if (needs & (UTVM_NEEDS_MODEL | UTVM_NEEDS_UPLOADED) && !utvm_shell_model(sh)) {
        return need("there is no model; 'file M.elf' opens one");
    }
    struct utvm_target *target = utvm_shell_target(sh);
    const unsigned with_target = UTVM_NEEDS_TARGET | UTVM_NEEDS_HALTED | UTVM_NEEDS_UPLOADED;
    if (needs & with_target && (!target || target->state == UTVM_TARGET_LOST)) {
        const char *lost = "the target is lost; 'connect' or 'load' starts over";
        const char *none = needs & UTVM_NEEDS_UPLOADED
                               ? "the model is not on a target yet; use 'load'"
                               : "there is no target; use 'connect' or 'load'";
        return need(target ? lost : none);
    }
    if (needs & UTVM_NEEDS_UPLOADED && !utvm_session_status(sh->session)->uploaded) {
        return need("the model is not on the target yet; use 'load'");
    }
    if (needs & UTVM_NEEDS_HALTED && target->state == UTVM_TARGET_RUNNING) {
        return need(
            "the core is running; 'monitor halt' halts it where it is, 'reset' starts over");
    }
    return NULL;
}

// The whole rest of the line is the one argument of a RAW command.
static struct utvm_error *run_raw(struct utvm_shell *sh, const struct utvm_command *command,
                                  const char *text, FILE *out)
{
    struct utvm_args args = {.letters = ""};
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    if (*text == '\0' && command->args[0].name && !command->args[0].optional) {
        sh->usage_error = true;
        return utvm_error_create(UTVM_ERROR_INVALID, "%s: missing %s; usage: %s %s", command->name,
                                 command->args[0].name, command->name, command->args[0].name);
    }
    args.arg[0] = (struct utvm_bound){.given = *text != '\0', .text = text};
    struct utvm_error *error = utvm_shell_require(sh, command->needs);
    return error ? error : command->run(sh, &args, out);
}

// Adds to a fault, or to an interruption in mid-layer, where in the model and its source it was.
static struct utvm_error *with_place(struct utvm_shell *sh, struct utvm_error *error)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    const struct utvm_model *model = utvm_shell_model(sh);
    bool fault = error && error->code == UTVM_ERROR_FAULT && status->faulted;
    bool interrupted = error && error->code == UTVM_ERROR_CANCELLED && status->interrupted &&
                       status->next_layer < model->num_layers;
    if (!fault && !interrupted) {
        return error;
    }
    char *line = utvm_source_line(sh, status->stop_pc);
    char where[160] = "";
    if (interrupted) { // the message of a fault says it already
        snprintf(where, sizeof(where), " in layer %u '%.80s' at 0x%08x", status->next_layer,
                 model->layers[status->next_layer].name, status->stop_pc);
    }
    struct utvm_error *longer =
        utvm_error_at(error->code, error->address, "%s%s%s%s", error->message, where,
                      line ? ", " : "", line ? line : "");
    longer->has_address = error->has_address;
    free(line);
    utvm_error_free(error);
    return longer;
}

// Runs a command's handler with its output going where the line says.
static struct utvm_error *run_into_sink(struct utvm_shell *sh, const struct utvm_command *command,
                                        const struct utvm_args *args, const struct utvm_line *line)
{
    struct utvm_sink sink;
    struct utvm_error *error = utvm_sink_open(sh, command, line, &sink);
    if (error) {
        return error;
    }
    error = with_place(sh, command->run(sh, args, sink.stream));
    return utvm_sink_close(sh, command, &sink, error);
}

static struct utvm_error *run_bound(struct utvm_shell *sh, const struct utvm_command *command,
                                    const struct utvm_head *head,
                                    const struct utvm_binding *binding,
                                    const struct utvm_line *line)
{
    struct utvm_args args = {.letters = head->letters};
    bool usage = false;
    struct utvm_error *error = utvm_shell_require(sh, command->needs);
    if (!error) {
        error = utvm_bind_values(sh, command, binding, &args, &usage);
        sh->usage_error = usage;
    }
    if (!error) {
        error = run_into_sink(sh, command, &args, line);
    }
    utvm_args_deinit(&args);
    return error;
}

// The lines that belong to a command in a script are not commands of their own when it is wrong. A
// person at the prompt has not typed them yet.
static void skip_body(struct utvm_shell *sh, const struct utvm_command *command)
{
    char *body = NULL;
    if (utvm_opens_body(command->name) && !(sh->interactive && sh->depth <= 1)) {
        utvm_error_drop(utvm_shell_read_body(sh, &body)); // the command's own error is the first
    }
    free(body);
}

static struct utvm_error *run_line(struct utvm_shell *sh, const struct utvm_command *command,
                                   const struct utvm_head *head, const char *text)
{
    static const struct utvm_line no_redirection;
    if (command->flags & UTVM_COMMAND_RAW) {
        struct utvm_sink sink;
        struct utvm_error *error = utvm_sink_open(sh, command, &no_redirection, &sink);
        if (error) {
            return error;
        }
        return utvm_sink_close(sh, command, &sink, run_raw(sh, command, text, sink.stream));
    }
    struct utvm_line line = {0};
    struct utvm_binding binding = {0};
    sh->usage_error = true; // until the words make sense
    struct utvm_error *error = utvm_parse_line(text, utvm_command_parse_flags(command), &line);
    if (error) {
        return error;
    }
    error = utvm_bind_output(&line, &sh->format);
    if (!error && head->letters[0] && !(command->flags & UTVM_COMMAND_LETTERS)) {
        error =
            utvm_error_create(UTVM_ERROR_INVALID, "%s takes no /%s", command->name, head->letters);
    }
    if (!error) {
        error = utvm_bind(command, &line, &binding);
    }
    if (!error) {
        sh->usage_error = false;
        error = run_bound(sh, command, head, &binding, &line);
    } else {
        skip_body(sh, command);
    }
    utvm_binding_deinit(&binding);
    utvm_line_deinit(&line);
    return error;
}

// A stop at a breakpoint runs the commands that hang on it.
static struct utvm_error *run_breakpoint_commands(struct utvm_shell *sh)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    if (status->reason != UTVM_STOP_BREAKPOINT) {
        return NULL;
    }
    const struct utvm_breakpoint *bp =
        utvm_session_find_breakpoint(sh->session, status->stop_breakpoint);
    if (!bp || !bp->commands) {
        return NULL;
    }
    // A copy: the commands may delete or change the breakpoint.
    char *body = strdup(bp->commands);
    if (!body) {
        return utvm_error_no_memory();
    }
    char name[40];
    snprintf(name, sizeof(name), "commands of breakpoint %u", bp->number);
    const char *cursor = body;
    struct utvm_source source;
    utvm_source_text(&source, name, &cursor);
    struct utvm_error *error = utvm_shell_run_source(sh, &source);
    free(body);
    return error;
}

static struct utvm_error *find(struct utvm_shell *sh, const char *name,
                               const struct utvm_command **command, struct utvm_macro **macro)
{
    *macro = utvm_shell_find_macro(sh, name);
    if (*macro) {
        return NULL;
    }
    struct utvm_error *error = utvm_command_find(name, command);
    if (!error) {
        return NULL;
    }
    struct utvm_matches matches = {0};
    struct utvm_macro *found = NULL;
    for (size_t i = 0; i < sh->num_macros; i++) {
        if (utvm_match_prefix(&matches, sh->macros[i].name, name)) {
            found = &sh->macros[i];
        }
    }
    if (error->code == UTVM_ERROR_NOT_FOUND && matches.count > 0) {
        utvm_error_drop(error);
        *macro = found;
        error = utvm_matches_result(&matches, "command", name);
    }
    sh->usage_error = error != NULL;
    return error;
}

static void note_repeat(struct utvm_shell *sh, const struct utvm_command *command, const char *line)
{
    if (sh->depth > 1 || sh->repeating) {
        return;
    }
    free(sh->repeat);
    sh->repeat = command && command->flags & UTVM_COMMAND_REPEAT ? strdup(line) : NULL;
}

// -o of a line that names no command: its error is wanted in that form.
static void output_of_unknown(struct utvm_shell *sh, const char *text)
{
    struct utvm_line words = {0};
    struct utvm_error *error = utvm_parse_line(text, UTVM_PARSE_LENIENT, &words);
    if (!error) {
        error = utvm_bind_output(&words, &sh->format);
    }
    utvm_error_drop(error); // that there is no such command says more
    utvm_line_deinit(&words);
}

// The line again, with what an alias at its head stands for.
static struct utvm_error *run_alias(struct utvm_shell *sh, const struct utvm_macro *alias,
                                    const struct utvm_head *head, const char *line)
{
    if (sh->num_aliases >= UTVM_ALIASES_MAX) {
        return utvm_error_create(UTVM_ERROR_INVALID, "the alias '%s' leads to itself", head->name);
    }
    char *expanded = utvm_alias_expand(alias, head, line);
    if (!expanded) {
        return utvm_error_no_memory();
    }
    sh->num_aliases++;
    struct utvm_error *error = utvm_shell_execute(sh, expanded);
    sh->num_aliases--;
    free(expanded);
    return error;
}

struct utvm_error *utvm_shell_execute(struct utvm_shell *sh, const char *line)
{
    struct utvm_head head;
    sh->usage_error = true;
    sh->error_told = false;
    sh->format = (enum utvm_output_format)utvm_settings_count(&sh->settings, UTVM_SET_OUTPUT);
    struct utvm_error *error = utvm_parse_head(line, &head);
    if (error) {
        return error;
    }
    sh->usage_error = false;
    if (head.name[0] == '\0') {
        return NULL;
    }
    if (sh->depth <= 1 && sh->num_aliases == 0) {
        utvm_log_line(sh, NULL, line);
    }
    const struct utvm_command *command = NULL;
    struct utvm_macro *macro = NULL;
    error = find(sh, head.name, &command, &macro);
    if (error) {
        output_of_unknown(sh, line + head.length);
        return error;
    }
    if (macro && macro->is_alias) {
        return run_alias(sh, macro, &head, line);
    }
    note_repeat(sh, command, line);
    if (macro) {
        error = utvm_macro_run(sh, macro, line + head.length);
    } else {
        const struct utvm_command *outer = sh->command;
        sh->command = command;
        error = run_line(sh, command, &head, line + head.length);
        sh->command = outer;
        if (!error && command->flags & UTVM_COMMAND_RUNS) {
            error = run_breakpoint_commands(sh);
        }
    }
    if (!(command && command->flags & UTVM_COMMAND_UNRECORDED)) {
        utvm_record_line(sh, line, error == NULL);
    }
    return error;
}
