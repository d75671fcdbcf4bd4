// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/process.h"

static struct utvm_process *run(const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct utvm_process *p = NULL;
    struct utvm_error *error = utvm_process_start("the child", argv, &p);
    cr_assert_null(error, "%s", error ? error->message : "");
    return p;
}

static void wait_line(struct utvm_process *p, const char *before, char *between, size_t bytes)
{
    struct utvm_process_line line = {before, "", between, bytes};
    struct utvm_error *error = utvm_process_wait_line(p, &line, 20000, NULL);
    cr_assert_null(error, "%s", error ? error->message : "");
}

// True once the process is no more; it may take a moment to be seen to be gone.
static bool gone(pid_t pid)
{
    for (int i = 0; i < 1000; i++) {
        char path[64];
        char state = 'X';
        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        FILE *file = fopen(path, "r");
        if (file) {
            if (fscanf(file, "%*d %*s %c", &state) != 1) {
                state = 'X';
            }
            fclose(file);
        }
        // A killed process whose parent died waits for init to collect it.
        if (state == 'X' || state == 'Z') {
            return true;
        }
        usleep(10000);
    }
    return false;
}

Test(process, reads_a_line_of_the_output)
{
    struct utvm_process *p = run("echo first >&2; echo 'port 1234 for you'; exec sleep 100");
    char port[16];
    struct utvm_process_line line = {"port ", " for you", port, sizeof(port)};
    struct utvm_error *error = utvm_process_wait_line(p, &line, 20000, NULL);
    cr_assert_null(error, "%s", error ? error->message : "");
    cr_expect_str_eq(port, "1234");
    cr_expect_not_null(strstr(utvm_process_log(p), "first\n"));
    pid_t pid = utvm_process_pid(p);
    utvm_process_destroy(p, 1000);
    cr_expect_eq(kill(pid, 0), -1);
    cr_expect_eq(errno, ESRCH);
}

Test(process, says_how_the_child_ended_and_what_it_said_last)
{
    struct utvm_process *p = run("echo one; echo two; echo; echo three; exit 7");
    char rest[16];
    struct utvm_process_line line = {"never", "", rest, sizeof(rest)};
    struct utvm_error *error = utvm_process_wait_line(p, &line, 20000, NULL);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_LOST);
    cr_expect_str_eq(error->message, "the child ended with status 7: one; two; three");
    utvm_error_free(error);
    utvm_process_destroy(p, 0);
}

Test(process, a_child_that_ends_well_is_not_quoted)
{
    struct utvm_process *p = run("echo Error: of long ago; exit 0");
    char rest[16];
    struct utvm_process_line line = {"never", "", rest, sizeof(rest)};
    struct utvm_error *error = utvm_process_wait_line(p, &line, 20000, NULL);
    cr_assert_not_null(error);
    cr_expect_str_eq(error->message, "the child ended with status 0");
    utvm_error_free(error);
    utvm_process_destroy(p, 0);
}

Test(process, notices_a_child_that_was_killed)
{
    struct utvm_process *p = run("exec sleep 100");
    struct utvm_error *error = utvm_process_check(p);
    cr_assert_null(error);
    kill(utvm_process_pid(p), SIGKILL);
    utvm_process_wait_exit(p, NULL, 20000);
    error = utvm_process_check(p);
    cr_assert_not_null(error);
    cr_expect_str_eq(error->message, "the child ended with signal 9");
    utvm_error_free(error);
    utvm_process_destroy(p, 0);
}

Test(process, says_that_there_is_no_such_program)
{
    static const char *const argv[] = {"utvm-no-such-program", NULL};
    struct utvm_process *p = NULL;
    struct utvm_error *error = utvm_process_start("it", argv, &p);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_NOT_FOUND);
    cr_expect_not_null(strstr(error->message, "utvm-no-such-program"), "%s", error->message);
    utvm_error_free(error);
}

Test(process, kills_a_child_that_ignores_sigterm_and_its_own_children)
{
    struct utvm_process *p = run("trap '' TERM; sleep 100 & echo pid $!; wait; wait");
    char number[16];
    wait_line(p, "pid ", number, sizeof(number));
    pid_t shell = utvm_process_pid(p);
    pid_t inner = (pid_t)strtol(number, NULL, 10);
    cr_assert_gt(inner, 0);
    utvm_process_destroy(p, 50);
    cr_expect(gone(shell));
    cr_expect(gone(inner));
}

Test(process, a_child_that_prints_much_is_not_held_up)
{
    // Far more than the pipe holds, and nobody reads until the child has ended.
    struct utvm_process *p =
        run("i=0; while [ $i -lt 40000 ]; do i=$((i+1)); printf '%0100d\\n' $i; "
            "done 2>/dev/null; exit 5");
    utvm_process_wait_exit(p, NULL, 120000);
    struct utvm_error *error = utvm_process_check(p);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr(error->message, "status 5"), "%s", error->message);
    cr_expect_leq(strlen(utvm_process_log(p)), UTVM_PROCESS_LOG_BYTES);
    utvm_error_free(error);
    utvm_process_destroy(p, 0);
}

Test(process, a_wait_ends_with_ctrl_c)
{
    struct utvm_process *p = run("exec sleep 100");
    volatile sig_atomic_t cancelled = 1;
    char rest[16];
    struct utvm_process_line line = {"never", "", rest, sizeof(rest)};
    struct utvm_error *error = utvm_process_wait_line(p, &line, 20000, &cancelled);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_CANCELLED);
    utvm_error_free(error);
    utvm_process_destroy(p, 1000);
}

// A parent in a process of its own starts a child, tells its pid and ends in some way.
static pid_t orphan(void (*end)(void))
{
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    pid_t parent = fork();
    if (parent == 0) {
        // Static, so that a leak checker sees that exit() found it still in use.
        static struct utvm_process *p;
        p = run("exec sleep 100");
        pid_t pid = utvm_process_pid(p);
        if (write(fds[1], &pid, sizeof(pid)) != sizeof(pid)) {
            _exit(1);
        }
        end();
        _exit(2);
    }
    pid_t pid = 0;
    cr_assert_eq(read(fds[0], &pid, sizeof(pid)), sizeof(pid));
    int status = 0;
    waitpid(parent, &status, 0);
    return pid;
}

static void kill_self(void)
{
    raise(SIGKILL);
}

Test(process, no_child_outlives_a_parent_that_is_killed)
{
    cr_expect(gone(orphan(kill_self)));
}

static struct utvm_process *leaver;

// Runs after the handler that kills the children, because it was registered before it.
static void report_child(void)
{
    utvm_process_wait_exit(leaver, NULL, 5000);
    struct utvm_error *death = utvm_process_check(leaver);
    _exit(death ? 0 : 1);
}

Test(process, exit_kills_the_children)
{
    pid_t parent = fork();
    if (parent == 0) {
        if (atexit(report_child) != 0) {
            _exit(2);
        }
        leaver = run("exec sleep 100");
        exit(3);
    }
    int status = 0;
    waitpid(parent, &status, 0);
    cr_expect(WIFEXITED(status));
    cr_expect_eq(WEXITSTATUS(status), 0);
}
