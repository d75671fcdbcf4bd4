// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/workdir.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"

static struct utvm_error *link_kernels(struct utvm_workdir *dir, const char *kernels)
{
    char *link = utvm_workdir_path(dir, "kernels");
    if (!link) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = NULL;
    if (symlink(kernels, link) != 0) {
        // Kept from an earlier build: replace the link, but nothing else.
        struct stat info;
        bool is_link = lstat(link, &info) == 0 && S_ISLNK(info.st_mode);
        if (!is_link || unlink(link) != 0 || symlink(kernels, link) != 0) {
            error = utvm_error_os(errno, "cannot make the link %s", link);
        }
    }
    free(link);
    return error;
}

static struct utvm_error *make_private(struct utvm_workdir *dir)
{
    const char *base = getenv("TMPDIR");
    if (!base || base[0] != '/') {
        base = "/tmp";
    }
    if (asprintf(&dir->path, "%s/utvm-build-XXXXXX", base) < 0) {
        dir->path = NULL;
        return utvm_error_no_memory();
    }
    if (!mkdtemp(dir->path)) {
        struct utvm_error *error = utvm_error_os(errno, "cannot make a directory in %s", base);
        free(dir->path);
        dir->path = NULL;
        return error;
    }
    return NULL;
}

static struct utvm_error *make_kept(struct utvm_workdir *dir, const char *keep_dir)
{
    if (mkdir(keep_dir, 0777) != 0 && errno != EEXIST) {
        return utvm_error_os(errno, "cannot make the directory %s", keep_dir);
    }
    dir->path = realpath(keep_dir, NULL);
    if (!dir->path) {
        return utvm_error_os(errno, "cannot use the directory %s", keep_dir);
    }
    return NULL;
}

struct utvm_error *utvm_workdir_open(struct utvm_workdir *dir, const char *keep_dir,
                                     const char *kernels)
{
    *dir = (struct utvm_workdir){.keep = keep_dir != NULL};
    struct utvm_error *error = keep_dir ? make_kept(dir, keep_dir) : make_private(dir);
    if (!error) {
        error = link_kernels(dir, kernels);
        if (error) {
            utvm_workdir_close(dir);
        }
    }
    return error;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info;
    (void)type;
    (void)ftw;
    // Best effort: what cannot be removed stays in the temporary directory.
    (void)remove(path);
    return 0;
}

void utvm_workdir_close(struct utvm_workdir *dir)
{
    if (dir->path && !dir->keep) {
        (void)nftw(dir->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    }
    free(dir->path);
    *dir = (struct utvm_workdir){0};
}

char *utvm_workdir_path(const struct utvm_workdir *dir, const char *name)
{
    char *path;
    return asprintf(&path, "%s/%s", dir->path, name) < 0 ? NULL : path;
}

struct utvm_error *utvm_workdir_write(const struct utvm_workdir *dir, const char *name,
                                      struct utvm_text *text)
{
    char *path = utvm_workdir_path(dir, name);
    if (!path || text->failed) {
        free(path);
        return utvm_error_no_memory();
    }
    struct utvm_error *error = utvm_file_write(path, text->data ? text->data : "", text->length);
    utvm_text_deinit(text);
    free(path);
    return error;
}

static bool has_kernels(const char *dir)
{
    char *path;
    if (asprintf(&path, "%s/runtime/model.ld", dir) < 0) {
        return false;
    }
    bool found = access(path, R_OK) == 0;
    free(path);
    return found;
}

// DIR/../share/utvm/kernels for a program DIR/utvm-build.
static char *installed_kernels(void)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length <= 0) {
        return NULL;
    }
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    if (!slash) {
        return NULL;
    }
    *slash = '\0';
    char *path;
    return asprintf(&path, "%s/../share/utvm/kernels", self) < 0 ? NULL : path;
}

struct utvm_error *utvm_find_kernels(const char *wanted, char **ret)
{
    char *installed = installed_kernels();
    const char *places[] = {installed, UTVM_SOURCE_KERNELS};
    const char *found = NULL;
    struct utvm_error *error = NULL;
    if (wanted) {
        found = has_kernels(wanted) ? wanted : NULL;
    } else {
        for (size_t i = 0; i < 2 && !found; i++) {
            found = places[i] && has_kernels(places[i]) ? places[i] : NULL;
        }
    }
    if (found) {
        *ret = realpath(found, NULL);
        error = *ret ? NULL : utvm_error_os(errno, "cannot use the kernels in %s", found);
    } else if (wanted) {
        error = utvm_error_create(UTVM_ERROR_NOT_FOUND,
                                  "%s has no kernel sources (runtime/model.ld)", wanted);
    } else {
        error = utvm_error_create(UTVM_ERROR_NOT_FOUND,
                                  "the kernel sources are neither in %s nor in %s; say where with "
                                  "--kernels DIR",
                                  installed ? installed : "(unknown)", UTVM_SOURCE_KERNELS);
    }
    free(installed);
    return error;
}
