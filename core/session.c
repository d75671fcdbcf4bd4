// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/session_impl.h"

struct utvm_session *utvm_session_create(void)
{
    struct utvm_session *s = calloc(1, sizeof(*s));
    if (s) {
        s->status.last_layer = UTVM_NO_INDEX;
    }
    return s;
}

static void free_model_data(struct utvm_session *s)
{
    for (uint32_t i = 0; s->model && s->inputs && i < s->model->num_tensors; i++) {
        utvm_array_deinit(&s->inputs[i]);
    }
    utvm_session_drop_snapshots(s);
    free(s->inputs);
    free(s->state_pending);
    free(s->start_state);
    free(s->records);
    free(s->has_record);
    free(s->words);
    s->inputs = NULL;
    s->state_pending = NULL;
    s->start_state = NULL;
    s->records = NULL;
    s->has_record = NULL;
    s->words = NULL;
    utvm_model_free(s->model);
    s->model = NULL;
}

void utvm_session_free(struct utvm_session *s)
{
    if (!s) {
        return;
    }
    free_model_data(s);
    utvm_session_free_breakpoints(s);
    utvm_target_destroy(s->target);
    free(s);
}

void utvm_session_clear_position(struct utvm_session *s)
{
    s->begun = false;
    s->status.next_layer = 0;
    s->status.last_layer = UTVM_NO_INDEX;
    s->status.reason = UTVM_STOP_NONE;
    s->status.stop_breakpoint = 0;
    s->status.interrupted = false;
    s->status.stop_pc = 0;
    s->status.total_cycles = 0;
    if (s->model && s->has_record) {
        memset(s->has_record, 0, s->model->num_layers * sizeof(*s->has_record));
    }
    utvm_session_drop_snapshots(s);
}

void utvm_session_set_model(struct utvm_session *s, struct utvm_model *model)
{
    free_model_data(s);
    s->model = model;
    s->status.uploaded = false;
    s->status.faulted = s->faulted = false;
    s->status.runs = 0;
    s->reset_pending = false;
    if (model) {
        // Without this memory nothing can run; utvm_session_ready() says so.
        s->inputs = calloc((size_t)model->num_tensors + 1, sizeof(*s->inputs));
        s->state_pending = calloc((size_t)model->num_tensors + 1, sizeof(*s->state_pending));
        s->start_state = calloc(utvm_session_state_bytes(model) + 1, 1);
        s->records = calloc(model->num_layers, sizeof(*s->records));
        s->has_record = calloc(model->num_layers, sizeof(*s->has_record));
        s->words = calloc(sizeof(struct utvm_mailbox) / 4 +
                              model->num_layers * (sizeof(struct utvm_layer_record) / 4),
                          sizeof(*s->words));
    }
    utvm_session_clear_position(s);
}

void utvm_session_set_target(struct utvm_session *s, struct utvm_target *target)
{
    utvm_target_destroy(s->target);
    s->target = target;
    s->held = false;
    s->status.faulted = s->faulted = false;
    s->status.uploaded = false;
    s->status.runs = 0;
    utvm_session_clear_position(s);
}

const struct utvm_model *utvm_session_model(const struct utvm_session *s)
{
    return s->model;
}

struct utvm_target *utvm_session_target(const struct utvm_session *s)
{
    return s->target;
}

const struct utvm_session_status *utvm_session_status(const struct utvm_session *s)
{
    return &s->status;
}

void utvm_session_set_timeout(struct utvm_session *s, uint32_t timeout_ms)
{
    s->timeout_ms = timeout_ms;
}

void utvm_session_set_clock(struct utvm_session *s, uint32_t clock_hz)
{
    s->clock_hz = clock_hz;
}

static struct utvm_error *recover(struct utvm_session *s)
{
    struct utvm_upload_result ignored;
    return utvm_error_prefix(utvm_session_upload(s, true, &ignored),
                             "recovering the board after the fault");
}

// After a wait was abandoned, or 'reset --run', the core still runs and nobody knows how far it is.
static struct utvm_error *stop_free_run(struct utvm_session *s)
{
    utvm_session_clear_position(s);
    struct utvm_error *error = utvm_target_halt(s->target);
    if (!error) {
        error = utvm_session_sign_mailbox(s);
    }
    return utvm_error_prefix(error, "halting the core, which still runs");
}

