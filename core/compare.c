// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/channels.h"
#include "core/session_impl.h"

// One pass over the model, one layer in memory at a time. For the own error each layer is run
// twice from the same memory: first with the reference's values as inputs, then as it is.

struct comparison {
    struct utvm_session *s;
    struct utvm_reference *ref;
    const struct utvm_compare_options *options;
    utvm_compare_row_fn row;
    void *ctx;
    struct utvm_compare_summary summary;
    uint8_t *memory;          /**< before the layer; own error only */
    struct utvm_metrics *own; /**< [num_tensors], own error only */
    bool *has_own;            /**< [num_tensors] */
    char skip_reason[200];
};

static struct utvm_error *run_to(struct comparison *c, uint32_t position)
{
    struct utvm_session *s = c->s;
    struct utvm_error *error = utvm_session_go(s, position, 0);
    if (!error && s->status.interrupted) {
        error = utvm_error_create(UTVM_ERROR_CANCELLED, "the comparison was interrupted");
    }
    return error;
}

static bool in_group(const struct utvm_model *model, uint32_t layer, uint32_t executor)
{
    return utvm_model_executor(model, layer) == executor;
}

// True for an input that comes from outside the group and can differ from the reference's.
static bool is_group_input(const struct utvm_model *model, uint32_t tensor, uint32_t executor)
{
    if (tensor == UTVM_NO_INDEX) {
        return false;
    }
    const struct utvm_tensor *t = &model->tensors[tensor];
    uint32_t fixed = UTVM_TENSOR_CONSTANT | UTVM_TENSOR_ABSENT | UTVM_TENSOR_VARIABLE;
    bool made_inside = t->first_layer != UTVM_NO_INDEX && in_group(model, t->first_layer, executor);
    return !(t->flags & fixed) && !(t->flags & UTVM_TENSOR_INPUT) && !made_inside;
}

// Whether the device can hold the reference's values: not where one differs that is no memory's.
static struct utvm_error *can_hold(struct comparison *c, const struct utvm_tensor *t, bool *ret)
{
    struct utvm_array value = {0};
    *ret = true;
    if (t->num_channels == 0) {
        return NULL;
    }
    struct utvm_error *error = utvm_reference_read(c->ref, t, &value);
    if (!error && value.num_elems == t->num_elems) {
        *ret = utvm_tensor_can_hold(t, &value);
    }
    utvm_array_deinit(&value);
    return error;
}

static struct utvm_error *can_feed(struct comparison *c, uint32_t executor, bool *ret)
{
    const struct utvm_model *m = c->s->model;
    *ret = true;
    for (uint32_t i = 0; i < m->num_layers; i++) {
        const struct utvm_layer *l = &m->layers[i];
        for (uint32_t k = 0; in_group(m, i, executor) && k < l->num_inputs; k++) {
            if (!is_group_input(m, l->inputs[k], executor)) {
                continue;
            }
            const struct utvm_tensor *t = &m->tensors[l->inputs[k]];
            bool holds = utvm_reference_has(c->ref, t);
            struct utvm_error *error = holds ? can_hold(c, t, &holds) : NULL;
            if (error || !holds) {
                *ret = false;
                return error;
            }
        }
    }
    return NULL;
}

static struct utvm_error *feed_one(struct comparison *c, const struct utvm_tensor *t)
{
    struct utvm_array value = {0};
    struct utvm_error *error = utvm_reference_read(c->ref, t, &value);
    if (!error && (value.dtype != t->dtype || value.num_elems != t->num_elems)) {
        error =
            utvm_error_create(UTVM_ERROR_MISMATCH,
                              "tensor '%s' has another type or size than its reference", t->name);
    }
    if (!error) {
        error = utvm_tensor_write(c->s->target, t, &value);
    }
    utvm_array_deinit(&value);
    return error;
}

static struct utvm_error *feed(struct comparison *c, uint32_t executor)
{
    const struct utvm_model *m = c->s->model;
    for (uint32_t i = 0; i < m->num_layers; i++) {
        const struct utvm_layer *l = &m->layers[i];
        for (uint32_t k = 0; in_group(m, i, executor) && k < l->num_inputs; k++) {
            if (is_group_input(m, l->inputs[k], executor)) {
                struct utvm_error *error = feed_one(c, &m->tensors[l->inputs[k]]);
                if (error) {
                    return error;
                }
            }
        }
    }
    return NULL;
}

