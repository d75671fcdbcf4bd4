// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/tcl_connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/clock.h"
#include "probe/tcl_reply.h"

#define END_OF_MESSAGE '\x1a'
#define TICK_MS 100
#define CANCEL_TICK_MS 20
#define RECEIVE_BYTES ((size_t)64 << 10)

// `capture` yields the log if there is any, else the result of its script: an empty list here. The
// procedure's own frame keeps the script's variables apart from ours.
static const char helper[] = "proc utvm_do {utvm_tag utvm_script} {"
                             " set utvm_value {};"
                             " set utvm_code 1;"
                             " catch {capture {set utvm_code [catch {uplevel #0 $utvm_script}"
                             " utvm_value]; list}} utvm_log;"
                             " list $utvm_tag $utvm_code $utvm_value $utvm_log }; ";

struct utvm_tcl {
    int fd;
    bool lost;
    uint64_t tag;
    size_t num_stale; // requests given up whose replies have not come yet
    struct utvm_tcl_watch watch;
    char *in; // received, not yet consumed
    size_t in_bytes;
    size_t in_capacity;
    size_t scanned_bytes;     // of in, known to hold no end of message
    struct utvm_tcl_text out; // requests, the first sent_bytes of which are gone
    size_t sent_bytes;
    char endpoint[96];
};

// One wait: when it must end, and since when Ctrl-C is known.
struct wait {
    uint64_t deadline_ms;
    uint32_t grace_ms;
    bool ignore_cancel;
    uint64_t give_up_ms; // 0 = not cancelled
};

static bool is_cancelled(const struct utvm_tcl_watch *watch)
{
    int known = watch->known_cancels ? *watch->known_cancels : 0;
    return watch->cancelled && *watch->cancelled && **watch->cancelled > known;
}

static struct wait wait_begin(const struct utvm_tcl_watch *watch, uint32_t timeout_ms,
                              uint32_t grace_ms)
{
    return (struct wait){.deadline_ms = utvm_clock_ms() + timeout_ms,
                         .grace_ms = grace_ms,
                         .ignore_cancel = grace_ms > 0 && is_cancelled(watch)};
}

// Waits until the socket is ready for events; the deadline, Ctrl-C and the watched children end it.
static struct utvm_error *wait_ready(int fd, short events, const struct utvm_tcl_watch *watch,
                                     struct wait *w)
{
    struct pollfd fds[1 + UTVM_TCL_MAX_WATCHED] = {{.fd = fd, .events = events}};
    for (size_t i = 0; i < watch->num_fds; i++) {
        fds[1 + i] = (struct pollfd){.fd = watch->fds[i], .events = POLLIN};
    }
    for (;;) {
        uint64_t now = utvm_clock_ms();
        if (!w->ignore_cancel && !w->give_up_ms && is_cancelled(watch)) {
            w->give_up_ms = now + w->grace_ms;
        }
        uint64_t until = w->deadline_ms;
        if (w->give_up_ms && w->give_up_ms < until) {
            until = w->give_up_ms;
        }
        uint64_t left = until > now ? until - now : 0;
        uint64_t tick = watch->cancelled ? CANCEL_TICK_MS : TICK_MS;
        int num_ready = poll(fds, 1 + watch->num_fds, (int)(left < tick ? left : tick));
        if (num_ready < 0 && errno != EINTR) {
            return utvm_error_os(errno, "cannot wait for OpenOCD");
        }
        if (num_ready > 0 && fds[0].revents) {
            return NULL;
        }
        struct utvm_error *error = watch->check ? watch->check(watch->ctx) : NULL;
        if (error) {
            return error;
        }
        if (left == 0 && w->give_up_ms) {
            return utvm_error_create(UTVM_ERROR_CANCELLED, "interrupted");
        }
        if (left == 0) {
            return utvm_error_create(UTVM_ERROR_TIMEOUT, "OpenOCD did not answer in time");
        }
    }
}

static struct utvm_error *lost(struct utvm_tcl *c, const char *how)
{
    c->lost = true;
    return utvm_error_create(UTVM_ERROR_LOST, "%s", how);
}

