// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/build/library.h"
#include "core/build/process.h"
#include "core/file.h"

#define MAX_JOBS 16
#define MAX_FIXED_ARGS 40

static const char *const machine_flags[] = {
    "-mcpu=cortex-m7",
    "-mthumb",
    "-mfpu=fpv5-sp-d16",
    "-mfloat-abi=hard",
};

// No -ffast-math of any kind: a kernel's bits are the reference's bits.
static const char *const code_flags[] = {
    "-std=c11",        "-g",    "-ffp-contract=off",   "-fno-math-errno",
    "-fno-common",     "-Wall", "-fno-builtin-printf", "-ffunction-sections",
    "-fdata-sections", "-I.",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct utvm_error *utvm_sources_add(struct utvm_sources *sources, const char *name)
{
    if (sources->count == sources->capacity) {
        size_t capacity = sources->capacity * 2 + 16;
        char **names = realloc(sources->names, capacity * sizeof(*names));
        if (!names) {
            return utvm_error_no_memory();
        }
        sources->names = names;
        sources->capacity = capacity;
    }
    char *copy = strdup(name);
    if (!copy) {
        return utvm_error_no_memory();
    }
    sources->names[sources->count++] = copy;
    return NULL;
}

void utvm_sources_deinit(struct utvm_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        free(sources->names[i]);
    }
    free(sources->names);
    *sources = (struct utvm_sources){0};
}

// "kernels/runtime/run.c" -> "run.o": all base names differ.
static char *object_name(const char *source)
{
    const char *slash = strrchr(source, '/');
    const char *base = slash ? slash + 1 : source;
    const char *dot = strrchr(base, '.');
    size_t length = dot ? (size_t)(dot - base) : strlen(base);
    char *name;
    return asprintf(&name, "%.*s.o", (int)length, base) < 0 ? NULL : name;
}

struct utvm_error *utvm_compiler_version(const char *compiler, char **ret)
{
    struct utvm_process process;
    const char *argv[] = {compiler, "--version", NULL};
    char *output;
    int status;
    struct utvm_error *error = utvm_process_spawn(argv, "/", &process);
    if (!error) {
        error = utvm_process_wait(&process, &output, &status);
    }
    if (error) {
        return error;
    }
    if (status != 0) {
        free(output);
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "%s --version ends with status %d", compiler,
                                 status);
    }
    output[strcspn(output, "\n")] = '\0';
    *ret = output;
    return NULL;
}

// The line that says what is wrong, or else the first one.
static char *pick_line(const char *output)
{
    static const char *const marks[] = {"error:", "Error:", "undefined reference", ""};
    for (size_t i = 0; i < COUNT(marks); i++) {
        for (const char *line = output; *line != '\0';) {
            size_t length = strcspn(line, "\n");
            const char *mark = memmem(line, length, marks[i], strlen(marks[i]));
            if (mark && length > 0) {
                return utvm_text_printable(line, length);
            }
            line += length;
            line += *line == '\n';
        }
    }
    return strdup("it says nothing");
}

static struct utvm_error *tool_failed(const struct utvm_build_options *options,
                                      const struct utvm_workdir *dir, const char *what,
                                      const char *output)
{
    if (options->cancelled && *options->cancelled) {
        // Ctrl-C on a terminal ends the compiler as well.
        return utvm_error_create(UTVM_ERROR_CANCELLED, "the build was cancelled");
    }
    char *line = pick_line(output);
    struct utvm_error *error;
    if (dir->keep) {
        char *log = utvm_workdir_path(dir, "compiler.log");
        struct utvm_error *log_error =
            log ? utvm_file_write(log, output, strlen(output)) : utvm_error_no_memory();
        free(log);
        if (log_error) {
            free(line);
            return utvm_error_prefix(log_error, "%s: %s failed, and its output cannot be kept",
                                     what, options->compiler);
        }
        error = utvm_error_create(UTVM_ERROR_STATE, "%s: %s failed: %s (all of it in %s/%s)", what,
                                  options->compiler, line ? line : "?", dir->path, "compiler.log");
    } else {
        error = utvm_error_create(UTVM_ERROR_STATE,
                                  "%s: %s failed: %s (keep the generated files with --keep DIR)",
                                  what, options->compiler, line ? line : "?");
    }
    free(line);
    return error;
}

