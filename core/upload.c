// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/memories.h"
#include "core/session_impl.h"

#define SCB_VTOR 0xE000ED08u
#define XPSR_THUMB 0x01000000u
#define START_UP_TIMEOUT_MS 10000u
#define KIB 1024u

// Differences closer together than this are sent as one run: a round trip costs more.
#define MERGE_BYTES 512u

/** What is to be put into one stretch of memory, gaps between segments as erased flash has them. */
struct stretch {
    uint32_t addr;
    uint8_t *data; /**< owned */
    uint32_t size_bytes;
};

static struct utvm_error *check_fits(const struct utvm_session *s)
{
    uint32_t device = s->target->info.device_id;
    for (uint32_t i = 0; i < s->model->num_segments; i++) {
        const struct utvm_segment *segment = &s->model->segments[i];
        if (!utvm_memory_at(device, segment->addr, segment->size_bytes)) {
            return utvm_error_at(UTVM_ERROR_NO_SPACE, segment->addr,
                                 "the model has %u bytes at 0x%08x, where %s has no memory for all "
                                 "of them",
                                 (unsigned)segment->size_bytes, (unsigned)segment->addr,
                                 s->target->info.description);
        }
    }
    for (uint32_t i = 0; i < s->model->num_regions; i++) {
        const struct utvm_region *region = &s->model->regions[i];
        if (region->size_bytes && region->kind != UTVM_REGION_HOST &&
            !utvm_memory_at(device, region->base, region->size_bytes)) {
            return utvm_error_at(UTVM_ERROR_NO_SPACE, region->base,
                                 "region '%s' needs %u bytes at 0x%08x, where %s has no memory for "
                                 "all of them",
                                 region->name, (unsigned)region->size_bytes, (unsigned)region->base,
                                 s->target->info.description);
        }
    }
    return NULL;
}

static struct utvm_error *verify_range(struct utvm_session *s, uint32_t addr, const uint8_t *data,
                                       uint32_t size_bytes)
{
    uint8_t *seen = malloc(size_bytes ? size_bytes : 1);
    if (!seen) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = utvm_target_read(s->target, addr, seen, size_bytes);
    for (uint32_t i = 0; i < size_bytes && !error; i++) {
        if (seen[i] != data[i]) {
            error = utvm_error_at(UTVM_ERROR_TARGET, addr + i,
                                  "verification failed at 0x%08x: 0x%02x was written, 0x%02x is "
                                  "there",
                                  (unsigned)(addr + i), data[i], seen[i]);
        }
    }
    free(seen);
    return error;
}

// Sends the runs of bytes that differ from what is there.
static struct utvm_error *send_differences(struct utvm_session *s, uint32_t addr,
                                           const uint8_t *data, uint32_t size_bytes,
                                           const uint8_t *seen, struct utvm_upload_result *result)
{
    uint32_t at = 0;
    while (at < size_bytes) {
        if (data[at] == seen[at]) {
            at++;
            continue;
        }
        uint32_t end = at + 1;
        for (uint32_t i = end; i < size_bytes && i - end < MERGE_BYTES; i++) {
            end = data[i] != seen[i] ? i + 1 : end;
        }
        struct utvm_error *error = utvm_target_write(s->target, addr + at, data + at, end - at);
        if (!error) {
            error = verify_range(s, addr + at, data + at, end - at);
        }
        if (error) {
            return error;
        }
        result->sent_bytes += end - at;
        at = end;
    }
    return NULL;
}

static struct utvm_error *upload_ram(struct utvm_session *s, const struct utvm_segment *segment,
                                     bool verify, struct utvm_upload_result *result)
{
    // The first time nothing is known to be there: writing at once is faster than looking.
    if (!s->held || !verify) {
        struct utvm_error *error =
            utvm_target_write(s->target, segment->addr, segment->data, segment->size_bytes);
        if (!error && verify) {
            error = verify_range(s, segment->addr, segment->data, segment->size_bytes);
        }
        result->sent_bytes += error ? 0 : segment->size_bytes;
        return error;
    }
    uint8_t *seen = malloc(segment->size_bytes);
    if (!seen) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error =
        utvm_target_read(s->target, segment->addr, seen, segment->size_bytes);
    if (!error) {
        error =
            send_differences(s, segment->addr, segment->data, segment->size_bytes, seen, result);
    }
    free(seen);
    return error;
}

