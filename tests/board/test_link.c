// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe/board/link.h"

/** A protocol that sends every byte back, and closes on 'Q'. */
struct echo {
    unsigned connects;
    unsigned disconnects;
    size_t taken;
};

static void echo_connected(void *context)
{
    ((struct echo *)context)->connects++;
}

static void echo_disconnected(void *context)
{
    ((struct echo *)context)->disconnects++;
}

static size_t echo_feed(void *context, const uint8_t *bytes, size_t size,
                        struct board_output *output, bool *close)
{
    struct echo *echo = context;
    for (size_t i = 0; i < size; i++) {
        if (output->size == output->capacity) {
            echo->taken += i;
            return i;
        }
        output->bytes[output->size++] = bytes[i];
        if (bytes[i] == 'Q') {
            *close = true;
            echo->taken += i + 1;
            return i + 1;
        }
    }
    echo->taken += size;
    return size;
}

static const struct board_protocol protocol = {
    .connected = echo_connected,
    .disconnected = echo_disconnected,
    .feed = echo_feed,
    .output_capacity = 64,
};

static struct echo echo;
static struct board_faults faults;
static struct board_link *server;

static void set_up(void)
{
    memset(&echo, 0, sizeof(echo));
    memset(&faults, 0, sizeof(faults));
    server = board_link_create(BOARD_LINK_STLINK, &protocol, &echo, &faults);
    cr_assert_not_null(server);
    cr_assert_eq(board_link_listen_tcp(server, 0), 0);
}

static void tear_down(void)
{
    board_link_destroy(server);
}

TestSuite(link, .init = set_up, .fini = tear_down, .timeout = 20);

/** Turns of the event loop until nothing is ready. */
static void turn_at(uint64_t now_ms)
{
    for (int i = 0; i < 20; i++) {
        struct pollfd fds[BOARD_LINK_MAX_FDS];
        size_t num = board_link_watch(server, fds, now_ms);
        (void)poll(fds, (nfds_t)num, 20);
        if (board_link_service(server, fds, num, now_ms) == 0 && i > 2) {
            break;
        }
    }
}

