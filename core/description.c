// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/description_reader.h"
#include "core/memories.h"
#include "core/text.h"

#define MAX_LAYERS 65536u
#define MAX_TENSORS 1048576u
#define MAX_LABELS 65536u

struct utvm_error *utvm_description_bad(const struct utvm_description_reader *r, const char *format,
                                        ...)
{
    struct utvm_text text = {0};
    va_list args;
    va_start(args, format);
    utvm_text_vaddf(&text, format, args);
    va_end(args);
    struct utvm_error *error =
        text.failed
            ? utvm_error_no_memory()
            : utvm_error_create(UTVM_ERROR_FORMAT, "%s: model description: %s", r->file, text.data);
    utvm_text_deinit(&text);
    return error;
}

void *utvm_model_store_alloc(struct utvm_model_store *store, size_t count, size_t size_bytes)
{
    if (store->num_blocks == store->capacity) {
        size_t capacity = store->capacity * 2 + 16;
        void **blocks = realloc(store->blocks, capacity * sizeof(*blocks));
        if (!blocks) {
            return NULL;
        }
        store->blocks = blocks;
        store->capacity = capacity;
    }
    void *block = calloc(count ? count : 1, size_bytes);
    if (block) {
        store->blocks[store->num_blocks++] = block;
    }
    return block;
}

void utvm_model_store_deinit(struct utvm_model_store *store)
{
    for (size_t i = 0; i < store->num_blocks; i++) {
        free(store->blocks[i]);
    }
    free(store->blocks);
    free(store->elf);
    *store = (struct utvm_model_store){0};
}

static struct utvm_error *read_table(const struct utvm_description_reader *r, const char *name,
                                     size_t header_offset, uint32_t entry_bytes,
                                     struct utvm_description_table *ret)
{
    const uint8_t *t = r->bytes + header_offset;
    uint32_t offset = UTVM_DESCRIPTION_WORD(t, utvm_desc_table, offset_bytes);
    uint32_t count = UTVM_DESCRIPTION_WORD(t, utvm_desc_table, count);
    uint32_t stated = UTVM_DESCRIPTION_WORD(t, utvm_desc_table, entry_bytes);
    if (stated != entry_bytes) {
        return utvm_description_bad(r, "table '%s' has entries of %u bytes; %u are expected", name,
                                    (unsigned)stated, (unsigned)entry_bytes);
    }
    if (offset % 4 != 0 || offset > r->size_bytes ||
        (uint64_t)count * entry_bytes > r->size_bytes - offset) {
        return utvm_description_bad(
            r, "table '%s' (%u entries of %u bytes at %u) is not inside its %u bytes", name,
            (unsigned)count, (unsigned)entry_bytes, (unsigned)offset, (unsigned)r->size_bytes);
    }
    *ret = (struct utvm_description_table){r->bytes + offset, count, entry_bytes};
    return NULL;
}

