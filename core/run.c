// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/bytes.h"
#include "core/session_impl.h"

#define MAILBOX_WORDS ((uint32_t)(sizeof(struct utvm_mailbox) / 4))
#define RECORD_WORDS ((uint32_t)(sizeof(struct utvm_layer_record) / 4))

static bool is_cancelled(const struct utvm_session *s)
{
    return s->target->cancelled && *s->target->cancelled;
}

// The last layer before a position that ran a function of its own.
static uint32_t last_run_before(const struct utvm_model *model, uint32_t position)
{
    while (position > 0) {
        if (utvm_layer_runs(&model->layers[--position])) {
            return position;
        }
    }
    return UTVM_NO_INDEX;
}

// Takes over the records of [first, end) from the block that was read.
static void absorb_records(struct utvm_session *s, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        if (!utvm_layer_runs(&s->model->layers[i])) {
            continue;
        }
        memcpy(&s->records[i], s->words + MAILBOX_WORDS + (size_t)i * RECORD_WORDS,
               sizeof(s->records[i]));
        s->has_record[i] = true;
        s->status.total_cycles += utvm_session_layer_cycles(s, i);
    }
    s->status.next_layer = end;
    s->status.last_layer = last_run_before(s->model, end);
}

static const char *status_text(uint32_t status)
{
    switch (status) {
    case UTVM_STATUS_BAD_INDEX:
        return "an index tensor points outside its axis";
    case UTVM_STATUS_BAD_SHAPE:
        return "a shape computed at run time is not the planned one";
    case UTVM_STATUS_BAD_VALUE:
        return "an operand has a value the operator is not defined for";
    default:
        return "it returned an unknown status";
    }
}

static struct utvm_error *kernel_failure(struct utvm_session *s)
{
    char layer[160];
    utvm_layer_text(s->model, s->mailbox.current_layer, layer, sizeof(layer));
    s->status.reason = UTVM_STOP_FAULT;
    return utvm_error_create(UTVM_ERROR_FAULT, "%s: %s (status %u)", layer,
                             status_text(s->mailbox.status), (unsigned)s->mailbox.status);
}

static struct utvm_error *check_mailbox(struct utvm_session *s, const struct utvm_call *call)
{
    const struct utvm_mailbox *m = &s->mailbox;
    if (m->magic == UTVM_MAILBOX_MAGIC && m->breakdown_addr == 0) {
        s->status.uploaded = false;
        return utvm_error_create(UTVM_ERROR_TARGET,
                                 "the board was reset: by its button, its power or another "
                                 "debugger; load the model again");
    }
    if (m->magic != UTVM_MAILBOX_MAGIC || m->current_layer < call->args[0] ||
        m->current_layer > s->model->num_layers) {
        return utvm_error_at(UTVM_ERROR_TARGET, s->model->mailbox_addr,
                             "the mailbox at 0x%08x has been overwritten (magic 0x%08x, layer %u); "
                             "load the model again",
                             (unsigned)s->model->mailbox_addr, (unsigned)m->magic,
                             (unsigned)m->current_layer);
    }
    return NULL;
}

// The core stopped by itself at the end of a run.
static struct utvm_error *finish_run(struct utvm_session *s, const struct utvm_call *call)
{
    uint32_t reached = s->mailbox.current_layer;
    s->status.interrupted = false;
    switch (s->mailbox.state) {
    case UTVM_STATE_DONE:
        absorb_records(s, call->args[0], reached);
        s->status.reason = reached == s->model->num_layers ? UTVM_STOP_END : UTVM_STOP_STEP;
        return NULL;
    case UTVM_STATE_FAILED:
        if (reached == s->model->num_layers) {
            break;
        }
        absorb_records(s, call->args[0], reached);
        return kernel_failure(s);
    case UTVM_STATE_NO_COUNTER:
        return utvm_error_create(UTVM_ERROR_TARGET,
                                 "the cycle counter does not tick: DWT CYCCNT is missing, or "
                                 "something has switched it off");
    default:
        break;
    }
    return utvm_error_create(UTVM_ERROR_TARGET,
                             "the run ended in state %u at layer %u, which makes no sense",
                             (unsigned)s->mailbox.state, (unsigned)reached);
}