// The end of the flash sector that holds an address: 4 x 32, 128, then 256 KiB each.
// Source: RM0385 table 3, RM0410 table 3 (single bank).
static uint32_t sector_end(const struct utvm_memory *flash, uint32_t addr)
{
    uint32_t offset = addr - flash->base;
    uint32_t sector = offset < 128 * KIB ? 32 * KIB : offset < 256 * KIB ? 128 * KIB : 256 * KIB;
    return flash->base + offset / sector * sector + sector;
}

// Collects what the model has in the sector that begins at or below start: from its first to its
// last byte.
static struct utvm_error *collect_sector(const struct utvm_session *s, uint32_t start, uint32_t end,
                                         struct stretch *ret)
{
    uint32_t low = end;
    uint32_t high = start;
    for (uint32_t i = 0; i < s->model->num_segments; i++) {
        const struct utvm_segment *segment = &s->model->segments[i];
        uint32_t segment_end = segment->addr + segment->size_bytes;
        if (segment->addr < end && segment_end > start) {
            uint32_t from = segment->addr > start ? segment->addr : start;
            uint32_t to = segment_end < end ? segment_end : end;
            low = from < low ? from : low;
            high = to > high ? to : high;
        }
    }
    UTVM_ASSERT(low < high); // the caller comes from a segment of this sector
    *ret = (struct stretch){low, malloc(high - low), high - low};
    if (!ret->data) {
        return utvm_error_no_memory();
    }
    memset(ret->data, 0xFF, ret->size_bytes);
    for (uint32_t i = 0; i < s->model->num_segments; i++) {
        const struct utvm_segment *segment = &s->model->segments[i];
        uint32_t from = segment->addr > low ? segment->addr : low;
        uint32_t segment_end = segment->addr + segment->size_bytes;
        uint32_t to = segment_end < high ? segment_end : high;
        if (from < to) {
            memcpy(ret->data + (from - low), segment->data + (from - segment->addr), to - from);
        }
    }
    return NULL;
}

// Programs one sector's share if it differs: an erase takes the whole sector, so it is sent whole.
static struct utvm_error *upload_sector(struct utvm_session *s, const struct stretch *part,
                                        bool verify, struct utvm_upload_result *result)
{
    uint8_t *seen = malloc(part->size_bytes);
    if (!seen) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = utvm_target_read(s->target, part->addr, seen, part->size_bytes);
    bool differs = !error && memcmp(seen, part->data, part->size_bytes) != 0;
    free(seen);
    if (differs) {
        error = utvm_target_write_flash(s->target, part->addr, part->data, part->size_bytes);
        if (!error && verify) {
            error = verify_range(s, part->addr, part->data, part->size_bytes);
        }
        result->sent_bytes += error ? 0 : part->size_bytes;
        result->flash_bytes += error ? 0 : part->size_bytes;
    }
    return error;
}

static struct utvm_error *upload_flash(struct utvm_session *s, bool verify,
                                       struct utvm_upload_result *result)
{
    uint32_t done = 0; // segments are in order of address, and so are sectors
    for (uint32_t i = 0; i < s->model->num_segments; i++) {
        const struct utvm_segment *segment = &s->model->segments[i];
        const struct utvm_memory *memory =
            utvm_memory_at(s->target->info.device_id, segment->addr, segment->size_bytes);
        if (!memory || !memory->is_flash) {
            continue;
        }
        uint32_t at = segment->addr > done ? segment->addr : done;
        while (at < segment->addr + segment->size_bytes) {
            uint32_t end = sector_end(memory, at);
            struct stretch part = {0};
            struct utvm_error *error = collect_sector(s, at, end, &part);
            if (!error) {
                error = upload_sector(s, &part, verify, result);
            }
            free(part.data);
            if (error) {
                return error;
            }
            at = done = end;
        }
    }
    return NULL;
}

static struct utvm_error *upload_segments(struct utvm_session *s, bool verify,
                                          struct utvm_upload_result *result)
{
    for (uint32_t i = 0; i < s->model->num_segments; i++) {
        result->total_bytes += s->model->segments[i].size_bytes;
    }
    struct utvm_error *error = upload_flash(s, verify, result);
    for (uint32_t i = 0; i < s->model->num_segments && !error; i++) {
        const struct utvm_segment *segment = &s->model->segments[i];
        const struct utvm_memory *memory =
            utvm_memory_at(s->target->info.device_id, segment->addr, segment->size_bytes);
        if (memory && !memory->is_flash) {
            error = upload_ram(s, segment, verify, result);
        }
    }
    return error;
}

