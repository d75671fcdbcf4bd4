// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/clock.h"
#include "probe/log_buffer.h"

#define MAX_CHILDREN 16
#define PIPE_BYTES (1 << 20)
#define TICK_MS 20

struct utvm_process {
    char name[32];
    pid_t pid; // 0 once reaped
    int status;
    int exit_fd;
    int output_fd;
    size_t slot;
    struct utvm_log_buffer log;
};

// The one piece of file-level state: exit() must find the children. A slot holds a process group or
// 0; owner tells a forked copy of this process that they are not its own.
static pid_t children[MAX_CHILDREN];
static pid_t owner;

static void kill_children(void)
{
    if (owner != getpid()) {
        return;
    }
    for (size_t i = 0; i < MAX_CHILDREN; i++) {
        if (children[i] > 0) {
            kill((pid_t)-children[i], SIGKILL);
        }
    }
}

static struct utvm_error *take_slot(size_t *ret)
{
    if (owner != getpid()) {
        for (size_t i = 0; i < MAX_CHILDREN; i++) {
            children[i] = 0;
        }
        owner = getpid();
        if (atexit(kill_children) != 0) {
            return utvm_error_no_memory();
        }
    }
    for (size_t i = 0; i < MAX_CHILDREN; i++) {
        if (children[i] == 0) {
            *ret = i;
            return NULL;
        }
    }
    return utvm_error_create(UTVM_ERROR_STATE, "more than %d child processes", MAX_CHILDREN);
}

// In the child, after fork: only async-signal-safe calls. Reports errno of a failed exec.
__attribute__((noreturn)) static void run_child(const char *const *argv, pid_t parent, int output,
                                                int report)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(127);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int s = 1; s < NSIG; s++) {
        if (s != SIGKILL && s != SIGSTOP) {
            signal(s, SIG_DFL);
        }
    }
    int input = open("/dev/null", O_RDONLY);
    if (input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(output, STDERR_FILENO) >= 0 && dup2(report, 3) >= 0 &&
        fcntl(3, F_SETFD, FD_CLOEXEC) == 0) {
        report = 3;
        // Descriptors of the shell (terminal, sockets, other children's pipes) stay with the shell.
        close_range(4, ~0u, 0);
        // execvp does not write to the strings; its type is older than const.
        execvp(argv[0], (char *const *)(uintptr_t)argv);
    }
    int failure = errno;
    ssize_t ignored = write(report, &failure, sizeof(failure));
    (void)ignored;
    _exit(127);
}

// Makes a pipe whose low descriptors cannot collide with those the child sets up.
static struct utvm_error *make_pipe(int fds[2])
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) < 0) {
        return utvm_error_os(errno, "cannot make a pipe");
    }
    for (int i = 0; i < 2; i++) {
        fds[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 10);
    }
    int failure = errno;
    close(low[0]);
    close(low[1]);
    if (fds[0] >= 0 && fds[1] >= 0) {
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    return utvm_error_os(failure, "cannot make a pipe");
}

// Forks and execs; *pid is the child's only if exec went through.
static struct utvm_error *launch(const char *const *argv, int output, pid_t *ret)
{
    int report[2] = {-1, -1};
    struct utvm_error *error = make_pipe(report);
    if (error) {
        return error;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        run_child(argv, parent, output, report[1]);
    }
    int failure = pid < 0 ? errno : 0;
    close(report[1]);
    if (pid > 0) {
        ssize_t num = 0;
        do {
            num = read(report[0], &failure, sizeof(failure));
        } while (num < 0 && errno == EINTR);
        if (num != sizeof(failure)) {
            failure = 0;
        } else {
            waitpid(pid, NULL, 0);
        }
    }
    close(report[0]);
    if (failure == ENOENT || failure == EACCES) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "cannot run '%s': %s", argv[0],
                                 strerror(failure));
    }
    if (failure) {
        return utvm_error_os(failure, "cannot run '%s'", argv[0]);
    }
    *ret = pid;
    return NULL;
}

struct utvm_error *utvm_process_start(const char *name, const char *const *argv,
                                      struct utvm_process **ret)
{
    size_t slot = 0;
    struct utvm_error *error = take_slot(&slot);
    if (error) {
        return error;
    }
    struct utvm_process *p = calloc(1, sizeof(*p));
    if (!p) {
        return utvm_error_no_memory();
    }
    p->slot = slot;
    p->exit_fd = -1;
    p->output_fd = -1;
    snprintf(p->name, sizeof(p->name), "%s", name);
    int output[2] = {-1, -1};
    error = utvm_log_buffer_init(&p->log, UTVM_PROCESS_LOG_BYTES);
    if (!error) {
        error = make_pipe(output);
    }
    if (!error) {
        p->output_fd = output[0];
        // Neither end blocks: we only look, and a child must not hang because nobody looks. Growing
        // the pipe is a courtesy that the system may refuse.
        fcntl(output[0], F_SETFL, O_NONBLOCK);
        fcntl(output[1], F_SETFL, O_NONBLOCK);
        fcntl(output[1], F_SETPIPE_SZ, PIPE_BYTES);
        error = launch(argv, output[1], &p->pid);
        close(output[1]);
    }
    if (!error) {
        children[slot] = p->pid;
        p->exit_fd = pidfd_open(p->pid, 0);
        if (p->exit_fd < 0) {
            error = utvm_error_os(errno, "cannot watch %s", name);
        }
    }
    if (error) {
        utvm_process_destroy(p, 0);
        return error;
    }
    *ret = p;
    return NULL;
}

