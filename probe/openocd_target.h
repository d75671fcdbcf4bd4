// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_OPENOCD_TARGET_H
#define UTVM_PROBE_OPENOCD_TARGET_H

#include "core/target.h"
#include "probe/exchange.h"
#include "probe/private_dir.h"
#include "probe/process.h"
#include "probe/tcl_connection.h"

/**
 * The target behind an OpenOCD: internals shared by the openocd_*.c files. probe/probe.h is what
 * users include.
 */
struct utvm_openocd {
    struct utvm_target base; /**< first, so that the two convert into each other */
    struct utvm_tcl *tcl;
    struct utvm_process *server;         /**< the OpenOCD we started; NULL when attached */
    struct utvm_process *board;          /**< the emulated board we started; NULL otherwise */
    struct utvm_private_dir private_dir; /**< holds the board's socket, if it listens on one */
    struct utvm_exchange exchange;
    char name[64];              /**< OpenOCD's name of the target, "stm32f7x.cpu" */
    uint64_t write_bytes_per_s; /**< as measured by the last bulk transfer; 0 = not yet */
    uint64_t read_bytes_per_s;
    bool stopped_midway; /**< the core was halted between two instructions of a program */
};

/** How long a request may take, and how much longer after Ctrl-C; see utvm_tcl_eval. */
struct utvm_openocd_limits {
    uint32_t timeout_ms;
    uint32_t grace_ms;
};

/** Short requests whose reply matters even after Ctrl-C: halt, state, registers. */
#define UTVM_OPENOCD_SHORT ((struct utvm_openocd_limits){5000, 90})
/** Work that Ctrl-C may abandon. */
#define UTVM_OPENOCD_LONG(timeout) ((struct utvm_openocd_limits){(timeout), 0})

static inline struct utvm_openocd *utvm_openocd_of(struct utvm_target *t)
{
    return (struct utvm_openocd *)(void *)t;
}

/** LOST, with how it ended, if OpenOCD or the board is no more; ctx is a struct utvm_openocd. */
UTVM_MUST_CHECK struct utvm_error *utvm_openocd_check_children(void *ctx);

/**
 * Evaluates one script; a failure because OpenOCD or the board ended becomes LOST.
 * @param ret may be NULL
 */
UTVM_MUST_CHECK struct utvm_error *utvm_openocd_eval(struct utvm_openocd *o,
                                                     struct utvm_openocd_limits limits,
                                                     struct utvm_tcl_reply *ret, const char *format,
                                                     ...) UTVM_PRINTF(4, 5);

/** The same for a script under construction; frees it. */
UTVM_MUST_CHECK struct utvm_error *utvm_openocd_eval_text(struct utvm_openocd *o,
                                                          struct utvm_openocd_limits limits,
                                                          struct utvm_tcl_reply *ret,
                                                          struct utvm_tcl_text *script);

/** Brings o->base.state up to date. */
UTVM_MUST_CHECK struct utvm_error *utvm_openocd_poll(struct utvm_openocd *o);

/** Defines the helper procedures of openocd_procedures.c inside OpenOCD. */
UTVM_MUST_CHECK struct utvm_error *utvm_openocd_define_procedures(struct utvm_openocd *o);

/** Puts bytes into the common file, once no earlier request can use it any more. */
UTVM_MUST_CHECK struct utvm_error *utvm_openocd_put(struct utvm_openocd *o, const void *bytes,
                                                    size_t size_bytes);

/** "running", "halted", … as a state. @return TARGET for OpenOCD's other words */
UTVM_MUST_CHECK struct utvm_error *utvm_openocd_parse_state(const char *word,
                                                            enum utvm_target_state *ret);

// The slots of struct utvm_target_ops, by file.

// openocd_call.c
struct utvm_error *utvm_openocd_call(struct utvm_target *t, const struct utvm_call *call,
                                     uint32_t wait_ms, struct utvm_call_result *ret);
struct utvm_error *utvm_openocd_wait(struct utvm_target *t, const struct utvm_call *call,
                                     uint32_t wait_ms, struct utvm_call_result *ret);
// openocd_memory.c
struct utvm_error *utvm_openocd_read(struct utvm_target *t, utvm_addr addr, void *buf,
                                     size_t size_bytes);
struct utvm_error *utvm_openocd_write(struct utvm_target *t, utvm_addr addr, const void *buf,
                                      size_t size_bytes);
// openocd_flash.c
struct utvm_error *utvm_openocd_write_flash(struct utvm_target *t, utvm_addr addr, const void *buf,
                                            size_t size_bytes);
// openocd_registers.c
struct utvm_error *utvm_openocd_read_register(struct utvm_target *t, unsigned reg, uint32_t *ret);
struct utvm_error *utvm_openocd_write_register(struct utvm_target *t, unsigned reg, uint32_t value);

/** The ops table. openocd_target.c */
extern const struct utvm_target_ops utvm_openocd_ops;

#endif
