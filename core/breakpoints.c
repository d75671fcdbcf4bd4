// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/session_impl.h"
#include "core/text.h"

// Breakpoints are positions between layers at which a run is split, so the core's comparators are
// not needed and there may be any number of them.

static const char operator_word[] = "operator ";

static bool matches_operator(const struct utvm_layer *layer, const char *spec)
{
    const char *kind = spec + sizeof(operator_word) - 1;
    while (*kind == ' ') {
        kind++;
    }
    return fnmatch(kind, layer->operator_name, FNM_CASEFOLD) == 0;
}

// Looks a spec up that is no pattern: exact name, unique prefix or "#index".
static bool matches_name(const struct utvm_model *model, const char *spec, uint32_t layer)
{
    uint32_t found = UTVM_NO_INDEX;
    struct utvm_error *error = utvm_model_find_layer(model, spec, &found);
    if (error) {
        utvm_error_drop(error); // it is pending: it matches nothing in this model
        return false;
    }
    return found == layer;
}

static bool writes(const struct utvm_layer *layer, uint32_t tensor)
{
    for (uint32_t i = 0; i < layer->num_outputs; i++) {
        if (layer->outputs[i] == tensor) {
            return true;
        }
    }
    return false;
}

static bool matches_spec(const struct utvm_model *model, const char *spec, uint32_t layer)
{
    const struct utvm_layer *l = &model->layers[layer];
    if (strncasecmp(spec, operator_word, sizeof(operator_word) - 1) == 0) {
        return matches_operator(l, spec);
    }
    if (strcmp(l->name, spec) == 0) {
        return true;
    }
    if (strpbrk(spec, "*?[") && spec[0] != '#') {
        return fnmatch(spec, l->name, 0) == 0;
    }
    return matches_name(model, spec, layer);
}

bool utvm_breakpoint_matches(const struct utvm_model *model, const struct utvm_breakpoint *bp,
                             uint32_t layer)
{
    if (!model || layer >= model->num_layers) {
        return false;
    }
    if (bp->is_watch) {
        uint32_t tensor = UTVM_NO_INDEX;
        struct utvm_error *error = utvm_model_find_tensor(model, bp->spec, &tensor);
        if (!error) {
            return writes(&model->layers[layer], tensor);
        }
        utvm_error_drop(error); // a watch may name the layer instead
    }
    return matches_spec(model, bp->spec, layer);
}

// The position at which a breakpoint at a layer stops: fused layers run where their executor does.
static uint32_t position_of(const struct utvm_model *model, const struct utvm_breakpoint *bp,
                            uint32_t layer)
{
    uint32_t executor = utvm_model_executor(model, layer);
    if (bp->when == UTVM_BREAK_BEFORE && !bp->is_watch) {
        return executor < layer ? executor : layer;
    }
    return (executor > layer ? executor : layer) + 1;
}

uint32_t utvm_session_next_stop(const struct utvm_session *s, uint32_t from, uint32_t end)
{
    uint32_t stop = end;
    for (size_t b = 0; b < s->num_breakpoints; b++) {
        const struct utvm_breakpoint *bp = s->breakpoints[b];
        for (uint32_t layer = 0; bp->enabled && layer < s->model->num_layers; layer++) {
            uint32_t position = position_of(s->model, bp, layer);
            if (position > from && position < stop &&
                utvm_breakpoint_matches(s->model, bp, layer)) {
                stop = position;
            }
        }
    }
    return stop;
}

static struct utvm_error *check_one(struct utvm_session *s, struct utvm_breakpoint *bp,
                                    uint32_t layer, bool *ret)
{
    bool stop = true;
    if (bp->condition) {
        if (!s->condition_fn) {
            return utvm_error_create(UTVM_ERROR_STATE,
                                     "breakpoint %u has a condition, and nobody evaluates it",
                                     (unsigned)bp->number);
        }
        struct utvm_error *error = s->condition_fn(s->condition_ctx, s, bp, layer, &stop);
        if (error) {
            return utvm_error_prefix(error, "condition of breakpoint %u", (unsigned)bp->number);
        }
    }
    if (stop) {
        bp->hits++;
        if (bp->ignore_count > 0) {
            bp->ignore_count--;
            stop = false;
        }
    }
    *ret = stop;
    return NULL;
}

struct utvm_error *utvm_session_check_breakpoints(struct utvm_session *s, uint32_t position,
                                                  uint32_t *ret_number)
{
    uint32_t first = 0;
    for (size_t b = 0; b < s->num_breakpoints;) {
        struct utvm_breakpoint *bp = s->breakpoints[b];
        bool stop = false;
        for (uint32_t layer = 0; bp->enabled && layer < s->model->num_layers && !stop; layer++) {
            if (position_of(s->model, bp, layer) != position ||
                !utvm_breakpoint_matches(s->model, bp, layer)) {
                continue;
            }
            struct utvm_error *error = check_one(s, bp, layer, &stop);
            if (error) {
                return error;
            }
        }
        first = stop && first == 0 ? bp->number : first;
        if (stop && bp->once) {
            bp->enabled = false;
            bp->once = false;
        }
        if (stop && bp->temporary) {
            struct utvm_error *error = utvm_session_delete_breakpoint(s, bp->number);
            if (error) {
                return error;
            }
        } else {
            b++;
        }
    }
    *ret_number = first;
    return NULL;
}

