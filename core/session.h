// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_SESSION_H
#define UTVM_CORE_SESSION_H

#include "core/model.h"
#include "core/target.h"
#include "core/tensor.h"

/**
 * A session: a model, a target and a position in the model. It owns both. Either may be missing.
 *
 * Position: `next_layer` is the layer that runs next, 0 to num_layers. Layers before it have run in
 * this inference. Fused and folded layers are passed without stopping unless asked for by name.
 * In the middle of a layer (interrupted) the core stands inside `next_layer`.
 *
 * Invariants: uploaded ⇒ the target's memory holds the model; a failure LOST clears the target's
 * state but keeps the model, the breakpoints and the input arrays, so `connect` starts over.
 */
enum utvm_stop_reason {
    UTVM_STOP_NONE,        /**< nothing has run */
    UTVM_STOP_STEP,        /**< the requested layers have run */
    UTVM_STOP_BREAKPOINT,  /**< stop_breakpoint says which */
    UTVM_STOP_END,         /**< all layers have run */
    UTVM_STOP_INTERRUPTED, /**< Ctrl-C or time-out inside a layer */
    UTVM_STOP_FAULT,       /**< fault or kernel error; the message is in the returned error */
};

struct utvm_session;

/** How tensor values may be read now. */
enum utvm_tensor_life {
    UTVM_LIFE_VALID,
    UTVM_LIFE_NOT_WRITTEN, /**< its writer has not run yet */
    UTVM_LIFE_OVERWRITTEN, /**< another tensor or workspace has reused its memory */
    UTVM_LIFE_PARTIAL,     /**< its writer was interrupted */
    UTVM_LIFE_ABSENT,      /**< fused away; never in memory */
};

struct utvm_session_status {
    uint32_t next_layer; /**< the model's number of layers at its end */
    uint32_t last_layer; /**< last one that ran; UTVM_NO_INDEX before the first */
    enum utvm_stop_reason reason;
    uint32_t stop_breakpoint; /**< number, 0 = none */
    bool uploaded;
    bool interrupted;
    uint32_t stop_pc;      /**< where the core halted last, without the Thumb bit; when faulted, the
                                instruction that did it if that is known */
    uint64_t total_cycles; /**< of the layers run in this inference, overhead subtracted */
    uint32_t overhead_cycles; /**< what measuring nothing costs; subtracted from each layer */
    uint32_t runs;            /**< inferences started since upload */
    bool faulted; /**< the core stands in a fault; the next restart or upload recovers it */
};

struct utvm_session *utvm_session_create(void);
void utvm_session_free(struct utvm_session *s);

/** Takes ownership; replaces an earlier model. Breakpoints that no longer resolve stay pending. */
void utvm_session_set_model(struct utvm_session *s, struct utvm_model *model);
/** Takes ownership; NULL disconnects. The position is reset. */
void utvm_session_set_target(struct utvm_session *s, struct utvm_target *target);
const struct utvm_model *utvm_session_model(const struct utvm_session *s);
struct utvm_target *utvm_session_target(const struct utvm_session *s);
const struct utvm_session_status *utvm_session_status(const struct utvm_session *s);

/** What an upload did, for people. */
struct utvm_upload_result {
    uint64_t total_bytes;
    uint64_t sent_bytes;  /**< less than total when parts were already there */
    uint64_t flash_bytes; /**< of sent */
    bool verified;
};

/**
 * Resets and halts the core, sends what differs, verifies by reading back, starts the image and
 * waits for its mailbox.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_session_upload(struct utvm_session *s, bool verify,
                                                       struct utvm_upload_result *ret);

/**
 * Sets an input tensor: kept on the host and written at the start of every inference, since the
 * arena reuses an input's memory; an inference that has begun is not touched. A variable tensor is
 * written once: at once when the model is on the target, else at the start of the next inference.
 * @return INVALID when dtype or element count differ (shapes with equal counts are accepted), or
 *         for a tensor that is neither
 */
UTVM_MUST_CHECK struct utvm_error *utvm_session_set_input(struct utvm_session *s, uint32_t tensor,
                                                          const struct utvm_array *value);
/** The host copy of an input; NULL when never set (zeros are used). */
const struct utvm_array *utvm_session_input(const struct utvm_session *s, uint32_t tensor);

/** Back to layer 0 for a new inference; variable tensors keep their values unless reset_state. */
UTVM_MUST_CHECK struct utvm_error *utvm_session_restart(struct utvm_session *s, bool reset_state);

/**
 * Runs layers until next_layer == end, a breakpoint, a fault or Ctrl-C. Starts an inference at 0.
 * An interrupted layer is finished first. Ctrl-C is no error: the status' reason is INTERRUPTED.
 * @return STATE (no model, not uploaded, faulted before, end is behind the position), TIMEOUT and
 *         FAULT naming the layer, TARGET (CYCCNT does not tick), LOST, CANCELLED (Ctrl-C twice)
 */
