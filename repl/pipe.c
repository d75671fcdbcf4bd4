// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/text.h"

static struct utvm_error *check_status(const char *command, int status)
{
    if (status == -1) {
        return utvm_error_os(errno, "cannot run '%.80s'", command);
    }
    if (WIFSIGNALED(status)) {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%.80s' was ended by signal %d (%s)", command,
                                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%.80s' ended with exit code %d", command,
                                 WEXITSTATUS(status));
    }
    return NULL;
}

struct utvm_error *utvm_pipe_run(const char *command)
{
    // Running what the user typed is this command's purpose.
    return check_status(command, system(command)); // NOLINT(cert-env33-c)
}

struct utvm_error *utvm_pipe_open(const char *command, FILE **ret)
{
    // e: children started later must not hold the pipe open.
    FILE *pipe = popen(command, "we"); // NOLINT(cert-env33-c)
    if (!pipe) {
        return utvm_error_os(errno, "cannot run '%.80s'", command);
    }
    *ret = pipe;
    return NULL;
}

struct utvm_error *utvm_pipe_close(const char *command, FILE *pipe)
{
    errno = 0;
    int status = pclose(pipe);
    if (status == -1 && errno == EPIPE) {
        return NULL; // it ended well without reading everything, as `head -1` does
    }
    return check_status(command, status);
}

// 'a'\''b': nothing inside single quotes is special to a POSIX shell.
static void add_quoted(struct utvm_text *text, const char *word)
{
    utvm_text_add(text, "'", 1);
    for (const char *c = word; *c; c++) {
        if (*c == '\'') {
            utvm_text_add(text, "'\\''", 4);
        } else {
            utvm_text_add(text, c, 1);
        }
    }
    utvm_text_add(text, "' ", 2);
}

static struct utvm_error *read_all(FILE *stream, char **ret)
{
    struct utvm_text text = {0};
    char buffer[4096];
    size_t got = 0;
    utvm_text_add(&text, "", 0);
    for (;;) {
        got = fread(buffer, 1, sizeof(buffer), stream);
        if (got == 0 && ferror(stream) && errno == EINTR) {
            clearerr(stream);
            utvm_text_deinit(&text);
            return utvm_error_create(UTVM_ERROR_CANCELLED, "cancelled");
        }
        if (got == 0) {
            break;
        }
        utvm_text_add(&text, buffer, got);
    }
    char *all = utvm_text_take(&text);
    if (!all) {
        return utvm_error_no_memory();
    }
    *ret = all;
    return NULL;
}

struct utvm_error *utvm_pipe_capture(const char *const *argv, char **ret)
{
    struct utvm_text command = {0};
    for (size_t i = 0; argv[i]; i++) {
        add_quoted(&command, argv[i]);
    }
    utvm_text_addf(&command, "2>/dev/null"); // warnings about the dates of sources, mostly
    char *line = utvm_text_take(&command);
    if (!line) {
        return utvm_error_no_memory();
    }
    FILE *pipe = popen(line, "re"); // NOLINT(cert-env33-c)
    free(line);
    if (!pipe) {
        return utvm_error_os(errno, "cannot run '%s'", argv[0]);
    }
    char *output = NULL;
    struct utvm_error *error = read_all(pipe, &output);
    int status = pclose(pipe);
    if (!error && status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        error = utvm_error_create(UTVM_ERROR_NOT_FOUND, "'%s' is not installed", argv[0]);
    } else if (!error && status != 0) {
        error = check_status(argv[0], status);
    }
    if (error) {
        free(output);
        return error;
    }
    *ret = output;
    return NULL;
}

struct utvm_error *utvm_pipe_collect(const char *command, char **ret)
{
    *ret = NULL;
    FILE *pipe = popen(command, "re"); // NOLINT(cert-env33-c)
    if (!pipe) {
        return utvm_error_os(errno, "cannot run '%.80s'", command);
    }
    struct utvm_error *error = read_all(pipe, ret);
    int status = pclose(pipe);
    return error ? error : check_status(command, status);
}
