// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/line.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Readline's headers use FILE without including stdio.h.
#include <readline/history.h>
#include <readline/readline.h>
#include <stdio.h>

#include "repl/complete.h"
#include "repl/history.h"
#include "repl/human.h"
#include "repl/interrupt.h"

// Readline calls back without a context of ours.
static struct utvm_shell *prompt_shell;
static char *prompt_line;
static bool prompt_done;
static bool prompt_cancelled; // by Ctrl-C, where a line is part of something that it ends
static struct utvm_completions candidates;
static volatile sig_atomic_t window_changed;
static volatile sig_atomic_t continued;

static void on_line(char *line)
{
    prompt_line = line;
    prompt_done = true;
    rl_callback_handler_remove();
}

static char *next_candidate(const char *text, int state)
{
    static size_t next;
    (void)text;
    next = state == 0 ? 0 : next;
    if (next >= candidates.count) {
        return NULL;
    }
    const char *candidate = candidates.list[next++];
    size_t length = strlen(candidate);
    // Where it lists several, Readline marks the directories itself.
    bool marked =
        candidates.files && candidates.count > 1 && length > 1 && candidate[length - 1] == '/';
    return strndup(candidate, marked ? length - 1 : length);
}

static char **complete_word(const char *text, int start, int end)
{
    utvm_completions_deinit(&candidates);
    utvm_complete(prompt_shell, rl_line_buffer, (size_t)start, (size_t)end, &candidates);
    rl_attempted_completion_over = 1;
    rl_filename_completion_desired = candidates.files;
    bool directory = candidates.count == 1 && candidates.files &&
                     candidates.list[0][strlen(candidates.list[0]) - 1] == '/';
    rl_completion_append_character = directory ? '\0' : ' ';
    return candidates.count ? rl_completion_matches(text, next_candidate) : NULL;
}

static void set_up(void)
{
    rl_readline_name = "utvm";
    rl_attempted_completion_function = complete_word;
    rl_completer_word_break_characters = " \t";
    rl_completer_quote_characters = "'\"";
    rl_filename_quote_characters = " \t'\"[](){}|>#*?\\";
    // Signals are ours: a flag that the loop below looks at.
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    using_history();
    (void)rl_initialize();
}

static void cancel_line(void)
{
    rl_callback_sigcleanup();
    fputs("^C\n", rl_outstream);
    rl_replace_line("", 1);
    rl_point = 0;
    rl_on_new_line();
    rl_redisplay();
    utvm_interrupt_clear();
}

// Waits for a key without losing a signal that comes in between.
static bool wait_for_key(void)
{
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    sigaddset(&blocked, SIGWINCH);
    sigaddset(&blocked, SIGCONT);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    bool ready = false;
    if (!*utvm_interrupt_flag() && !utvm_interrupt_ending() && !window_changed && !continued) {
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        ready = ppoll(&input, 1, NULL, &before) > 0;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ready;
}

static void on_resize(int signal)
{
    (void)signal;
    window_changed = 1;
}

static void on_continue(int signal)
{
    (void)signal;
    continued = 1;
}

// Back in the foreground: whatever had the terminal meanwhile has left it as it liked.
static void resume_line(void)
{
    rl_deprep_terminal();
    rl_prep_terminal(1);
    rl_reset_screen_size();
    rl_forced_update_display();
}

static void watch_terminal(void)
{
    static const struct {
        int signal;
        void (*handler)(int);
    } handlers[] = {{SIGWINCH, on_resize}, {SIGCONT, on_continue}};
    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        struct sigaction action = {.sa_handler = handlers[i].handler, .sa_flags = SA_RESTART};
        sigemptyset(&action.sa_mask);
        (void)sigaction(handlers[i].signal, &action, NULL);
    }
    continued = 0;
    window_changed = 0;
    rl_reset_screen_size(); // it may have changed while a command ran
}

// Ends what the line is part of. At the prompt itself Ctrl-C only clears the line.
static void cancel_input(void)
{
    rl_callback_sigcleanup();
    rl_callback_handler_remove();
    fputs("^C\n", rl_outstream);
    utvm_interrupt_clear();
    prompt_cancelled = true;
    prompt_done = true;
}

