// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_RUNTIME_RUNTIME_H
#define UTVM_KERNELS_RUNTIME_RUNTIME_H

#include "kernels/abi.h"

/**
 * What a model's image is made of beside its layers. utvm-build generates the tables below; the
 * files of this directory use them.
 */

/** A layer's function; NULL in the table: it runs inside another layer or not at all. */
typedef enum utvm_status (*utvm_layer_fn)(void);
extern const utvm_layer_fn utvm_layers[];
extern const uint32_t utvm_num_layers;

/** Where a variable tensor starts from: `initial`, or `fill` in every byte when that is NULL. */
struct utvm_state_init {
    uint8_t *addr;
    const uint8_t *initial;
    uint32_t size_bytes;
    uint32_t fill;
};
extern const struct utvm_state_init utvm_state_inits[];
extern const uint32_t utvm_num_state_inits;

/** Core clock that start-up is to set; 0 = leave it as reset has it. */
extern const uint32_t utvm_clock_hz;

/** The mailbox and, right behind it, one record per layer. */
struct utvm_run_area {
    struct utvm_mailbox mailbox;
    struct utvm_layer_record records[];
};
extern volatile struct utvm_run_area utvm_run_area;

/** Runs layers first to end - 1 and fills the mailbox. */
void utvm_run(uint32_t first, uint32_t end, uint32_t flags);

/** Enables CYCCNT and measures what measuring costs. */
void utvm_counter_start(void);

/** Variable tensors to their initial values. */
void utvm_state_reset(void);

/** Sets the core clock; gives up after a bounded time and leaves the reset clock. */
void utvm_clock_start(uint32_t hz);

/** Never returns: the BKPT at which every run ends. */
void utvm_stop(void);

/** R0 = first layer, R1 = end, R2 = flags: sets the stack up, runs, ends at utvm_stop. */
void utvm_entry(void);

#endif