static bool would_block(int error_number)
{
    return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

static struct utvm_error *send_some(struct utvm_tcl *c)
{
    ssize_t num = send(c->fd, c->out.bytes + c->sent_bytes, c->out.size_bytes - c->sent_bytes,
                       MSG_NOSIGNAL | MSG_DONTWAIT);
    if (num < 0 && would_block(errno)) {
        return NULL;
    }
    if (num < 0) {
        return lost(c, "OpenOCD closed the connection");
    }
    c->sent_bytes += (size_t)num;
    if (c->sent_bytes == c->out.size_bytes) {
        c->sent_bytes = 0;
        c->out.size_bytes = 0;
    }
    return NULL;
}

static struct utvm_error *receive_some(struct utvm_tcl *c)
{
    if (c->in_capacity - c->in_bytes < RECEIVE_BYTES) {
        size_t capacity = c->in_bytes * 2 + RECEIVE_BYTES;
        char *in = realloc(c->in, capacity);
        if (!in) {
            return utvm_error_no_memory();
        }
        c->in = in;
        c->in_capacity = capacity;
    }
    ssize_t num = recv(c->fd, c->in + c->in_bytes, c->in_capacity - c->in_bytes, MSG_DONTWAIT);
    if (num < 0 && would_block(errno)) {
        return NULL;
    }
    if (num <= 0) {
        return lost(c, "OpenOCD closed the connection");
    }
    c->in_bytes += (size_t)num;
    if (c->in_bytes > UTVM_TCL_MAX_REPLY_BYTES) {
        c->lost = true;
        return utvm_error_create(UTVM_ERROR_FORMAT, "OpenOCD's reply is longer than %zu bytes",
                                 UTVM_TCL_MAX_REPLY_BYTES);
    }
    return NULL;
}

// The length of the first whole message in the buffer, without its end mark; false: not yet there.
static bool find_message(struct utvm_tcl *c, size_t *size_bytes)
{
    char *end = NULL;
    if (c->in_bytes > c->scanned_bytes) {
        end = memchr(c->in + c->scanned_bytes, END_OF_MESSAGE, c->in_bytes - c->scanned_bytes);
    }
    if (!end) {
        c->scanned_bytes = c->in_bytes;
        return false;
    }
    *size_bytes = (size_t)(end - c->in);
    return true;
}

static void consume(struct utvm_tcl *c, size_t size_bytes)
{
    c->in_bytes -= size_bytes;
    memmove(c->in, c->in + size_bytes, c->in_bytes);
    c->scanned_bytes = 0;
}

// Takes the message in front of the buffer; *done when it is the reply to the present request.
static struct utvm_error *take_message(struct utvm_tcl *c, size_t size_bytes, bool *done,
                                       struct utvm_tcl_reply *ret)
{
    struct utvm_error *error = NULL;
    switch (utvm_tcl_reply_match(c->in, size_bytes, c->tag)) {
    case UTVM_TCL_REPLY_NOTICE:
        break;
    case UTVM_TCL_REPLY_LATE:
        c->num_stale -= c->num_stale > 0;
        break;
    case UTVM_TCL_REPLY_PRESENT:
        *done = true;
        c->num_stale = 0;
        error = utvm_tcl_reply_parse(c->in, size_bytes, ret);
        break;
    case UTVM_TCL_REPLY_FOREIGN:
        if (c->num_stale > 0) {
            c->num_stale--;
            break;
        }
        *done = true;
        error = utvm_error_create(UTVM_ERROR_FORMAT,
                                  "the server's reply is not one of OpenOCD's to utvm: '%.*s'",
                                  size_bytes > 60 ? 60 : (int)size_bytes, size_bytes ? c->in : "");
        break;
    }
    consume(c, size_bytes + 1);
    return error;
}

static struct utvm_error *exchange(struct utvm_tcl *c, struct wait *w, struct utvm_tcl_reply *ret)
{
    bool done = false;
    struct utvm_error *error = NULL;
    while (!error && !done) {
        if (c->out.size_bytes > 0) {
            error = send_some(c);
        }
        size_t size_bytes = 0;
        while (!error && !done && find_message(c, &size_bytes)) {
            error = take_message(c, size_bytes, &done, ret);
        }
        if (error || done) {
            break;
        }
        short events = c->out.size_bytes > 0 ? POLLIN | POLLOUT : POLLIN;
        error = wait_ready(c->fd, events, &c->watch, w);
        if (!error) {
            error = receive_some(c);
        }
    }
    return error;
}

static struct utvm_error *eval_with_prologue(struct utvm_tcl *c, const char *prologue,
                                             const char *script, struct wait *w,
                                             struct utvm_tcl_reply *ret)
{
    if (c->lost) {
        return utvm_error_create(UTVM_ERROR_LOST, "the connection to OpenOCD is closed");
    }
    if (strlen(script) > UTVM_TCL_MAX_REQUEST_BYTES - 1024) {
        return utvm_error_create(UTVM_ERROR_INVALID, "request to OpenOCD is too long");
    }
    size_t before = c->out.size_bytes;
    c->tag++;
    utvm_tcl_text_format(&c->out, "%sutvm_do %llu {%s}%c", prologue, (unsigned long long)c->tag,
                         script, END_OF_MESSAGE);
    struct utvm_error *error = utvm_tcl_text_check(&c->out);
    if (error) {
        // Nothing of it may go out half: what was queued before stays as it was.
        c->out.size_bytes = before;
        c->out.failed = false;
        return error;
    }
    error = exchange(c, w, ret);
    if (error && (error->code == UTVM_ERROR_TIMEOUT || error->code == UTVM_ERROR_CANCELLED)) {
        c->num_stale++;
    }
    return error;
}

struct utvm_error *utvm_tcl_eval(struct utvm_tcl *c, const char *script, uint32_t timeout_ms,
                                 uint32_t grace_ms, struct utvm_tcl_reply *ret)
{
    struct wait w = wait_begin(&c->watch, timeout_ms, grace_ms);
    if (grace_ms == 0 && is_cancelled(&c->watch)) {
        return utvm_error_create(UTVM_ERROR_CANCELLED, "interrupted");
    }
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error = eval_with_prologue(c, "", script, &w, &reply);
    if (!error && ret) {
        *ret = reply;
    } else if (!error) {
        utvm_tcl_reply_deinit(&reply);
    }
    return error;
}

static struct utvm_error *begin(struct utvm_tcl *c, struct wait *w)
{
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error = eval_with_prologue(c, helper, "list ready", w, &reply);
    if (!error && (!reply.value || strcmp(reply.value, "ready") != 0)) {
        error = utvm_error_create(UTVM_ERROR_FORMAT, "the server does not answer as OpenOCD does");
    }
    utvm_tcl_reply_deinit(&reply);
    return error;
}

static struct utvm_error *create(int fd, const struct utvm_tcl_watch *watch, struct wait *w,
                                 const char *endpoint, struct utvm_tcl **ret)
{
    struct utvm_tcl *c = calloc(1, sizeof(*c));
    if (!c) {
        close(fd);
        return utvm_error_no_memory();
    }
    c->fd = fd;
    c->watch = *watch;
    snprintf(c->endpoint, sizeof(c->endpoint), "%s", endpoint);
    struct utvm_error *error = begin(c, w);
    if (error) {
        utvm_tcl_destroy(c);
        return error;
    }
    *ret = c;
    return NULL;
}

struct utvm_error *utvm_tcl_adopt(int fd, const struct utvm_tcl_watch *watch, uint32_t timeout_ms,
                                  struct utvm_tcl **ret)
{
    struct wait w = wait_begin(watch, timeout_ms, 0);
    return create(fd, watch, &w, "", ret);
}

// Connects one address without blocking past the deadline; *fd is -1 if it fails.
static struct utvm_error *connect_address(const struct addrinfo *address,
                                          const struct utvm_tcl_watch *watch, struct wait *w,
                                          int *ret)
{
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    address->ai_protocol);
    if (fd < 0) {
        return utvm_error_os(errno, "cannot make a socket");
    }
    int result = connect(fd, address->ai_addr, address->ai_addrlen);
    int failure = result < 0 ? errno : 0;
    if (failure == EINPROGRESS || failure == EINTR) {
        struct utvm_error *error = wait_ready(fd, POLLOUT, watch, w);
        if (error) {
            close(fd);
            return error;
        }
        socklen_t size = sizeof(failure);
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) < 0) {
            failure = errno;
        }
    }
    if (failure) {
        close(fd);
        return utvm_error_create(UTVM_ERROR_LOST, "%s", strerror(failure));
    }
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0) {
        failure = errno;
        close(fd);
        return utvm_error_os(failure, "cannot set up the connection");
    }
    *ret = fd;
    return NULL;
}