static struct utvm_error *measure(struct comparison *c, uint32_t tensor, struct utvm_metrics *ret)
{
    const struct utvm_tensor *t = &c->s->model->tensors[tensor];
    struct utvm_array actual = {0};
    struct utvm_array reference = {0};
    struct utvm_error *error = utvm_reference_read(c->ref, t, &reference);
    if (!error) {
        error = utvm_session_read_tensor(c->s, tensor, false, &actual);
    }
    if (!error) {
        error = utvm_metrics_compute(t, &actual, &reference, &c->options->tolerance, ret);
    }
    utvm_array_deinit(&actual);
    utvm_array_deinit(&reference);
    return error;
}

static bool is_readable(const struct comparison *c, uint32_t tensor)
{
    return utvm_session_tensor_life(c->s, tensor, NULL) == UTVM_LIFE_VALID &&
           utvm_reference_has(c->ref, &c->s->model->tensors[tensor]);
}

static struct utvm_error *measure_own_outputs(struct comparison *c, uint32_t executor)
{
    const struct utvm_model *m = c->s->model;
    for (uint32_t i = 0; i < m->num_layers; i++) {
        const struct utvm_layer *l = &m->layers[i];
        for (uint32_t k = 0; in_group(m, i, executor) && k < l->num_outputs; k++) {
            uint32_t tensor = l->outputs[k];
            if (is_readable(c, tensor)) {
                struct utvm_error *error = measure(c, tensor, &c->own[tensor]);
                if (error) {
                    return error;
                }
                c->has_own[tensor] = true;
            }
        }
    }
    return NULL;
}

// Runs a layer on the reference's inputs, and puts everything back.
static struct utvm_error *run_own(struct comparison *c, uint32_t executor)
{
    struct utvm_session *s = c->s;
    bool feeds;
    struct utvm_error *error = can_feed(c, executor, &feeds);
    if (error || !feeds) {
        return error;
    }
    error = s->begun ? NULL : utvm_session_begin(s);
    if (!error) {
        error = utvm_session_save_timing(s, UTVM_SLOT_SCRATCH);
    }
    bool needs_reset = s->needs_reset_run;
    if (!error && needs_reset) {
        error = run_to(c, s->status.next_layer); // no layer, but the initial state
    }
    const struct utvm_session_status before = s->status;
    if (!error) {
        error = utvm_session_save_memory(s, c->memory);
    }
    if (!error) {
        error = feed(c, executor);
    }
    if (!error) {
        error = run_to(c, executor + 1);
    }
    if (!error) {
        error = measure_own_outputs(c, executor);
    }
    if (!error) {
        error = utvm_session_load_memory(s, c->memory);
    }
    if (!error) {
        error = utvm_session_restore_timing(s, UTVM_SLOT_SCRATCH);
    }
    if (!error) {
        s->status = before;
        s->needs_reset_run = needs_reset; // once more, so that the caches see the same
    }
    return utvm_error_prefix(error, "own error");
}

static const char *why_skipped(struct comparison *c, const struct utvm_layer *layer,
                               uint32_t tensor)
{
    const struct utvm_model *m = c->s->model;
    uint32_t by = 0;
    enum utvm_tensor_life life = utvm_session_tensor_life(c->s, tensor, &by);
    if (!utvm_reference_has(c->ref, &m->tensors[tensor])) {
        return "not in the reference";
    }
    if (life == UTVM_LIFE_VALID) {
        return NULL;
    }
    if (life == UTVM_LIFE_ABSENT && layer->executed_by != layer->index) {
        snprintf(c->skip_reason, sizeof(c->skip_reason), "fused into layer %u '%.100s'",
                 (unsigned)layer->executed_by, m->layers[layer->executed_by].name);
        return c->skip_reason;
    }
    return life == UTVM_LIFE_OVERWRITTEN ? "its memory is reused within the layer" : "in no memory";
}

