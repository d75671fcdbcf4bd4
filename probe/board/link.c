// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define INPUT_CAPACITY 65536U

// Turns of receive, feed and send for the last words of a client whose successor already waits. In
// all other cases there is one turn a service call: a client that asks again at once, as one that
// polls for a halt does, must not keep the core from running between two of its questions.
#define ROUNDS_FOR_LAST_WORDS 1024

struct board_link {
    enum board_link_id id;
    const struct board_protocol *protocol;
    void *context;
    struct board_faults *faults;
    int listen_fd;
    int client_fd;
    char unix_path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    bool client_spoke;
    bool client_left;
    bool end_of_input; /**< the client sent its EOF, but bytes of it may still wait here */
    bool closing;      /**< close as soon as the output has left */
    uint64_t stalled_until_ms;
    struct board_output output;
    size_t output_sent;
    uint64_t bytes_moved; /**< in and out, since the link was made */
    size_t input_start;
    size_t input_size;
    uint8_t input[INPUT_CAPACITY];
};

struct board_link *board_link_create(enum board_link_id id, const struct board_protocol *protocol,
                                     void *context, struct board_faults *faults)
{
    struct board_link *link = calloc(1, sizeof(*link));
    uint8_t *output = malloc(protocol->output_capacity);
    if (!link || !output) {
        free(output);
        free(link);
        return NULL;
    }
    link->id = id;
    link->protocol = protocol;
    link->context = context;
    link->faults = faults;
    link->listen_fd = -1;
    link->client_fd = -1;
    link->output.bytes = output;
    link->output.capacity = protocol->output_capacity;
    return link;
}

static void close_client(struct board_link *link)
{
    if (link->client_fd < 0) {
        return;
    }
    (void)close(link->client_fd);
    link->client_fd = -1;
    if (link->client_spoke) {
        link->client_left = true;
    }
    link->protocol->disconnected(link->context);
}

void board_link_destroy(struct board_link *link)
{
    if (!link) {
        return;
    }
    close_client(link);
    if (link->listen_fd >= 0) {
        (void)close(link->listen_fd);
    }
    if (link->unix_path[0] != '\0') {
        (void)unlink(link->unix_path);
    }
    free(link->output.bytes);
    free(link);
}

static int start_listening(struct board_link *link, int fd, const struct sockaddr *address,
                           socklen_t address_size)
{
    if (bind(fd, address, address_size) != 0 || listen(fd, 4) != 0) {
        int error = errno;
        (void)close(fd);
        return error;
    }
    link->listen_fd = fd;
    return 0;
}

int board_link_listen_tcp(struct board_link *link, uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    int on = 1;
    // A board that follows another on the same port must not wait for TIME_WAIT to pass.
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return start_listening(link, fd, (const struct sockaddr *)&address, sizeof(address));
}

/** True when the path is a socket that nobody listens on: left behind by a board that was killed.
 */
static bool is_stale_socket(const char *path, const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    bool refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
                   errno == ECONNREFUSED;
    (void)close(fd);
    return refused;
}

int board_link_listen_unix(struct board_link *link, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof(address.sun_path)) {
        return ENAMETOOLONG;
    }
    memcpy(address.sun_path, path, length + 1);
    if (is_stale_socket(path, &address)) {
        (void)unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    // The socket is for this user alone from the moment it exists.
    mode_t mask = umask(077);
    int error = start_listening(link, fd, (const struct sockaddr *)&address, sizeof(address));
    (void)umask(mask);
    if (error == 0) {
        memcpy(link->unix_path, path, length + 1);
    }
    return error;
}

uint16_t board_link_port(const struct board_link *link)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof(address);
    if (link->listen_fd < 0 ||
        getsockname(link->listen_fd, (struct sockaddr *)&address, &size) != 0 ||
        address.sin_family != AF_INET) {
        return 0;
    }
    return ntohs(address.sin_port);
}

static bool is_stalled(const struct board_link *link, uint64_t now_ms)
{
    return link->client_fd >= 0 && now_ms < link->stalled_until_ms;
}

static bool has_output(const struct board_link *link)
{
    return link->output_sent < link->output.size;
}

static bool has_work(const struct board_link *link)
{
    return link->input_size > 0 || link->end_of_input || link->closing;
}

size_t board_link_watch(const struct board_link *link, struct pollfd *fds, uint64_t now_ms)
{
    size_t num = 0;
    if (link->listen_fd >= 0) {
        fds[num++] = (struct pollfd){.fd = link->listen_fd, .events = POLLIN};
    }
    if (link->client_fd >= 0 && !is_stalled(link, now_ms)) {
        short events = has_output(link) ? POLLOUT : POLLIN;
        fds[num++] = (struct pollfd){.fd = link->client_fd, .events = events};
    }
    return num;
}

int board_link_timeout_ms(const struct board_link *link, uint64_t now_ms)
{
    if (link->client_fd < 0) {
        return -1;
    }
    if (is_stalled(link, now_ms)) {
        return (int)(link->stalled_until_ms - now_ms);
    }
    return has_work(link) && !has_output(link) ? 0 : -1;
}

