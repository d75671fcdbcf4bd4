// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/profile.h"

#include <stdlib.h>
#include <string.h>

#include "core/session_impl.h"

#define MAX_REPEATS 1000u

static int by_cycles(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

static uint64_t median(uint64_t *values, uint32_t count)
{
    qsort(values, count, sizeof(*values), by_cycles);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/** What the repeats leave: sums over layers and cycles of each layer. */
struct samples {
    uint32_t repeats;
    uint64_t *sums;   /**< [repeats] */
    uint64_t *cycles; /**< [num_layers * repeats] */
};

static struct utvm_error *go(struct utvm_session *s, enum utvm_rewind how, uint32_t flags)
{
    struct utvm_error *error = utvm_session_rewind(s, how);
    if (!error) {
        error = utvm_session_go(s, s->model->num_layers, flags);
    }
    bool cancelled = error && error->code == UTVM_ERROR_CANCELLED;
    if (cancelled || (!error && s->status.interrupted)) {
        utvm_error_drop(error);
        error = utvm_error_create(UTVM_ERROR_CANCELLED, "the profile was interrupted");
    }
    return error;
}

// One repeat: a run like any other, so that it takes the same cycles.
static struct utvm_error *run_once(struct utvm_session *s, struct utvm_profile *p,
                                   struct samples *samples, uint32_t repeat)
{
    struct utvm_error *error = go(s, repeat == 0 ? UTVM_REWIND_LOADED : UTVM_REWIND_WARM, 0);
    if (error) {
        return error;
    }
    uint64_t counted = 0;
    for (uint32_t i = 0; i < p->num_layers; i++) {
        uint32_t cycles = utvm_session_layer_cycles(s, i);
        samples->cycles[(size_t)i * samples->repeats + repeat] = cycles;
        samples->sums[repeat] += cycles;
        p->layers[i].cycles_cold = repeat == 0 ? cycles : p->layers[i].cycles_cold;
        counted += cycles;
    }
    uint32_t wall = s->mailbox.end_cycles - s->mailbox.start_cycles; // wrap-safe
    p->between_cycles = wall > counted ? wall - counted : 0;
    p->overhead_cycles = s->status.overhead_cycles;
    return NULL;
}

// One more run for what costs cycles to find out: reading counters and painting the stack change
// what caches and predictor know when a layer begins. Once it is complete, its cycles are not
// shown, here or later.
static struct utvm_error *count_causes(struct utvm_session *s, struct utvm_profile *p)
{
    uint32_t flags = UTVM_RUN_EVENTS | UTVM_RUN_STACK;
    flags |= s->target->info.breakdown_addr ? UTVM_RUN_BREAKDOWN : 0;
    size_t bytes = p->num_layers * sizeof(*s->records);
    struct utvm_layer_record *records = malloc(bytes);
    if (!records) {
        return utvm_error_no_memory();
    }
    memcpy(records, s->records, bytes);
    const struct utvm_mailbox mailbox = s->mailbox;
    uint64_t total = s->status.total_cycles;
    struct utvm_error *error =
        go(s, p->repeats == 1 ? UTVM_REWIND_LOADED : UTVM_REWIND_WARM, flags);
    for (uint32_t i = 0; i < p->num_layers && !error; i++) {
        const struct utvm_layer_record *record = utvm_session_record(s, i);
        if (!record) {
            continue;
        }
        struct utvm_profile_layer *layer = &p->layers[i];
        layer->record = *record;
        layer->stack_bytes = record->stack_bytes;
        p->has_events = p->has_events || record->events || record->fold;
        for (size_t k = 0; k < UTVM_BREAKDOWN_COUNT; k++) {
            p->has_breakdown = p->has_breakdown || record->breakdown[k];
        }
    }
    if (!error) {
        memcpy(s->records, records, bytes);
        s->mailbox = mailbox;
        s->status.total_cycles = total;
    }
    free(records);
    return error;
}

static void summarise(struct utvm_profile *p, struct samples *samples)
{
    for (uint32_t i = 0; i < p->num_layers; i++) {
        uint64_t *cycles = &samples->cycles[(size_t)i * samples->repeats];
        struct utvm_profile_layer *layer = &p->layers[i];
        layer->cycles_median = (uint32_t)median(cycles, samples->repeats);
        layer->cycles_min = (uint32_t)cycles[0]; // sorted by now
        layer->cycles_max = (uint32_t)cycles[samples->repeats - 1];
    }
    p->total_cycles = median(samples->sums, samples->repeats);
}

struct utvm_error *utvm_profile_run(struct utvm_session *s, uint32_t repeats,
                                    struct utvm_profile *ret)
{
    if (repeats == 0 || repeats > MAX_REPEATS) {
        return utvm_error_create(UTVM_ERROR_INVALID, "a profile has 1 to %u repeats", MAX_REPEATS);
    }
    struct utvm_error *error = utvm_session_ready(s);
    if (error) {
        return error;
    }
    struct utvm_profile p = {
        .repeats = repeats,
        .num_layers = s->model->num_layers,
        .is_cold = s->target->info.num_slots > UTVM_SLOT_LOADED || s->status.runs == 0,
    };
    struct samples samples = {.repeats = repeats};
    p.layers = calloc(p.num_layers, sizeof(*p.layers));
    samples.sums = calloc(repeats, sizeof(*samples.sums));
    samples.cycles = calloc((size_t)p.num_layers * repeats, sizeof(*samples.cycles));
    if (!p.layers || !samples.sums || !samples.cycles) {
        error = utvm_error_no_memory();
    }
    for (uint32_t i = 0; i < repeats && !error; i++) {
        error = run_once(s, &p, &samples, i);
    }
    if (!error) {
        error = count_causes(s, &p);
    }
    if (!error) {
        summarise(&p, &samples);
    }
    free(samples.sums);
    free(samples.cycles);
    if (error) {
        utvm_profile_deinit(&p);
        return error;
    }
    *ret = p;
    return NULL;
}

void utvm_profile_deinit(struct utvm_profile *profile)
{
    free(profile->layers);
    *profile = (struct utvm_profile){0};
}