static struct utvm_error *emit(struct comparison *c, const struct utvm_layer *layer,
                               uint32_t tensor)
{
    struct utvm_compare_row row = {
        .layer = layer->index,
        .tensor = tensor,
        .skip_reason = why_skipped(c, layer, tensor),
        .cycles = utvm_session_layer_cycles(c->s, layer->index),
    };
    row.skipped = row.skip_reason != NULL;
    if (row.skipped) {
        c->summary.num_skipped++;
        return c->row(c->ctx, &row); // cppcheck-suppress returnDanglingLifetime; row is only read
    }
    struct utvm_error *error = measure(c, tensor, &row.metrics);
    if (error) {
        return error;
    }
    row.has_own_error = c->options->own_error && c->has_own[tensor];
    if (row.has_own_error) {
        row.own = c->own[tensor];
    }
    c->summary.num_compared++;
    if (row.metrics.num_beyond > 0) {
        c->summary.num_failed++;
        if (c->summary.first_divergence == UTVM_NO_INDEX) {
            c->summary.first_divergence = layer->index;
        }
    }
    return c->row(c->ctx, &row); // cppcheck-suppress returnDanglingLifetime; row is only read
}

static struct utvm_error *compare_group(struct comparison *c, uint32_t executor)
{
    const struct utvm_model *m = c->s->model;
    struct utvm_error *error = NULL;
    if (utvm_layer_runs(&m->layers[executor])) {
        if (c->options->own_error) {
            error = run_own(c, executor);
        }
        if (!error) {
            error = run_to(c, executor + 1);
            if (error) {
                return error; // it names the layer
            }
        }
    }
    for (uint32_t i = 0; i < m->num_layers && !error; i++) {
        for (uint32_t k = 0; in_group(m, i, executor) && k < m->layers[i].num_outputs && !error;
             k++) {
            error = emit(c, &m->layers[i], m->layers[i].outputs[k]);
        }
    }
    char layer[160];
    utvm_layer_text(m, executor, layer, sizeof(layer));
    return utvm_error_prefix(error, "%s", layer);
}

// State tensors have their golden values after the run.
static struct utvm_error *compare_state(struct comparison *c)
{
    const struct utvm_model *m = c->s->model;
    for (uint32_t i = 0; i < m->num_tensors; i++) {
        const struct utvm_tensor *t = &m->tensors[i];
        if ((t->flags & UTVM_TENSOR_VARIABLE) && utvm_reference_has(c->ref, t)) {
            uint32_t layer = t->last_layer < m->num_layers ? t->last_layer : m->num_layers - 1;
            struct utvm_error *error = emit(c, &m->layers[layer], i);
            if (error) {
                return error;
            }
        }
    }
    return NULL;
}

static struct utvm_error *compare_all(struct comparison *c)
{
    struct utvm_session *s = c->s;
    struct utvm_error *error = utvm_session_rewind(s, UTVM_REWIND_SAME);
    for (uint32_t i = 0; i < s->model->num_layers && !error; i++) {
        bool is_fused = utvm_model_executor(s->model, i) != i;
        error = is_fused ? NULL : compare_group(c, i);
        if (!error && s->target->cancelled && *s->target->cancelled) {
            error = utvm_error_create(UTVM_ERROR_CANCELLED, "the comparison was interrupted");
        }
    }
    if (!error && s->status.next_layer < s->model->num_layers) {
        error = run_to(c, s->model->num_layers); // only fused layers are left, so nothing runs
    }
    return error ? error : compare_state(c);
}

struct utvm_error *utvm_compare_run(struct utvm_session *s, struct utvm_reference *ref,
                                    const struct utvm_compare_options *options,
                                    utvm_compare_row_fn row, void *ctx,
                                    struct utvm_compare_summary *ret)
{
    struct utvm_error *error = utvm_session_ready(s);
    if (error) {
        return error;
    }
    struct comparison c = {
        .s = s,
        .ref = ref,
        .options = options,
        .row = row,
        .ctx = ctx,
        .summary = {.first_divergence = UTVM_NO_INDEX},
    };
    if (options->own_error) {
        c.memory = malloc(utvm_session_memory_bytes(s->model) + 1);
        c.own = calloc((size_t)s->model->num_tensors + 1, sizeof(*c.own));
        c.has_own = calloc((size_t)s->model->num_tensors + 1, sizeof(*c.has_own));
        if (!c.memory || !c.own || !c.has_own) {
            error = utvm_error_no_memory();
        }
    }
    if (!error) {
        error = compare_all(&c);
    }
    if (error && error->code == UTVM_ERROR_CANCELLED) {
        utvm_error_drop(error); // in the middle of which transfer is of no interest
        error = utvm_error_create(UTVM_ERROR_CANCELLED, "the comparison was interrupted");
    }
    free(c.memory);
    free(c.own);
    free(c.has_own);
    if (!error) {
        *ret = c.summary;
    }
    return error;
}
