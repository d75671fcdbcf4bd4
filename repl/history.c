// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/history.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repl/script.h"

// "$VARIABLE/TAIL" if the variable names an absolute path, else NULL. malloc'd.
static char *below(const char *variable, const char *tail)
{
    const char *base = getenv(variable);
    char *path = NULL;
    if (!base || base[0] != '/' || asprintf(&path, "%s/%s", base, tail) < 0) {
        return NULL;
    }
    return path;
}

char *utvm_history_path(const struct utvm_shell *sh)
{
    if (!utvm_settings_bool(&sh->settings, UTVM_SET_HISTORY)) {
        return NULL;
    }
    const char *own = utvm_settings_text(&sh->settings, UTVM_SET_HISTORY_FILE);
    if (own[0] == '~' && own[1] == '/') {
        return below("HOME", own + 2);
    }
    if (own[0]) {
        return strdup(own);
    }
    char *path = below("XDG_STATE_HOME", "utvm/history");
    return path ? path : below("HOME", ".utvm_history");
}

void utvm_history_prepare(const char *path)
{
    char *copy = strdup(path);
    if (copy) {
        // Two levels: $XDG_STATE_HOME may not exist yet either.
        char *directory = dirname(copy);
        char *upper = strdup(directory);
        if (upper) {
            (void)mkdir(dirname(upper), 0700);
        }
        free(upper);
        (void)mkdir(directory, 0700);
    }
    free(copy);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
    }
}

static struct utvm_error *run_if_there(struct utvm_shell *sh, const char *path)
{
    return access(path, R_OK) == 0 ? utvm_script_run(sh, path) : NULL;
}

// A file that somebody else could have put there is not run.
static struct utvm_error *run_local(struct utvm_shell *sh)
{
    static const char name[] = ".utvminit";
    struct stat status;
    if (!utvm_settings_bool(&sh->settings, UTVM_SET_AUTO_LOAD_LOCAL_INIT) ||
        lstat(name, &status) != 0) {
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_uid != getuid() ||
        status.st_mode & (S_IWGRP | S_IWOTH)) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "./%s is not read: it must be a file that is yours and that only "
                                 "you can write",
                                 name);
    }
    return utvm_script_run(sh, "./.utvminit");
}

struct utvm_error *utvm_run_init_files(struct utvm_shell *sh)
{
    char *path = below("XDG_CONFIG_HOME", "utvm/utvminit");
    if (path && access(path, R_OK) != 0) {
        free(path);
        path = NULL;
    }
    path = path ? path : below("HOME", ".utvminit");
    struct utvm_error *error = path ? run_if_there(sh, path) : NULL;
    char here[4096];
    const char *home = getenv("HOME");
    bool at_home = home && getcwd(here, sizeof(here)) && strcmp(here, home) == 0;
    if (!error && !at_home) {
        error = run_local(sh);
    }
    free(path);
    return error;
}
