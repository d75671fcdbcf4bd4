// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/build/build.h"
#include "core/build/process.h"
#include "core/file.h"
#include "core/import/graph.h"
#include "core/model.h"
#include "kernels/operator_list.h"

TestSuite(build, .timeout = 120);

static char *make_dir(void)
{
    char pattern[] = "/tmp/utvm-test-build-XXXXXX";
    cr_assert_not_null(mkdtemp(pattern));
    return strdup(pattern);
}

static void remove_dir(char *dir)
{
    DIR *listing = opendir(dir);
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        remove(path);
    }
    closedir(listing);
    rmdir(dir);
    free(dir);
}

static void in_dir(const char *dir, const char *name, char path[4096])
{
    cr_assert_lt(snprintf(path, 4096, "%s/%s", dir, name), 4096);
}

static struct utvm_model *build_demo(struct utvm_build_options *options, const char *path,
                                     struct utvm_build_result *result)
{
    options->input_path = UTVM_DEMO_MODEL;
    options->output_path = path;
    struct utvm_error *error = utvm_build(options, result);
    cr_assert_null(error, "%s", error ? error->message : "");
    struct utvm_model *model;
    error = utvm_model_load(path, &model);
    cr_assert_null(error, "%s", error ? error->message : "");
    return model;
}

static const char *memory_of(const struct utvm_model *model, enum utvm_region_kind kind)
{
    for (uint32_t i = 0; i < model->num_regions; i++) {
        if (model->regions[i].kind == kind && model->regions[i].size_bytes > 0) {
            return model->regions[i].memory;
        }
    }
    return "none";
}

Test(build, makes_an_image_that_describes_itself)
{
    char *dir = make_dir();
    char path[4096];
    in_dir(dir, "demo.elf", path);
    struct utvm_build_options options;
    struct utvm_build_result result;
    utvm_build_options_init(&options);
    struct utvm_model *model = build_demo(&options, path, &result);
    cr_expect_eq(model->num_layers, result.num_layers);
    cr_expect_str_eq(model->name, "demo");
    cr_expect_str_eq(model->source_file, "demo.tflite");
    cr_expect_eq(strlen(model->source_sha256), 64);
    cr_expect_eq(strncmp(model->builder, "utvm-build ", 11), 0);
    cr_expect_not_null(strstr(model->compiler, "arm-none-eabi-gcc"), "%s", model->compiler);
    cr_expect_eq(model->clock_hz, 216000000);
    cr_assert_eq(model->num_inputs, 1);
    cr_expect_eq(model->tensors[model->inputs[0]].size_bytes, 32 * 32 * 3);
    cr_expect(model->tensors[model->inputs[0]].flags & UTVM_TENSOR_INPUT);
    cr_assert_eq(model->num_outputs, 1);
    cr_expect_eq(model->layers[0].operator_id, UTVM_OPERATOR_CONV_2D);
    cr_expect_eq(strncmp(model->layers[0].kernel, "conv_2d_int8", 12), 0);
    cr_expect_eq(model->layers[0].macs, 32ull * 32 * 32 * 5 * 5 * 3);
    cr_expect_neq(model->layers[0].code_addr, 0);
    cr_expect_gt(model->layers[0].code_bytes, 0);
    cr_expect_str_eq(memory_of(model, UTVM_REGION_CODE), "flash");
    cr_expect_str_eq(memory_of(model, UTVM_REGION_WEIGHTS), "flash");
    cr_expect_str_eq(memory_of(model, UTVM_REGION_ARENA), "dtcm");
    cr_expect_str_eq(memory_of(model, UTVM_REGION_STACK), "dtcm");
    cr_expect_gt(result.flash_bytes, result.weights_bytes);
    cr_expect_leq((double)result.arena_bytes, 1.05 * (double)result.bound_bytes);
    utvm_model_free(model);
    remove_dir(dir);
}

static bool is_loaded(const struct utvm_model *model, const struct utvm_tensor *t)
{
    for (uint32_t i = 0; i < model->num_segments; i++) {
        const struct utvm_segment *s = &model->segments[i];
        if (memmem(s->data, s->size_bytes, t->constant, t->size_bytes)) {
            return true;
        }
    }
    return false;
}

