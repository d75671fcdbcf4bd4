// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/npz.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "core/file.h"
#include "core/npy.h"
#include "core/text.h"

// More members than any network has tensors; keeps a hostile directory small.
#define MAX_MEMBERS 65536

struct utvm_npz {
    char *name;
    uint8_t *bytes; /**< the archive; libzip reads from it */
    zip_t *zip;
    size_t count;
    char **keys;
};

static struct utvm_error *zip_failure(const char *name, zip_error_t *ze)
{
    const char *reason = zip_error_strerror(ze); // the next call would free it
    char *text = utvm_text_printable(reason, strlen(reason));
    struct utvm_error *error = utvm_error_create(
        UTVM_ERROR_FORMAT, "%s: not a readable .npz archive: %s", name, text ? text : "?");
    free(text);
    return error;
}

static struct utvm_error *list_members(struct utvm_npz *npz)
{
    zip_int64_t count = zip_get_num_entries(npz->zip, 0);
    if (count < 0 || count > MAX_MEMBERS) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: more than %d members", npz->name,
                                 MAX_MEMBERS);
    }
    if (count == 0) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: there are no arrays in it", npz->name);
    }
    npz->keys = calloc((size_t)count + 1, sizeof(*npz->keys));
    if (!npz->keys) {
        return utvm_error_no_memory();
    }
    for (zip_int64_t i = 0; i < count; i++) {
        const char *member = zip_get_name(npz->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        if (!member) {
            return zip_failure(npz->name, zip_get_error(npz->zip));
        }
        size_t length = strlen(member);
        if (length > 4 && strcmp(member + length - 4, ".npy") == 0) {
            length -= 4;
        }
        npz->keys[i] = utvm_text_printable(member, length);
        if (!npz->keys[i]) {
            return utvm_error_no_memory();
        }
        npz->count++;
    }
    return NULL;
}

// Takes over bytes.
static struct utvm_error *open_bytes(const char *name, uint8_t *bytes, size_t size_bytes,
                                     struct utvm_npz **ret)
{
    struct utvm_npz *npz = calloc(1, sizeof(*npz));
    if (!npz) {
        free(bytes);
        return utvm_error_no_memory();
    }
    npz->bytes = bytes;
    npz->name = strdup(name);
    zip_error_t ze;
    zip_error_init(&ze);
    struct utvm_error *error = NULL;
    zip_source_t *source = zip_source_buffer_create(bytes, size_bytes, 0, &ze);
    if (!npz->name) {
        error = utvm_error_no_memory();
    } else if (!source) {
        error = zip_failure(name, &ze);
    } else {
        npz->zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &ze);
        error = npz->zip ? list_members(npz) : zip_failure(name, &ze);
    }
    if (source && !npz->zip) {
        zip_source_free(source);
    }
    zip_error_fini(&ze);
    if (error) {
        utvm_npz_close(npz);
        return error;
    }
    *ret = npz;
    return NULL;
}

struct utvm_error *utvm_npz_open(const char *path, struct utvm_npz **ret)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    struct utvm_error *error = utvm_file_read(path, &bytes, &size_bytes);
    return error ? error : open_bytes(path, bytes, size_bytes, ret);
}

struct utvm_error *utvm_npz_parse(const char *name, const void *bytes, size_t size_bytes,
                                  struct utvm_npz **ret)
{
    uint8_t *copy = malloc(size_bytes ? size_bytes : 1);
    if (!copy) {
        return utvm_error_no_memory();
    }
    if (size_bytes) {
        memcpy(copy, bytes, size_bytes);
    }
    return open_bytes(name, copy, size_bytes, ret);
}

void utvm_npz_close(struct utvm_npz *npz)
{
    if (!npz) {
        return;
    }
    if (npz->zip) {
        zip_discard(npz->zip);
    }
    for (size_t i = 0; i < npz->count; i++) {
        free(npz->keys[i]);
    }
    free(npz->keys);
    free(npz->bytes);
    free(npz->name);
    free(npz);
}

size_t utvm_npz_count(const struct utvm_npz *npz)
{
    return npz->count;
}

const char *utvm_npz_key(const struct utvm_npz *npz, size_t i)
{
    UTVM_ASSERT(i < npz->count);
    return npz->keys[i];
}

