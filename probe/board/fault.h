// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_FAULT_H
#define UTVM_BOARD_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Faults on demand: things that go wrong between a debugger and a board, each at a point that is
 * counted in events, not in time, so that the same run fails in the same place every time (the one
 * exception, reset-ms, says so by its name).
 *
 * A fault is written KIND=N[:ARG[:COUNT]]; board_faults_describe() prints the list of kinds.
 */
enum board_fault_kind {
    BOARD_FAULT_STLINK_DROP,
    BOARD_FAULT_STLINK_DELAY,
    BOARD_FAULT_STLINK_STATUS,
    BOARD_FAULT_STLINK_SHORT,
    BOARD_FAULT_BITBANG_DROP,
    BOARD_FAULT_BITBANG_DELAY,
    BOARD_FAULT_BITBANG_TDO,
    BOARD_FAULT_WAIT,
    BOARD_FAULT_ACK_FAULT,
    BOARD_FAULT_RESET_ACCESS,
    BOARD_FAULT_RESET_CYCLES,
    BOARD_FAULT_RESET_MS,
    BOARD_FAULT_BROWN_OUT,
    BOARD_FAULT_FLASH_WORD,
};

enum board_link_id {
    BOARD_LINK_STLINK,
    BOARD_LINK_BITBANG,
    BOARD_NUM_LINKS,
};

/** One armed fault. `at` counts from 1; `left` is how often it still strikes. */
struct board_fault {
    enum board_fault_kind kind;
    uint64_t at;
    uint64_t arg;
    uint64_t left;
};

#define BOARD_FAULTS_MAX 16

/** All faults of one board with the counters that trigger them. Zero-initialise. */
struct board_faults {
    struct board_fault list[BOARD_FAULTS_MAX];
    size_t num;
    uint64_t link_bytes[BOARD_NUM_LINKS];
    uint64_t stlink_commands;
    uint64_t tdo_samples;
    uint64_t transfers;
    uint64_t bytes_written;
    bool transfers_armed; /**< a fault counts memory transfers or written bytes */
    bool tdo_armed;
};

/**
 * Adds the fault that `spec` describes.
 * @return false with a message for a person in error[error_size] when the spec is not understood,
 *         a number is out of its range, or BOARD_FAULTS_MAX faults are armed already
 */
bool board_faults_add(struct board_faults *faults, const char *spec, char *error,
                      size_t error_size);

/** The text of `--help` about faults: one line per kind, static storage. */
const char *board_faults_describe(void);

/** Address of the flash word that will not program, 0 = none. */
uint32_t board_faults_flash_word(const struct board_faults *faults);

/** How many bytes a link may still take in before its next drop or delay; SIZE_MAX = no limit. */
size_t board_faults_link_budget(const struct board_faults *faults, enum board_link_id link);

enum board_link_action {
    BOARD_LINK_GO_ON,
    BOARD_LINK_DROP,
    BOARD_LINK_DELAY,
};

/** Counts bytes taken in on a link. @param delay_ms set for BOARD_LINK_DELAY */
enum board_link_action board_faults_link_took(struct board_faults *faults, enum board_link_id link,
                                              size_t num_bytes, uint64_t *delay_ms);

/**
 * Counts one ST-LINK USB command.
 * @param status  set to the ST-LINK status code to answer with instead of executing, 0 = execute
 * @param reply_bytes reduced to the length the reply is cut to
 */
void board_faults_stlink_command(struct board_faults *faults, uint8_t *status, size_t *reply_bytes);

/** Counts one TDO sample. @return true when it reads inverted */
bool board_faults_tdo(struct board_faults *faults);

/** Says whether the memory transfer that comes next is to be answered WAIT once (more). */
bool board_faults_wait(struct board_faults *faults);

/** Says whether the memory transfer that comes next is refused with FAULT; counts it if so. */
bool board_faults_ack_fault(struct board_faults *faults);

/** What befalls the board after a memory transfer. */
enum board_strike {
    BOARD_STRIKE_NONE,
    BOARD_STRIKE_RESET,
    BOARD_STRIKE_BROWN_OUT,
};

/** Counts one memory transfer that was carried out, with the bytes it wrote (0 for a read). */
enum board_strike board_faults_transferred(struct board_faults *faults, size_t bytes_written);

/** True once, when the core has counted the cycles or the board has run the milliseconds. */
bool board_faults_reset_due(struct board_faults *faults, uint64_t cycles, uint64_t elapsed_ms);

/** Milliseconds of board time at which the next timed reset is due; UINT64_MAX = none. */
uint64_t board_faults_reset_ms(const struct board_faults *faults);

/** Core cycle count at which the next counted reset is due; UINT64_MAX = none. */
uint64_t board_faults_reset_cycles(const struct board_faults *faults);

#endif
