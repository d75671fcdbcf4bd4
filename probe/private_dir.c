// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/private_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "utvm-probe-"
#define ATTEMPTS 8

static void remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
    rmdir(path);
}

static int open_dir(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

// A directory of ours that nobody holds the lock of belonged to a process that is no more.
static void remove_stale(const char *base)
{
    DIR *dir = opendir(base);
    if (!dir) {
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char path[sizeof(((struct utvm_private_dir *)0)->path)];
        int length = snprintf(path, sizeof(path), "%s/%s", base, entry->d_name);
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 || length >= (int)sizeof(path)) {
            continue;
        }
        int fd = open_dir(path);
        struct stat status;
        if (fd >= 0 && fstat(fd, &status) == 0 && status.st_uid == geteuid() &&
            flock(fd, LOCK_EX | LOCK_NB) == 0) {
            remove_dir(path);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    closedir(dir);
}

// False with errno set. Another process may take a new directory for a stale one before it is
// locked; then it is gone once the lock is held, and a new one is made.
static bool make_dir(struct utvm_private_dir *dir, const char *base)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        int length = snprintf(dir->path, sizeof(dir->path), "%s/" PREFIX "XXXXXX", base);
        if (length >= (int)sizeof(dir->path)) {
            errno = ENAMETOOLONG;
            return false;
        }
        if (!mkdtemp(dir->path)) {
            return false;
        }
        dir->fd = open_dir(dir->path);
        struct stat status;
        if (dir->fd >= 0 && flock(dir->fd, LOCK_EX) == 0 && fstat(dir->fd, &status) == 0 &&
            status.st_nlink > 0 && access(dir->path, F_OK) == 0) {
            return true;
        }
        if (dir->fd >= 0) {
            close(dir->fd);
        }
    }
    errno = EBUSY;
    return false;
}

struct utvm_error *utvm_private_dir_init(struct utvm_private_dir *dir)
{
    const char *bases[] = {"/dev/shm", getenv("TMPDIR"), "/tmp"};
    int failure = ENOENT;
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        if (!bases[i] || !bases[i][0]) {
            continue;
        }
        remove_stale(bases[i]);
        if (make_dir(dir, bases[i])) {
            return NULL;
        }
        failure = errno;
    }
    *dir = (struct utvm_private_dir){.fd = -1};
    return utvm_error_os(failure, "cannot make a private directory");
}

void utvm_private_dir_deinit(struct utvm_private_dir *dir)
{
    if (dir->path[0]) {
        remove_dir(dir->path);
        close(dir->fd);
    }
    *dir = (struct utvm_private_dir){.fd = -1};
}