// The core stands in the middle of something; it can be resumed.
static struct utvm_error *interrupted(struct utvm_session *s, const struct utvm_call *call,
                                      const struct utvm_call_result *result)
{
    // Before the device has said that it runs, and after it has said that it is done, the mailbox
    // may be that of the run before: then no layer counts until the run has been continued.
    uint32_t reached =
        s->mailbox.state == UTVM_STATE_RUNNING ? s->mailbox.current_layer : call->args[0];
    absorb_records(s, call->args[0], reached);
    s->status.interrupted = true;
    s->status.reason = UTVM_STOP_INTERRUPTED;
    s->pending = *call;
    // Layers up to here are accounted for; the records from here on come with the rest of the run.
    s->pending.args[0] = s->status.next_layer;
    if (!result->timed_out) {
        return NULL;
    }
    char layer[160];
    utvm_layer_text(s->model, s->status.next_layer, layer, sizeof(layer));
    return utvm_error_create(UTVM_ERROR_TIMEOUT,
                             "%s: still running after %u ms, halted at 0x%08x; 'continue' goes on",
                             layer, (unsigned)s->timeout_ms, (unsigned)result->pc);
}

static struct utvm_error *take_result(struct utvm_session *s, const struct utvm_call *call,
                                      const struct utvm_call_result *result)
{
    memcpy(&s->mailbox, s->words, sizeof(s->mailbox));
    s->status.stop_pc = result->pc;
    s->status.stop_breakpoint = 0;
    struct utvm_error *error = check_mailbox(s, call);
    if (!error) {
        s->status.overhead_cycles = s->mailbox.overhead_cycles;
    }
    if (result->pc == s->model->stop_addr) {
        return error ? error : finish_run(s, call);
    }
    if (!result->interrupted) {
        bool is_fault = false;
        struct utvm_error *fault = utvm_session_explain_fault(s, result->pc, &is_fault);
        if (is_fault) {
            utvm_error_drop(error); // the fault says more, and may be why
            if (s->mailbox.state == UTVM_STATE_RUNNING &&
                s->mailbox.current_layer < s->model->num_layers &&
                s->mailbox.current_layer >= call->args[0]) {
                absorb_records(s, call->args[0], s->mailbox.current_layer);
            }
            s->status.reason = UTVM_STOP_FAULT;
            s->status.interrupted = false;
            s->status.faulted = s->faulted = true;
            return fault;
        }
        utvm_error_drop(fault); // a halt from outside: a breakpoint set past us, another debugger
    }
    return error ? error : interrupted(s, call, result);
}

// Tells an interrupted run to stop earlier or later than it was asked to.
static struct utvm_error *move_end(struct utvm_session *s, uint32_t end)
{
    uint8_t word[4];
    utvm_put_le32(word, end);
    s->pending.args[1] = end;
    s->pending.result_words = MAILBOX_WORDS + end * RECORD_WORDS;
    return utvm_target_write(
        s->target, s->model->mailbox_addr + (uint32_t)offsetof(struct utvm_mailbox, end_layer),
        word, sizeof(word));
}

struct utvm_error *utvm_session_go(struct utvm_session *s, uint32_t end, uint32_t flags)
{
    UTVM_ASSERT(end <= s->model->num_layers);
    struct utvm_error *error = NULL;
    struct utvm_call_result result = {.words = s->words};
    struct utvm_call call;
    if (s->status.interrupted) {
        error = s->pending.args[1] == end ? NULL : move_end(s, end);
        call = s->pending;
        if (!error) {
            error = utvm_target_call_continue(s->target, &call, s->timeout_ms, &result);
        }
    } else {
        error = s->begun ? NULL : utvm_session_begin(s);
        flags |= s->needs_reset_run ? UTVM_RUN_RESET_STATE : 0;
        s->needs_reset_run = false;
        call = (struct utvm_call){
            .pc = s->model->entry_addr,
            .args = {s->status.next_layer, end, flags},
            .result_addr = s->model->mailbox_addr,
            .result_words = MAILBOX_WORDS + end * RECORD_WORDS,
        };
        if (!error) {
            error = utvm_target_call(s->target, &call, s->timeout_ms, &result);
        }
    }
    if (error) {
        s->status.uploaded = s->status.uploaded && s->target->state != UTVM_TARGET_LOST;
        char layer[160];
        utvm_layer_text(s->model, s->status.next_layer, layer, sizeof(layer));
        return utvm_error_prefix(error, "%s", layer);
    }
    return take_result(s, &call, &result);
}