static struct utvm_error *read_tables(struct utvm_description_reader *r)
{
#define TABLE(field, bytes)                                                                        \
    do {                                                                                           \
        struct utvm_error *table_error =                                                           \
            read_table(r, #field, offsetof(struct utvm_desc_header, field), bytes, &r->field);     \
        if (table_error) {                                                                         \
            return table_error;                                                                    \
        }                                                                                          \
    } while (0)
    TABLE(strings, 1);
    TABLE(layers, sizeof(struct utvm_desc_layer));
    TABLE(tensors, sizeof(struct utvm_desc_tensor));
    TABLE(regions, sizeof(struct utvm_desc_region));
    TABLE(indices, 4);
    TABLE(scales, 4);
    TABLE(zero_points, 4);
    TABLE(channels, sizeof(struct utvm_desc_channel));
#undef TABLE
    if (r->strings.count == 0 || r->strings.data[r->strings.count - 1] != '\0') {
        return utvm_description_bad(r, "the string table does not end in NUL");
    }
    if (r->layers.count == 0 || r->layers.count > MAX_LAYERS) {
        return utvm_description_bad(r, "%u layers; 1 to %u are expected", (unsigned)r->layers.count,
                                    MAX_LAYERS);
    }
    if (r->tensors.count > MAX_TENSORS) {
        return utvm_description_bad(r, "%u tensors are more than %u", (unsigned)r->tensors.count,
                                    MAX_TENSORS);
    }
    return NULL;
}

static struct utvm_error *read_header(struct utvm_description_reader *r)
{
    const uint8_t *h = r->bytes;
    if (r->size_bytes < sizeof(struct utvm_desc_header)) {
        return utvm_description_bad(r, "truncated: %u bytes, the header alone has %zu",
                                    (unsigned)r->size_bytes, sizeof(struct utvm_desc_header));
    }
    if (UTVM_DESCRIPTION_WORD(h, utvm_desc_header, magic) != UTVM_DESCRIPTION_MAGIC) {
        return utvm_description_bad(r, "it starts with 0x%08x, not with its magic number",
                                    (unsigned)UTVM_DESCRIPTION_WORD(h, utvm_desc_header, magic));
    }
    if (UTVM_DESCRIPTION_WORD(h, utvm_desc_header, abi_version) != UTVM_ABI_VERSION) {
        return utvm_description_bad(
            r, "ABI version %u; this program knows version %u: build the model again",
            (unsigned)UTVM_DESCRIPTION_WORD(h, utvm_desc_header, abi_version), UTVM_ABI_VERSION);
    }
    uint32_t total = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, total_bytes);
    if (total < sizeof(struct utvm_desc_header) || total > r->size_bytes) {
        return utvm_description_bad(r, "truncated: it states %u bytes, the section has %u",
                                    (unsigned)total, (unsigned)r->size_bytes);
    }
    r->size_bytes = total;
    return read_tables(r);
}

// Copies a string out of the string table, printable. The table ends in NUL, so strlen is bounded.
struct utvm_error *utvm_description_string(const struct utvm_description_reader *r, uint32_t offset,
                                           const char *what, const char **ret)
{
    if (offset >= r->strings.count) {
        return utvm_description_bad(r, "%s: string %u is outside the string table of %u bytes",
                                    what, (unsigned)offset, (unsigned)r->strings.count);
    }
    const char *raw = (const char *)r->strings.data + offset;
    char *printable = utvm_text_printable(raw, strlen(raw));
    if (!printable) {
        return utvm_error_no_memory();
    }
    size_t size = strlen(printable) + 1;
    char *kept = utvm_model_store_alloc(r->store, size, 1);
    if (kept) {
        memcpy(kept, printable, size);
        *ret = kept;
    }
    free(printable);
    return kept ? NULL : utvm_error_no_memory();
}

static struct utvm_error *read_numbers(struct utvm_description_reader *r)
{
    r->index_values = utvm_model_store_alloc(r->store, r->indices.count, sizeof(uint32_t));
    r->scale_values = utvm_model_store_alloc(r->store, r->scales.count, sizeof(float));
    r->zero_values = utvm_model_store_alloc(r->store, r->zero_points.count, sizeof(int32_t));
    r->channel_values =
        utvm_model_store_alloc(r->store, r->channels.count, sizeof(*r->channel_values));
    if (!r->index_values || !r->scale_values || !r->zero_values || !r->channel_values) {
        return utvm_error_no_memory();
    }
    for (uint32_t i = 0; i < r->indices.count; i++) {
        uint32_t index = utvm_le32(r->indices.data + 4 * (size_t)i);
        if (index != UTVM_NO_INDEX && index >= r->tensors.count) {
            return utvm_description_bad(r, "index %u: tensor %u of %u", (unsigned)i,
                                        (unsigned)index, (unsigned)r->tensors.count);
        }
        r->index_values[i] = index;
    }
    for (uint32_t i = 0; i < r->scales.count; i++) {
        float scale = utvm_le_float(r->scales.data + 4 * (size_t)i);
        if (!isfinite(scale) || scale <= 0) {
            return utvm_description_bad(r, "scale %u is not a positive number", (unsigned)i);
        }
        r->scale_values[i] = scale;
    }
    for (uint32_t i = 0; i < r->zero_points.count; i++) {
        r->zero_values[i] = (int32_t)utvm_le32(r->zero_points.data + 4 * (size_t)i);
    }
    for (uint32_t i = 0; i < r->channels.count; i++) {
        const uint8_t *e = r->channels.data + i * sizeof(struct utvm_desc_channel);
        r->channel_values[i].constant = UTVM_DESCRIPTION_WORD(e, utvm_desc_channel, constant);
        r->channel_values[i].value = (int32_t)UTVM_DESCRIPTION_WORD(e, utvm_desc_channel, value);
    }
    return NULL;
}

