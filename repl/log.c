// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/log.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "repl/human.h"

#define DEFAULT_LOG "utvm.txt" // GDB's is gdb.txt

struct tee {
    const struct utvm_shell *sh; // whose log may end while the stream is open: "set logging off"
    FILE *lower;
    bool in_escape; // of an ANSI sequence, which ends with a letter
};

static ssize_t write_both(void *cookie, const char *bytes, size_t size)
{
    struct tee *tee = cookie;
    for (size_t i = 0; i < size && tee->sh->log; i++) {
        if (tee->in_escape) {
            tee->in_escape = !isalpha((unsigned char)bytes[i]);
        } else if (bytes[i] == '\033') {
            tee->in_escape = true;
        } else {
            fputc(bytes[i], tee->sh->log);
        }
    }
    // What the log cannot take is told when it ends.
    return (ssize_t)fwrite(bytes, 1, size, tee->lower);
}

static int close_tee(void *cookie)
{
    struct tee *tee = cookie;
    if (tee->sh->log) {
        fflush(tee->sh->log);
    }
    free(tee);
    return 0;
}

FILE *utvm_log_tee(const struct utvm_shell *sh, FILE *lower)
{
    struct tee *tee = sh->log ? calloc(1, sizeof(*tee)) : NULL;
    if (!tee) {
        return NULL;
    }
    *tee = (struct tee){.sh = sh, .lower = lower};
    cookie_io_functions_t functions = {.write = write_both, .close = close_tee};
    FILE *stream = fopencookie(tee, "w", functions);
    if (!stream) {
        free(tee);
    }
    return stream;
}

void utvm_log_line(const struct utvm_shell *sh, const char *prompt, const char *line)
{
    if (sh->log) {
        fputs(prompt ? prompt : utvm_settings_text(&sh->settings, UTVM_SET_PROMPT), sh->log);
        utvm_human_write(sh->log, line, false);
        fputc('\n', sh->log);
        fflush(sh->log);
    }
}

void utvm_log_error(const struct utvm_shell *sh, const char *message)
{
    if (sh->log) {
        fputs("error: ", sh->log);
        utvm_human_write(sh->log, message, false);
        fputc('\n', sh->log);
        fflush(sh->log);
    }
}

// What GDB's users type for what there is not here. @return INVALID
static struct utvm_error *check(const char *text)
{
    static const char *const words[] = {"overwrite", "redirect", "debugredirect"};
    if (strcmp(text, "file") == 0 || strcmp(text, "enabled") == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "set logging %s: a value must follow", text);
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i]);
        if (strncmp(text, words[i], length) == 0 && strchr(" \t", text[length])) {
            return utvm_error_create(UTVM_ERROR_INVALID,
                                     "set logging takes on, off or a file, and no '%s'", words[i]);
        }
    }
    return NULL;
}

// "file F" and "enabled on" as GDB's users type them.
static const char *without_word(const char *text)
{
    static const char *const words[] = {"file ", "enabled "};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i]);
        if (strncmp(text, words[i], length) == 0) {
            return text + length + strspn(text + length, " \t");
        }
    }
    return text;
}

struct utvm_error *utvm_log_close(struct utvm_shell *sh)
{
    if (!sh->log) {
        return NULL;
    }
    int failure = utvm_stream_failure(sh->log);
    if (fclose(sh->log) != 0 && failure == 0) {
        failure = errno;
    }
    struct utvm_error *error =
        failure ? utvm_error_os(failure, "cannot write '%s'", sh->log_path) : NULL;
    free(sh->log_path);
    sh->log = NULL;
    sh->log_path = NULL;
    return error;
}

static struct utvm_error *start(struct utvm_shell *sh, const char *path)
{
    if (sh->log_path && strcmp(sh->log_path, path) == 0) {
        return NULL;
    }
    char *copy = strdup(path);
    if (!copy) {
        return utvm_error_no_memory();
    }
    FILE *log = fopen(path, "ae");
    if (!log) {
        free(copy);
        return utvm_error_os(errno, "cannot write '%s'", path);
    }
    struct utvm_error *error = utvm_log_close(sh);
    sh->log = log;
    sh->log_path = copy;
    return error;
}

struct utvm_error *utvm_log_apply(struct utvm_shell *sh)
{
    const char *asked = utvm_settings_text(&sh->settings, UTVM_SET_LOGGING);
    const char *wanted = without_word(asked);
    struct utvm_error *error = check(asked);
    if (error) {
        // What is so stays.
    } else if (!wanted[0] || strcmp(wanted, "off") == 0) {
        error = utvm_log_close(sh);
    } else if (strcmp(wanted, "on") == 0) {
        error = sh->log ? NULL : start(sh, DEFAULT_LOG);
    } else {
        error = start(sh, wanted);
    }
    struct utvm_error *second =
        utvm_settings_set(&sh->settings, UTVM_SET_LOGGING, sh->log_path ? sh->log_path : "off");
    if (error) {
        utvm_error_drop(second);
        return error;
    }
    return second;
}
