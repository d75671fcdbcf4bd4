// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static struct utvm_error *read_all(int fd, const char *path, uint8_t **ret, size_t *ret_size_bytes)
{
    size_t capacity = 1u << 16;
    size_t size = 0;
    uint8_t *bytes = malloc(capacity);
    while (bytes) {
        ssize_t got = read(fd, bytes + size, capacity - size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            int saved = errno;
            free(bytes);
            return utvm_error_os(saved, "cannot read '%s'", path);
        }
        if (got == 0) {
            *ret = bytes;
            *ret_size_bytes = size;
            return NULL;
        }
        size += (size_t)got;
        if (size > UTVM_MAX_FILE_BYTES) {
            free(bytes);
            return utvm_error_create(UTVM_ERROR_INVALID, "'%s' is larger than 1 GiB", path);
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

struct utvm_error *utvm_file_read(const char *path, uint8_t **ret, size_t *ret_size_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return utvm_error_os(errno, "cannot open '%s'", path);
    }
    struct stat st;
    struct utvm_error *error = NULL;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        error = utvm_error_create(UTVM_ERROR_INVALID, "'%s' is a directory", path);
    } else {
        error = read_all(fd, path, ret, ret_size_bytes);
    }
    close(fd);
    return error;
}

// A device or a pipe is written in place: renaming would put a file where /dev/null was.
static struct utvm_error *open_in_place(struct utvm_file_writer *writer, const char *path)
{
    struct utvm_file_writer w = {.path = strdup(path), .stream = fopen(path, "wbe")};
    if (!w.path || !w.stream) {
        int saved = errno;
        free(w.path);
        if (!w.stream) {
            return utvm_error_os(saved, "cannot write '%s'", path);
        }
        fclose(w.stream);
        return utvm_error_no_memory();
    }
    *writer = w;
    return NULL;
}

struct utvm_error *utvm_file_writer_open(struct utvm_file_writer *writer, const char *path)
{
    *writer = (struct utvm_file_writer){0};
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        return open_in_place(writer, path);
    }
    // The file behind a symbolic link is replaced, not the link.
    char *real = realpath(path, NULL);
    struct utvm_file_writer w = {.path = real ? real : strdup(path)};
    size_t size = w.path ? strlen(w.path) + sizeof(".XXXXXX") : 0;
    w.temporary = w.path ? malloc(size) : NULL;
    if (!w.temporary) {
        free(w.path);
        return utvm_error_no_memory();
    }
    snprintf(w.temporary, size, "%s.XXXXXX", w.path);
    int fd = mkostemp(w.temporary, O_CLOEXEC);
    if (fd < 0) {
        int saved = errno;
        free(w.temporary);
        free(w.path);
        return utvm_error_os(saved, "cannot write '%s'", path);
    }
    // mkostemp makes private files; a report is an ordinary file, so give it what umask allows.
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, 0666 & ~mask) == 0) {
        w.stream = fdopen(fd, "wb");
    }
    if (!w.stream) {
        int saved = errno;
        close(fd);
        unlink(w.temporary);
        free(w.temporary);
        free(w.path);
        return utvm_error_os(saved, "cannot write '%s'", path);
    }
    *writer = w;
    return NULL;
}

static void writer_end(struct utvm_file_writer *writer)
{
    free(writer->temporary);
    free(writer->path);
    *writer = (struct utvm_file_writer){0};
}

int utvm_stream_failure(FILE *stream)
{
    errno = 0;
    if (!ferror(stream) && fflush(stream) == 0) {
        return 0;
    }
    if (errno == 0) {
        // What was wrong with an earlier write is gone; one more finds it again.
        clearerr(stream);
        fputc('\n', stream);
        (void)fflush(stream);
    }
    return errno ? errno : EIO;
}

struct utvm_error *utvm_file_writer_commit(struct utvm_file_writer *writer)
{
    int saved = utvm_stream_failure(writer->stream);
    bool failed = saved != 0;
    failed = fclose(writer->stream) != 0 || failed;
    if (!failed && writer->temporary && rename(writer->temporary, writer->path) != 0) {
        failed = true;
        saved = errno;
    }
    struct utvm_error *error = NULL;
    if (failed) {
        if (writer->temporary) {
            unlink(writer->temporary);
        }
        error = utvm_error_os(saved ? saved : EIO, "cannot write '%s'", writer->path);
    }
    writer_end(writer);
    return error;
}

void utvm_file_writer_abort(struct utvm_file_writer *writer)
{
    if (writer->stream) {
        fclose(writer->stream);
        if (writer->temporary) {
            unlink(writer->temporary);
        }
    }
    writer_end(writer);
}

struct utvm_error *utvm_file_write(const char *path, const void *bytes, size_t size_bytes)
{
    struct utvm_file_writer writer;
    struct utvm_error *error = utvm_file_writer_open(&writer, path);
    if (error) {
        return error;
    }
    // A short write sets the stream's error flag, which commit reports.
    (void)fwrite(bytes, 1, size_bytes, writer.stream);
    return utvm_file_writer_commit(&writer);
}

bool utvm_path_ends_with(const char *path, const char *suffix)
{
    size_t path_length = strlen(path);
    size_t length = strlen(suffix);
    return path_length >= length && strcasecmp(path + path_length - length, suffix) == 0;
}
