// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/import/flatbuffer.h"

#include <string.h>

// True when size_bytes bytes at pos lie inside the file.
static bool inside(const struct utvm_fb *fb, uint64_t pos, uint64_t size_bytes)
{
    return size_bytes <= fb->size_bytes && pos <= fb->size_bytes - size_bytes;
}

static uint64_t load(const struct utvm_fb *fb, uint64_t pos, unsigned size_bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size_bytes; i++) {
        value |= (uint64_t)fb->bytes[pos + i] << (8 * i);
    }
    return value;
}

static uint32_t load32(const struct utvm_fb *fb, uint64_t pos)
{
    return (uint32_t)load(fb, pos, 4);
}

static struct utvm_error *outside(const char *what, uint64_t pos)
{
    return utvm_error_create(UTVM_ERROR_FORMAT, "byte %#llx: %s lies outside the file",
                             (unsigned long long)pos, what);
}

static struct utvm_error *open_table(const struct utvm_fb *fb, uint64_t pos,
                                     struct utvm_fb_table *ret)
{
    if (!inside(fb, pos, 4)) {
        return outside("a table", pos);
    }
    // The table starts with the signed distance back to its vtable.
    int64_t vtable_pos = (int64_t)pos - (int32_t)load32(fb, pos);
    if (vtable_pos < 0 || !inside(fb, (uint64_t)vtable_pos, 4)) {
        return outside("the vtable of a table", pos);
    }
    uint32_t vtable_bytes = (uint32_t)load(fb, (uint64_t)vtable_pos, 2);
    uint32_t table_bytes = (uint32_t)load(fb, (uint64_t)vtable_pos + 2, 2);
    if (vtable_bytes < 4 || vtable_bytes % 2 != 0 ||
        !inside(fb, (uint64_t)vtable_pos, vtable_bytes)) {
        return outside("the end of a vtable", (uint64_t)vtable_pos);
    }
    if (table_bytes < 4 || !inside(fb, pos, table_bytes)) {
        return outside("the end of a table", pos);
    }
    *ret = (struct utvm_fb_table){
        .fb = fb,
        .pos = (uint32_t)pos,
        .size_bytes = table_bytes,
        .vtable_pos = (uint32_t)vtable_pos,
        .num_fields = (vtable_bytes - 4) / 2,
    };
    return NULL;
}

struct utvm_error *utvm_fb_root(const struct utvm_fb *fb, const char *identifier,
                                struct utvm_fb_table *ret)
{
    if (fb->size_bytes < 8) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%zu bytes are too few for a FlatBuffer",
                                 fb->size_bytes);
    }
    if (fb->size_bytes > UTVM_FB_MAX_BYTES) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%zu bytes are more than a FlatBuffer can have",
                                 fb->size_bytes);
    }
    if (memcmp(fb->bytes + 4, identifier, 4) != 0) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "the identifier '%s' is missing at byte 4",
                                 identifier);
    }
    return open_table(fb, load32(fb, 0), ret);
}

// Offset of a field's value inside its table; 0 when absent.
static uint32_t field_offset(const struct utvm_fb_table *table, unsigned field)
{
    if (!table->fb || field >= table->num_fields) {
        return 0;
    }
    return (uint32_t)load(table->fb, (uint64_t)table->vtable_pos + 4 + 2ull * field, 2);
}

bool utvm_fb_has(const struct utvm_fb_table *table, unsigned field)
{
    return field_offset(table, field) != 0;
}

struct utvm_error *utvm_fb_scalar(const struct utvm_fb_table *table, unsigned field,
                                  unsigned size_bytes, uint64_t fallback, uint64_t *ret)
{
    uint32_t offset = field_offset(table, field);
    if (offset == 0) {
        *ret = fallback;
        return NULL;
    }
    if (offset < 4 || offset + size_bytes > table->size_bytes) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "byte %#x: field %u lies outside its table of %u bytes",
                                 table->pos, field, table->size_bytes);
    }
    *ret = load(table->fb, (uint64_t)table->pos + offset, size_bytes);
    return NULL;
}

// Follows an offset field; *target is 0 when the field is absent.
static struct utvm_error *follow(const struct utvm_fb_table *table, unsigned field,
                                 uint64_t *target)
{
    uint64_t distance = 0;
    struct utvm_error *error = utvm_fb_scalar(table, field, 4, 0, &distance);
    if (error) {
        return error;
    }
    *target = 0;
    if (distance != 0) {
        *target = (uint64_t)table->pos + field_offset(table, field) + distance;
    }
    return NULL;
}

struct utvm_error *utvm_fb_table(const struct utvm_fb_table *table, unsigned field,
                                 struct utvm_fb_table *ret)
{
    uint64_t target;
    struct utvm_error *error = follow(table, field, &target);
    if (error) {
        return error;
    }
    if (target == 0) {
        *ret = (struct utvm_fb_table){0};
        return NULL;
    }
    return open_table(table->fb, target, ret);
}

struct utvm_error *utvm_fb_vector(const struct utvm_fb_table *table, unsigned field,
                                  uint32_t elem_bytes, struct utvm_fb_vector *ret)
{
    uint64_t target;
    struct utvm_error *error = follow(table, field, &target);
    if (error) {
        return error;
    }
    *ret = (struct utvm_fb_vector){.fb = table->fb, .elem_bytes = elem_bytes};
    if (target == 0) {
        return NULL;
    }
    if (!inside(table->fb, target, 4)) {
        return outside("a vector", target);
    }
    uint32_t count = load32(table->fb, target);
    if (!inside(table->fb, target + 4, (uint64_t)count * elem_bytes)) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "byte %#llx: a vector of %u elements lies outside the file",
                                 (unsigned long long)target, count);
    }
    ret->pos = (uint32_t)(target + 4);
    ret->count = count;
    return NULL;
}

uint64_t utvm_fb_elem(const struct utvm_fb_vector *vector, uint32_t i)
{
    UTVM_ASSERT(i < vector->count && vector->elem_bytes <= 8);
    return load(vector->fb, vector->pos + (uint64_t)i * vector->elem_bytes, vector->elem_bytes);
}

struct utvm_error *utvm_fb_table_at(const struct utvm_fb_vector *vector, uint32_t i,
                                    struct utvm_fb_table *ret)
{
    UTVM_ASSERT(i < vector->count && vector->elem_bytes == 4);
    uint64_t slot = vector->pos + 4ull * i;
    return open_table(vector->fb, slot + load32(vector->fb, slot), ret);
}

struct utvm_error *utvm_fb_string(const struct utvm_fb_table *table, unsigned field,
                                  const char **ret, uint32_t *length)
{
    struct utvm_fb_vector vector;
    struct utvm_error *error = utvm_fb_vector(table, field, 1, &vector);
    if (error) {
        return error;
    }
    *ret = vector.count ? (const char *)vector.fb->bytes + vector.pos : "";
    *length = vector.count;
    return NULL;
}