struct utvm_error *utvm_description_indices(const struct utvm_description_reader *r,
                                            const char *what, uint32_t first, uint32_t count,
                                            bool optional, const uint32_t **ret)
{
    if (first > r->indices.count || count > r->indices.count - first) {
        return utvm_description_bad(r, "%s: indices %u to %llu of %u", what, (unsigned)first,
                                    (unsigned long long)first + count, (unsigned)r->indices.count);
    }
    for (uint32_t i = 0; i < count && !optional; i++) {
        if (r->index_values[first + i] == UTVM_NO_INDEX) {
            return utvm_description_bad(r, "%s %u is left out", what, (unsigned)i);
        }
    }
    *ret = r->index_values + first;
    return NULL;
}

struct utvm_error *utvm_description_check_code(const struct utvm_description_reader *r,
                                               const char *what, uint32_t addr)
{
    if (addr % 2 != 0 || !utvm_segments_at(r->model->segments, r->model->num_segments, addr, 2)) {
        return utvm_description_bad(r, "%s 0x%08x is not in loaded code", what, (unsigned)addr);
    }
    return NULL;
}

static struct utvm_error *check_ram(const struct utvm_description_reader *r, const char *what,
                                    uint32_t addr, uint64_t size_bytes)
{
    const struct utvm_memory *memory =
        size_bytes <= UINT32_MAX ? utvm_memory_at(0, addr, (uint32_t)size_bytes) : NULL;
    if (addr % 4 != 0 || !memory || memory->is_flash) {
        return utvm_description_bad(r, "%s (%llu bytes at 0x%08x) is not in RAM", what,
                                    (unsigned long long)size_bytes, (unsigned)addr);
    }
    return NULL;
}

static struct utvm_error *check_vectors(const struct utvm_description_reader *r)
{
    const struct utvm_model *m = r->model;
    const uint8_t *vectors = utvm_segments_at(m->segments, m->num_segments, m->vectors_addr, 8);
    if (!vectors || m->vectors_addr % 4 != 0) {
        return utvm_description_bad(r, "the vector table at 0x%08x is not loaded",
                                    (unsigned)m->vectors_addr);
    }
    uint32_t sp = utvm_le32(vectors);
    uint32_t reset = utvm_le32(vectors + 4);
    const struct utvm_memory *memory = utvm_memory_at(0, sp - 8, 8);
    if (sp % 8 != 0 || !memory || memory->is_flash) {
        return utvm_description_bad(r, "the initial stack pointer 0x%08x is not in RAM",
                                    (unsigned)sp);
    }
    if ((reset & 1) == 0) {
        return utvm_description_bad(r, "the reset vector 0x%08x is not Thumb code",
                                    (unsigned)reset);
    }
    return utvm_description_check_code(r, "the reset handler", reset & ~1u);
}

static struct utvm_error *read_run_time(struct utvm_description_reader *r)
{
    struct utvm_model *m = r->model;
    const uint8_t *h = r->bytes;
    m->mailbox_addr = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, mailbox_addr);
    m->entry_addr = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, entry_addr);
    m->stop_addr = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, stop_addr);
    m->vectors_addr = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, vectors_addr);
    m->stack_base = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, stack_base);
    m->stack_bytes = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, stack_bytes);
    m->clock_hz = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, clock_hz);
    uint64_t mailbox_bytes =
        sizeof(struct utvm_mailbox) + (uint64_t)m->num_layers * sizeof(struct utvm_layer_record);
    struct utvm_error *error = check_ram(r, "the mailbox", m->mailbox_addr, mailbox_bytes);
    if (!error) {
        error = check_ram(r, "the stack", m->stack_base, m->stack_bytes);
    }
    if (!error) {
        error = utvm_description_check_code(r, "the entry", m->entry_addr);
    }
    if (!error) {
        error = utvm_description_check_code(r, "the stop", m->stop_addr);
    }
    return error ? error : check_vectors(r);
}

