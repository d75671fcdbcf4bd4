// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/tcl_connection.h"
#include "tests/probe/fake_server.h"

#define TIMEOUT_MS 5000

struct session {
    struct utvm_tcl *tcl;
    pid_t pid;
    struct utvm_tcl_reply reply;
};

static volatile sig_atomic_t flag;
static const volatile sig_atomic_t *flag_pointer = &flag;
static const struct utvm_tcl_watch watch = {.cancelled = &flag_pointer};

static struct session start(const struct fake_action *actions)
{
    struct session s = {0};
    int fd = fake_server_start(actions, &s.pid);
    struct utvm_error *error = utvm_tcl_adopt(fd, &watch, TIMEOUT_MS, &s.tcl);
    cr_assert_null(error, "%s", error ? error->message : "");
    return s;
}

static void end(struct session *s)
{
    utvm_tcl_reply_deinit(&s->reply);
    utvm_tcl_destroy(s->tcl);
    cr_expect_eq(fake_server_end(s->pid), 0);
}

static void expect_value(struct session *s, const char *value, size_t size_bytes)
{
    struct utvm_error *error = utvm_tcl_eval(s->tcl, "question", TIMEOUT_MS, 0, &s->reply);
    cr_assert_null(error, "%s", error ? error->message : "");
    cr_assert_eq(s->reply.value_bytes, size_bytes);
    cr_assert_arr_eq(s->reply.value, value, size_bytes);
}

static void expect_error(struct session *s, uint32_t timeout_ms, enum utvm_error_code code,
                         const char *part)
{
    struct utvm_error *error = utvm_tcl_eval(s->tcl, "question", timeout_ms, 0, &s->reply);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, code, "%s", error->message);
    cr_expect_not_null(strstr(error->message, part), "%s", error->message);
    utvm_error_free(error);
}

#define ACTIONS(...) ((const struct fake_action[]){FAKE_HELLO, __VA_ARGS__, {.kind = FAKE_END}})
#define EXPECT ((struct fake_action){.kind = FAKE_EXPECT})
#define SEND(text) ((struct fake_action){.kind = FAKE_SEND, .bytes = (text)})
#define SLEEP(ms) ((struct fake_action){.kind = FAKE_SLEEP, .number = (ms)})
#define HOLD ((struct fake_action){.kind = FAKE_HOLD})

Test(tcl_connection, joins_a_reply_that_comes_in_pieces)
{
    struct session s =
        start(ACTIONS(EXPECT, SEND("\x01T "), SLEEP(20), SEND("0 {one t"), SLEEP(20), SEND("wo} "),
                      SLEEP(20), SEND("{}"), SLEEP(20), SEND("\x1a"), HOLD));
    expect_value(&s, "one two", 7);
    end(&s);
}

Test(tcl_connection, splits_replies_that_come_together)
{
    // The second reply is in the buffer before its request is sent.
    struct session s = start(ACTIONS(EXPECT,
                                     SEND("\x01T 0 first {}\x1a"
                                          "3 0 second {}\x1a"),
                                     EXPECT, HOLD));
    expect_value(&s, "first", 5);
    utvm_tcl_reply_deinit(&s.reply);
    expect_value(&s, "second", 6);
    end(&s);
}

Test(tcl_connection, finds_a_short_reply_behind_a_long_one_that_came_in_pieces)
{
    struct session s =
        start(ACTIONS(EXPECT, SEND("\x01T 0 {a long first reply, in two pieces}"), SLEEP(20),
                      SEND(" {}\x1a"
                           "3 0 b {}\x1a"),
                      EXPECT, HOLD));
    expect_value(&s, "a long first reply, in two pieces", 33);
    utvm_tcl_reply_deinit(&s.reply);
    expect_value(&s, "b", 1);
    end(&s);
}

Test(tcl_connection, keeps_nul_bytes_of_a_value)
{
    static const char reply[] = "\x01T 0 {a\0b} {}\x1a";
    struct session s = start(ACTIONS(
        EXPECT, {.kind = FAKE_SEND, .bytes = reply, .size_bytes = sizeof(reply) - 1}, HOLD));
    expect_value(&s, "a\0b", 3);
    end(&s);
}