struct utvm_error *utvm_tcl_connect(const char *host, const char *port,
                                    const struct utvm_tcl_watch *watch, uint32_t timeout_ms,
                                    struct utvm_tcl **ret)
{
    struct wait w = wait_begin(watch, timeout_ms, 0);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    int failure = getaddrinfo(host, port, &hints, &addresses);
    if (failure) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "no host '%s' port '%s': %s", host, port,
                                 gai_strerror(failure));
    }
    struct utvm_error *error = NULL;
    int fd = -1;
    for (const struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next) {
        utvm_error_free(error);
        error = connect_address(a, watch, &w, &fd);
        if (error && error->code != UTVM_ERROR_LOST) {
            break;
        }
    }
    freeaddrinfo(addresses);
    if (!error) {
        char endpoint[96];
        snprintf(endpoint, sizeof(endpoint), "%s:%s", host, port);
        error = create(fd, watch, &w, endpoint, ret);
    }
    return utvm_error_prefix(error, "cannot connect to OpenOCD at %s:%s", host, port);
}

void utvm_tcl_destroy(struct utvm_tcl *c)
{
    if (!c) {
        return;
    }
    close(c->fd);
    free(c->in);
    utvm_tcl_text_deinit(&c->out);
    free(c);
}

uint64_t utvm_tcl_num_requests(const struct utvm_tcl *c)
{
    return c->tag;
}

size_t utvm_tcl_num_stale(const struct utvm_tcl *c)
{
    return c->num_stale;
}

const char *utvm_tcl_endpoint(const struct utvm_tcl *c)
{
    return c->endpoint;
}