static struct utvm_error *check_mailbox(const struct utvm_session *s)
{
    const struct utvm_mailbox *m = &s->mailbox;
    if (m->magic != UTVM_MAILBOX_MAGIC || m->abi_version != UTVM_ABI_VERSION ||
        m->num_layers != s->model->num_layers || m->state != UTVM_STATE_READY) {
        return utvm_error_create(UTVM_ERROR_TARGET,
                                 "the image's start-up left no sound mailbox at 0x%08x (magic "
                                 "0x%08x, version %u, %u layers, state %u)",
                                 (unsigned)s->model->mailbox_addr, (unsigned)m->magic,
                                 (unsigned)m->abi_version, (unsigned)m->num_layers,
                                 (unsigned)m->state);
    }
    return NULL;
}

// Lets the image's own start-up run: it sets clocks and counters up and stops at the stop address.
static struct utvm_error *start_up(struct utvm_session *s)
{
    const uint8_t *vectors =
        utvm_model_bytes(s->model, s->model->vectors_addr, 8); // checked by the loader
    UTVM_ASSERT(vectors);
    uint8_t vtor[4];
    utvm_put_le32(vtor, s->model->vectors_addr);
    struct utvm_error *error = utvm_target_write(s->target, SCB_VTOR, vtor, sizeof(vtor));
    if (!error) {
        error = utvm_target_write_register(s->target, UTVM_REG_MSP, utvm_le32(vectors));
    }
    if (!error) {
        error = utvm_target_write_register(s->target, UTVM_REG_XPSR, XPSR_THUMB);
    }
    if (error) {
        return error;
    }
    const struct utvm_call call = {
        .pc = utvm_le32(vectors + 4) & ~1u,
        .result_addr = s->model->mailbox_addr,
        .result_words = sizeof(struct utvm_mailbox) / 4,
    };
    struct utvm_call_result result = {.words = s->words};
    error = utvm_target_call(s->target, &call, START_UP_TIMEOUT_MS, &result);
    if (error) {
        return error;
    }
    if (result.interrupted) {
        return utvm_error_create(result.timed_out ? UTVM_ERROR_TIMEOUT : UTVM_ERROR_CANCELLED,
                                 "the start-up was %s at 0x%08x",
                                 result.timed_out ? "still running after 10 s" : "interrupted",
                                 (unsigned)result.pc);
    }
    memcpy(&s->mailbox, s->words, sizeof(s->mailbox));
    if (result.pc != s->model->stop_addr) {
        bool is_fault = false;
        return utvm_session_explain_fault(s, result.pc, &is_fault);
    }
    return check_mailbox(s);
}

struct utvm_error *utvm_session_sign_mailbox(struct utvm_session *s)
{
    uint8_t word[4];
    utvm_put_le32(word, utvm_session_signature(s));
    return utvm_target_write(
        s->target, s->model->mailbox_addr + (uint32_t)offsetof(struct utvm_mailbox, breakdown_addr),
        word, sizeof(word));
}

// A link, a probe or a board that failed once may work the next time.
static struct utvm_error *say_what_to_do(struct utvm_error *error)
{
    struct utvm_error *result =
        error->has_address
            ? utvm_error_at(error->code, error->address, "%s; 'load' tries again", error->message)
            : utvm_error_create(error->code, "%s; 'load' tries again", error->message);
    utvm_error_free(error);
    return result;
}

struct utvm_error *utvm_session_upload(struct utvm_session *s, bool verify,
                                       struct utvm_upload_result *ret)
{
    s->status.faulted = s->faulted = false;
    s->status.uploaded = true; // for the checks of utvm_session_ready() only
    struct utvm_error *error = utvm_session_ready(s);
    s->status.uploaded = false;
    if (error) {
        return error;
    }
    utvm_session_clear_position(s);
    s->reset_pending = s->reset_at_start = false;
    s->status.runs = 0;
    struct utvm_upload_result result = {.verified = verify};
    error = utvm_target_reset_halt(s->target);
    if (!error) {
        error = check_fits(s);
    }
    if (!error) {
        error = upload_segments(s, verify, &result);
    }
    if (!error && result.flash_bytes > 0) {
        // The flash loader has run on the core; the image shall not notice.
        error = utvm_target_reset_halt(s->target);
    }
    if (!error) {
        error = utvm_error_prefix(start_up(s), "starting the image");
    }
    if (!error) {
        error = utvm_session_sign_mailbox(s);
    }
    if (!error) {
        error = utvm_session_save_timing(s, UTVM_SLOT_LOADED);
    }
    if (error && error->code == UTVM_ERROR_TARGET) {
        error = say_what_to_do(error);
    }
    if (error) {
        return utvm_error_prefix(error, "cannot load '%s'", s->model->name);
    }
    s->status.uploaded = true;
    s->held = true;
    *ret = result;
    return NULL;
}