Test(tcl_connection, receives_a_reply_as_large_as_the_buffer_exactly)
{
    // 64 KiB are received at once; the end mark is the last byte of them, then the first after.
    for (size_t extra = 0; extra < 2; extra++) {
        size_t text_bytes = 65536 - strlen("2 0  {}\x1a") + extra;
        char *text = malloc(text_bytes + 16);
        memcpy(text, "2 0 ", 4);
        memset(text + 4, 'v', text_bytes);
        memcpy(text + 4 + text_bytes, " {}\x1a", 4);
        struct session s = start(ACTIONS(
            EXPECT, {.kind = FAKE_SEND, .bytes = text, .size_bytes = text_bytes + 8}, HOLD));
        expect_value(&s, text + 4, text_bytes);
        end(&s);
        free(text);
    }
}

Test(tcl_connection, reports_a_failed_script_with_the_log)
{
    struct session s =
        start(ACTIONS(EXPECT, SEND("\x01T 1 ignored {Error: no such thing\nat all\n}\x1a"), HOLD));
    expect_error(&s, TIMEOUT_MS, UTVM_ERROR_TARGET, "Error: no such thing; at all");
    end(&s);
}

Test(tcl_connection, reports_each_line_of_the_log_once_and_without_chatter)
{
    struct session s = start(
        ACTIONS(EXPECT,
                SEND("\x01T 1 ignored {failed to send\nfailed to send\n  SWD DPIDR 0x5ba02477\n"
                     "[cpu] halted due to debug-request\nxPSR: 0x01000000\nno core\n}\x1a"),
                HOLD));
    expect_error(&s, TIMEOUT_MS, UTVM_ERROR_TARGET, "OpenOCD: failed to send; no core");
    end(&s);
}

Test(tcl_connection, reports_a_failed_script_with_its_result_when_the_log_is_empty)
{
    struct session s = start(ACTIONS(EXPECT, SEND("\x01T -4 {bad value} {}\x1a"), HOLD));
    expect_error(&s, TIMEOUT_MS, UTVM_ERROR_TARGET, "bad value");
    end(&s);
}

Test(tcl_connection, drops_the_late_reply_of_a_request_that_timed_out)
{
    struct session s = start(ACTIONS(EXPECT, SLEEP(150), SEND("\x01T 0 late {}\x1a"), EXPECT,
                                     SEND("\x01T 0 present {}\x1a"), HOLD));
    expect_error(&s, 30, UTVM_ERROR_TIMEOUT, "in time");
    cr_expect_eq(utvm_tcl_num_stale(s.tcl), 1);
    expect_value(&s, "present", 7);
    cr_expect_eq(utvm_tcl_num_stale(s.tcl), 0);
    end(&s);
}

Test(tcl_connection, passes_over_notifications)
{
    struct session s = start(ACTIONS(EXPECT,
                                     SEND("type target_state state halted\r\n\x1a"
                                          "\x01T 0 value {}\x1a"),
                                     HOLD));
    expect_value(&s, "value", 5);
    end(&s);
}

Test(tcl_connection, refuses_a_reply_without_the_tag)
{
    struct session s = start(ACTIONS(EXPECT, SEND("line too long\n\x1a"), HOLD));
    expect_error(&s, TIMEOUT_MS, UTVM_ERROR_FORMAT, "line too long");
    end(&s);
}

Test(tcl_connection, refuses_a_reply_of_too_few_words)
{
    struct session s = start(ACTIONS(EXPECT, SEND("\x01T 0\x1a"), HOLD));
    expect_error(&s, TIMEOUT_MS, UTVM_ERROR_FORMAT, "2 words");
    end(&s);
}

Test(tcl_connection, refuses_an_endless_reply)
{
    struct session s = start(ACTIONS(EXPECT, {.kind = FAKE_FLOOD, .number = 5u << 20}, HOLD));
    struct utvm_error *error = utvm_tcl_eval(s.tcl, "question", 60000, 0, NULL);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_FORMAT, "%s", error->message);
    utvm_error_free(error);
    utvm_tcl_destroy(s.tcl);
    fake_server_end(s.pid);
}

Test(tcl_connection, reports_end_of_file_as_lost_for_good)
{
    struct session s = start(ACTIONS(EXPECT, SEND("\x01T 0 half")));
    expect_error(&s, TIMEOUT_MS, UTVM_ERROR_LOST, "closed the connection");
    expect_error(&s, TIMEOUT_MS, UTVM_ERROR_LOST, "connection to OpenOCD is closed");
    end(&s);
}

