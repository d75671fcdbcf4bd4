// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void utvm_exchange_init(struct utvm_exchange *x)
{
    x->fd = memfd_create("utvm-exchange", MFD_CLOEXEC);
    x->path[0] = '\0';
    if (x->fd >= 0) {
        snprintf(x->path, sizeof(x->path), "/proc/%ld/fd/%d", (long)getpid(), x->fd);
    }
}

void utvm_exchange_deinit(struct utvm_exchange *x)
{
    if (x->fd >= 0) {
        close(x->fd);
    }
    x->fd = -1;
}

struct utvm_error *utvm_exchange_put(struct utvm_exchange *x, const void *bytes, size_t size_bytes)
{
    const char *from = bytes;
    size_t done = 0;
    while (done < size_bytes) {
        ssize_t num = pwrite(x->fd, from + done, size_bytes - done, (off_t)done);
        if (num < 0 && errno == EINTR) {
            continue;
        }
        if (num <= 0) {
            return utvm_error_os(num < 0 ? errno : ENOSPC, "cannot hand %zu bytes to OpenOCD",
                                 size_bytes);
        }
        done += (size_t)num;
    }
    if (ftruncate(x->fd, (off_t)size_bytes) < 0) {
        return utvm_error_os(errno, "cannot hand %zu bytes to OpenOCD", size_bytes);
    }
    return NULL;
}

struct utvm_error *utvm_exchange_get(struct utvm_exchange *x, void *bytes, size_t size_bytes)
{
    struct stat status;
    if (fstat(x->fd, &status) < 0) {
        return utvm_error_os(errno, "cannot take %zu bytes from OpenOCD", size_bytes);
    }
    if (status.st_size < 0 || (uintmax_t)status.st_size != size_bytes) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "OpenOCD handed %lld bytes instead of %zu",
                                 (long long)status.st_size, size_bytes);
    }
    char *to = bytes;
    size_t done = 0;
    while (done < size_bytes) {
        ssize_t num = pread(x->fd, to + done, size_bytes - done, (off_t)done);
        if (num < 0 && errno == EINTR) {
            continue;
        }
        if (num <= 0) {
            return utvm_error_os(num < 0 ? errno : EIO, "cannot take %zu bytes from OpenOCD",
                                 size_bytes);
        }
        done += (size_t)num;
    }
    return NULL;
}