size_t utvm_npz_find(const struct utvm_npz *npz, const char *key)
{
    for (size_t i = 0; i < npz->count; i++) {
        if (strcmp(npz->keys[i], key) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

// Reads to the end of the member, however large its directory entry says it is: memory is taken
// for what really unpacks.
static struct utvm_error *unpack(zip_file_t *file, const char *name, uint8_t **ret,
                                 size_t *ret_size)
{
    size_t capacity = 1u << 16;
    size_t size = 0;
    uint8_t *bytes = malloc(capacity);
    while (bytes) {
        zip_int64_t got = zip_fread(file, bytes + size, capacity - size);
        if (got < 0) {
            free(bytes);
            return zip_failure(name, zip_file_get_error(file));
        }
        if (got == 0) {
            *ret = bytes;
            *ret_size = size;
            return NULL;
        }
        size += (size_t)got;
        if (size > UTVM_MAX_FILE_BYTES) {
            free(bytes);
            return utvm_error_create(UTVM_ERROR_INVALID, "%s unpacks to more than 1 GiB", name);
        }
        if (size == capacity) {
            capacity *= 2;
            uint8_t *more = realloc(bytes, capacity);
            if (!more) {
                break;
            }
            bytes = more;
        }
    }
    free(bytes);
    return utvm_error_no_memory();
}

struct utvm_error *utvm_npz_read(struct utvm_npz *npz, size_t i, struct utvm_array *ret)
{
    UTVM_ASSERT(i < npz->count);
    struct utvm_text name = {0};
    utvm_text_addf(&name, "%s: %s", npz->name, npz->keys[i]);
    if (name.failed) {
        return utvm_error_no_memory();
    }
    zip_file_t *file = zip_fopen_index(npz->zip, i, 0);
    struct utvm_error *error = NULL;
    if (!file) {
        error = zip_failure(name.data, zip_get_error(npz->zip));
    } else {
        uint8_t *bytes = NULL;
        size_t size_bytes = 0;
        error = unpack(file, name.data, &bytes, &size_bytes);
        if (!error) {
            error = utvm_npy_parse(name.data, bytes, size_bytes, ret);
            free(bytes);
        }
        zip_fclose(file);
    }
    utvm_text_deinit(&name);
    return error;
}

struct member {
    char *file_name; /**< key plus ".npy" */
    uint8_t *bytes;
    size_t size_bytes;
};

struct utvm_npz_writer {
    struct member *members;
    size_t count;
};

struct utvm_error *utvm_npz_writer_create(struct utvm_npz_writer **ret)
{
    struct utvm_npz_writer *writer = calloc(1, sizeof(*writer));
    if (!writer) {
        return utvm_error_no_memory();
    }
    *ret = writer;
    return NULL;
}

void utvm_npz_writer_free(struct utvm_npz_writer *writer)
{
    if (!writer) {
        return;
    }
    for (size_t i = 0; i < writer->count; i++) {
        free(writer->members[i].file_name);
        free(writer->members[i].bytes);
    }
    free(writer->members);
    free(writer);
}

struct utvm_error *utvm_npz_writer_add(struct utvm_npz_writer *writer, const char *key,
                                       const struct utvm_array *array)
{
    struct utvm_text file_name = {0};
    utvm_text_addf(&file_name, "%s.npy", key);
    struct member member = {.file_name = utvm_text_take(&file_name)};
    if (!member.file_name) {
        return utvm_error_no_memory();
    }
    for (size_t i = 0; i < writer->count || key[0] == '\0'; i++) {
        if (key[0] == '\0' || strcmp(writer->members[i].file_name, member.file_name) == 0) {
            free(member.file_name);
            return utvm_error_create(UTVM_ERROR_INVALID, "key '%s' is %s", key,
                                     key[0] ? "already in the archive" : "empty");
        }
    }
    struct member *members =
        realloc(writer->members, (writer->count + 1) * sizeof(*writer->members));
    if (!members) {
        free(member.file_name);
        return utvm_error_no_memory();
    }
    writer->members = members;
    struct utvm_error *error = utvm_npy_format(array, &member.bytes, &member.size_bytes);
    if (error) {
        free(member.file_name);
        return error;
    }
    writer->members[writer->count++] = member;
    return NULL;
}

static struct utvm_error *build_archive(struct utvm_npz_writer *writer, const char *path,
                                        zip_source_t *target)
{
    zip_error_t ze;
    zip_error_init(&ze);
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &ze);
    if (!zip) {
        struct utvm_error *error = zip_failure(path, &ze);
        zip_error_fini(&ze);
        return error;
    }
    zip_error_fini(&ze);
    for (size_t i = 0; i < writer->count; i++) {
        struct member *m = &writer->members[i];
        zip_source_t *source = zip_source_buffer(zip, m->bytes, m->size_bytes, 0);
        zip_int64_t at = source ? zip_file_add(zip, m->file_name, source, 0) : -1;
        if (at < 0 || zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_DEFLATE, 0) != 0) {
            struct utvm_error *error = zip_failure(path, zip_get_error(zip));
            if (at < 0 && source) {
                zip_source_free(source);
            }
            zip_discard(zip);
            return error;
        }
        // One fixed date, so that equal arrays give equal files.
        (void)zip_file_set_dostime(zip, (zip_uint64_t)at, 0, 33, 0);
    }
    if (zip_close(zip) != 0) {
        struct utvm_error *error = zip_failure(path, zip_get_error(zip));
        zip_discard(zip);
        return error;
    }
    return NULL;
}

static struct utvm_error *save_source(zip_source_t *source, const char *path)
{
    zip_stat_t st;
    zip_stat_init(&st);
    if (zip_source_open(source) != 0 || zip_source_stat(source, &st) != 0) {
        return zip_failure(path, zip_source_error(source));
    }
    uint8_t *bytes = malloc(st.size ? st.size : 1);
    struct utvm_error *error = NULL;
    if (!bytes) {
        error = utvm_error_no_memory();
    } else if (zip_source_read(source, bytes, st.size) != (zip_int64_t)st.size) {
        error = zip_failure(path, zip_source_error(source));
    } else {
        error = utvm_file_write(path, bytes, st.size);
    }
    free(bytes);
    zip_source_close(source);
    return error;
}

struct utvm_error *utvm_npz_writer_save(struct utvm_npz_writer *writer, const char *path)
{
    if (writer->count == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "there are no arrays to write to '%s'", path);
    }
    zip_error_t ze;
    zip_error_init(&ze);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &ze);
    if (!source) {
        struct utvm_error *error = zip_failure(path, &ze);
        zip_error_fini(&ze);
        return error;
    }
    zip_error_fini(&ze);
    zip_source_keep(source); // zip_close and zip_discard drop one reference
    struct utvm_error *error = build_archive(writer, path, source);
    if (!error) {
        error = save_source(source, path);
    }
    zip_source_free(source);
    return error;
}
