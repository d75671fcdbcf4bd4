// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_TARGET_H
#define UTVM_CORE_TARGET_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/**
 * The target port: what core/ needs of a Cortex-M7 behind a probe. probe/ implements it over
 * OpenOCD; tests implement it in memory. A back end fills `struct utvm_target_ops`; callers use the
 * utvm_target_*() functions below, which check the state once, turn a NULL slot into UNSUPPORTED
 * and remember LOST, so back ends stay thin.
 *
 * States:
 *   RUNNING  the core executes; memory may be read (the AHB-AP works), registers may not
 *   HALTED   debug state; everything may be done
 *   LOST     the link is gone for good; every call fails with LOST; destroy it and connect anew
 *
 * New back end checklist: read, write, halt, resume/call, reset_halt, registers, flash, monitor.
 */
typedef uint32_t utvm_addr;

enum utvm_target_state {
    UTVM_TARGET_RUNNING,
    UTVM_TARGET_HALTED,
    UTVM_TARGET_LOST,
};

/** Core registers by their DCRSR REGSEL number. Source: Armv7-M ARM C1.6.3. */
enum utvm_register {
    UTVM_REG_R0 = 0, /**< R0 to R12 are 0 to 12 */
    UTVM_REG_SP = 13,
    UTVM_REG_LR = 14,
    UTVM_REG_PC = 15,
    UTVM_REG_XPSR = 16,
    UTVM_REG_MSP = 17,
    UTVM_REG_PSP = 18,
    UTVM_REG_CONTROL_FAULTMASK_BASEPRI_PRIMASK = 20,
    UTVM_REG_FPSCR = 33,
    UTVM_REG_S0 = 64, /**< S0 to S31 are 64 to 95 */
    UTVM_REG_END = 96,
};

/** Where a number of cycles comes from; every figure says so. */
enum utvm_cycle_source {
    UTVM_CYCLES_UNKNOWN,
    UTVM_CYCLES_MEASURED, /**< DWT CYCCNT of a real core */
    UTVM_CYCLES_MODELLED, /**< the emulated board */
};

struct utvm_target_info {
    char description[128]; /**< "emulated STM32F746 over ST-LINK", "NUCLEO-F746ZG ..." */
    char server[96];       /**< OpenOCD's version line and endpoint */
    uint32_t cpuid;        /**< 0xE000ED00 */
    uint32_t device_id;    /**< DBGMCU_IDCODE, 0 when unknown */
    uint32_t clock_hz;     /**< core clock that cycles are turned into time with */
    enum utvm_cycle_source cycle_source;
    char timing_mode[16];     /**< modelled only: "count", "fast", "memory" */
    char error_band[96];      /**< modelled only: what the model claims, for people */
    utvm_addr breakdown_addr; /**< the board's vendor counter block; 0 = absent (hardware) */
    /**
     * Slots that keep caches, predictor and pipeline: a word written to slots_addr saves to the
     * slot of that number, to slots_addr + 4 restores from it; the word at slots_addr + 8 then
     * reads as that number + 1, or 0 when nothing was done. Lost with a reset; 0 slots = absent
     * (hardware).
     */
    uint32_t num_slots;
    utvm_addr slots_addr;
};

/**
 * One call of a function on the device in as few round trips as the link allows: PC and R0 to R2
 * are set, the core resumes, its halt is awaited, one block is read.
 */
struct utvm_call {
    utvm_addr pc;          /**< entry, without the Thumb bit */
    uint32_t args[3];      /**< R0, R1, R2 */
    utvm_addr result_addr; /**< word aligned */
    uint32_t result_words; /**< 0 = read nothing */
};

struct utvm_call_result {
    enum utvm_target_state state; /**< HALTED, or RUNNING when the time was over */
    bool interrupted;             /**< halted by the cancel flag or the time-out, not by itself */
    bool timed_out;               /**< interrupted by the time-out; set by utvm_target_call() */
    utvm_addr pc;                 /**< where it halted */
    uint32_t *words;              /**< result_words words, caller's storage; valid if HALTED */
};

/** Called from time to time during long work; done and total in bytes. */
typedef void (*utvm_progress_fn)(void *ctx, const char *what, uint64_t done, uint64_t total);

struct utvm_target;

