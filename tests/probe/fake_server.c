// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/probe/fake_server.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void send_all(int fd, const char *bytes, size_t size_bytes)
{
    while (size_bytes > 0) {
        ssize_t num = send(fd, bytes, size_bytes, MSG_NOSIGNAL);
        if (num <= 0) {
            _exit(2);
        }
        bytes += num;
        size_bytes -= (size_t)num;
    }
}

// Reads up to 0x1a and finds the tag of "utvm_do TAG {".
static void expect_request(int fd, char *tag, size_t tag_bytes)
{
    static char request[65536];
    size_t size = 0;
    while (size < sizeof(request) - 1) {
        if (read(fd, request + size, 1) != 1) {
            _exit(3);
        }
        if (request[size++] == '\x1a') {
            break;
        }
    }
    request[size] = '\0';
    // The first request defines utvm_do before it calls it, so the last mention counts.
    const char *at = request;
    for (const char *next = strstr(at, "utvm_do "); next; next = strstr(next + 1, "utvm_do ")) {
        at = next + strlen("utvm_do ");
    }
    snprintf(tag, tag_bytes, "%.*s", (int)strcspn(at, " "), at);
}

static void send_with_tags(int fd, const struct fake_action *action, const char *tag)
{
    size_t size = action->size_bytes ? action->size_bytes : strlen(action->bytes);
    // What stands between two tags goes out at once, so that it can arrive at once.
    size_t sent = 0;
    while (sent < size) {
        const char *from = action->bytes + sent;
        const char *mark = memchr(from, '\x01', size - sent);
        size_t run = mark ? (size_t)(mark - from) : size - sent;
        send_all(fd, from, run);
        sent += run;
        if (mark) {
            send_all(fd, tag, strlen(tag));
            sent += 2;
        }
    }
}

__attribute__((noreturn)) static void play(int fd, const struct fake_action *actions)
{
    char tag[24] = "";
    char dropped[4096];
    for (const struct fake_action *a = actions; a->kind != FAKE_END; a++) {
        switch (a->kind) {
        case FAKE_EXPECT:
            expect_request(fd, tag, sizeof(tag));
            break;
        case FAKE_SEND:
            send_with_tags(fd, a, tag);
            break;
        case FAKE_SLEEP:
            usleep(a->number * 1000);
            break;
        case FAKE_FLOOD:
            memset(dropped, 'x', sizeof(dropped));
            for (unsigned i = 0; i < a->number / sizeof(dropped); i++) {
                send_all(fd, dropped, sizeof(dropped));
            }
            break;
        case FAKE_HOLD:
            while (read(fd, dropped, sizeof(dropped)) > 0) {
            }
            break;
        case FAKE_END:
            break;
        }
    }
    _exit(0);
}

int fake_server_start(const struct fake_action *actions, pid_t *pid)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
        abort();
    }
    *pid = fork();
    if (*pid < 0) {
        abort();
    }
    if (*pid == 0) {
        close(fds[0]);
        play(fds[1], actions);
    }
    close(fds[1]);
    return fds[0];
}

int fake_server_end(pid_t pid)
{
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}