struct utvm_error *utvm_session_ready(struct utvm_session *s)
{
    if (!s->model) {
        return utvm_error_create(UTVM_ERROR_STATE, "no model is loaded");
    }
    if (!s->inputs || !s->state_pending || !s->start_state || !s->records || !s->has_record ||
        !s->words) {
        return utvm_error_no_memory();
    }
    if (!s->target) {
        return utvm_error_create(UTVM_ERROR_STATE, "no target is connected");
    }
    if (s->target->state == UTVM_TARGET_LOST) {
        s->status.uploaded = false;
        return utvm_error_create(UTVM_ERROR_LOST, "the link to the target is lost; connect again");
    }
    if (s->faulted) {
        return recover(s);
    }
    if (!s->status.uploaded) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "the model is not on the target yet; load it first");
    }
    return s->target->state == UTVM_TARGET_RUNNING ? stop_free_run(s) : NULL;
}

size_t utvm_session_state_bytes(const struct utvm_model *model)
{
    size_t total = 0;
    for (uint32_t i = 0; i < model->num_tensors; i++) {
        const struct utvm_tensor *t = &model->tensors[i];
        total += (t->flags & UTVM_TENSOR_VARIABLE) && t->region ? t->size_bytes : 0;
    }
    return total;
}

struct utvm_error *utvm_session_read_state(struct utvm_session *s, uint8_t *buf)
{
    for (uint32_t i = 0; i < s->model->num_tensors; i++) {
        const struct utvm_tensor *t = &s->model->tensors[i];
        if ((t->flags & UTVM_TENSOR_VARIABLE) && t->region) {
            struct utvm_error *error = utvm_target_read(s->target, t->addr, buf, t->size_bytes);
            if (error) {
                return utvm_error_prefix(error, "state tensor '%s'", t->name);
            }
            buf += t->size_bytes;
        }
    }
    return NULL;
}

struct utvm_error *utvm_session_write_state(struct utvm_session *s, const uint8_t *buf)
{
    for (uint32_t i = 0; i < s->model->num_tensors; i++) {
        const struct utvm_tensor *t = &s->model->tensors[i];
        if ((t->flags & UTVM_TENSOR_VARIABLE) && t->region) {
            struct utvm_error *error = utvm_target_write(s->target, t->addr, buf, t->size_bytes);
            if (error) {
                return utvm_error_prefix(error, "state tensor '%s'", t->name);
            }
            buf += t->size_bytes;
        }
    }
    return NULL;
}

static struct utvm_error *write_array(struct utvm_session *s, const struct utvm_tensor *t,
                                      const struct utvm_array *value)
{
    void *zeros = NULL;
    if (!value->data) {
        zeros = calloc(t->size_bytes ? t->size_bytes : 1, 1);
        if (!zeros) {
            return utvm_error_no_memory();
        }
    }
    struct utvm_error *error =
        utvm_target_write(s->target, t->addr, zeros ? zeros : value->data, t->size_bytes);
    free(zeros);
    return utvm_error_prefix(error, "input '%s'", t->name);
}

static struct utvm_error *write_inputs(struct utvm_session *s)
{
    for (uint32_t i = 0; i < s->model->num_inputs; i++) {
        const struct utvm_tensor *t = &s->model->tensors[s->model->inputs[i]];
        if (!t->region || (t->flags & (UTVM_TENSOR_CONSTANT | UTVM_TENSOR_VARIABLE))) {
            continue;
        }
        struct utvm_error *error = write_array(s, t, &s->inputs[t->index]);
        if (error) {
            return error;
        }
    }
    for (uint32_t i = 0; i < s->model->num_tensors; i++) {
        if (s->state_pending[i] && !s->reset_pending) {
            struct utvm_error *error = write_array(s, &s->model->tensors[i], &s->inputs[i]);
            if (error) {
                return error;
            }
        }
        s->state_pending[i] = false;
    }
    return NULL;
}