struct utvm_target_ops {
    const char *name;
    void (*destroy)(struct utvm_target *t);
    struct utvm_error *(*halt)(struct utvm_target *t);
    /** Resumes at the current PC. */
    struct utvm_error *(*resume)(struct utvm_target *t);
    /** Resets the chip and halts the core before its first instruction. */
    struct utvm_error *(*reset_halt)(struct utvm_target *t);
    struct utvm_error *(*reset_run)(struct utvm_target *t);
    /**
     * Sets registers and resumes, waits at most wait_ms, reads the block if halted. Never blocks
     * longer than wait_ms plus one round trip.
     */
    struct utvm_error *(*call)(struct utvm_target *t, const struct utvm_call *call,
                               uint32_t wait_ms, struct utvm_call_result *ret);
    /** The waiting half of call: at most wait_ms for the halt, then PC and block. */
    struct utvm_error *(*wait)(struct utvm_target *t, const struct utvm_call *call,
                               uint32_t wait_ms, struct utvm_call_result *ret);
    struct utvm_error *(*read)(struct utvm_target *t, utvm_addr addr, void *buf, size_t size_bytes);
    struct utvm_error *(*write)(struct utvm_target *t, utvm_addr addr, const void *buf,
                                size_t size_bytes);
    /** Erases what the range touches and programs it; the caller verifies. */
    struct utvm_error *(*write_flash)(struct utvm_target *t, utvm_addr addr, const void *buf,
                                      size_t size_bytes);
    struct utvm_error *(*read_register)(struct utvm_target *t, unsigned reg, uint32_t *ret);
    struct utvm_error *(*write_register)(struct utvm_target *t, unsigned reg, uint32_t value);
    /** A raw command of the server ("monitor"); *ret is its output, malloc'd. */
    struct utvm_error *(*monitor)(struct utvm_target *t, const char *command, char **ret);
};

/** Embedded first in a back end's own struct. */
struct utvm_target {
    const struct utvm_target_ops *ops;
    struct utvm_target_info info;
    enum utvm_target_state state; /**< as last seen */
    /**
     * Polled by every wait loop; may be NULL; borrowed. 1 (Ctrl-C) halts a running call; 2 or more
     * (again) gives up waiting for anything, and the call ends as CANCELLED with the core running.
     */
    const volatile sig_atomic_t *cancelled;
    int known_cancels; /**< those that are being answered: only further ones cancel a wait */
    utvm_progress_fn progress; /**< may be NULL */
    void *progress_ctx;
};

/** True when a back end is to give up waiting. */
static inline bool utvm_target_is_cancelled(const struct utvm_target *t)
{
    return t->cancelled && *t->cancelled > t->known_cancels;
}

/** Frees the target and everything it started (OpenOCD, the board); NULL is fine. */
void utvm_target_destroy(struct utvm_target *t);

/**
 * Reads size_bytes at addr. Allowed while running.
 * @return TARGET for a refused address, LOST, CANCELLED
 */
UTVM_MUST_CHECK struct utvm_error *utvm_target_read(struct utvm_target *t, utvm_addr addr,
                                                    void *buf, size_t size_bytes);
UTVM_MUST_CHECK struct utvm_error *utvm_target_write(struct utvm_target *t, utvm_addr addr,
                                                     const void *buf, size_t size_bytes);
/** Needs HALTED. */
UTVM_MUST_CHECK struct utvm_error *utvm_target_write_flash(struct utvm_target *t, utvm_addr addr,
                                                           const void *buf, size_t size_bytes);
UTVM_MUST_CHECK struct utvm_error *utvm_target_halt(struct utvm_target *t);
UTVM_MUST_CHECK struct utvm_error *utvm_target_resume(struct utvm_target *t);
UTVM_MUST_CHECK struct utvm_error *utvm_target_reset_halt(struct utvm_target *t);
UTVM_MUST_CHECK struct utvm_error *utvm_target_reset_run(struct utvm_target *t);
UTVM_MUST_CHECK struct utvm_error *utvm_target_read_register(struct utvm_target *t, unsigned reg,
                                                             uint32_t *ret);
UTVM_MUST_CHECK struct utvm_error *utvm_target_write_register(struct utvm_target *t, unsigned reg,
                                                              uint32_t value);
UTVM_MUST_CHECK struct utvm_error *utvm_target_monitor(struct utvm_target *t, const char *command,
                                                       char **ret);

/**
 * Calls and waits until the core halts, timeout_ms is over (0 = no limit) or *cancelled is set; a
 * cancelled or timed-out core is halted, and ret->interrupted says so. Needs HALTED.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_target_call(struct utvm_target *t,
                                                    const struct utvm_call *call,
                                                    uint32_t timeout_ms,
                                                    struct utvm_call_result *ret);

/** Resumes an interrupted call where it stood and waits likewise. */
UTVM_MUST_CHECK struct utvm_error *utvm_target_call_continue(struct utvm_target *t,
                                                             const struct utvm_call *call,
                                                             uint32_t timeout_ms,
                                                             struct utvm_call_result *ret);

#endif