/** Sends what it can. @return false when the connection is broken */
static bool send_output(struct board_link *link)
{
    while (has_output(link)) {
        ssize_t sent = send(link->client_fd, link->output.bytes + link->output_sent,
                            link->output.size - link->output_sent, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno == EAGAIN || errno == EWOULDBLOCK;
        }
        link->output_sent += (size_t)sent;
        link->bytes_moved += (size_t)sent;
    }
    link->output.size = 0;
    link->output_sent = 0;
    return true;
}

/** Reads into the empty input buffer. @return false when the connection is broken */
static bool receive_input(struct board_link *link)
{
    ssize_t received = 0;
    do {
        received = recv(link->client_fd, link->input, sizeof(link->input), 0);
    } while (received < 0 && errno == EINTR);
    if (received < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK;
    }
    if (received == 0) {
        link->end_of_input = true;
        return true;
    }
    link->client_spoke = true;
    link->input_start = 0;
    link->input_size = (size_t)received;
    return true;
}

static void feed_input(struct board_link *link, uint64_t now_ms)
{
    size_t size = link->input_size;
    size_t budget = board_faults_link_budget(link->faults, link->id);
    if (size > budget) {
        size = budget;
    }
    bool close_wanted = false;
    size_t took = link->protocol->feed(link->context, link->input + link->input_start, size,
                                       &link->output, &close_wanted);
    link->bytes_moved += took;
    link->input_start += took;
    link->input_size -= took;
    if (close_wanted) {
        link->closing = true;
    }
    uint64_t delay_ms = 0;
    switch (board_faults_link_took(link->faults, link->id, took, &delay_ms)) {
    case BOARD_LINK_DROP:
        link->output.size = 0;
        link->closing = true;
        break;
    case BOARD_LINK_DELAY:
        link->stalled_until_ms = now_ms + delay_ms;
        break;
    case BOARD_LINK_GO_ON:
        break;
    }
}

/**
 * Receives if there is nothing to work on, feeds, and sends the replies.
 * @return false when there is nothing more to do for now
 */
static bool serve_client(struct board_link *link, uint64_t now_ms)
{
    if (!has_output(link)) {
        if (!has_work(link) && !receive_input(link)) {
            close_client(link);
            return false;
        }
        if (!has_work(link)) {
            return false;
        }
        if (link->input_size > 0 && !link->closing) {
            feed_input(link, now_ms);
        }
    }
    if (is_stalled(link, now_ms)) {
        return false;
    }
    bool broken = !send_output(link);
    if (!broken && has_output(link)) {
        return false;
    }
    if (broken || link->closing || (link->end_of_input && link->input_size == 0)) {
        close_client(link);
        return false;
    }
    return true;
}

static void drain_client(struct board_link *link, uint64_t now_ms)
{
    int rounds = ROUNDS_FOR_LAST_WORDS;
    while (rounds > 0 && !is_stalled(link, now_ms) && serve_client(link, now_ms)) {
        rounds--;
    }
}

static void adopt_client(struct board_link *link, int fd)
{
    int on = 1;
    // Fails harmlessly on a Unix socket.
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    link->client_fd = fd;
    link->client_spoke = false;
    link->end_of_input = false;
    link->closing = false;
    link->stalled_until_ms = 0;
    link->output.size = 0;
    link->output_sent = 0;
    link->input_size = 0;
    link->protocol->connected(link->context);
}

/** True when the client has closed its end, even if poll() has not told of it yet. */
static bool client_is_gone(const struct board_link *link)
{
    uint8_t byte = 0;
    return recv(link->client_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void accept_client(struct board_link *link, uint64_t now_ms)
{
    int fd = accept4(link->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (link->client_fd >= 0) {
        // The new client may have arrived before the old one's last bytes were looked at.
        drain_client(link, now_ms);
    }
    if (link->client_fd >= 0 && client_is_gone(link)) {
        close_client(link);
    }
    if (link->client_fd >= 0) {
        (void)close(fd);
        return;
    }
    adopt_client(link, fd);
}

size_t board_link_service(struct board_link *link, const struct pollfd *fds, size_t num_fds,
                          uint64_t now_ms)
{
    uint64_t moved_before = link->bytes_moved;
    bool due = link->client_fd >= 0 && !is_stalled(link, now_ms) && has_work(link);
    bool knocked = false;
    for (size_t i = 0; i < num_fds; i++) {
        if (fds[i].revents == 0) {
            continue;
        }
        if (fds[i].fd == link->listen_fd) {
            knocked = true;
        } else if (fds[i].fd == link->client_fd) {
            due = true;
        }
    }
    if (due) {
        (void)serve_client(link, now_ms);
    }
    if (knocked) {
        accept_client(link, now_ms);
    }
    return (size_t)(link->bytes_moved - moved_before);
}

bool board_link_has_client(const struct board_link *link)
{
    return link->client_fd >= 0;
}

bool board_link_client_left(const struct board_link *link)
{
    return link->client_left;
}
