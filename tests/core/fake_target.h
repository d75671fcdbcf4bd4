// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_CORE_FAKE_TARGET_H
#define UTVM_TESTS_CORE_FAKE_TARGET_H

#include "core/model.h"
#include "core/target.h"

/**
 * A target in memory that runs the toy model of elf_writer.h: flash, RAM and the fault registers
 * are arrays, a call of the entry runs layers as C functions on that RAM and fills mailbox and
 * records as a device does. What a test wants to go wrong is set in the fields below.
 */
#define FAKE_NO_LAYER 0xFFFFFFFFu

#define FAKE_SLOTS 8u
#define FAKE_SLOTS_ADDR 0xF0000024u

enum fake_fault {
    FAKE_FAULT_NONE,
    FAKE_FAULT_BUS,   /**< precise, at fault_address */
    FAKE_FAULT_USAGE, /**< division by zero */
    FAKE_FAULT_STACK, /**< stacking failed: overflow */
};

struct fake_target {
    struct utvm_target base;
    uint8_t flash[0x10000];
    uint8_t ram[0x40000]; /**< from 0x20000000 */
    uint8_t scs[0x1000];  /**< from 0xE000E000 */
    uint32_t registers[UTVM_REG_END];
    uint32_t next_layer; /**< of the run that goes on */
    bool in_run;
    uint32_t now; /**< CYCCNT */

    /* history, which decides about cycles if base.info.num_slots is set, and what slots keep of it
     */
    uint32_t num_layers_ran;
    uint32_t slots[FAKE_SLOTS];
    bool filled[FAKE_SLOTS];
    uint32_t slot_done;

    /* faults and damage on demand */
    uint32_t hang_layer;  /**< this layer does not end until the core has been halted once */
    uint32_t fault_layer; /**< faults when it runs */
    enum fake_fault fault;
    uint32_t fault_address;
    uint32_t status_layer; /**< returns this status */
    uint32_t status;
    bool no_counter;
    bool lost;                             /**< every call fails with LOST from now on */
    volatile sig_atomic_t *cancel_in_halt; /**< set to 2 while the core is being halted */
    bool cancel_reads;                     /**< Ctrl-C while memory is read */
    bool ignore_writes;                    /**< RAM keeps what it has: verification must notice */
    bool silent_start_up;                  /**< start-up leaves no mailbox */
    utvm_addr foreign_stop_layer; /**< the core halts inside this layer once, without a fault */

    /* what happened */
    uint32_t num_calls;
    uint32_t num_resets;
    uint64_t written_bytes; /**< RAM */
    uint64_t flashed_bytes;
    uint32_t last_flags;
    uint32_t last_first;
    uint32_t last_end;
};

struct fake_target *fake_target_create(void);

/** Bytes of the fake's memory at a target address, or NULL. */
uint8_t *fake_target_at(struct fake_target *f, utvm_addr addr, size_t size_bytes);

/**
 * CYCCNT that layer i takes, without the overhead that is added to each record and, if there are
 * slots, the number of layers that ran before.
 */
uint32_t fake_cycles(uint32_t layer);
#define FAKE_OVERHEAD 7u

#endif