// Every constant is what the model file says, wherever it is kept; what no kernel reads takes no
// memory of the device.
Test(build, keeps_constants_that_no_kernel_reads_in_the_file_only)
{
    char *dir = make_dir();
    char path[4096];
    in_dir(dir, "demo.elf", path);
    struct utvm_build_options options;
    struct utvm_build_result result;
    utvm_build_options_init(&options);
    struct utvm_model *model = build_demo(&options, path, &result);
    struct utvm_graph *graph;
    cr_assert_null(utvm_tflite_load(UTVM_DEMO_MODEL, &graph));
    unsigned on_device = 0;
    unsigned in_file = 0;
    uint32_t layer_bytes = 0;
    for (uint32_t i = 0; i < model->num_tensors; i++) {
        const struct utvm_tensor *t = &model->tensors[i];
        if (!(t->flags & UTVM_TENSOR_CONSTANT)) {
            cr_expect_null(t->constant);
            continue;
        }
        cr_expect_eq(memcmp(t->constant, graph->tensors[t->source_index].data, t->size_bytes), 0,
                     "%s", t->name);
        // Few bytes may be found by chance.
        if (utvm_tensor_in_memory(t) || t->size_bytes >= 64) {
            cr_expect_eq(is_loaded(model, t), utvm_tensor_in_memory(t), "%s", t->name);
        }
        *(utvm_tensor_in_memory(t) ? &on_device : &in_file) += 1;
    }
    // The rows of conv1's filters have 15 bytes, which the kernel wants padded.
    const struct utvm_tensor *conv1 = &model->tensors[model->layers[0].inputs[1]];
    cr_expect_not(utvm_tensor_in_memory(conv1));
    cr_expect_gt(in_file, 0);
    cr_expect_gt(on_device, 0);
    for (uint32_t i = 0; i < model->num_layers; i++) {
        layer_bytes += model->layers[i].weights_bytes;
    }
    cr_expect_leq(layer_bytes, result.weights_bytes);
    cr_expect_str_eq(memory_of(model, UTVM_REGION_HOST), "file");
    utvm_graph_free(graph);
    utvm_model_free(model);
    remove_dir(dir);
}

Test(build, puts_everything_into_ram_when_asked)
{
    char *dir = make_dir();
    char path[4096];
    in_dir(dir, "ram.elf", path);
    struct utvm_build_options options;
    struct utvm_build_result result;
    utvm_build_options_init(&options);
    options.ram = true;
    options.arena = UTVM_BUILD_ARENA_SRAM;
    struct utvm_model *model = build_demo(&options, path, &result);
    cr_expect_eq(result.flash_bytes, 0);
    for (uint32_t i = 0; i < model->num_segments; i++) {
        cr_expect_geq(model->segments[i].addr, 0x20000000);
    }
    cr_expect_str_eq(memory_of(model, UTVM_REGION_ARENA), "sram");
    utvm_model_free(model);
    remove_dir(dir);
}

Test(build, copies_layers_to_itcm_when_asked)
{
    char *dir = make_dir();
    char path[4096];
    in_dir(dir, "itcm.elf", path);
    struct utvm_build_options options;
    struct utvm_build_result result;
    utvm_build_options_init(&options);
    options.itcm_code = true;
    options.optimize = "s";
    struct utvm_model *model = build_demo(&options, path, &result);
    for (uint32_t i = 0; i < model->num_layers; i++) {
        cr_expect_lt(model->layers[i].code_addr, 0x4000);
        cr_expect_gt(model->layers[i].code_addr, 0);
    }
    cr_expect_gt(result.flash_bytes, result.weights_bytes);
    utvm_model_free(model);
    remove_dir(dir);
}

// The same model gives the same bytes, wherever it is built.
Test(build, is_reproducible)
{
    char *dir = make_dir();
    char first[4096];
    char second[4096];
    char keep[4096];
    in_dir(dir, "a.elf", first);
    in_dir(dir, "b.elf", second);
    in_dir(dir, "kept", keep);
    struct utvm_build_options options;
    struct utvm_build_result result;
    utvm_build_options_init(&options);
    utvm_model_free(build_demo(&options, first, &result));
    options.keep_dir = keep;
    utvm_model_free(build_demo(&options, second, &result));
    uint8_t *a;
    uint8_t *b;
    size_t a_bytes;
    size_t b_bytes;
    cr_assert_null(utvm_file_read(first, &a, &a_bytes));
    cr_assert_null(utvm_file_read(second, &b, &b_bytes));
    cr_expect(a_bytes == b_bytes && memcmp(a, b, a_bytes) == 0, "the images differ");
    char layer[4096];
    in_dir(keep, "layer_000_conv1.c", layer);
    cr_expect_eq(access(layer, R_OK), 0, "the generated files were not kept");
    free(a);
    free(b);
    remove_dir(strdup(keep));
    remove_dir(dir);
}