Test(tcl_connection, refuses_a_server_that_is_not_openocd)
{
    pid_t pid = 0;
    struct utvm_tcl *tcl = NULL;
    int fd = fake_server_start(
        (const struct fake_action[]){EXPECT, SEND("SSH-2.0-Something\r\n\x1a"), HOLD, {0}}, &pid);
    struct utvm_error *error = utvm_tcl_adopt(fd, &watch, TIMEOUT_MS, &tcl);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_FORMAT, "%s", error->message);
    utvm_error_free(error);
    cr_expect_eq(fake_server_end(pid), 0);
}

static void set_flag(int signal_number)
{
    (void)signal_number;
    flag = 1;
}

static void interrupt_in_ms(unsigned ms)
{
    flag = 0;
    signal(SIGUSR1, set_flag);
    pid_t parent = getpid();
    if (fork() == 0) {
        usleep(ms * 1000);
        kill(parent, SIGUSR1);
        _exit(0);
    }
}

Test(tcl_connection, gives_up_a_request_on_ctrl_c_and_goes_on_after_it)
{
    struct session s = start(ACTIONS(EXPECT, SLEEP(400), SEND("\x01T 0 late {}\x1a"), EXPECT,
                                     SEND("\x01T 0 present {}\x1a"), HOLD));
    interrupt_in_ms(30);
    expect_error(&s, 60000, UTVM_ERROR_CANCELLED, "interrupted");
    flag = 0;
    expect_value(&s, "present", 7);
    end(&s);
}

Test(tcl_connection, awaits_a_short_request_in_spite_of_ctrl_c)
{
    struct session s = start(ACTIONS(EXPECT, SLEEP(100), SEND("\x01T 0 value {}\x1a"), HOLD));
    interrupt_in_ms(20);
    struct utvm_error *error = utvm_tcl_eval(s.tcl, "question", 60000, 10000, &s.reply);
    cr_assert_null(error, "%s", error ? error->message : "");
    cr_expect_str_eq(s.reply.value, "value");
    end(&s);
}

Test(tcl_connection, runs_a_short_request_after_ctrl_c)
{
    struct session s = start(ACTIONS(EXPECT, SLEEP(50), SEND("\x01T 0 value {}\x1a"), HOLD));
    flag = 1;
    struct utvm_error *error = utvm_tcl_eval(s.tcl, "question", 60000, 1, &s.reply);
    cr_assert_null(error, "%s", error ? error->message : "");
    end(&s);
}

Test(tcl_connection, starts_no_long_request_after_ctrl_c)
{
    struct session s = start(ACTIONS(HOLD));
    flag = 1;
    expect_error(&s, TIMEOUT_MS, UTVM_ERROR_CANCELLED, "interrupted");
    cr_expect_eq(utvm_tcl_num_requests(s.tcl), 1);
    end(&s);
}

static struct utvm_error *child_ended(void *ctx)
{
    (void)ctx;
    return utvm_error_create(UTVM_ERROR_LOST, "it ended");
}

Test(tcl_connection, ends_a_wait_when_a_watched_descriptor_says_so)
{
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    cr_assert_eq(write(fds[1], "x", 1), 1);
    struct utvm_tcl_watch with_child = {.fds = {fds[0]}, .num_fds = 1, .check = child_ended};
    pid_t pid = 0;
    struct utvm_tcl *tcl = NULL;
    int fd = fake_server_start((const struct fake_action[]){HOLD, {0}}, &pid);
    struct utvm_error *error = utvm_tcl_adopt(fd, &with_child, 60000, &tcl);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_LOST);
    cr_expect_str_eq(error->message, "it ended");
    utvm_error_free(error);
    cr_expect_eq(fake_server_end(pid), 0);
}

Test(tcl_connection, says_when_nobody_listens)
{
    struct utvm_tcl *tcl = NULL;
    struct utvm_error *error = utvm_tcl_connect("127.0.0.1", "1", &watch, TIMEOUT_MS, &tcl);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_LOST, "%s", error->message);
    cr_expect_not_null(strstr(error->message, "127.0.0.1:1"), "%s", error->message);
    utvm_error_free(error);
}

Test(tcl_connection, refuses_a_request_that_openocd_would_drop)
{
    struct session s = start(ACTIONS(HOLD));
    char *script = malloc(UTVM_TCL_MAX_REQUEST_BYTES + 1);
    memset(script, ' ', UTVM_TCL_MAX_REQUEST_BYTES);
    script[UTVM_TCL_MAX_REQUEST_BYTES] = '\0';
    struct utvm_error *error = utvm_tcl_eval(s.tcl, script, TIMEOUT_MS, 0, NULL);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_INVALID);
    utvm_error_free(error);
    free(script);
    end(&s);
}
