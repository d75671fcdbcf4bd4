// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Bad days over the real OpenOCD and the emulated board: kills, faults, hangs, Ctrl-C.
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/probe/live_target.h"

LINK_TEST(openocd_loss, a_killed_board_is_noticed_at_once)
{
    struct utvm_target *t = connect_kind(*kind);
    ok(t->ops->reset_halt(t));
    kill(utvm_process_pid(utvm_openocd_of(t)->board), SIGKILL);
    utvm_process_wait_exit(utvm_openocd_of(t)->board, NULL, 20000);
    uint8_t bytes[4];
    fails(t->ops->read(t, RAM, bytes, 4), UTVM_ERROR_LOST, "board ended with signal 9");
    cr_expect_eq(t->state, UTVM_TARGET_LOST);
    t->ops->destroy(t);
}

LINK_TEST(openocd_loss, a_core_that_locks_up_comes_back_halted)
{
    // Undefined instruction, with vectors that lead nowhere: a double fault.
    static const uint16_t code[] = {0xDE00};
    struct utvm_target *t = connect_kind(*kind);
    load(t, code, sizeof(code));
    uint32_t words[2] = {0};
    struct utvm_call call = {CODE, {0}, CODE, 1};
    struct utvm_call_result result = {.words = words};
    ok(t->ops->call(t, &call, 5000, &result));
    cr_expect_eq(result.state, UTVM_TARGET_HALTED);
    cr_expect_neq(result.pc, CODE);
    cr_expect_eq(words[0] & 0xFFFF, 0xDE00);
    ok(t->ops->reset_halt(t));
    t->ops->destroy(t);
}

Test(openocd_loss, a_probe_that_went_silent_is_lost, .timeout = 120)
{
    need_board();
    // The board goes on, but its probe closes the connection in the middle of an upload.
    static const char *const args[] = {"--fault", "stlink-drop=60000", NULL};
    struct utvm_probe_options options = {.board_path = UTVM_BOARD_PATH, .board_args = args};
    struct utvm_target *t = NULL;
    ok(utvm_probe_connect(&options, &cancelled, NULL, NULL, &t));
    static uint8_t bytes[128 << 10];
    fails(t->ops->write(t, RAM, bytes, sizeof(bytes)), UTVM_ERROR_LOST, "no longer reaches");
    cr_expect_eq(t->state, UTVM_TARGET_LOST);
    t->ops->destroy(t);
}

Test(openocd_loss, a_power_failure_during_an_upload_is_reported_and_survived, .timeout = 120)
{
    need_board();
    static const char *const args[] = {"--fault", "brown-out=60000", NULL};
    struct utvm_probe_options options = {.board_path = UTVM_BOARD_PATH, .board_args = args};
    struct utvm_target *t = NULL;
    ok(utvm_probe_connect(&options, &cancelled, NULL, NULL, &t));
    static uint8_t bytes[128 << 10];
    fails(t->ops->write(t, RAM, bytes, sizeof(bytes)), UTVM_ERROR_TARGET, "0x20010000");
    ok(t->ops->reset_halt(t));
    ok(t->ops->write(t, RAM, bytes, sizeof(bytes)));
    t->ops->destroy(t);
}

LINK_TEST(openocd_loss, a_killed_openocd_is_noticed_at_once)
{
    struct utvm_target *t = connect_kind(*kind);
    kill(utvm_process_pid(utvm_openocd_of(t)->server), SIGKILL);
    utvm_process_wait_exit(utvm_openocd_of(t)->server, NULL, 20000);
    fails(utvm_openocd_poll(utvm_openocd_of(t)), UTVM_ERROR_LOST,
          "OpenOCD ended with signal 9; 'connect' starts over");
    t->ops->destroy(t);
}

// Sends a signal to a process after a while, from a process of its own.
static void signal_later(pid_t pid, int number, unsigned ms)
{
    if (fork() == 0) {
        usleep(ms * 1000);
        kill(pid, number);
        _exit(0);
    }
}

LINK_TEST(openocd_loss, a_board_killed_during_a_wait_ends_it)
{
    static const uint16_t code[] = {0xE7FE};
    struct utvm_target *t = connect_kind(*kind);
    load(t, code, sizeof(code));
    struct utvm_call call = {CODE, {0}, RAM, 4};
    uint32_t words[4];
    struct utvm_call_result result = {.words = words};
    signal_later(utvm_process_pid(utvm_openocd_of(t)->board), SIGKILL, 100);
    fails(t->ops->call(t, &call, 100000, &result), UTVM_ERROR_LOST, "board ended with signal 9");
    t->ops->destroy(t);
}

LINK_TEST(openocd_loss, an_openocd_killed_during_a_transfer_ends_it)
{
    struct utvm_target *t = connect_kind(*kind);
    signal_later(utvm_process_pid(utvm_openocd_of(t)->server), SIGKILL, 50);
    static uint8_t bytes[64 << 10];
    struct utvm_error *error = NULL;
    for (int i = 0; !error && i < 10000; i++) {
        error = t->ops->read(t, RAM, bytes, sizeof(bytes));
    }
    fails(error, UTVM_ERROR_LOST, "OpenOCD ended with signal 9; 'connect' starts over");
    t->ops->destroy(t);
}

