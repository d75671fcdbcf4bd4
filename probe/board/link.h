// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_LINK_H
#define UTVM_BOARD_LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/fault.h"

/** Bytes on their way to a client. */
struct board_output {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
};

/** What speaks on a link. Every function gets the context that the link was made with. */
struct board_protocol {
    /** A new client: forget everything about the last one. */
    void (*connected)(void *context);
    /** The client is gone. */
    void (*disconnected)(void *context);
    /**
     * Takes in bytes from the client and appends replies to the output.
     * Returns how many bytes it took, less than `size` only when the output must leave first or
     * when *close became true. Sets *close when the client asked to end or broke the protocol.
     */
    size_t (*feed)(void *context, const uint8_t *bytes, size_t size, struct board_output *output,
                   bool *close);
    size_t output_capacity;
};

/**
 * One listening socket on loopback or a Unix path, with at most one client: a second one is closed
 * at once, unless the first turns out to have left already. The only file that knows sockets.
 */
struct board_link;

/**
 * @param context, protocol, faults  borrowed for the link's life
 * @return NULL when memory is short
 */
struct board_link *board_link_create(enum board_link_id id, const struct board_protocol *protocol,
                                     void *context, struct board_faults *faults);
/** Closes both sockets and removes the Unix socket's file. NULL is allowed. */
void board_link_destroy(struct board_link *link);

/**
 * Starts to listen on 127.0.0.1.
 * @param port  0 = any free one
 * @return 0, or an errno value
 */
int board_link_listen_tcp(struct board_link *link, uint16_t port);

/** Starts to listen on a Unix socket; a stale socket file of nobody is replaced. @return errno */
int board_link_listen_unix(struct board_link *link, const char *path);

/** The TCP port that it listens on, 0 for a Unix socket. */
uint16_t board_link_port(const struct board_link *link);

#define BOARD_LINK_MAX_FDS 2

/**
 * Fills in what poll() has to watch.
 * @param now_ms  the loop's clock
 * @return how many of the BOARD_LINK_MAX_FDS entries are used
 */
size_t board_link_watch(const struct board_link *link, struct pollfd *fds, uint64_t now_ms);

/** Milliseconds until the link wants service though no descriptor is ready; -1 = not at all. */
int board_link_timeout_ms(const struct board_link *link, uint64_t now_ms);

/** Serves what poll() found. @return how many bytes it took in from the client and sent to it */
size_t board_link_service(struct board_link *link, const struct pollfd *fds, size_t num_fds,
                          uint64_t now_ms);

bool board_link_has_client(const struct board_link *link);

/** True once a client that had sent something has left; a mere knock on the port does not count. */
bool board_link_client_left(const struct board_link *link);

#endif
