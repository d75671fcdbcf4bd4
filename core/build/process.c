// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_OUTPUT_BYTES (1 << 20)

static int set_up(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attr, const char *dir,
                  int output_fd)
{
    int rc = posix_spawn_file_actions_addchdir_np(actions, dir);
    if (rc == 0) {
        rc = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    }
    if (rc == 0) {
        rc = posix_spawn_file_actions_adddup2(actions, output_fd, 1);
    }
    if (rc == 0) {
        rc = posix_spawn_file_actions_adddup2(actions, output_fd, 2);
    }
    // The parent may block or ignore signals that a compiler wants to die of.
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGPIPE);
    if (rc == 0) {
        rc = posix_spawnattr_setsigmask(attr, &none);
    }
    if (rc == 0) {
        rc = posix_spawnattr_setsigdefault(attr, &defaults);
    }
    if (rc == 0) {
        rc = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    return rc;
}

struct utvm_error *utvm_process_spawn(const char *const *argv, const char *dir,
                                      struct utvm_process *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int fd = memfd_create("output", MFD_CLOEXEC);
    if (fd < 0) {
        return utvm_error_os(errno, "cannot collect the output of %s", argv[0]);
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    pid_t pid = -1;
    int rc = set_up(&actions, &attr, dir, fd);
    if (rc == 0) {
        // posix_spawnp does not write to the strings; its type is older than const.
        char *const *args = (char *const *)(uintptr_t)argv;
        rc = posix_spawnp(&pid, argv[0], &actions, &attr, args, environ);
    }
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    if (rc != 0) {
        close(fd);
        if (rc == ENOENT) {
            return utvm_error_create(UTVM_ERROR_NOT_FOUND, "the program %s is not installed",
                                     argv[0]);
        }
        return utvm_error_os(rc, "cannot start %s", argv[0]);
    }
    *ret = (struct utvm_process){.pid = pid, .output_fd = fd};
    return NULL;
}

static struct utvm_error *read_output(int fd, char **ret)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return utvm_error_os(errno, "cannot read a program's output");
    }
    size_t size = info.st_size < MAX_OUTPUT_BYTES ? (size_t)info.st_size : MAX_OUTPUT_BYTES;
    char *output = malloc(size + 1);
    if (!output) {
        return utvm_error_no_memory();
    }
    size_t done = 0;
    while (done < size) {
        ssize_t n = pread(fd, output + done, size - done, (off_t)done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        done += (size_t)n;
    }
    output[done] = '\0';
    *ret = output;
    return NULL;
}

// status_word as waitpid gives it.
static struct utvm_error *finish(struct utvm_process *process, int status_word, char **output,
                                 int *status)
{
    struct utvm_error *error = read_output(process->output_fd, output);
    close(process->output_fd);
    process->output_fd = -1;
    process->pid = -1;
    *status = WIFEXITED(status_word) ? WEXITSTATUS(status_word) : 128 + WTERMSIG(status_word);
    return error;
}

struct utvm_error *utvm_process_wait(struct utvm_process *process, char **output, int *status)
{
    int status_word;
    pid_t pid;
    do {
        pid = waitpid(process->pid, &status_word, 0);
    } while (pid < 0 && errno == EINTR);
    if (pid < 0) {
        return utvm_error_os(errno, "cannot wait for a program");
    }
    return finish(process, status_word, output, status);
}

struct utvm_error *utvm_process_wait_any(struct utvm_process *processes, size_t num_processes,
                                         size_t *which, char **output, int *status)
{
    // Other children of this process (a debugger's server) are none of our business: each process
    // is asked for by its own id. The first in line is waited for when none is done yet.
    for (size_t i = 0; i < num_processes; i++) {
        int status_word;
        if (processes[i].pid > 0 && waitpid(processes[i].pid, &status_word, WNOHANG) > 0) {
            *which = i;
            return finish(&processes[i], status_word, output, status);
        }
    }
    for (size_t i = 0; i < num_processes; i++) {
        if (processes[i].pid > 0) {
            *which = i;
            return utvm_process_wait(&processes[i], output, status);
        }
    }
    return utvm_error_create(UTVM_ERROR_STATE, "no program is running");
}
