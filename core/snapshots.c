// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/session_impl.h"

size_t utvm_session_memory_bytes(const struct utvm_model *model)
{
    size_t total = utvm_session_state_bytes(model);
    for (uint32_t i = 0; i < model->num_regions; i++) {
        total += model->regions[i].kind == UTVM_REGION_ARENA ? model->regions[i].size_bytes : 0;
    }
    return total;
}

struct utvm_error *utvm_session_save_memory(struct utvm_session *s, uint8_t *buf)
{
    for (uint32_t i = 0; i < s->model->num_regions; i++) {
        const struct utvm_region *region = &s->model->regions[i];
        if (region->kind == UTVM_REGION_ARENA) {
            struct utvm_error *error =
                utvm_target_read(s->target, region->base, buf, region->size_bytes);
            if (error) {
                return utvm_error_prefix(error, "region '%s'", region->name);
            }
            buf += region->size_bytes;
        }
    }
    return utvm_session_read_state(s, buf);
}

struct utvm_error *utvm_session_load_memory(struct utvm_session *s, const uint8_t *buf)
{
    for (uint32_t i = 0; i < s->model->num_regions; i++) {
        const struct utvm_region *region = &s->model->regions[i];
        if (region->kind == UTVM_REGION_ARENA) {
            struct utvm_error *error =
                utvm_target_write(s->target, region->base, buf, region->size_bytes);
            if (error) {
                return utvm_error_prefix(error, "region '%s'", region->name);
            }
            buf += region->size_bytes;
        }
    }
    return utvm_session_write_state(s, buf);
}

struct utvm_error *utvm_session_save_timing(struct utvm_session *s, uint32_t slot)
{
    const struct utvm_target_info *info = &s->target->info;
    uint8_t word[4];
    utvm_put_le32(word, slot);
    return slot < info->num_slots
               ? utvm_target_write(s->target, info->slots_addr, word, sizeof(word))
               : NULL;
}

struct utvm_error *utvm_session_restore_timing(struct utvm_session *s, uint32_t slot)
{
    const struct utvm_target_info *info = &s->target->info;
    if (slot >= info->num_slots) {
        return NULL;
    }
    uint8_t word[4];
    utvm_put_le32(word, slot);
    struct utvm_error *error =
        utvm_target_write(s->target, info->slots_addr + 4, word, sizeof(word));
    if (!error) {
        error = utvm_target_read(s->target, info->slots_addr + 8, word, sizeof(word));
    }
    if (!error && utvm_le32(word) != slot + 1) {
        error = utvm_error_create(UTVM_ERROR_TARGET,
                                  "the board has forgotten the state of its caches: something has "
                                  "reset it; load the model again");
    }
    return error;
}

static void snapshot_deinit(struct utvm_snapshot *snapshot)
{
    free(snapshot->memory);
    free(snapshot->records);
    free(snapshot->has_record);
}

static void drop(struct utvm_session *s, size_t i)
{
    snapshot_deinit(&s->snapshots[i]);
    memmove(&s->snapshots[i], &s->snapshots[i + 1],
            (s->num_snapshots - i - 1) * sizeof(*s->snapshots));
    s->num_snapshots--;
}

void utvm_session_drop_snapshots(struct utvm_session *s)
{
    while (s->num_snapshots > 0) {
        drop(s, s->num_snapshots - 1);
    }
    free(s->snapshots);
    s->snapshots = NULL;
}

static size_t bytes_of_one(const struct utvm_model *model)
{
    return utvm_session_memory_bytes(model) +
           model->num_layers * (sizeof(struct utvm_layer_record) + sizeof(bool));
}

void utvm_session_set_snapshot_limit(struct utvm_session *s, size_t limit_bytes)
{
    s->snapshot_limit_bytes = limit_bytes;
    while (s->num_snapshots > 0 && s->num_snapshots * bytes_of_one(s->model) > limit_bytes) {
        drop(s, 0);
    }
}

// The lowest slot of the board that no snapshot owns; UTVM_NO_INDEX when all are taken.
static uint32_t free_slot(const struct utvm_session *s)
{
    for (uint32_t slot = UTVM_SLOT_SNAPSHOTS; slot < s->target->info.num_slots; slot++) {
        bool taken = false;
        for (size_t i = 0; i < s->num_snapshots; i++) {
            taken = taken || s->snapshots[i].slot == slot;
        }
        if (!taken) {
            return slot;
        }
    }
    return UTVM_NO_INDEX;
}

