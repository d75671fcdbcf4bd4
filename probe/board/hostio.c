// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/hostio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct board_hostio {
    int in;   // -1 = none
    int out;  // -1 = broken
    int peer; // our own hold on a pty's other side, so that it never reads as hung up
    bool owned;
};

static int open_pty(const char *name, int *peer)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    const char *path;
    struct termios raw;

    if (fd < 0) {
        return -1;
    }
    if (grantpt(fd) != 0 || unlockpt(fd) != 0 || (path = ptsname(fd)) == NULL ||
        (*peer = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) {
        close(fd);
        return -1;
    }
    if (tcgetattr(*peer, &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(*peer, TCSANOW, &raw);
    }
    fprintf(stderr, "utvm-board: %s is %s\n", name, path);
    return fd;
}

struct board_hostio *board_hostio_open(const char *name, const char *where, const char **error)
{
    struct board_hostio *io = calloc(1, sizeof *io);

    if (io == NULL) {
        *error = "out of memory for a serial line";
        return NULL;
    }
    io->in = -1;
    io->out = -1;
    io->peer = -1;
    if (strcmp(where, "stdio") == 0) {
        io->in = STDIN_FILENO;
        io->out = STDOUT_FILENO;
        return io;
    }
    io->owned = true;
    if (strcmp(where, "pty") == 0) {
        io->in = open_pty(name, &io->peer);
        io->out = io->in;
        *error = "cannot open a pseudo-terminal for a serial line";
    } else {
        io->out = open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        *error = "cannot open the file of a serial line for appending";
    }
    if (io->out < 0) {
        free(io);
        return NULL;
    }
    return io;
}

void board_hostio_close(struct board_hostio *io)
{
    if (io == NULL) {
        return;
    }
    if (io->owned && io->out >= 0) {
        close(io->out);
    }
    if (io->peer >= 0) {
        close(io->peer);
    }
    free(io);
}

void board_hostio_write(struct board_hostio *io, const void *bytes, size_t size_bytes)
{
    const char *at = bytes;

    while (io->out >= 0 && size_bytes != 0) {
        ssize_t n = write(io->out, at, size_bytes);

        if (n > 0) {
            at += n;
            size_bytes -= (size_t)n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        } else {
            fprintf(stderr, "utvm-board: serial output is lost from here on: %s\n",
                    strerror(errno));
            io->out = -1;
        }
    }
}

size_t board_hostio_read(struct board_hostio *io, void *bytes, size_t size_bytes)
{
    struct pollfd p = {.fd = io->in, .events = POLLIN};
    ssize_t n;

    if (io->in < 0 || size_bytes == 0 || poll(&p, 1, 0) != 1 || (p.revents & POLLIN) == 0) {
        if (io->in >= 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
            io->in = -1; // the input has ended
        }
        return 0;
    }
    n = read(io->in, bytes, size_bytes);
    if (n == 0) {
        io->in = -1;
    }
    return n > 0 ? (size_t)n : 0;
}

int board_hostio_fd(const struct board_hostio *io)
{
    return io->in;
}