Test(build, takes_labels_along)
{
    char *dir = make_dir();
    char path[4096];
    char labels[4096];
    in_dir(dir, "labels.elf", path);
    in_dir(dir, "a 'quoted' $name.txt", labels);
    cr_assert_null(utvm_file_write(labels, "ring\nstar\n", 10));
    struct utvm_build_options options;
    struct utvm_build_result result;
    utvm_build_options_init(&options);
    options.labels_path = labels;
    struct utvm_model *model = build_demo(&options, path, &result);
    cr_assert_eq(model->num_labels, 2);
    cr_expect_str_eq(model->labels[1], "star");
    utvm_model_free(model);
    remove_dir(dir);
}

static void expect_error(const struct utvm_build_options *options, enum utvm_error_code code,
                         const char *says)
{
    struct utvm_build_result result;
    struct utvm_error *error = utvm_build(options, &result);
    cr_assert_not_null(error, "it was built; wanted: %s", says);
    cr_expect_eq(error->code, code, "%d: %s", (int)error->code, error->message);
    cr_expect_not_null(strstr(error->message, says), "'%s' does not say '%s'", error->message,
                       says);
    utvm_error_free(error);
    cr_expect_neq(access(options->output_path, F_OK), 0, "a file was left behind");
}

Test(build, says_what_is_wrong_and_leaves_no_file)
{
    char *dir = make_dir();
    char path[4096];
    char empty[4096];
    in_dir(dir, "x.elf", path);
    in_dir(dir, "empty.tflite", empty);
    cr_assert_null(utvm_file_write(empty, "", 0));
    struct utvm_build_options options;
    utvm_build_options_init(&options);
    options.input_path = "/nonexistent.tflite";
    options.output_path = path;
    expect_error(&options, UTVM_ERROR_OS, "/nonexistent.tflite");
    options.input_path = empty;
    expect_error(&options, UTVM_ERROR_FORMAT, "empty.tflite: 0 bytes are too few");
    options.input_path = UTVM_DEMO_MODEL;
    options.compiler = "no-such-compiler";
    expect_error(&options, UTVM_ERROR_NOT_FOUND, "no-such-compiler is not installed");
    options.compiler = "false";
    expect_error(&options, UTVM_ERROR_NOT_FOUND, "false --version ends with status 1");
    // A program that answers --version and then compiles nothing.
    options.compiler = "readelf";
    expect_error(&options, UTVM_ERROR_STATE, ".c: readelf failed: ");
    options.compiler = "arm-none-eabi-gcc";
    options.kernels_dir = dir;
    expect_error(&options, UTVM_ERROR_NOT_FOUND, "has no kernel sources");
    options.kernels_dir = NULL;
    options.stack_bytes = 100;
    expect_error(&options, UTVM_ERROR_INVALID, "a stack of 100 bytes");
    options.stack_bytes = 4096;
    options.clock_hz = 217000000;
    expect_error(&options, UTVM_ERROR_INVALID, "a clock of 217000000 Hz");
    options.clock_hz = 216000000;
    options.optimize = "9";
    expect_error(&options, UTVM_ERROR_INVALID, "optimisation level '9'");
    remove_dir(dir);
}