// True when the child has ended; reaps it.
static bool reap(struct utvm_process *p, bool block)
{
    if (p->pid == 0) {
        return true;
    }
    pid_t done = 0;
    do {
        done = waitpid(p->pid, &p->status, block ? 0 : WNOHANG);
    } while (done < 0 && errno == EINTR);
    if (done == 0) {
        return false;
    }
    // What it may have started in its group goes with it.
    kill(-p->pid, SIGKILL);
    children[p->slot] = 0;
    p->pid = 0;
    return true;
}

void utvm_process_destroy(struct utvm_process *p, uint32_t grace_ms)
{
    if (!p) {
        return;
    }
    if (p->pid > 0 && !reap(p, false)) {
        if (grace_ms > 0 && p->exit_fd >= 0) {
            kill(-p->pid, SIGTERM);
            struct pollfd fd = {.fd = p->exit_fd, .events = POLLIN};
            poll(&fd, 1, (int)grace_ms);
        }
        if (!reap(p, false)) {
            kill(-p->pid, SIGKILL);
            reap(p, true);
        }
    }
    if (p->exit_fd >= 0) {
        close(p->exit_fd);
    }
    if (p->output_fd >= 0) {
        close(p->output_fd);
    }
    utvm_log_buffer_deinit(&p->log);
    free(p);
}

void utvm_process_collect(struct utvm_process *p)
{
    char chunk[4096];
    for (;;) {
        ssize_t num = read(p->output_fd, chunk, sizeof(chunk));
        if (num > 0) {
            utvm_log_buffer_append(&p->log, chunk, (size_t)num);
        } else if (num == 0 || errno != EINTR) {
            return;
        }
    }
}

struct utvm_error *utvm_process_check(struct utvm_process *p)
{
    bool ended = reap(p, false);
    utvm_process_collect(p);
    if (!ended) {
        return NULL;
    }
    char how[64];
    if (WIFSIGNALED(p->status)) {
        snprintf(how, sizeof(how), "signal %d", WTERMSIG(p->status));
    } else {
        snprintf(how, sizeof(how), "status %d", WEXITSTATUS(p->status));
    }
    // Errors say most. Who was killed did not come to say why, and who was told to end has no
    // reason to: the last error in their logs is an old one.
    char lines[400] = "";
    bool failed = WIFEXITED(p->status) && WEXITSTATUS(p->status) != 0;
    if (failed) {
        utvm_log_buffer_last_lines(&p->log, "rror", 3, lines, sizeof(lines));
    }
    if (failed && !lines[0]) {
        utvm_log_buffer_last_lines(&p->log, NULL, 3, lines, sizeof(lines));
    }
    if (WIFSIGNALED(p->status) &&
        (WTERMSIG(p->status) == SIGPIPE || WTERMSIG(p->status) == SIGABRT)) {
        // How OpenOCD ends when the far end of its adapter does, on ST-LINK and on bit-bang.
        snprintf(lines, sizeof(lines), "its adapter broke the connection");
    }
    return utvm_error_create(UTVM_ERROR_LOST, "%s ended with %s%s%s", p->name, how,
                             lines[0] ? ": " : "", lines);
}

int utvm_process_exit_fd(const struct utvm_process *p)
{
    return p->exit_fd;
}

pid_t utvm_process_pid(const struct utvm_process *p)
{
    return p->pid;
}

bool utvm_process_find_line(const struct utvm_process *p, const struct utvm_process_line *line)
{
    return utvm_log_buffer_find_line(&p->log, line->before, line->after, line->between,
                                     line->between_bytes);
}

void utvm_process_wait_exit(const struct utvm_process *a, const struct utvm_process *b,
                            uint32_t timeout_ms)
{
    // poll() passes over negative descriptors.
    struct pollfd fds[] = {{.fd = a ? a->exit_fd : -1, .events = POLLIN},
                           {.fd = b ? b->exit_fd : -1, .events = POLLIN}};
    poll(fds, 2, (int)timeout_ms);
}

struct utvm_error *utvm_process_wait_line(struct utvm_process *p,
                                          const struct utvm_process_line *line, uint32_t timeout_ms,
                                          const volatile sig_atomic_t *cancelled)
{
    uint64_t deadline = utvm_clock_ms() + timeout_ms;
    for (;;) {
        struct utvm_error *error = utvm_process_check(p);
        if (utvm_process_find_line(p, line)) {
            utvm_error_drop(error);
            return NULL;
        }
        if (error) {
            return error;
        }
        if (cancelled && *cancelled) {
            return utvm_error_create(UTVM_ERROR_CANCELLED, "interrupted");
        }
        if (utvm_clock_ms() >= deadline) {
            char lines[400];
            utvm_log_buffer_last_lines(&p->log, NULL, 3, lines, sizeof(lines));
            return utvm_error_create(UTVM_ERROR_TIMEOUT, "%s did not say '%s' in time; it said: %s",
                                     p->name, line->before, lines[0] ? lines : "nothing");
        }
        struct pollfd fds[] = {{.fd = p->output_fd, .events = POLLIN},
                               {.fd = p->exit_fd, .events = POLLIN}};
        poll(fds, 2, TICK_MS);
    }
}

const char *utvm_process_log(const struct utvm_process *p)
{
    return utvm_log_buffer_text(&p->log);
}
