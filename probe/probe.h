// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_PROBE_H
#define UTVM_PROBE_PROBE_H

#include <signal.h>

#include "core/target.h"

/**
 * Where a target comes from. Four ways lead to the same struct utvm_target: they differ in who
 * starts OpenOCD and what is behind it.
 */
enum utvm_probe_kind {
    /** The embedded default: starts utvm-board and an OpenOCD that reaches it over ST-LINK. */
    UTVM_PROBE_EMULATED,
    /** The same over remote_bitbang (JTAG): a second path, some hundred times slower in bulk. */
    UTVM_PROBE_EMULATED_BITBANG,
    /** Attaches to the TCL port of a running OpenOCD, which goes on when the target is destroyed.
     */
    UTVM_PROBE_ATTACH,
    /** Starts OpenOCD with configuration files: a NUCLEO on USB. */
    UTVM_PROBE_CONFIG,
};

/** Strings are borrowed for the call; zero and NULL mean the default. */
struct utvm_probe_options {
    enum utvm_probe_kind kind;
    const char *openocd_path; /**< default "openocd" from PATH */
    /** Default: utvm-board in the directory of the running program, else from PATH. */
    const char *board_path;
    const char *timing;              /**< utvm-board --timing; default: the board's own */
    const char *const *board_args;   /**< further arguments of utvm-board, NULL-terminated */
    const char *endpoint;            /**< ATTACH: "HOST:PORT", "[V6ADDR]:PORT", "PORT" = loopback */
    const char *const *config_files; /**< CONFIG: as openocd -f takes them; NULL-terminated */
    uint32_t clock_hz;   /**< core clock for times; default: the board's or chip's highest */
    uint32_t timeout_ms; /**< for starting everything; default 15000 */
};

/**
 * Starts what the kind asks for, connects, and makes sure that there is a Cortex-M7. The core is
 * left as it is, running or halted.
 *
 * The children are in process groups of their own and do not see a Ctrl-C at the terminal. They end
 * with this process, whatever ends it; see probe/process.h.
 *
 * @param cancelled     polled by every wait loop; borrowed as long as the target lives; may be NULL
 * @param progress, ctx may be NULL; as struct utvm_target has them
 * @param ret           to be freed with utvm_target_destroy(), which ends what was started here
 * @return NOT_FOUND no utvm-board, no openocd, no such host; LOST OpenOCD or the board ended, or
 *         nobody listens, with the last lines they wrote; UNSUPPORTED the core is no Cortex-M7, or
 *         OpenOCD has no target; TIMEOUT; CANCELLED; INVALID options that make no sense
 */
UTVM_MUST_CHECK struct utvm_error *utvm_probe_connect(const struct utvm_probe_options *options,
                                                      const volatile sig_atomic_t *cancelled,
                                                      utvm_progress_fn progress, void *ctx,
                                                      struct utvm_target **ret);

/** Requests sent to OpenOCD so far: round trips, for benchmarks and tests. */
uint64_t utvm_probe_num_requests(const struct utvm_target *t);

#endif