static struct utvm_error *take(struct utvm_session *s, struct utvm_snapshot *ret)
{
    size_t layers = s->model->num_layers;
    struct utvm_snapshot made = {
        .next_layer = s->status.next_layer,
        .slot = free_slot(s),
        .memory = malloc(utvm_session_memory_bytes(s->model) + 1),
        .records = malloc(layers * sizeof(*made.records)),
        .has_record = malloc(layers * sizeof(*made.has_record)),
        .total_cycles = s->status.total_cycles,
    };
    struct utvm_error *error = NULL;
    if (!made.memory || !made.records || !made.has_record) {
        error = utvm_error_no_memory();
    } else {
        memcpy(made.records, s->records, layers * sizeof(*made.records));
        memcpy(made.has_record, s->has_record, layers * sizeof(*made.has_record));
        error = utvm_session_save_memory(s, made.memory);
    }
    if (!error) {
        error = utvm_session_save_timing(s, made.slot);
    }
    if (error) {
        snapshot_deinit(&made);
        return error;
    }
    *ret = made;
    return NULL;
}

struct utvm_error *utvm_session_keep_snapshot(struct utvm_session *s)
{
    size_t one = bytes_of_one(s->model);
    if (one > s->snapshot_limit_bytes || s->status.interrupted || s->faulted || !s->begun) {
        return NULL;
    }
    for (size_t i = 0; i < s->num_snapshots; i++) {
        if (s->snapshots[i].next_layer == s->status.next_layer) {
            drop(s, i);
            break;
        }
    }
    // A snapshot without its timing would not bring the same cycles: rather fewer of them.
    bool needs_slot = s->target->info.num_slots > UTVM_SLOT_SNAPSHOTS;
    while (s->num_snapshots > 0 && ((s->num_snapshots + 1) * one > s->snapshot_limit_bytes ||
                                    (needs_slot && free_slot(s) == UTVM_NO_INDEX))) {
        drop(s, 0);
    }
    struct utvm_snapshot *list = realloc(s->snapshots, (s->num_snapshots + 1) * sizeof(*list));
    if (!list) {
        return utvm_error_no_memory();
    }
    s->snapshots = list;
    struct utvm_error *error = take(s, &list[s->num_snapshots]);
    s->num_snapshots += error ? 0 : 1;
    return utvm_error_prefix(error, "keeping a snapshot");
}

static struct utvm_error *restore(struct utvm_session *s, const struct utvm_snapshot *snapshot)
{
    struct utvm_error *error = utvm_session_load_memory(s, snapshot->memory);
    if (!error) {
        error = utvm_session_restore_timing(s, snapshot->slot);
    }
    if (error) {
        return utvm_error_prefix(error, "going back to a snapshot");
    }
    size_t layers = s->model->num_layers;
    memcpy(s->records, snapshot->records, layers * sizeof(*s->records));
    memcpy(s->has_record, snapshot->has_record, layers * sizeof(*s->has_record));
    s->status.next_layer = snapshot->next_layer;
    s->status.total_cycles = snapshot->total_cycles;
    s->status.interrupted = false;
    s->status.reason = UTVM_STOP_STEP;
    s->status.stop_breakpoint = 0;
    s->status.last_layer = UTVM_NO_INDEX;
    for (uint32_t i = 0; i < snapshot->next_layer; i++) {
        if (utvm_layer_runs(&s->model->layers[i])) {
            s->status.last_layer = i;
        }
    }
    return NULL;
}

struct utvm_error *utvm_session_back_to(struct utvm_session *s, uint32_t layer)
{
    bool was_faulted = s->faulted;
    if (s->model && (!s->begun || layer > s->status.next_layer)) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "layer #%u has not been reached; the session stands before #%u",
                                 (unsigned)layer, (unsigned)s->status.next_layer);
    }
    // Recovering a faulted core drops the snapshots with the position: then all is run again.
    const struct utvm_snapshot *nearest = NULL;
    for (size_t i = 0; i < s->num_snapshots && !was_faulted; i++) {
        const struct utvm_snapshot *one = &s->snapshots[i];
        if (one->next_layer <= layer && (!nearest || one->next_layer > nearest->next_layer)) {
            nearest = one;
        }
    }
    struct utvm_error *error = utvm_session_ready(s);
    if (!error) {
        error = nearest ? restore(s, nearest) : utvm_session_rewind(s, UTVM_REWIND_SAME);
    }
    if (!error && !s->begun) {
        error = utvm_session_begin(s);
    }
    if (!error && s->status.next_layer < layer) {
        error = utvm_session_go(s, layer, 0);
    }
    if (!error) {
        s->status.reason = layer == 0 ? UTVM_STOP_NONE : UTVM_STOP_STEP;
    }
    return error;
}
