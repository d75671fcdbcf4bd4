// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/build.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/build/build.h"
#include "core/file.h"
#include "core/sha256.h"
#include "repl/human.h"
#include "repl/interrupt.h"
#include "repl/link.h"

static void show_progress(void *ctx, const char *what, unsigned done, unsigned total)
{
    struct utvm_shell *sh = ctx;
    if (!sh->err_is_terminal) {
        return;
    }
    fprintf(sh->err, "\r\033[Kbuild %u/%u: %s", done, total, what);
    fflush(sh->err);
    sh->progress_open = true;
}

// model.tflite → model.elf
static char *beside(const char *model)
{
    char *path = NULL;
    size_t stem = strlen(model);
    if (utvm_path_ends_with(model, ".tflite")) {
        stem -= strlen(".tflite");
    }
    return asprintf(&path, "%.*s.elf", (int)stem, model) < 0 ? NULL : path;
}

// labels.txt beside the model, when nothing else is said.
static char *labels_beside(const char *model)
{
    char *copy = strdup(model);
    char *path = NULL;
    if (!copy) {
        return NULL;
    }
    if (asprintf(&path, "%s/labels.txt", dirname(copy)) < 0) {
        path = NULL;
    }
    free(copy);
    if (path && access(path, R_OK) != 0) {
        free(path);
        path = NULL;
    }
    return path;
}

struct utvm_error *utvm_build_model(struct utvm_shell *sh, const struct utvm_build_request *request,
                                    FILE *out, char **ret)
{
    char *path = request->output ? strdup(request->output) : beside(request->model);
    char *labels = request->labels ? NULL : labels_beside(request->model);
    if (!path) {
        free(labels);
        return utvm_error_no_memory();
    }
    struct utvm_build_options options;
    utvm_build_options_init(&options);
    options.input_path = request->model;
    options.output_path = path;
    options.labels_path = request->labels ? request->labels : labels;
    options.keep_dir = request->keep_dir;
    options.ram = request->ram;
    options.prune = !request->no_prune;
    options.optimize = request->optimize ? request->optimize : options.optimize;
    options.clock_hz = request->clock_hz ? request->clock_hz : options.clock_hz;
    options.cancelled = utvm_interrupt_flag();
    options.progress = show_progress;
    options.progress_ctx = sh;
    struct utvm_build_result result = {0};
    struct utvm_error *error = utvm_build(&options, &result);
    utvm_progress_clear(sh);
    free(labels);
    if (error) {
        free(path);
        return utvm_error_prefix(error, "build");
    }
    char flash[32];
    char ram[32];
    if (sh->format == UTVM_OUTPUT_TEXT) {
        fputs("Built ", out);
        utvm_human_write(out, path, false);
        fprintf(out, ": %s of flash, %s of RAM\n", utvm_human_bytes(result.flash_bytes, flash),
                utvm_human_bytes(result.ram_bytes, ram));
        if (result.num_constant_filters > 0) {
            fprintf(out, "%u of %u filters are constant and left out\n",
                    result.num_constant_filters, result.num_filters);
        }
    }
    *ret = path;
    return NULL;
}

static struct utvm_error *make_directory(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return utvm_error_prefix(utvm_error_os(errno, "cannot make '%s'", path),
                                 "no place for what is built ('build MODEL OUTPUT' names one)");
    }
    return NULL;
}

// Without a home: a directory that is nobody else's, although anybody could have made it.
static struct utvm_error *private_directory(char **ret)
{
    const char *temporary = getenv("TMPDIR");
    char *path = NULL;
    if (asprintf(&path, "%s/utvm-%u", temporary && temporary[0] ? temporary : "/tmp",
                 (unsigned)geteuid()) < 0) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = make_directory(path);
    struct stat status;
    if (!error && (lstat(path, &status) != 0 || !S_ISDIR(status.st_mode) ||
                   status.st_uid != geteuid() || status.st_mode & 022)) {
        error =
            utvm_error_create(UTVM_ERROR_INVALID,
                              "'%s' is not yours alone; 'build MODEL OUTPUT' names a place", path);
    }
    if (error) {
        free(path);
        return error;
    }
    *ret = path;
    return NULL;
}

static struct utvm_error *cache_directory(char **ret)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    char *base = NULL;
    char *path = NULL;
    if (cache && cache[0] == '/') {
        base = strdup(cache);
    } else if (!home || home[0] != '/') {
        return private_directory(ret);
    } else if (asprintf(&base, "%s/.cache", home) < 0) {
        base = NULL;
    }
    if (!base || asprintf(&path, "%s/utvm", base) < 0) {
        free(base);
        return utvm_error_no_memory();
    }
    struct utvm_error *error = make_directory(base);
    if (!error) {
        error = make_directory(path);
    }
    free(base);
    if (error) {
        free(path);
        return error;
    }
    *ret = path;
    return NULL;
}

struct utvm_error *utvm_build_cached(struct utvm_shell *sh, const char *model, FILE *out,
                                     char **ret)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct utvm_error *error = utvm_file_read(model, &bytes, &size);
    if (error) {
        return error;
    }
    char hash[65];
    utvm_sha256_hex(bytes, size, hash);
    free(bytes);
    char *directory = NULL;
    error = cache_directory(&directory);
    if (error) {
        return error;
    }
    char *copy = strdup(model);
    char *path = NULL;
    int length = -1;
    if (copy) {
        const char *base = basename(copy);
        length =
            asprintf(&path, "%s/%.*s-%.12s.elf", directory, (int)(strlen(base) - 7), base, hash);
    }
    free(copy);
    free(directory);
    if (length < 0) {
        return utvm_error_no_memory();
    }
    const struct utvm_build_request request = {.model = model, .output = path};
    error = utvm_build_model(sh, &request, out, ret);
    free(path);
    return error;
}