static int connect_client(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(board_link_port(server))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/** What the client has received by now, as a string; "EOF" appended at the end of the stream. */
static const char *received(int fd)
{
    static char text[1024];
    ssize_t got = recv(fd, text, sizeof(text) - 4, MSG_DONTWAIT);
    if (got < 0) {
        return "";
    }
    text[got] = '\0';
    return got == 0 ? "EOF" : text;
}

Test(link, answers_its_client)
{
    int client = connect_client();
    cr_assert_eq(send(client, "hello", 5, 0), 5);
    turn_at(0);
    cr_assert_str_eq(received(client), "hello");
    cr_assert(board_link_has_client(server));
    close(client);
    turn_at(0);
    cr_assert_not(board_link_has_client(server));
    cr_assert(board_link_client_left(server));
    cr_assert_eq(echo.disconnects, 1U);
}

Test(link, closes_a_second_client_at_once)
{
    int first = connect_client();
    turn_at(0);
    int second = connect_client();
    turn_at(0);
    cr_assert_str_eq(received(second), "EOF");
    cr_assert_eq(send(first, "still", 5, 0), 5);
    turn_at(0);
    cr_assert_str_eq(received(first), "still");
    close(first);
    close(second);
}

Test(link, accepts_a_successor_that_knocks_before_the_eof_is_seen)
{
    int first = connect_client();
    turn_at(0);
    cr_assert_eq(send(first, "last words", 10, 0), 10);
    close(first);
    int second = connect_client();
    // Only the listening socket is reported ready, as poll() may do it.
    struct pollfd fds[BOARD_LINK_MAX_FDS];
    size_t num = board_link_watch(server, fds, 0);
    cr_assert_eq(num, 2U);
    (void)poll(fds, (nfds_t)num, 1000);
    fds[0].revents = POLLIN;
    (void)board_link_service(server, fds, 1, 0);
    cr_assert_eq(echo.taken, 10U, "nothing that the first one sent is lost");
    cr_assert_eq(echo.connects, 2U);
    cr_assert_eq(send(second, "hi", 2, 0), 2);
    turn_at(0);
    cr_assert_str_eq(received(second), "hi");
    close(second);
}

Test(link, a_knock_is_not_a_client_that_left)
{
    close(connect_client());
    turn_at(0);
    cr_assert_not(board_link_has_client(server));
    cr_assert_not(board_link_client_left(server));
}

Test(link, closes_when_the_protocol_asks_and_sends_the_rest_first)
{
    int client = connect_client();
    cr_assert_eq(send(client, "byeQmore", 8, 0), 8);
    turn_at(0);
    cr_assert_str_eq(received(client), "byeQ");
    cr_assert_not(board_link_has_client(server));
    close(client);
}

Test(link, a_client_that_does_not_read_is_not_fed)
{
    int client = connect_client();
    static char block[65536];
    struct pollfd fds[BOARD_LINK_MAX_FDS] = {{0}};
    size_t num = 0;
    memset(block, 'x', sizeof(block));
    // Fill the way back: the link must then wait for the client to read, not for more input.
    size_t taken = 0;
    for (int unmoved = 0; unmoved < 100; unmoved++) {
        (void)send(client, block, sizeof(block), MSG_DONTWAIT);
        num = board_link_watch(server, fds, 0);
        (void)poll(fds, (nfds_t)num, 1);
        (void)board_link_service(server, fds, num, 0);
        unmoved = echo.taken == taken ? unmoved : 0;
        taken = echo.taken;
    }
    num = board_link_watch(server, fds, 0);
    cr_assert_eq(num, 2U);
    cr_assert_eq(fds[1].events, POLLOUT);
    while (recv(client, block, sizeof(block), MSG_DONTWAIT) > 0) {
    }
    turn_at(0);
    cr_assert_gt(echo.taken, taken, "reading sets it going again");
    close(client);
}

Test(link, drop_fault_cuts_at_its_byte)
{
    char error[128];
    cr_assert(board_faults_add(&faults, "stlink-drop=4", error, sizeof(error)));
    int client = connect_client();
    cr_assert_eq(send(client, "abcdef", 6, 0), 6);
    turn_at(0);
    cr_assert_eq(echo.taken, 4U);
    cr_assert_not(board_link_has_client(server));
    close(client);
}

Test(link, delay_fault_holds_the_answers_back)
{
    char error[128];
    cr_assert(board_faults_add(&faults, "stlink-delay=3:500", error, sizeof(error)));
    int client = connect_client();
    turn_at(1000);
    cr_assert_eq(send(client, "abcdef", 6, 0), 6);
    turn_at(1000);
    cr_assert_eq(echo.taken, 3U);
    cr_assert_str_eq(received(client), "");
    cr_assert_eq(board_link_timeout_ms(server, 1100), 400);
    turn_at(1499);
    cr_assert_str_eq(received(client), "");
    turn_at(1500);
    cr_assert_str_eq(received(client), "abcdef");
    close(client);
}

Test(link, a_client_that_left_during_a_delay_makes_room)
{
    char error[128];
    cr_assert(board_faults_add(&faults, "stlink-delay=3:500", error, sizeof(error)));
    int first = connect_client();
    turn_at(1000);
    cr_assert_eq(send(first, "abc", 3, 0), 3);
    turn_at(1000);
    cr_assert_eq(echo.taken, 3U);
    close(first);
    int second = connect_client();
    turn_at(1100);
    cr_assert_eq(echo.connects, 2U);
    close(second);
}

Test(link, replaces_a_stale_unix_socket_and_no_live_one)
{
    char directory[] = "/tmp/utvm-test-XXXXXX";
    char path[64];
    struct stat status;
    cr_assert_not_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/s", directory);
    int stale = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    cr_assert_eq(bind(stale, (struct sockaddr *)&address, sizeof(address)), 0);
    close(stale);

    struct board_link *first = board_link_create(BOARD_LINK_BITBANG, &protocol, &echo, &faults);
    struct board_link *second = board_link_create(BOARD_LINK_BITBANG, &protocol, &echo, &faults);
    cr_assert_eq(board_link_listen_unix(first, path), 0);
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0077, 0U, "for its owner alone");
    cr_assert_neq(board_link_listen_unix(second, path), 0);
    board_link_destroy(second);
    cr_assert_eq(stat(path, &status), 0, "the loser does not remove the winner's socket");
    board_link_destroy(first);
    cr_assert_neq(stat(path, &status), 0);
    (void)rmdir(directory);
}

Test(link, does_not_replace_a_file)
{
    char path[] = "/tmp/utvm-test-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    struct board_link *link = board_link_create(BOARD_LINK_BITBANG, &protocol, &echo, &faults);
    cr_assert_neq(board_link_listen_unix(link, path), 0);
    board_link_destroy(link);
    cr_assert_eq(access(path, F_OK), 0);
    close(fd);
    (void)unlink(path);
}

Test(link, a_taken_port_is_an_error)
{
    struct board_link *other = board_link_create(BOARD_LINK_STLINK, &protocol, &echo, &faults);
    cr_assert_neq(board_link_listen_tcp(other, board_link_port(server)), 0);
    board_link_destroy(other);
}