// True once a process is gone, or waits only to be collected by init.
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
        if (state == 'X' || state == 'Z') {
            return true;
        }
        usleep(10000);
    }
    return false;
}

LINK_TEST(openocd_loss, nothing_outlives_a_session_that_is_killed)
{
    need_board();
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    pid_t session = fork();
    if (session == 0) {
        struct utvm_target *t = connect_kind(*kind);
        pid_t pids[2] = {utvm_process_pid(utvm_openocd_of(t)->server),
                         utvm_process_pid(utvm_openocd_of(t)->board)};
        if (write(fds[1], pids, sizeof(pids)) == sizeof(pids)) {
            raise(SIGKILL);
        }
        _exit(1);
    }
    pid_t pids[2] = {0};
    close(fds[1]);
    cr_assert_eq(read(fds[0], pids, sizeof(pids)), sizeof(pids));
    waitpid(session, NULL, 0);
    cr_expect(gone(pids[0]));
    cr_expect(gone(pids[1]));
}

LINK_TEST(openocd_loss, destroy_ends_even_children_that_hang)
{
    struct utvm_target *t = connect_kind(*kind);
    pid_t server = utvm_process_pid(utvm_openocd_of(t)->server);
    pid_t board = utvm_process_pid(utvm_openocd_of(t)->board);
    kill(server, SIGSTOP);
    kill(board, SIGSTOP);
    t->ops->destroy(t);
    cr_expect(gone(server));
    cr_expect(gone(board));
}

static void on_interrupt(int number)
{
    (void)number;
    cancelled = 1;
}

LINK_TEST(openocd_loss, ctrl_c_ends_a_wait_and_the_core_can_be_halted)
{
    static const uint16_t code[] = {0xE7FE};
    struct utvm_target *t = connect_kind(*kind);
    load(t, code, sizeof(code));
    signal(SIGUSR1, on_interrupt);
    signal_later(getpid(), SIGUSR1, 60);
    struct utvm_call call = {CODE, {0}, 0, 0};
    struct utvm_call_result result = {0};
    ok(t->ops->call(t, &call, 100000, &result));
    cr_expect_eq(result.state, UTVM_TARGET_RUNNING);
    cr_expect_eq(cancelled, 1);
    ok(t->ops->halt(t));
    t->ops->destroy(t);
}

LINK_TEST(openocd_loss, ctrl_c_gives_up_on_a_server_that_hangs)
{
    struct utvm_target *t = connect_kind(*kind);
    // The board hangs, and OpenOCD with it as soon as it wants something of the board.
    kill(utvm_process_pid(utvm_openocd_of(t)->board), SIGSTOP);
    signal(SIGUSR1, on_interrupt);
    signal_later(getpid(), SIGUSR1, 100);
    uint32_t word = 0;
    fails(t->ops->read(t, RAM, &word, 4), UTVM_ERROR_CANCELLED, "interrupted");
    // Once the board goes on, so does everything.
    kill(utvm_process_pid(utvm_openocd_of(t)->board), SIGCONT);
    cancelled = 0;
    ok(t->ops->read(t, 0xE000ED00, &word, 4));
    cr_expect_eq(word, 0x410FC271);
    t->ops->destroy(t);
}

Test(openocd_loss, ctrl_c_ends_a_transfer_and_the_next_one_is_right, .timeout = 120)
{
    struct utvm_target *t = connect_kind(UTVM_PROBE_EMULATED_BITBANG);
    ok(t->ops->reset_halt(t));
    static uint8_t out[200 << 10];
    memset(out, 0x11, sizeof(out));
    signal(SIGUSR1, on_interrupt);
    signal_later(getpid(), SIGUSR1, 200);
    fails(t->ops->write(t, RAM, out, sizeof(out)), UTVM_ERROR_CANCELLED, "interrupted");
    cancelled = 0;
    uint8_t in[2000];
    memset(out, 0x22, sizeof(in));
    ok(t->ops->write(t, 0x20000000, out, sizeof(in)));
    ok(t->ops->read(t, 0x20000000, in, sizeof(in)));
    cr_expect_arr_eq(in, out, sizeof(in));
    t->ops->destroy(t);
}

static unsigned num_private_dirs(void)
{
    unsigned num = 0;
    DIR *dir = opendir("/dev/shm");
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        num += strncmp(e->d_name, "utvm-probe-", 11) == 0;
    }
    if (dir) {
        closedir(dir);
    }
    return num;
}

Test(openocd_loss, the_next_session_clears_the_directory_of_a_killed_one, .timeout = 120)
{
    need_board();
    struct utvm_private_dir mine;
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct utvm_private_dir theirs;
        utvm_error_free(utvm_private_dir_init(&theirs));
        if (write(fds[1], &theirs, sizeof(theirs)) != sizeof(theirs)) {
            _exit(1);
        }
        raise(SIGKILL);
    }
    struct utvm_private_dir theirs;
    cr_assert_eq(read(fds[0], &theirs, sizeof(theirs)), sizeof(theirs));
    while (kill(pid, 0) == 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    cr_expect_geq(num_private_dirs(), 1);
    ok(utvm_private_dir_init(&mine));
    cr_expect_eq(access(theirs.path, F_OK), -1, "%s is still there", theirs.path);
    cr_expect_eq(access(mine.path, F_OK), 0);
    utvm_private_dir_deinit(&mine);
}