static struct utvm_error *add(struct utvm_session *s, const char *spec,
                              struct utvm_breakpoint **ret)
{
    struct utvm_breakpoint **list =
        realloc(s->breakpoints, (s->num_breakpoints + 1) * sizeof(struct utvm_breakpoint *));
    if (!list) {
        return utvm_error_no_memory();
    }
    s->breakpoints = list;
    struct utvm_breakpoint *bp = calloc(1, sizeof(*bp));
    char *copy = strdup(spec);
    if (!bp || !copy) {
        free(bp);
        free(copy);
        return utvm_error_no_memory();
    }
    bp->spec = copy;
    bp->enabled = true;
    bp->number = ++s->last_breakpoint_number;
    list[s->num_breakpoints++] = bp;
    *ret = bp;
    return NULL;
}

// Why a spec matches no layer: the error of the look-up, or what the pattern is.
static struct utvm_error *no_match(const struct utvm_model *model, const char *spec)
{
    bool is_kind = strncasecmp(spec, operator_word, sizeof(operator_word) - 1) == 0;
    if (!is_kind && !strpbrk(spec, "*?[")) {
        uint32_t layer = 0;
        struct utvm_error *error = utvm_model_find_layer(model, spec, &layer);
        if (error) {
            return error;
        }
    }
    char *shown = utvm_text_printable(spec, strlen(spec));
    struct utvm_error *error =
        utvm_error_create(UTVM_ERROR_NOT_FOUND, "no layer matches '%s'", shown ? shown : "?");
    free(shown);
    return error;
}

struct utvm_error *utvm_session_break(struct utvm_session *s, const char *spec,
                                      enum utvm_break_when when, bool temporary,
                                      struct utvm_breakpoint **ret)
{
    if (s->model) {
        bool found = false;
        for (uint32_t i = 0; i < s->model->num_layers && !found; i++) {
            found = matches_spec(s->model, spec, i);
        }
        if (!found) {
            return no_match(s->model, spec);
        }
    }
    struct utvm_breakpoint *bp = NULL;
    struct utvm_error *error = add(s, spec, &bp);
    if (error) {
        return error;
    }
    bp->when = when;
    bp->temporary = temporary;
    *ret = bp;
    return NULL;
}

struct utvm_error *utvm_session_watch(struct utvm_session *s, const char *tensor,
                                      struct utvm_breakpoint **ret)
{
    if (!s->model) {
        return utvm_error_create(UTVM_ERROR_STATE, "no model is loaded");
    }
    uint32_t index = 0;
    struct utvm_error *error = utvm_model_find_tensor(s->model, tensor, &index);
    if (error) {
        return error;
    }
    bool written = false;
    for (uint32_t i = 0; i < s->model->num_layers && !written; i++) {
        written = writes(&s->model->layers[i], index);
    }
    if (!written) {
        return utvm_error_create(UTVM_ERROR_INVALID, "no layer writes tensor '%s'",
                                 s->model->tensors[index].name);
    }
    struct utvm_breakpoint *bp = NULL;
    error = add(s, s->model->tensors[index].name, &bp);
    if (error) {
        return error;
    }
    bp->when = UTVM_BREAK_AFTER;
    bp->is_watch = true;
    *ret = bp;
    return NULL;
}

static void free_one(struct utvm_breakpoint *bp)
{
    free(bp->spec);
    free(bp->condition);
    free(bp->commands);
    free(bp);
}

struct utvm_error *utvm_session_delete_breakpoint(struct utvm_session *s, uint32_t number)
{
    for (size_t i = 0; i < s->num_breakpoints; i++) {
        if (s->breakpoints[i]->number == number) {
            free_one(s->breakpoints[i]);
            memmove(&s->breakpoints[i], &s->breakpoints[i + 1],
                    (s->num_breakpoints - i - 1) * sizeof(struct utvm_breakpoint *));
            s->num_breakpoints--;
            return NULL;
        }
    }
    return utvm_error_create(UTVM_ERROR_NOT_FOUND, "there is no breakpoint %u", (unsigned)number);
}

void utvm_session_free_breakpoints(struct utvm_session *s)
{
    for (size_t i = 0; i < s->num_breakpoints; i++) {
        free_one(s->breakpoints[i]);
    }
    free(s->breakpoints);
    s->breakpoints = NULL;
    s->num_breakpoints = 0;
}

struct utvm_breakpoint *utvm_session_find_breakpoint(struct utvm_session *s, uint32_t number)
{
    for (size_t i = 0; i < s->num_breakpoints; i++) {
        if (s->breakpoints[i]->number == number) {
            return s->breakpoints[i];
        }
    }
    return NULL;
}

size_t utvm_session_num_breakpoints(const struct utvm_session *s)
{
    return s->num_breakpoints;
}

struct utvm_breakpoint *utvm_session_breakpoint(struct utvm_session *s, size_t i)
{
    UTVM_ASSERT(i < s->num_breakpoints);
    return s->breakpoints[i];
}

void utvm_session_set_condition_fn(struct utvm_session *s, utvm_condition_fn fn, void *ctx)
{
    s->condition_fn = fn;
    s->condition_ctx = ctx;
}