static struct utvm_error *start_compiler(const struct utvm_build_options *options,
                                         const struct utvm_workdir *dir, const char *source,
                                         struct utvm_process *process)
{
    const char *argv[MAX_FIXED_ARGS];
    size_t n = 0;
    char *object = object_name(source);
    char *level = NULL;
    char *map = NULL;
    struct utvm_error *error = NULL;
    if (!object || asprintf(&level, "-O%s", options->optimize) < 0 ||
        asprintf(&map, "-ffile-prefix-map=%s=.", dir->path) < 0) {
        error = utvm_error_no_memory();
    } else {
        argv[n++] = options->compiler;
        for (size_t i = 0; i < COUNT(machine_flags); i++) {
            argv[n++] = machine_flags[i];
        }
        for (size_t i = 0; i < COUNT(code_flags); i++) {
            argv[n++] = code_flags[i];
        }
        argv[n++] = level;
        if (strcmp(options->optimize, "2") != 0 && strcmp(options->optimize, "1") != 0) {
            // Kernels whose assembler takes every register leave it to the compiler here.
            argv[n++] = "-DUTVM_FREE_REGISTERS";
        }
        argv[n++] = map;
        argv[n++] = "-c";
        argv[n++] = source;
        argv[n++] = "-o";
        argv[n++] = object;
        argv[n] = NULL;
        error = utvm_process_spawn(argv, dir->path, process);
    }
    free(object);
    free(level);
    free(map);
    return error;
}

struct jobs {
    struct utvm_process processes[MAX_JOBS];
    size_t source[MAX_JOBS];
    size_t limit;
    size_t running;
};

static size_t job_limit(unsigned wanted)
{
    long cpus = wanted ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);
    if (cpus < 1) {
        return 1;
    }
    return cpus < MAX_JOBS ? (size_t)cpus : MAX_JOBS;
}

static struct utvm_error *finish_one(const struct utvm_build_options *options,
                                     const struct utvm_workdir *dir,
                                     const struct utvm_sources *sources, struct jobs *jobs)
{
    size_t which;
    char *output;
    int status;
    struct utvm_error *error =
        utvm_process_wait_any(jobs->processes, jobs->limit, &which, &output, &status);
    if (error) {
        return error;
    }
    jobs->running--;
    if (status != 0) {
        error = tool_failed(options, dir, sources->names[jobs->source[which]], output);
    }
    free(output);
    return error;
}

static struct utvm_error *start_one(const struct utvm_build_options *options,
                                    const struct utvm_workdir *dir,
                                    const struct utvm_sources *sources, size_t source,
                                    struct jobs *jobs)
{
    size_t slot = 0;
    while (jobs->processes[slot].pid > 0) {
        slot++;
    }
    if (options->progress) {
        options->progress(options->progress_ctx, sources->names[source], (unsigned)source,
                          (unsigned)sources->count);
    }
    struct utvm_error *error =
        start_compiler(options, dir, sources->names[source], &jobs->processes[slot]);
    if (!error) {
        jobs->source[slot] = source;
        jobs->running++;
    }
    return error;
}

struct utvm_error *utvm_compile(const struct utvm_build_options *options,
                                const struct utvm_workdir *dir, const struct utvm_sources *sources)
{
    struct jobs jobs = {.limit = job_limit(options->jobs)};
    struct utvm_error *error = NULL;
    for (size_t next = 0; next < sources->count && !error; next++) {
        if (options->cancelled && *options->cancelled) {
            error = utvm_error_create(UTVM_ERROR_CANCELLED, "the build was cancelled");
            break;
        }
        if (jobs.running == jobs.limit) {
            error = finish_one(options, dir, sources, &jobs);
        }
        if (!error) {
            error = start_one(options, dir, sources, next, &jobs);
        }
    }
    // Also after an error: what was started is waited for. The first error is the one that counts.
    while (jobs.running > 0) {
        struct utvm_error *other = finish_one(options, dir, sources, &jobs);
        if (error) {
            utvm_error_drop(other);
        } else {
            error = other;
        }
    }
    return error;
}

// "region `FLASH' overflowed by 1234 bytes" -> NO_SPACE; NULL when the output does not say so.
static struct utvm_error *overflow_error(const char *output)
{
    const char *mark = strstr(output, "' overflowed by ");
    if (!mark) {
        return NULL;
    }
    const char *start = mark;
    while (start > output && start[-1] != '`' && start[-1] != '\n') {
        start--;
    }
    long bytes = strtol(mark + strlen("' overflowed by "), NULL, 10);
    return utvm_error_create(UTVM_ERROR_NO_SPACE,
                             "the image does not fit into %.*s: %ld bytes missing",
                             (int)(mark - start), start, bytes);
}

// Runs argv in the directory; `explain` may turn the output of a failure into a better error.
static struct utvm_error *run_tool(const struct utvm_build_options *options,
                                   const struct utvm_workdir *dir, const char *what,
                                   const char *const *argv,
                                   struct utvm_error *(*explain)(const char *output))
{
    struct utvm_process process;
    char *output;
    int status;
    struct utvm_error *error = utvm_process_spawn(argv, dir->path, &process);
    if (!error) {
        error = utvm_process_wait(&process, &output, &status);
    }
    if (error) {
        return error;
    }
    if (status != 0) {
        error = explain ? explain(output) : NULL;
        error = error ? error : tool_failed(options, dir, what, output);
    }
    free(output);
    return error;
}

