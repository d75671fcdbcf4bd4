// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_PROBE_FAKE_SERVER_H
#define UTVM_TESTS_PROBE_FAKE_SERVER_H

#include <stddef.h>
#include <sys/types.h>

/** One thing the fake server does. */
struct fake_action {
    enum {
        FAKE_END = 0,
        FAKE_EXPECT, /**< reads one request up to its 0x1a */
        FAKE_SEND,   /**< sends bytes; each 'T' after a 0x01 becomes the last request's tag */
        FAKE_SLEEP,  /**< milliseconds */
        FAKE_FLOOD,  /**< sends `number` times the letter x */
        FAKE_HOLD,   /**< reads and drops until the client leaves */
    } kind;
    const char *bytes;
    size_t size_bytes; /**< 0 = strlen(bytes) */
    unsigned number;
};

/**
 * Plays a script at the other end of a socket pair, in a child process, which closes its end when
 * the script is over.
 * @return the client's end
 */
int fake_server_start(const struct fake_action *actions, pid_t *pid);

/** Waits for the child; its exit status, 0 unless the client broke the script. */
int fake_server_end(pid_t pid);

/** The reply that completes a client's first request. */
#define FAKE_HELLO                                                                                 \
    {.kind = FAKE_EXPECT},                                                                         \
    {                                                                                              \
        .kind = FAKE_SEND, .bytes = "\x01T 0 ready {}\x1a"                                         \
    }

#endif