static char *read_line(const char *prompt, bool is_part)
{
    prompt_line = NULL;
    prompt_done = false;
    prompt_cancelled = false;
    watch_terminal();
    rl_callback_handler_install(prompt, on_line);
    while (!prompt_done) {
        if (utvm_interrupt_ending()) {
            rl_callback_handler_remove();
            fputc('\n', rl_outstream);
            return NULL;
        }
        if (*utvm_interrupt_flag() && is_part) {
            cancel_input();
        } else if (*utvm_interrupt_flag()) {
            cancel_line();
        } else if (continued) {
            continued = 0;
            resume_line();
        } else if (window_changed) {
            window_changed = 0;
            rl_resize_terminal();
        } else if (wait_for_key()) {
            rl_callback_read_char();
        }
    }
    return prompt_line;
}

static struct utvm_error *next_line(struct utvm_source *source, const char *prompt, char **ret)
{
    const struct utvm_shell *sh = source->ctx;
    *ret = read_line(prompt ? prompt : utvm_settings_text(&sh->settings, UTVM_SET_PROMPT), true);
    return prompt_cancelled ? utvm_error_create(UTVM_ERROR_CANCELLED, "interrupted before 'end'")
                            : NULL;
}

static bool ask(struct utvm_shell *sh, const char *question)
{
    char *prompt = NULL;
    (void)sh;
    if (asprintf(&prompt, "%s (y or n) ", question) < 0) {
        return false;
    }
    bool answered = false;
    bool yes = false;
    while (!answered) {
        char *line = read_line(prompt, true); // Ctrl-C is no
        yes = line && (line[0] == 'y' || line[0] == 'Y');
        answered = !line || yes || line[0] == 'n' || line[0] == 'N';
        free(line);
    }
    free(prompt);
    return yes;
}

static bool is_empty(const char *line)
{
    return line[strspn(line, " \t")] == '\0';
}

static void remember(const char *line)
{
    const HIST_ENTRY *last =
        history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (!last || strcmp(last->line, line) != 0) {
        add_history(line);
    }
}

static void run_line(struct utvm_shell *sh, const char *line)
{
    struct utvm_error *error = NULL;
    utvm_interrupt_clear();
    if (!is_empty(line)) {
        remember(line);
        error = utvm_shell_execute(sh, line);
    } else if (sh->repeat) {
        char *again = strdup(sh->repeat);
        sh->repeating = true;
        error = again ? utvm_shell_execute(sh, again) : utvm_error_no_memory();
        sh->repeating = false;
        free(again);
    }
    if (utvm_interrupt_ending() && error) {
        utvm_error_drop(error);
    } else {
        utvm_shell_report(sh, error);
    }
    // A Ctrl-C that ended the command is not one for the next line.
    utvm_interrupt_clear();
    fflush(sh->out);
}

static void load_history(struct utvm_shell *sh, const char *path)
{
    stifle_history((int)utvm_settings_count(&sh->settings, UTVM_SET_HISTORY_SIZE));
    if (path) {
        // There is none at the first start.
        (void)read_history(path);
    }
}

static void save_history(struct utvm_shell *sh)
{
    char *path = utvm_history_path(sh);
    if (path) {
        utvm_history_prepare(path);
        stifle_history((int)utvm_settings_count(&sh->settings, UTVM_SET_HISTORY_SIZE));
        int failed = write_history(path);
        if (failed) {
            struct utvm_error *error =
                utvm_error_os(failed, "cannot keep the history in '%s'", path);
            utvm_shell_report(sh, error);
        }
    }
    free(path);
}

void utvm_prompt_run(struct utvm_shell *sh)
{
    struct utvm_source source = {.next = next_line, .ctx = sh};
    char *path = utvm_history_path(sh);
    prompt_shell = sh;
    set_up();
    load_history(sh, path);
    free(path);
    sh->interactive = true;
    sh->ask = ask;
    // cppcheck-suppress autoVariables  ; taken back below, before this function returns
    sh->source = &source;
    sh->depth = 1;
    while (!sh->quit) {
        char *line = read_line(utvm_settings_text(&sh->settings, UTVM_SET_PROMPT), false);
        if (!line) {
            fputs(utvm_interrupt_ending() ? "" : "quit\n", sh->out);
            break;
        }
        source.line++;
        run_line(sh, line);
        free(line);
        if (utvm_interrupt_ending()) {
            break;
        }
    }
    save_history(sh);
    sh->source = NULL;
    sh->depth = 0;
    sh->ask = NULL;
    utvm_completions_deinit(&candidates);
    clear_history();
}
