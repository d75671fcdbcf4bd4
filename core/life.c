// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/channels.h"
#include "core/session_impl.h"

// What a tensor's memory holds follows from the position alone: layers run in order, and each
// writes its outputs and its workspace.

static bool overlaps(uint32_t a, uint32_t a_bytes, uint32_t b, uint32_t b_bytes)
{
    return a_bytes && b_bytes && (uint64_t)a < (uint64_t)b + b_bytes &&
           (uint64_t)b < (uint64_t)a + a_bytes;
}

/** What running one layer does to a tensor. */
enum effect {
    EFFECT_NONE,
    EFFECT_WRITTEN,
    EFFECT_OVERWRITTEN,
};

static enum effect effect_on(const struct utvm_model *model, uint32_t layer,
                             const struct utvm_tensor *t)
{
    const struct utvm_layer *l = &model->layers[layer];
    enum effect effect = EFFECT_NONE;
    if (overlaps(l->workspace_addr, l->workspace_bytes, t->addr, t->size_bytes)) {
        effect = EFFECT_OVERWRITTEN;
    }
    for (uint32_t i = 0; i < l->num_outputs; i++) {
        const struct utvm_tensor *out = &model->tensors[l->outputs[i]];
        if (out == t) {
            return EFFECT_WRITTEN;
        }
        if (out->region && !(out->flags & UTVM_TENSOR_CONSTANT) &&
            overlaps(out->addr, out->size_bytes, t->addr, t->size_bytes)) {
            effect = EFFECT_OVERWRITTEN;
        }
    }
    return effect;
}

// The same of everything that one resume of a layer does: the layer and what is fused into it.
static enum effect group_effect_on(const struct utvm_model *model, uint32_t executor,
                                   const struct utvm_tensor *t)
{
    enum effect effect = EFFECT_NONE;
    for (uint32_t i = 0; i < model->num_layers; i++) {
        if (utvm_model_executor(model, i) == executor) {
            enum effect one = effect_on(model, i, t);
            if (one == EFFECT_WRITTEN) {
                return one;
            }
            effect = one == EFFECT_NONE ? effect : one;
        }
    }
    return effect;
}

enum utvm_tensor_life utvm_session_tensor_life(const struct utvm_session *s, uint32_t tensor,
                                               uint32_t *overwritten_by_layer)
{
    if (!s->model || tensor >= s->model->num_tensors) {
        return UTVM_LIFE_ABSENT;
    }
    const struct utvm_tensor *t = &s->model->tensors[tensor];
    const struct utvm_session_status *status = &s->status;
    if (t->flags & UTVM_TENSOR_ABSENT) {
        return UTVM_LIFE_ABSENT;
    }
    if (t->flags & UTVM_TENSOR_CONSTANT) {
        return UTVM_LIFE_VALID;
    }
    bool from_start = t->first_layer == UTVM_NO_INDEX || (t->flags & UTVM_TENSOR_VARIABLE);
    bool on_target = status->uploaded || s->faulted;
    if (!on_target || (from_start && !s->begun && !(t->flags & UTVM_TENSOR_VARIABLE))) {
        return UTVM_LIFE_NOT_WRITTEN;
    }
    bool in_layer = status->interrupted || s->faulted;
    enum utvm_tensor_life life = from_start ? UTVM_LIFE_VALID : UTVM_LIFE_NOT_WRITTEN;
    for (uint32_t i = 0; i < status->next_layer + in_layer && i < s->model->num_layers; i++) {
        bool running = i == status->next_layer;
        if (utvm_model_executor(s->model, i) != i) {
            continue;
        }
        switch (group_effect_on(s->model, i, t)) {
        case EFFECT_WRITTEN:
            life = running ? UTVM_LIFE_PARTIAL : UTVM_LIFE_VALID;
            break;
        case EFFECT_OVERWRITTEN:
            if (life == UTVM_LIFE_VALID) {
                life = UTVM_LIFE_OVERWRITTEN;
                if (overwritten_by_layer) {
                    *overwritten_by_layer = i;
                }
            }
            break;
        case EFFECT_NONE:
            break;
        }
    }
    return life;
}

static struct utvm_error *explain(const struct utvm_session *s, const struct utvm_tensor *t,
                                  enum utvm_tensor_life life, uint32_t by)
{
    char layer[160] = "";
    switch (life) {
    case UTVM_LIFE_VALID:
        return NULL;
    case UTVM_LIFE_NOT_WRITTEN:
        if (!s->status.uploaded) {
            return utvm_error_create(UTVM_ERROR_STATE,
                                     "tensor '%s' has no value: the model is not on the target",
                                     t->name);
        }
        if (t->first_layer == UTVM_NO_INDEX) {
            return utvm_error_create(UTVM_ERROR_STATE,
                                     "tensor '%s' has no value yet: nothing has run", t->name);
        }
        utvm_layer_text(s->model, t->first_layer, layer, sizeof(layer));
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "tensor '%s' has no value yet: %s writes it and has not run",
                                 t->name, layer);
    case UTVM_LIFE_OVERWRITTEN:
        utvm_layer_text(s->model, by, layer, sizeof(layer));
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "tensor '%s' has been overwritten: %s has reused its memory",
                                 t->name, layer);
    case UTVM_LIFE_PARTIAL:
        utvm_layer_text(s->model, s->status.next_layer, layer, sizeof(layer));
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "tensor '%s' is half written: the core stands inside %s", t->name,
                                 layer);
    case UTVM_LIFE_ABSENT:
        break;
    }
    if (t->first_layer == UTVM_NO_INDEX) {
        return utvm_error_create(UTVM_ERROR_STATE, "tensor '%s' is in no memory", t->name);
    }
    utvm_layer_text(s->model, utvm_model_executor(s->model, t->first_layer), layer, sizeof(layer));
    return utvm_error_create(UTVM_ERROR_STATE, "tensor '%s' is in no memory: it is fused into %s",
                             t->name, layer);
}

