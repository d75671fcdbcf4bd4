// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_TCL_CONNECTION_H
#define UTVM_PROBE_TCL_CONNECTION_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>

#include "core/error.h"
#include "probe/tcl_list.h"

/**
 * One connection to OpenOCD's TCL port. A request and a reply each end in 0x1a; a reply carries no
 * status. So every request is a call of a helper procedure, defined on connecting, that evaluates a
 * script and answers `TAG CODE VALUE LOG` as a list:
 *   TAG    counts requests, so the late reply to a request that was given up is told from the
 *          present one and dropped
 *   CODE   what Tcl's catch returned; 0 is success
 *   VALUE  the script's result
 *   LOG    what OpenOCD wrote to its log meanwhile, which holds its error messages
 *
 * Source: OpenOCD User's Guide, "Tcl Scripting API", "Tcl RPC server".
 */
struct utvm_tcl;

/** A longer reply is refused and ends the connection. */
#define UTVM_TCL_MAX_REPLY_BYTES ((size_t)4 << 20)
/** OpenOCD drops longer lines; a longer request is refused before it is sent. */
#define UTVM_TCL_MAX_REQUEST_BYTES ((size_t)4 << 20)
#define UTVM_TCL_MAX_WATCHED 4

/**
 * What a connection watches while it waits; all of it borrowed and optional.
 */
struct utvm_tcl_watch {
    /** Points to where the flag that Ctrl-C sets is now; see grace_ms of utvm_tcl_eval. */
    const volatile sig_atomic_t *const *cancelled;
    const int *known_cancels; /**< so many do not count any more; NULL = 0 */
    /** More descriptors that end a wait when readable: a child's pidfd, its log. */
    int fds[UTVM_TCL_MAX_WATCHED];
    size_t num_fds;
    /** Called when one of them is readable, and ten times a second; an error ends the wait. */
    struct utvm_error *(*check)(void *ctx);
    void *ctx;
};

struct utvm_tcl_reply {
    struct utvm_tcl_list list; /**< owns what value and log point to */
    const char *value;         /**< NUL-terminated; may hold further NULs */
    size_t value_bytes;
    const char *log;
};

void utvm_tcl_reply_deinit(struct utvm_tcl_reply *reply);

/**
 * Connects to host:port and defines the helper. Waits until the server answers, which OpenOCD does
 * when its init is over.
 *
 * @param host, port  borrowed; a name or an address, a number or a service
 * @param watch       copied
 * @return LOST when nobody listens or the connection is closed at once, TIMEOUT, CANCELLED, FORMAT
 *         when who answers is not OpenOCD
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tcl_connect(const char *host, const char *port,
                                                    const struct utvm_tcl_watch *watch,
                                                    uint32_t timeout_ms, struct utvm_tcl **ret);

/** The same over a connected stream socket, which the result owns; closed also on failure. */
UTVM_MUST_CHECK struct utvm_error *utvm_tcl_adopt(int fd, const struct utvm_tcl_watch *watch,
                                                  uint32_t timeout_ms, struct utvm_tcl **ret);

void utvm_tcl_destroy(struct utvm_tcl *c);

/**
 * Evaluates a script at the server's top level and waits for its result.
 *
 * @param script      Tcl with balanced braces: own code, and values through utvm_tcl_text_quote
 * @param timeout_ms  the reply must have come by then
 * @param grace_ms    how long the reply is still awaited once *cancelled is set: 0 for work that
 *                    Ctrl-C may abandon at any moment; more for short requests whose reply matters.
 *                    If *cancelled was set beforehand and grace_ms is not 0, the request runs as if
 *                    it was not: halting the core after Ctrl-C must work.
 * @param ret         may be NULL; else to be freed with utvm_tcl_reply_deinit
 * @return TARGET with the server's message when the script failed; TIMEOUT or CANCELLED, after
 *         which the connection stays usable and the late reply is dropped; LOST when the server
 *         closed the connection, and from then on; FORMAT for a reply of another form; INVALID for
 *         a request that is too long
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tcl_eval(struct utvm_tcl *c, const char *script,
                                                 uint32_t timeout_ms, uint32_t grace_ms,
                                                 struct utvm_tcl_reply *ret);

/** Requests sent so far: what the benchmark reports as round trips. */
uint64_t utvm_tcl_num_requests(const struct utvm_tcl *c);

/** Requests that were given up and may still be under way inside OpenOCD. */
size_t utvm_tcl_num_stale(const struct utvm_tcl *c);

/** The address of the server as "127.0.0.1:6666", or "" for an adopted socket without one. */
const char *utvm_tcl_endpoint(const struct utvm_tcl *c);

#endif
