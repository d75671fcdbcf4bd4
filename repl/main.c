// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repl/commands/common.h"
#include "repl/help.h"
#include "repl/history.h"
#include "repl/human.h"
#include "repl/interrupt.h"
#include "repl/line.h"
#include "repl/link.h"
#include "repl/output.h"
#include "repl/script.h"

/** What the command line asks for. */
struct arguments {
    const char *model;
    const char **actions; /**< [num_actions * 2]: "-x" or "-ex", then its text; owned */
    size_t num_actions;
    bool batch;
    bool keep_going;
    bool no_init;
    bool quiet;
};

static int usage_error(const char *what, const char *text)
{
    fputs("error: ", stderr);
    utvm_human_write(stderr, what, false);
    if (text) {
        fputs(" '", stderr);
        utvm_human_write(stderr, text, false);
        fputc('\'', stderr);
    }
    fputs("; see utvm --help\n", stderr);
    return 2;
}

// Options that print something and end. @return true when one was there
static bool print_and_end(const char *option)
{
    static const struct {
        const char *option;
        void (*print)(FILE *out);
    } pages[] = {{"--help", utvm_help_program},           {"-h", utvm_help_program},
                 {"--help-markdown", utvm_help_markdown}, {"--help-man", utvm_help_man},
                 {"--help-bash", utvm_help_bash},         {"--help-examples", utvm_help_examples}};
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (strcmp(option, pages[i].option) == 0) {
            pages[i].print(stdout);
            return true;
        }
    }
    if (strcmp(option, "--version") == 0) {
        puts("utvm " UTVM_VERSION);
        return true;
    }
    return false;
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

// --set NAME=VALUE, before anything else runs.
static int preset(struct utvm_shell *sh, const char *text)
{
    const char *equals = strchr(text, '=');
    enum utvm_setting which;
    if (!equals) {
        return usage_error("--set takes NAME=VALUE, not", text);
    }
    char *name = strndup(text, (size_t)(equals - text));
    struct utvm_error *error = name ? utvm_setting_find(name, &which) : utvm_error_no_memory();
    free(name);
    if (!error) {
        error = utvm_settings_set(&sh->settings, which, equals + 1);
    }
    if (!error) {
        error = utvm_shell_apply_setting(sh, which);
    }
    if (error) {
        utvm_shell_report(sh, error);
        return 2;
    }
    return 0;
}

// One option; *i moves over its value. @return 0, or the exit code of wrong usage
static int take_option(struct utvm_shell *sh, struct arguments *args, int argc, char **argv, int *i)
{
    const char *option = argv[*i];
    bool action =
        is_one_of(option, "-x", "-ex") || is_one_of(option, "--command", "--eval-command");
    if (action || strcmp(option, "--set") == 0) {
        if (++*i >= argc) {
            return usage_error("a value must follow", option);
        }
        if (!action) {
            return preset(sh, argv[*i]);
        }
        bool file = is_one_of(option, "-x", "--command");
        args->actions[2 * args->num_actions] = file ? "-x" : "-ex";
        args->actions[2 * args->num_actions + 1] = argv[*i];
        args->num_actions++;
    } else if (is_one_of(option, "--batch", "-batch")) {
        args->batch = true;
    } else if (strcmp(option, "--keep-going") == 0) {
        args->keep_going = true;
    } else if (is_one_of(option, "-n", "--no-init") || strcmp(option, "-nx") == 0) {
        args->no_init = true;
    } else if (is_one_of(option, "-q", "--quiet")) {
        args->quiet = true;
    } else {
        return usage_error("unknown option", option);
    }
    return 0;
}

static int parse_arguments(struct utvm_shell *sh, struct arguments *args, int argc, char **argv)
{
    bool options = true;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
            int code = take_option(sh, args, argc, argv, &i);
            if (code) {
                return code;
            }
        } else if (args->model) {
            return usage_error("only one model, please; unexpected", argv[i]);
        } else {
            args->model = argv[i];
        }
    }
    return 0;
}

static struct utvm_error *run_action(struct utvm_shell *sh, const char *kind, const char *text)
{
    if (strcmp(kind, "-x") == 0) {
        return utvm_script_run(sh, text);
    }
    const char *cursor = text;
    struct utvm_source source;
    utvm_source_text(&source, NULL, &cursor);
    return utvm_shell_run_source(sh, &source);
}

// Model, start-up files and the commands of the command line, in order. @return false after an
// error
static bool run_start(struct utvm_shell *sh, const struct arguments *args)
{
    struct utvm_error *error = NULL;
    if (!args->no_init) {
        error = utvm_run_init_files(sh);
        utvm_shell_report(sh, error);
        if (error && args->batch) {
            return false;
        }
    }
    if (args->model) {
        error = utvm_open_model(sh, args->model, sh->out);
        utvm_shell_report(sh, error);
        if (error && (args->batch || args->num_actions > 0)) {
            return false;
        }
    }
    for (size_t i = 0; i < args->num_actions && !sh->quit; i++) {
        error = run_action(sh, args->actions[2 * i], args->actions[2 * i + 1]);
        if (error) {
            utvm_shell_report(sh, error);
            if (!sh->keep_going || utvm_interrupt_ending()) {
                return false;
            }
        }
    }
    return true;
}

static int run_shell(struct utvm_shell *sh, const struct arguments *args)
{
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    sh->keep_going = args->keep_going;
    if (terminal && !args->batch && !args->quiet) {
        fputs("utvm " UTVM_VERSION ". 'help' lists the commands, TAB completes.\n", sh->out);
    }
    bool fine = run_start(sh, args);
    bool ended = utvm_interrupt_ending() || sh->quit || args->batch;
    if (!ended && terminal) {
        // A person goes on: what failed before is no reason to end with an error.
        sh->failure = 0;
        utvm_prompt_run(sh);
        if (utvm_interrupt_ending()) {
            return 128 + utvm_interrupt_ending();
        }
        return sh->quit ? sh->exit_code : 0;
    }
    if (!ended && fine) {
        utvm_shell_report(sh, utvm_script_run(sh, "-"));
    }
    if (utvm_interrupt_ending()) {
        return 128 + utvm_interrupt_ending();
    }
    return sh->failure ? sh->failure : sh->exit_code;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (print_and_end(argv[i])) {
            return fflush(stdout) == 0 ? 0 : 1;
        }
    }
    (void)setlocale(LC_CTYPE, "");
    struct utvm_shell *sh = NULL;
    struct utvm_error *error = utvm_shell_create(stdout, stderr, &sh);
    struct arguments args = {0};
    args.actions = calloc((size_t)argc * 2 + 2, sizeof(*args.actions));
    if (error || !args.actions) {
        utvm_error_free(error);
        utvm_shell_free(sh);
        free(args.actions);
        return usage_error("out of memory", NULL);
    }
    sh->out_is_terminal = isatty(STDOUT_FILENO);
    sh->err_is_terminal = isatty(STDERR_FILENO);
    sh->out_is_ascii = sh->out_is_terminal && strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    utvm_interrupt_install();
    int code = parse_arguments(sh, &args, argc, argv);
    if (code == 0) {
        code = run_shell(sh, &args);
    }
    utvm_shell_free(sh);
    free(args.actions);
    return code;
}