// What the head of the example says: it must link against the library as it is written.
Test(build, makes_a_library_that_an_application_links)
{
    char *dir = make_dir();
    char path[4096];
    struct utvm_build_options options;
    struct utvm_build_result result;
    utvm_build_options_init(&options);
    options.input_path = UTVM_DEMO_MODEL;
    options.library_dir = dir;
    struct utvm_error *error = utvm_build_library(&options, &result);
    cr_assert_null(error, "%s", error ? error->message : "");
    const char *argv[] = {"arm-none-eabi-gcc",
                          "-mcpu=cortex-m7",
                          "-mthumb",
                          "-mfpu=fpv5-sp-d16",
                          "-mfloat-abi=hard",
                          "-O2",
                          "-std=c11",
                          "-Wall",
                          "-Wextra",
                          "-Wpedantic",
                          "-Wconversion",
                          "-Wshadow",
                          "-Wmissing-prototypes",
                          "-Werror",
                          "-nostartfiles",
                          "-Wl,--gc-sections",
                          "-T",
                          "example.ld",
                          "example.c",
                          "libmodel.a",
                          "-lm",
                          "-o",
                          "example.elf",
                          NULL};
    struct utvm_process process;
    char *output;
    int status;
    cr_assert_null(utvm_process_spawn(argv, dir, &process));
    cr_assert_null(utvm_process_wait(&process, &output, &status));
    cr_expect_eq(status, 0, "%s", output);
    free(output);
    // An application in C++ takes the header as it is.
    const char *cpp[] = {"arm-none-eabi-g++",
                         "-x",
                         "c++",
                         "-std=c++98",
                         "-Wall",
                         "-Wextra",
                         "-Wpedantic",
                         "-Wconversion",
                         "-Werror",
                         "-include",
                         "model.h",
                         "-fsyntax-only",
                         "/dev/null",
                         NULL};
    cr_assert_null(utvm_process_spawn(cpp, dir, &process));
    cr_assert_null(utvm_process_wait(&process, &output, &status));
    cr_expect_eq(status, 0, "%s", output);
    free(output);
    // Two libraries, or a library and an application, may not meet in names.
    const char *names[] = {"arm-none-eabi-nm", "-g", "--defined-only", "libmodel.a", NULL};
    cr_assert_null(utvm_process_spawn(names, dir, &process));
    cr_assert_null(utvm_process_wait(&process, &output, &status));
    unsigned functions = 0;
    for (const char *line = strstr(output, " T "); line; line = strstr(line + 1, " T ")) {
        cr_expect_eq(strncmp(line, " T model_", 9), 0, "%s", line);
        functions++;
    }
    cr_expect_eq(functions, 5, "%s", output);
    cr_expect_null(strstr(output, " D "), "%s", output);
    free(output);
    in_dir(dir, "model.h", path);
    uint8_t *header;
    size_t header_bytes;
    cr_assert_null(utvm_file_read(path, &header, &header_bytes));
    cr_expect_not_null(memmem(header, header_bytes, "int8[1, 32, 32, 3], 3072 bytes", 30));
    free(header);
    remove_dir(dir);
}

Test(build, stops_when_it_is_cancelled)
{
    static volatile sig_atomic_t cancelled = 1;
    char *dir = make_dir();
    char path[4096];
    in_dir(dir, "x.elf", path);
    struct utvm_build_options options;
    utvm_build_options_init(&options);
    options.input_path = UTVM_DEMO_MODEL;
    options.output_path = path;
    options.cancelled = &cancelled;
    expect_error(&options, UTVM_ERROR_CANCELLED, "cancelled");
    remove_dir(dir);
}

static volatile sig_atomic_t cancelled_by_signal;

static void cancel(int signal)
{
    (void)signal;
    cancelled_by_signal = 1;
}

Test(build, does_not_blame_the_compiler_for_being_cancelled)
{
    char *dir = make_dir();
    char path[4096];
    char compiler[4096];
    const char script[] = "#!/bin/sh\n"
                          "case \" $* \" in *\" -c \"*) kill -USR1 $PPID; kill $$ ;; esac\n"
                          "exec arm-none-eabi-gcc \"$@\"\n";
    in_dir(dir, "x.elf", path);
    in_dir(dir, "gcc", compiler);
    cr_assert_null(utvm_file_write(compiler, script, sizeof(script) - 1));
    cr_assert_eq(chmod(compiler, 0700), 0);
    struct utvm_build_options options;
    utvm_build_options_init(&options);
    options.input_path = UTVM_DEMO_MODEL;
    options.output_path = path;
    options.compiler = compiler;
    options.jobs = 1;
    options.cancelled = &cancelled_by_signal;
    signal(SIGUSR1, cancel);
    expect_error(&options, UTVM_ERROR_CANCELLED, "cancelled");
    remove_dir(dir);
}

Test(build, prints_a_plan_with_a_row_for_each_layer)
{
    struct utvm_build_options options;
    struct utvm_text text = {0};
    utvm_build_options_init(&options);
    options.input_path = UTVM_DEMO_MODEL;
    struct utvm_error *error = utvm_build_plan(&options, &text);
    cr_assert_null(error, "%s", error ? error->message : "");
    unsigned rows = 0;
    for (const char *bar = strstr(text.data, "  |"); bar; bar = strstr(bar + 1, "  |")) {
        rows++;
    }
    cr_expect_eq(rows, 9, "%u rows in\n%s", rows, text.data);
    cr_expect_eq(strncmp(text.data, "arena ", 6), 0);
    utvm_text_deinit(&text);
}
