// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_SESSION_IMPL_H
#define UTVM_CORE_SESSION_IMPL_H

#include "core/session.h"

/**
 * What the files of the session share: session.c (life time, inputs), upload.c, run.c, fault.c,
 * breakpoints.c, life.c and snapshots.c; profile.c and compare.c use utvm_session_go().
 *
 * An inference begins when its first layer is about to run: utvm_session_begin() writes the inputs
 * and keeps the state tensors' values, so that the same inference can be run again.
 */
enum utvm_slot {
    UTVM_SLOT_LOADED,    /**< start-up is over, nothing has run */
    UTVM_SLOT_BEGIN,     /**< the present inference is about to begin */
    UTVM_SLOT_SCRATCH,   /**< of whoever saves and restores within one command */
    UTVM_SLOT_SNAPSHOTS, /**< the first of those that snapshots own */
};

/** What caches and predictor are to know when an inference is run again. */
enum utvm_rewind {
    UTVM_REWIND_SAME,   /**< what they knew when it began: the same cycles again */
    UTVM_REWIND_LOADED, /**< nothing, as after the upload */
    UTVM_REWIND_WARM,   /**< what they know now */
};

struct utvm_snapshot {
    uint32_t next_layer;
    uint32_t slot;   /**< of the board, for the timing; UTVM_NO_INDEX = it has none */
    uint8_t *memory; /**< utvm_session_memory_bytes() bytes, owned */
    struct utvm_layer_record *records;
    bool *has_record;
    uint64_t total_cycles;
};

struct utvm_session {
    struct utvm_model *model;
    struct utvm_target *target;
    struct utvm_session_status status;
    uint32_t timeout_ms;
    uint32_t clock_hz; /**< stated by the user; 0 = the model's or the target's */

    bool begun;           /**< inputs are in the arena and the position counts */
    bool reset_pending;   /**< state tensors to their initial values at the next begin */
    bool reset_at_start;  /**< the current inference began with that */
    bool needs_reset_run; /**< the device is yet to be told, with the first call */
    bool faulted;         /**< the core stands in a fault handler; recovered before it runs again */
    bool held;            /**< this target has held an image of ours since it was connected */

    struct utvm_array *inputs; /**< [num_tensors] of the model; data NULL = never set */
    bool *state_pending;       /**< [num_tensors] variable tensors to be written at begin */
    uint8_t *start_state;      /**< variable tensors at begin, utvm_session_state_bytes() */

    struct utvm_layer_record *records; /**< [num_layers] */
    bool *has_record;
    uint32_t *words; /**< mailbox and records as read, 12 + 11 * num_layers words */
    struct utvm_mailbox mailbox;
    struct utvm_call pending; /**< of an interrupted run */

    struct utvm_breakpoint **breakpoints;
    size_t num_breakpoints;
    uint32_t last_breakpoint_number;
    utvm_condition_fn condition_fn;
    void *condition_ctx;

    struct utvm_snapshot *snapshots; /**< oldest first */
    size_t num_snapshots;
    size_t snapshot_limit_bytes;
};

/* session.c */
/** STATE unless there are a model and a target that holds it; recovers a faulted core. */
UTVM_MUST_CHECK struct utvm_error *utvm_session_ready(struct utvm_session *s);
/** Writes the inputs (and pending state) and starts counting an inference at layer 0. */
UTVM_MUST_CHECK struct utvm_error *utvm_session_begin(struct utvm_session *s);
/** To layer 0 again, keeping what the state tensors were at the start of this inference. */
UTVM_MUST_CHECK struct utvm_error *utvm_session_rewind(struct utvm_session *s,
                                                       enum utvm_rewind how);
/** Forgets position and records. */
void utvm_session_clear_position(struct utvm_session *s);
size_t utvm_session_state_bytes(const struct utvm_model *model);
UTVM_MUST_CHECK struct utvm_error *utvm_session_read_state(struct utvm_session *s, uint8_t *buf);
UTVM_MUST_CHECK struct utvm_error *utvm_session_write_state(struct utvm_session *s,
                                                            const uint8_t *buf);

/* upload.c */
/** Writes what a start-up that nobody asked for would erase: see struct utvm_mailbox. */
UTVM_MUST_CHECK struct utvm_error *utvm_session_sign_mailbox(struct utvm_session *s);
static inline uint32_t utvm_session_signature(const struct utvm_session *s)
{
    uint32_t addr = s->target->info.breakdown_addr;
    return addr ? addr : UTVM_NO_INDEX;
}

/* run.c */
/** Runs to position `end` in one resume, without breakpoints; begins an inference if need be. */
UTVM_MUST_CHECK struct utvm_error *utvm_session_go(struct utvm_session *s, uint32_t end,
                                                   uint32_t flags);

/* fault.c */
/** Why the core stands at pc and not at the end of the run: always an error, code FAULT. */
UTVM_MUST_CHECK struct utvm_error *utvm_session_explain_fault(struct utvm_session *s, utvm_addr pc,
                                                              bool *is_fault);
/** "layer 3 'conv1' (CONV_2D)" into buf. */
void utvm_layer_text(const struct utvm_model *model, uint32_t layer, char *buf, size_t size);

/* breakpoints.c */
/** The nearest position in (from, end] at which a breakpoint has a say; end when none. */
uint32_t utvm_session_next_stop(const struct utvm_session *s, uint32_t from, uint32_t end);
/** Counts the breakpoints at a position; *ret_number = the one to stop for, 0 = none. */
UTVM_MUST_CHECK struct utvm_error *
utvm_session_check_breakpoints(struct utvm_session *s, uint32_t position, uint32_t *ret_number);
void utvm_session_free_breakpoints(struct utvm_session *s);

/* snapshots.c */
/** Bytes of all arena regions and all variable tensors. */
size_t utvm_session_memory_bytes(const struct utvm_model *model);
UTVM_MUST_CHECK struct utvm_error *utvm_session_save_memory(struct utvm_session *s, uint8_t *buf);
UTVM_MUST_CHECK struct utvm_error *utvm_session_load_memory(struct utvm_session *s,
                                                            const uint8_t *buf);
/** Keeps a snapshot of the position if there is a limit; called at each stop. */
UTVM_MUST_CHECK struct utvm_error *utvm_session_keep_snapshot(struct utvm_session *s);
void utvm_session_drop_snapshots(struct utvm_session *s);
/**
 * Keeps and brings back what decides how long code takes (caches, predictor, pipeline), where the
 * target can: the emulated board. Elsewhere, and for UTVM_NO_INDEX, they do nothing.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_session_save_timing(struct utvm_session *s, uint32_t slot);
UTVM_MUST_CHECK struct utvm_error *utvm_session_restore_timing(struct utvm_session *s,
                                                               uint32_t slot);

#endif