// Inputs can be looked at and edited before the first layer runs: they are put in place then.
static struct utvm_error *begin_for_input(struct utvm_session *s, const struct utvm_tensor *t)
{
    if ((t->flags & UTVM_TENSOR_INPUT) && !s->begun && s->status.next_layer == 0 &&
        s->status.uploaded && !s->faulted) {
        struct utvm_error *error = utvm_session_ready(s);
        return error ? error : utvm_session_begin(s);
    }
    return NULL;
}

struct utvm_error *utvm_session_read_tensor(struct utvm_session *s, uint32_t tensor, bool force,
                                            struct utvm_array *ret)
{
    if (!s->model || tensor >= s->model->num_tensors) {
        return utvm_error_create(UTVM_ERROR_STATE, "no model is loaded");
    }
    const struct utvm_tensor *t = &s->model->tensors[tensor];
    struct utvm_error *error = begin_for_input(s, t);
    if (error) {
        return error;
    }
    uint32_t by = 0;
    enum utvm_tensor_life life = utvm_session_tensor_life(s, tensor, &by);
    bool on_target = s->target && s->target->state != UTVM_TARGET_LOST && t->region;
    if (life != UTVM_LIFE_VALID && !(force && on_target)) {
        return explain(s, t, life, by);
    }
    struct utvm_array array = {0};
    error = utvm_array_init(&array, t->dtype, t->rank, t->dims);
    if (error) {
        return utvm_error_prefix(error, "tensor '%s'", t->name);
    }
    if (t->flags & UTVM_TENSOR_CONSTANT) {
        UTVM_ASSERT(t->constant); // checked by the loader
        memcpy(array.data, t->constant, array.size_bytes);
    } else {
        error = utvm_tensor_read(s->target, t, &array);
    }
    if (error) {
        utvm_array_deinit(&array);
        return utvm_error_prefix(error, "tensor '%s'", t->name);
    }
    *ret = array;
    return NULL;
}

// Refuses to write into memory that another tensor holds now.
static struct utvm_error *check_nobody_else(const struct utvm_session *s,
                                            const struct utvm_tensor *t)
{
    for (uint32_t i = 0; i < s->model->num_tensors; i++) {
        const struct utvm_tensor *other = &s->model->tensors[i];
        if (other != t && other->region && !(other->flags & UTVM_TENSOR_CONSTANT) &&
            overlaps(other->addr, other->size_bytes, t->addr, t->size_bytes) &&
            utvm_session_tensor_life(s, i, NULL) == UTVM_LIFE_VALID) {
            return utvm_error_create(UTVM_ERROR_STATE,
                                     "tensor '%s' cannot be written now: tensor '%s' has its "
                                     "memory",
                                     t->name, other->name);
        }
    }
    return NULL;
}

struct utvm_error *utvm_session_write_tensor(struct utvm_session *s, uint32_t tensor,
                                             const struct utvm_array *value)
{
    struct utvm_error *error = utvm_session_ready(s);
    if (error) {
        return error;
    }
    UTVM_ASSERT(tensor < s->model->num_tensors);
    const struct utvm_tensor *t = &s->model->tensors[tensor];
    if (value->dtype != t->dtype || value->num_elems != t->num_elems) {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%s' takes %llu elements of %s", t->name,
                                 (unsigned long long)t->num_elems, utvm_dtype_name(t->dtype));
    }
    if (t->flags & UTVM_TENSOR_CONSTANT) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 utvm_tensor_in_memory(t)
                                     ? "tensor '%s' is constant: it is in the image"
                                     : "tensor '%s' is constant and only in the model's file: no "
                                       "code on the device reads it",
                                 t->name);
    }
    error = begin_for_input(s, t);
    if (error) {
        return error;
    }
    enum utvm_tensor_life life = utvm_session_tensor_life(s, tensor, NULL);
    if (life == UTVM_LIFE_ABSENT) {
        return explain(s, t, life, 0);
    }
    if (life != UTVM_LIFE_VALID) {
        error = check_nobody_else(s, t);
        if (error) {
            return error;
        }
    }
    if ((t->flags & UTVM_TENSOR_INPUT) && s->status.next_layer == 0 && !s->status.interrupted) {
        return utvm_session_set_input(s, tensor, value); // so that it holds for the next run too
    }
    error = utvm_tensor_write(s->target, t, value);
    return utvm_error_prefix(error, "tensor '%s'", t->name);
}