static struct utvm_error *check_can_run(struct utvm_session *s)
{
    if (s->faulted) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "the core stands in a fault; 'run' or 'restart' recovers it");
    }
    struct utvm_error *error = utvm_session_ready(s);
    if (!error && s->begun && !s->status.interrupted &&
        s->status.next_layer == s->model->num_layers) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "all %u layers have run; 'run' or 'restart' starts again",
                                 (unsigned)s->model->num_layers);
    }
    return error;
}

static struct utvm_error *stop_at_breakpoint(struct utvm_session *s, bool *stopped)
{
    uint32_t number = 0;
    struct utvm_error *error = utvm_session_check_breakpoints(s, s->status.next_layer, &number);
    *stopped = number != 0;
    if (number) {
        s->status.reason = UTVM_STOP_BREAKPOINT;
        s->status.stop_breakpoint = number;
    }
    return error;
}

static struct utvm_error *run_to(struct utvm_session *s, uint32_t end)
{
    bool stopped = false;
    if (!s->begun) {
        struct utvm_error *error = utvm_session_begin(s);
        if (!error) {
            error = stop_at_breakpoint(s, &stopped); // before layer 0
        }
        if (error || stopped) {
            return error;
        }
    }
    // An interrupted layer is finished even when the position is already at end.
    while (s->status.next_layer < end || s->status.interrupted) {
        uint32_t target_end = end > s->status.next_layer ? end : s->status.next_layer + 1;
        uint32_t stop = utvm_session_next_stop(s, s->status.next_layer, target_end);
        struct utvm_error *error = utvm_session_go(s, stop, 0);
        if (error || s->status.interrupted) {
            return error;
        }
        error = stop_at_breakpoint(s, &stopped);
        if (error || stopped) {
            return error;
        }
        if (s->status.next_layer < end && is_cancelled(s)) {
            s->status.reason = UTVM_STOP_INTERRUPTED;
            return NULL;
        }
    }
    return NULL;
}

struct utvm_error *utvm_session_run_until(struct utvm_session *s, uint32_t end)
{
    struct utvm_error *error = check_can_run(s);
    if (error) {
        return error;
    }
    if (end > s->model->num_layers || (end < s->status.next_layer && s->begun) ||
        (end == s->status.next_layer && s->begun && !s->status.interrupted)) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "layer #%u is not ahead: the session stands before layer #%u",
                                 (unsigned)end, (unsigned)s->status.next_layer);
    }
    error = run_to(s, end);
    if (error) {
        return error;
    }
    error = utvm_session_keep_snapshot(s);
    if (error && error->code == UTVM_ERROR_CANCELLED) {
        // Nothing is wrong: the layers have run, and 'back' can do without.
        utvm_error_drop(error);
        error = NULL;
        if (s->status.reason == UTVM_STOP_STEP) {
            s->status.reason = UTVM_STOP_INTERRUPTED;
        }
    }
    return error;
}

struct utvm_error *utvm_session_continue(struct utvm_session *s)
{
    return s->model ? utvm_session_run_until(s, s->model->num_layers) : check_can_run(s);
}

struct utvm_error *utvm_session_step(struct utvm_session *s, uint32_t num_layers)
{
    struct utvm_error *error = check_can_run(s);
    if (error || num_layers == 0) {
        return error;
    }
    const struct utvm_model *m = s->model;
    uint32_t end = s->status.next_layer;
    for (uint32_t left = num_layers; end < m->num_layers && left > 0; end++) {
        left -= utvm_layer_runs(&m->layers[end]);
    }
    while (end < m->num_layers && !utvm_layer_runs(&m->layers[end])) {
        end++; // passed without stopping
    }
    return utvm_session_run_until(s, end);
}
