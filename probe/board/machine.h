// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_MACHINE_H
#define UTVM_BOARD_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The emulated STM32F746 as its debug port and its event loop see it: a bus that the AHB-AP reads
 * and writes, a reset pin, and a core that runs in slices. Everything a debugger does to the core
 * (halt, step, registers, breakpoints, watchpoints, reset) happens through bus accesses to the
 * Cortex-M7's memory-mapped debug registers, as on silicon.
 *
 * The machine has one thread and no global state: several machines may live in one process.
 */
struct board_machine;

/** What a debugger's access came to; the DAP turns FAULT into STICKYERR, WAIT into an ack. */
enum board_access {
    BOARD_ACCESS_OK,
    BOARD_ACCESS_FAULT,
};

/** How CYCCNT counts; see probe/board/timing.h. */
enum board_timing_mode {
    BOARD_TIMING_COUNT,  /**< one cycle an instruction */
    BOARD_TIMING_FAST,   /**< pipeline, predictor, I-cache */
    BOARD_TIMING_MEMORY, /**< FAST with D-cache, unaligned accesses, store buffer */
};

#define BOARD_NUM_SERIAL 8u

/** What a machine is made with; strings are borrowed for the call only. */
struct board_machine_config {
    enum board_timing_mode timing;
    const char *profile_path; /**< device profile file; NULL = the STM32F746 built in */
    /** Of USART1, USART2 ... UART8: "pty", "stdio", a file to append to, or NULL = discarded. */
    const char *serial[BOARD_NUM_SERIAL];
    uint32_t flash_fail_addr; /**< flash word that will not program; 0 = none */
};

/** Why a slice came back. */
enum board_run_result {
    BOARD_RUN_SLICE_DONE, /**< still runnable: call again */
    BOARD_RUN_HALTED,     /**< in debug state: nothing to do until a debugger acts */
    BOARD_RUN_SLEEPING,   /**< WFI, WFE or lock-up: see board_machine_sleep_ns() */
};

/**
 * Creates a machine in its power-on state: flash erased, RAM zero, core running from reset.
 * @return NULL on failure, with a message for a person in *error (static or owned by the machine
 *         module; not freed)
 */
struct board_machine *board_machine_create(const struct board_machine_config *config,
                                           const char **error);
void board_machine_destroy(struct board_machine *m);

/** Releases or asserts nSRST. While asserted the core does not run and debug accesses still work.
 */
void board_machine_set_srst(struct board_machine *m, bool asserted);

/** Power cycle: RAM lost, debug registers cleared, flash kept. */
void board_machine_power_cycle(struct board_machine *m);

/**
 * One AHB-AP access of 1, 2 or 4 bytes; addr is aligned to size by the DAP.
 * Works while the core runs, is halted or held in reset.
 */
enum board_access board_machine_read(struct board_machine *m, uint32_t addr, unsigned size_bytes,
                                     uint32_t *value);
enum board_access board_machine_write(struct board_machine *m, uint32_t addr, unsigned size_bytes,
                                      uint32_t value);

/**
 * Bulk access for bursts with address increment, 32 or 8 bit wide: equal in effect to consecutive
 * accesses of the width, but at memcpy speed where the range is plain memory.
 * @return FAULT after the first failed access; *done_bytes says how far it came
 */
enum board_access board_machine_read_block(struct board_machine *m, uint32_t addr, void *buf,
                                           size_t size_bytes, size_t *done_bytes);
enum board_access board_machine_write_block(struct board_machine *m, uint32_t addr, const void *buf,
                                            size_t size_bytes, size_t *done_bytes);

/**
 * True when the core would execute if given a slice: it runs, or it sleeps and a timer, SysTick or
 * a pending interrupt will wake it.
 */
bool board_machine_runnable(const struct board_machine *m);

/**
 * Runs the core for at most about max_instructions. Debugger accesses between slices take effect
 * at once.
 */
enum board_run_result board_machine_run(struct board_machine *m, uint64_t max_instructions);

/**
 * How long a sleeping core would sleep if nothing came from outside: until the next timer or
 * SysTick event at the modelled clock. Calling board_machine_run() while it sleeps skips to that
 * event at once, so that modelled time never depends on the host's; a loop that wants the board
 * to keep real time, and to use no CPU, waits this long before the call.
 * @return nanoseconds; 0 = something has woken it already, UINT64_MAX = it does not sleep, or only
 * a debugger, a reset or serial input can wake it
 */
uint64_t board_machine_sleep_ns(const struct board_machine *m);

/**
 * Modelled cycles since power-on and executed instructions, for statistics.
 */
uint64_t board_machine_cycles(const struct board_machine *m);
uint64_t board_machine_instructions(const struct board_machine *m);

/**
 * Moves bytes between USARTs and their host ends; called once per event-loop turn.
 * @return the smallest file descriptor that wakes an idle loop, or -1; more by index
 */
int board_machine_poll_fd(const struct board_machine *m, unsigned index);
void board_machine_service(struct board_machine *m);

#endif