// Runs the compiler as a linker: machine flags, the given flags, all objects, and -lm or nothing.
static struct utvm_error *link_objects(const struct utvm_build_options *options,
                                       const struct utvm_workdir *dir,
                                       const struct utvm_sources *sources, const char *const *flags,
                                       size_t num_flags, const char *library)
{
    size_t num_args = COUNT(machine_flags) + num_flags + sources->count + 4;
    const char **argv = calloc(num_args, sizeof(*argv));
    char **objects = calloc(sources->count + 1, sizeof(*objects));
    struct utvm_error *error = argv && objects ? NULL : utvm_error_no_memory();
    size_t n = 0;
    if (!error) {
        argv[n++] = options->compiler;
        for (size_t i = 0; i < COUNT(machine_flags); i++) {
            argv[n++] = machine_flags[i];
        }
        for (size_t i = 0; i < num_flags; i++) {
            argv[n++] = flags[i];
        }
        for (size_t i = 0; i < sources->count && !error; i++) {
            objects[i] = object_name(sources->names[i]);
            argv[n++] = objects[i];
            error = objects[i] ? NULL : utvm_error_no_memory();
        }
        argv[n++] = library;
    }
    if (!error) {
        error = run_tool(options, dir, "linking", argv, overflow_error);
    }
    for (size_t i = 0; objects && i < sources->count; i++) {
        free(objects[i]);
    }
    free(objects);
    free(argv);
    return error;
}

struct utvm_error *utvm_link(const struct utvm_build_options *options,
                             const struct utvm_workdir *dir, const struct utvm_sources *sources)
{
    static const char *const flags[] = {
        "-nostartfiles",
        "-Wl,--gc-sections",
        "-Wl,--build-id=none",
        "-Wl,-Map=model.map",
        "-Wl,--no-warn-rwx-segments",
        "-T",
        "kernels/runtime/model.ld",
        "-L.",
        "-o",
        "model.elf",
    };
    return link_objects(options, dir, sources, flags, COUNT(flags), "-lm");
}

// The compiler's neighbour: "/opt/bin/arm-none-eabi-gcc" and "ar" give "/opt/bin/arm-none-eabi-ar".
static char *neighbour(const char *compiler, const char *tool)
{
    size_t length = strlen(compiler);
    char *name;
    if (length < 3 || strcmp(compiler + length - 3, "gcc") != 0) {
        return NULL;
    }
    return asprintf(&name, "%.*s%s", (int)length - 3, compiler, tool) < 0 ? NULL : name;
}

struct utvm_error *utvm_archive(const struct utvm_build_options *options,
                                const struct utvm_workdir *dir, const struct utvm_sources *sources)
{
    static const char *const flags[] = {"-r", "-nostdlib", "-o", "joined.o"};
    char *objcopy = neighbour(options->compiler, "objcopy");
    char *ar = neighbour(options->compiler, "ar");
    char keep[UTVM_LIBRARY_FUNCTIONS][64 + UTVM_LIBRARY_NAME_MAX];
    char object[sizeof(".o") + UTVM_LIBRARY_NAME_MAX];
    struct utvm_error *error = NULL;
    for (size_t i = 0; i < UTVM_LIBRARY_FUNCTIONS; i++) {
        (void)snprintf(keep[i], sizeof(keep[i]), "--keep-global-symbol=%s_%s",
                       options->library_name, utvm_library_functions[i]);
    }
    (void)snprintf(object, sizeof(object), "%s.o", options->library_name);
    if (!objcopy || !ar) {
        error = utvm_error_create(
            UTVM_ERROR_INVALID, "%s has no neighbours objcopy and ar: its name does not end in gcc",
            options->compiler);
    }
    if (!error) {
        error = link_objects(options, dir, sources, flags, COUNT(flags), NULL);
    }
    if (!error) {
        _Static_assert(UTVM_LIBRARY_FUNCTIONS == 5, "all of them are kept");
        const char *argv[] = {objcopy, keep[0],    keep[1], keep[2], keep[3],
                              keep[4], "joined.o", object,  NULL};
        error = run_tool(options, dir, "hiding names", argv, NULL);
    }
    if (!error) {
        const char *argv[] = {ar, "rcsD", "library.a", object, NULL};
        error = run_tool(options, dir, "making the archive", argv, NULL);
    }
    free(objcopy);
    free(ar);
    return error;
}