struct utvm_error *utvm_session_begin(struct utvm_session *s)
{
    UTVM_ASSERT(s->status.next_layer == 0 && !s->begun);
    struct utvm_error *error = write_inputs(s);
    if (!error && !s->reset_pending) {
        error = utvm_session_read_state(s, s->start_state);
    }
    if (!error) {
        error = utvm_session_save_timing(s, UTVM_SLOT_BEGIN);
    }
    if (error) {
        return error;
    }
    s->reset_at_start = s->reset_pending;
    s->needs_reset_run = s->reset_pending;
    s->reset_pending = false;
    s->begun = true;
    s->status.runs++;
    return NULL;
}

struct utvm_error *utvm_session_rewind(struct utvm_session *s, enum utvm_rewind how)
{
    bool had_begun = s->begun || s->status.runs > 0;
    bool reset = s->reset_at_start;
    utvm_session_clear_position(s);
    if (!had_begun) {
        return NULL;
    }
    struct utvm_error *error = NULL;
    if (how != UTVM_REWIND_WARM) {
        error = utvm_session_restore_timing(s, how == UTVM_REWIND_SAME ? UTVM_SLOT_BEGIN
                                                                       : UTVM_SLOT_LOADED);
    }
    if (error) {
        return error;
    }
    s->reset_pending = s->reset_pending || reset;
    return s->reset_pending ? NULL : utvm_session_write_state(s, s->start_state);
}

struct utvm_error *utvm_session_restart(struct utvm_session *s, bool reset_state)
{
    struct utvm_error *error = utvm_session_ready(s);
    if (error) {
        return error;
    }
    utvm_session_clear_position(s);
    s->reset_pending = s->reset_pending || reset_state;
    return NULL;
}

struct utvm_error *utvm_session_set_input(struct utvm_session *s, uint32_t tensor,
                                          const struct utvm_array *value)
{
    if (!s->model || tensor >= s->model->num_tensors || !s->inputs) {
        return utvm_error_create(UTVM_ERROR_STATE, "no model is loaded");
    }
    const struct utvm_tensor *t = &s->model->tensors[tensor];
    if (!(t->flags & (UTVM_TENSOR_INPUT | UTVM_TENSOR_VARIABLE))) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "tensor '%s' is neither an input nor a state tensor", t->name);
    }
    if (value->dtype != t->dtype || value->num_elems != t->num_elems) {
        return utvm_error_create(
            UTVM_ERROR_INVALID, "'%s' takes %llu elements of %s, not %llu of %s", t->name,
            (unsigned long long)t->num_elems, utvm_dtype_name(t->dtype),
            (unsigned long long)value->num_elems, utvm_dtype_name(value->dtype));
    }
    struct utvm_array copy = {0};
    struct utvm_error *error = utvm_array_init(&copy, t->dtype, t->rank, t->dims);
    if (error) {
        return error;
    }
    memcpy(copy.data, value->data, copy.size_bytes);
    utvm_array_deinit(&s->inputs[tensor]);
    s->inputs[tensor] = copy;
    bool on_target = s->target && s->status.uploaded && !s->faulted;
    if (t->flags & UTVM_TENSOR_VARIABLE) {
        s->state_pending[tensor] = !on_target;
        return on_target ? write_array(s, t, &copy) : NULL;
    }
    // Until a layer has run, the inference may still be said to begin with the new value.
    if (s->begun && s->status.next_layer == 0 && !s->status.interrupted && on_target) {
        return write_array(s, t, &copy);
    }
    return NULL;
}

const struct utvm_array *utvm_session_input(const struct utvm_session *s, uint32_t tensor)
{
    bool known = s->model && s->inputs && tensor < s->model->num_tensors;
    return known && s->inputs[tensor].data ? &s->inputs[tensor] : NULL;
}

const struct utvm_layer_record *utvm_session_record(const struct utvm_session *s, uint32_t layer)
{
    bool known = s->model && s->has_record && layer < s->model->num_layers && s->has_record[layer];
    return known ? &s->records[layer] : NULL;
}

uint32_t utvm_session_layer_cycles(const struct utvm_session *s, uint32_t layer)
{
    const struct utvm_layer_record *record = utvm_session_record(s, layer);
    if (!record || record->cycles < s->status.overhead_cycles) {
        return 0;
    }
    return record->cycles - s->status.overhead_cycles;
}