static struct utvm_error *read_labels(struct utvm_description_reader *r, uint32_t offset)
{
    if (offset >= r->strings.count) {
        return utvm_description_bad(r, "labels: string %u is outside the string table of %u bytes",
                                    (unsigned)offset, (unsigned)r->strings.count);
    }
    const char *at = (const char *)r->strings.data + offset;
    uint32_t count = 0;
    for (const char *p = at; *p; p++) {
        count += *p == '\n' || p[1] == '\0';
    }
    if (count > MAX_LABELS) {
        return utvm_description_bad(r, "more than %u labels", MAX_LABELS);
    }
    r->model->labels = utvm_model_store_alloc(r->store, count, sizeof(*r->model->labels));
    if (!r->model->labels) {
        return utvm_error_no_memory();
    }
    while (*at) {
        size_t length = strcspn(at, "\n");
        char *label = utvm_text_printable(at, length);
        size_t size = label ? strlen(label) + 1 : 0;
        char *kept = label ? utvm_model_store_alloc(r->store, size, 1) : NULL;
        if (kept) {
            memcpy(kept, label, size);
        }
        free(label);
        if (!kept) {
            return utvm_error_no_memory();
        }
        r->model->labels[r->model->num_labels++] = kept;
        at += length + (at[length] == '\n');
    }
    return NULL;
}

static struct utvm_error *read_provenance(struct utvm_description_reader *r)
{
    struct utvm_model *m = r->model;
    const uint8_t *h = r->bytes;
    const struct {
        uint32_t offset;
        const char *what;
        const char **ret;
    } strings[] = {
        {UTVM_DESCRIPTION_WORD(h, utvm_desc_header, model_name), "model name", &m->name},
        {UTVM_DESCRIPTION_WORD(h, utvm_desc_header, source_file), "source file", &m->source_file},
        {UTVM_DESCRIPTION_WORD(h, utvm_desc_header, source_sha256), "source hash",
         &m->source_sha256},
        {UTVM_DESCRIPTION_WORD(h, utvm_desc_header, builder), "builder", &m->builder},
        {UTVM_DESCRIPTION_WORD(h, utvm_desc_header, compiler), "compiler", &m->compiler},
        {UTVM_DESCRIPTION_WORD(h, utvm_desc_header, options), "options", &m->options},
    };
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        struct utvm_error *error =
            utvm_description_string(r, strings[i].offset, strings[i].what, strings[i].ret);
        if (error) {
            return error;
        }
    }
    m->num_inputs = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, num_inputs);
    m->num_outputs = UTVM_DESCRIPTION_WORD(h, utvm_desc_header, num_outputs);
    struct utvm_error *error = utvm_description_indices(
        r, "model input", UTVM_DESCRIPTION_WORD(h, utvm_desc_header, first_input), m->num_inputs,
        false, &m->inputs);
    if (!error) {
        error = utvm_description_indices(r, "model output",
                                         UTVM_DESCRIPTION_WORD(h, utvm_desc_header, first_output),
                                         m->num_outputs, false, &m->outputs);
    }
    return error ? error : read_labels(r, UTVM_DESCRIPTION_WORD(h, utvm_desc_header, labels));
}

struct utvm_error *utvm_description_parse(const char *file, const struct utvm_elf_image *image,
                                          struct utvm_model_store *store, struct utvm_model *model)
{
    if (image->description_bytes > UINT32_MAX) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: model description: too large", file);
    }
    struct utvm_description_reader r = {
        .file = file,
        .bytes = image->description,
        .size_bytes = (uint32_t)image->description_bytes,
        .model = model,
        .store = store,
        .image = image,
    };
    struct utvm_error *error = read_header(&r);
    if (!error) {
        error = read_numbers(&r);
    }
    if (!error) {
        error = utvm_description_entries(&r);
    }
    if (!error) {
        error = read_run_time(&r);
    }
    return error ? error : read_provenance(&r);
}