UTVM_MUST_CHECK struct utvm_error *utvm_session_run_until(struct utvm_session *s, uint32_t end);
/** Runs to the end of the model (`run` restarts first; `continue` does not). */
UTVM_MUST_CHECK struct utvm_error *utvm_session_continue(struct utvm_session *s);
/** Runs num_layers executable layers; breakpoints stop it earlier. */
UTVM_MUST_CHECK struct utvm_error *utvm_session_step(struct utvm_session *s, uint32_t num_layers);

/** The record of a layer in this inference; NULL when it has not run. */
const struct utvm_layer_record *utvm_session_record(const struct utvm_session *s, uint32_t layer);
/** Cycles of a layer, overhead subtracted; 0 when it has not run. */
uint32_t utvm_session_layer_cycles(const struct utvm_session *s, uint32_t layer);

/**
 * How a tensor may be read at the present position.
 * @param overwritten_by_layer set to the layer that reused the memory when the life is OVERWRITTEN;
 *                             may be NULL
 */
enum utvm_tensor_life utvm_session_tensor_life(const struct utvm_session *s, uint32_t tensor,
                                               uint32_t *overwritten_by_layer);
/**
 * Reads a tensor from the target (constants from the image).
 * @return STATE with an explanation when its life is not VALID and force is false
 */
UTVM_MUST_CHECK struct utvm_error *utvm_session_read_tensor(struct utvm_session *s, uint32_t tensor,
                                                            bool force, struct utvm_array *ret);
/** Overwrites a tensor on the target now (not a constant in flash). */
UTVM_MUST_CHECK struct utvm_error *
utvm_session_write_tensor(struct utvm_session *s, uint32_t tensor, const struct utvm_array *value);

/** How long one run of layers may take before the core is halted; 0 (at first) = no limit. */
void utvm_session_set_timeout(struct utvm_session *s, uint32_t timeout_ms);
/** The clock that turns cycles into time; 0 (at first) = the one that the model or target states.
 */
void utvm_session_set_clock(struct utvm_session *s, uint32_t clock_hz);

/* ---- breakpoints ---------------------------------------------------------------------------- */

enum utvm_break_when {
    UTVM_BREAK_BEFORE,
    UTVM_BREAK_AFTER,
};

struct utvm_breakpoint {
    uint32_t number; /**< from 1 */
    char *spec;      /**< as the user gave it: name, "#3", glob, or "operator CONV_2D"; owned */
    enum utvm_break_when when;
    bool enabled;
    bool temporary; /**< deleted when it stops */
    bool once;      /**< disabled when it stops */
    bool is_watch;
    uint32_t hits;
    uint32_t ignore_count;
    char *condition; /**< source text or NULL; owned; compiled by the condition evaluator */
    char *commands;  /**< lines or NULL; owned; the shell runs them */
};

/**
 * Asked after a layer where an enabled breakpoint with a condition matches; the shell supplies it
 * (it knows expressions). *stop = true to stop.
 */
typedef struct utvm_error *(*utvm_condition_fn)(void *ctx, struct utvm_session *s,
                                                const struct utvm_breakpoint *bp, uint32_t layer,
                                                bool *stop);
void utvm_session_set_condition_fn(struct utvm_session *s, utvm_condition_fn fn, void *ctx);

/** @return NOT_FOUND when the spec matches no layer of the loaded model */
UTVM_MUST_CHECK struct utvm_error *utvm_session_break(struct utvm_session *s, const char *spec,
                                                      enum utvm_break_when when, bool temporary,
                                                      struct utvm_breakpoint **ret);
/**
 * Stops after the layer that writes a tensor, when the condition (set bp->condition) holds.
 * @return NOT_FOUND when no tensor has the name, INVALID when no layer writes it
 */
UTVM_MUST_CHECK struct utvm_error *utvm_session_watch(struct utvm_session *s, const char *tensor,
                                                      struct utvm_breakpoint **ret);
UTVM_MUST_CHECK struct utvm_error *utvm_session_delete_breakpoint(struct utvm_session *s,
                                                                  uint32_t number);
struct utvm_breakpoint *utvm_session_find_breakpoint(struct utvm_session *s, uint32_t number);
size_t utvm_session_num_breakpoints(const struct utvm_session *s);
struct utvm_breakpoint *utvm_session_breakpoint(struct utvm_session *s, size_t i);
/** True when the breakpoint's spec matches the layer; a watch matches the tensor's writer. */
bool utvm_breakpoint_matches(const struct utvm_model *model, const struct utvm_breakpoint *bp,
                             uint32_t layer);

/* ---- snapshots --------------------------------------------------------------------------------
 */

/** Keeps arena, state and records at each stop, at most limit_bytes in all; 0 turns it off. */
void utvm_session_set_snapshot_limit(struct utvm_session *s, size_t limit_bytes);
/** Returns to before the given layer through the nearest snapshot (re-running from it if needed).
 */
UTVM_MUST_CHECK struct utvm_error *utvm_session_back_to(struct utvm_session *s, uint32_t layer);

#endif
