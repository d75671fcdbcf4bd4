// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/build/compile.h"
#include "core/build/emit.h"
#include "core/build/layout.h"
#include "core/build/library.h"
#include "core/file.h"
#include "core/model.h"
#include "kernels/operator_list.h"

void utvm_build_options_init(struct utvm_build_options *options)
{
    *options = (struct utvm_build_options){
        .library_name = "model",
        .compiler = "arm-none-eabi-gcc",
        .optimize = "2",
        .stack_bytes = 4096,
        .clock_hz = 216000000,
        .prune = true,
    };
}

// What one build holds on to.
struct build {
    const struct utvm_build_options *options;
    struct utvm_graph *graph;
    struct utvm_network *net;
    struct utvm_layout layout;
    char *kernels;
    char *compiler;
    char *labels;
    struct utvm_workdir dir;
    struct utvm_sources sources;
};

static void build_deinit(struct build *b)
{
    utvm_sources_deinit(&b->sources);
    utvm_workdir_close(&b->dir);
    free(b->labels);
    free(b->compiler);
    free(b->kernels);
    utvm_network_free(b->net);
    utvm_graph_free(b->graph);
}

static struct utvm_error *check_options(const struct utvm_build_options *o)
{
    if (!o->input_path) {
        return utvm_error_create(UTVM_ERROR_INVALID, "no model file was given");
    }
    if (o->stack_bytes < 512 || o->stack_bytes > 32768 || o->stack_bytes % 8 != 0) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "a stack of %u bytes: 512 to 32768 in steps of 8 are possible",
                                 o->stack_bytes);
    }
    if (o->clock_hz < 16000000 || o->clock_hz > 216000000 || o->clock_hz % 1000000 != 0) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "a clock of %u Hz: 16 to 216 MHz in steps of 1 MHz are possible",
                                 o->clock_hz);
    }
    if (strlen(o->optimize) != 1 || !strchr("0123sgz", o->optimize[0])) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "optimisation level '%s': 0, 1, 2, 3, s, z and g are possible",
                                 o->optimize);
    }
    return NULL;
}

// Everything up to the memory plan.
static struct utvm_error *plan(struct build *b)
{
    const struct utvm_build_options *o = b->options;
    struct utvm_error *error = check_options(o);
    if (!error) {
        error = utvm_tflite_load(o->input_path, &b->graph);
    }
    if (error) {
        return error;
    }
    error = utvm_network_create(b->graph, o->prune, &b->net);
    if (!error) {
        error = utvm_network_pack_weights(b->net);
    }
    if (!error) {
        error = utvm_layout_decide(b->net, o, &b->layout);
    }
    if (!error) {
        error = utvm_network_plan(b->net);
    }
    return utvm_error_prefix(error, "%s", o->input_path);
}

static struct utvm_error *read_labels(struct build *b)
{
    if (!b->options->labels_path) {
        b->labels = strdup("");
        return b->labels ? NULL : utvm_error_no_memory();
    }
    uint8_t *bytes;
    size_t size_bytes;
    struct utvm_error *error = utvm_file_read(b->options->labels_path, &bytes, &size_bytes);
    if (error) {
        return error;
    }
    if (memchr(bytes, '\0', size_bytes)) {
        error =
            utvm_error_create(UTVM_ERROR_FORMAT, "%s: not a text file", b->options->labels_path);
    } else {
        b->labels = strndup((const char *)bytes, size_bytes);
        error = b->labels ? NULL : utvm_error_no_memory();
    }
    free(bytes);
    return error;
}

static struct utvm_error *emit_layers(struct build *b)
{
    for (uint32_t i = 0; i < b->net->num_layers; i++) {
        if (!utvm_network_executes(b->net, i)) {
            continue;
        }
        struct utvm_text text = {0};
        char symbol[64];
        char name[72];
        utvm_emit_layer_symbol(b->net, i, symbol);
        snprintf(name, sizeof(name), "%s.c", symbol);
        utvm_emit_layer(b->net, i, &text);
        struct utvm_error *error = utvm_workdir_write(&b->dir, name, &text);
        if (!error) {
            error = utvm_sources_add(&b->sources, name);
        }
        if (error) {
            return error;
        }
    }
    return NULL;
}

static struct utvm_error *add_source(struct build *b, const char *name, struct utvm_text *text)
{
    struct utvm_error *error = utvm_workdir_write(&b->dir, name, text);
    return error ? error : utvm_sources_add(&b->sources, name);
}

// Options that change the code, as the description states them.
static void options_text(const struct utvm_build_options *o, char *ret, size_t size)
{
    static const char *const arenas[] = {"", " --arena dtcm", " --arena sram"};
    snprintf(ret, size, "-O%s --stack %u --clock %u%s%s%s%s", o->optimize, o->stack_bytes,
             o->clock_hz, o->ram ? " --ram" : "", o->itcm_code ? " --code itcm" : "",
             arenas[o->arena], o->prune ? "" : " --no-prune");
}

// What image and library have in common: layers, constants, and where things are.
static struct utvm_error *emit_common(struct build *b, const char *section)
{
    struct utvm_text text = {0};
    struct utvm_error *error = emit_layers(b);
    if (!error) {
        utvm_emit_memory_header(b->net, &text);
        error = utvm_workdir_write(&b->dir, "memory.h", &text);
    }
    if (!error) {
        utvm_emit_weights(b->net, section, &text);
        error = add_source(b, "weights.s", &text);
    }
    if (!error) {
        utvm_text_add(&text, (const char *)b->net->weights, b->net->weights_bytes);
        error = utvm_workdir_write(&b->dir, "weights.bin", &text);
    }
    return error;
}

// What the debugger shows of the constants that the device does not have.
static struct utvm_error *emit_host_constants(struct build *b)
{
    struct utvm_text text = {0};
    utvm_emit_host_constants(b->net, &text);
    struct utvm_error *error = add_source(b, "constants.s", &text);
    if (!error) {
        utvm_text_add(&text, (const char *)b->net->host, b->net->host_bytes);
        error = utvm_workdir_write(&b->dir, "constants.bin", &text);
    }
    return error;
}

static struct utvm_error *emit_tables(struct build *b)
{
    struct utvm_text text = {0};
    utvm_emit_memory_script(b->net, &b->layout, &text);
    struct utvm_error *error = utvm_workdir_write(&b->dir, "memory.ld", &text);
    if (!error) {
        utvm_emit_tables(b->net, &b->layout, &text);
        error = add_source(b, "tables.c", &text);
    }
    return error;
}

static struct utvm_error *emit_description(struct build *b)
{
    char options[160];
    options_text(b->options, options, sizeof(options));
    const char *slash = strrchr(b->options->input_path, '/');
    struct utvm_provenance provenance = {
        .source_file = slash ? slash + 1 : b->options->input_path,
        .compiler = b->compiler,
        .options = options,
        .labels = b->labels,
    };
    struct utvm_text text = {0};
    struct utvm_error *error = utvm_emit_description(b->net, &b->layout, &provenance, &text);
    if (error) {
        utvm_text_deinit(&text);
        return error;
    }
    return add_source(b, "description.s", &text);
}

static struct utvm_error *emit(struct build *b)
{
    static const char *const runtime[] = {
        "kernels/runtime/startup.c",
        "kernels/runtime/clock.c",
        "kernels/runtime/run.c",
    };
    struct utvm_error *error = emit_common(b, ".weights");
    if (!error) {
        error = emit_tables(b);
    }
    if (!error) {
        error = emit_host_constants(b);
    }
    if (!error) {
        error = emit_description(b);
    }
    for (size_t i = 0; i < sizeof(runtime) / sizeof(runtime[0]) && !error; i++) {
        error = utvm_sources_add(&b->sources, runtime[i]);
    }
    return error;
}

// The finished image is read by the loader that the debugger uses: what it would refuse, the build
// does not hand out.
static struct utvm_error *check_image(struct build *b, const uint8_t *bytes, size_t size_bytes,
                                      struct utvm_build_result *result)
{
    struct utvm_model *model;
    struct utvm_error *error = utvm_model_parse(b->options->output_path, bytes, size_bytes, &model);
    if (error) {
        return utvm_error_prefix(error, "the image that was built is not valid");
    }
    uint32_t image_ram = 0;
    for (uint32_t i = 0; i < model->num_segments; i++) {
        bool in_flash = strcmp(model->segments[i].memory, "flash") == 0;
        *(in_flash ? &result->flash_bytes : &image_ram) += model->segments[i].size_bytes;
    }
    for (uint32_t i = 0; i < model->num_regions; i++) {
        const struct utvm_region *region = &model->regions[i];
        if (region->kind == UTVM_REGION_CODE || region->kind == UTVM_REGION_WEIGHTS ||
            region->kind == UTVM_REGION_HOST) {
            continue;
        }
        result->ram_bytes += region->size_bytes;
        result->dtcm_bytes += strcmp(region->memory, "dtcm") == 0 ? region->size_bytes : 0;
    }
    result->ram_bytes += b->layout.run_bytes + image_ram;
    result->dtcm_bytes += b->layout.run_bytes;
    utvm_model_free(model);
    return NULL;
}

// Filters of a layer, and those that are not computed because their outputs are constants.
static void count_filters(const struct utvm_network *net, uint32_t layer,
                          struct utvm_build_result *result)
{
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    if (op->operator_id != UTVM_OPERATOR_CONV_2D &&
        op->operator_id != UTVM_OPERATOR_FULLY_CONNECTED) {
        return;
    }
    const struct utvm_graph_tensor *output = &net->graph->tensors[op->outputs[0]];
    const struct utvm_net_tensor *tensor = &net->tensors[op->outputs[0]];
    uint32_t filters = output->dims[output->rank - 1];
    result->num_filters += filters;
    if (net->layers[layer].flags & UTVM_LAYER_FOLDED) {
        result->num_constant_filters += filters;
    }
    for (uint32_t c = 0; c < tensor->num_channels; c++) {
        result->num_constant_filters += tensor->channels[c].constant;
    }
}

static void summarise(const struct build *b, struct utvm_build_result *result)
{
    *result = (struct utvm_build_result){
        .num_layers = b->net->num_layers,
        .macs = b->net->macs,
        .executed_macs = b->net->executed_macs,
        .arena_bytes = b->net->arena_bytes,
        .bound_bytes = b->net->bound_bytes,
        .weights_bytes = b->net->weights_bytes,
        .state_bytes = b->net->state_bytes,
    };
    for (uint32_t i = 0; i < b->net->num_layers; i++) {
        result->num_executed += utvm_network_executes(b->net, i) ? 1 : 0;
        count_filters(b->net, i, result);
    }
}

static struct utvm_error *finish(struct build *b, struct utvm_build_result *ret)
{
    uint8_t *bytes;
    size_t size_bytes;
    char *path = utvm_workdir_path(&b->dir, "model.elf");
    if (!path) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = utvm_file_read(path, &bytes, &size_bytes);
    free(path);
    if (error) {
        return error;
    }
    struct utvm_build_result result;
    summarise(b, &result);
    error = check_image(b, bytes, size_bytes, &result);
    if (!error) {
        error = utvm_file_write(b->options->output_path, bytes, size_bytes);
    }
    if (!error) {
        *ret = result;
    }
    free(bytes);
    return error;
}

// The plan, and what is needed to compile it.
static struct utvm_error *prepare(struct build *b)
{
    struct utvm_error *error = plan(b);
    if (!error) {
        error = read_labels(b);
    }
    if (!error) {
        error = utvm_find_kernels(b->options->kernels_dir, &b->kernels);
    }
    if (!error) {
        error = utvm_compiler_version(b->options->compiler, &b->compiler);
    }
    if (!error) {
        error = utvm_workdir_open(&b->dir, b->options->keep_dir, b->kernels);
    }
    return error;
}

static struct utvm_error *run(struct build *b, struct utvm_build_result *ret)
{
    struct utvm_error *error = prepare(b);
    if (!error) {
        error = emit(b);
    }
    if (!error) {
        error = utvm_compile(b->options, &b->dir, &b->sources);
    }
    if (!error) {
        error = utvm_link(b->options, &b->dir, &b->sources);
    }
    return error ? error : finish(b, ret);
}

struct utvm_error *utvm_build(const struct utvm_build_options *options,
                              struct utvm_build_result *ret)
{
    struct build b = {.options = options};
    struct utvm_error *error;
    if (!options->output_path) {
        return utvm_error_create(UTVM_ERROR_INVALID, "no output file was given (-o FILE)");
    }
    error = run(&b, ret);
    build_deinit(&b);
    return error;
}

static struct utvm_error *emit_library(struct build *b)
{
    const char *name = b->options->library_name;
    char section[sizeof(".rodata._weights") + UTVM_LIBRARY_NAME_MAX];
    struct utvm_text text = {0};
    (void)snprintf(section, sizeof(section), ".rodata.%s_weights", name);
    struct utvm_error *error = emit_common(b, section);
    if (!error) {
        utvm_emit_library_header(b->net, name, &text);
        error = utvm_workdir_write(&b->dir, "library.h", &text);
    }
    if (!error) {
        utvm_emit_library_source(b->net, name, &text);
        error = add_source(b, "library.c", &text);
    }
    return error;
}

// A file of the working directory goes to the library's; text of our own under the library's name.
static struct utvm_error *copy_out(struct build *b, const char *from, const char *name, bool rename)
{
    uint8_t *bytes = NULL;
    size_t size_bytes;
    char *source = utvm_workdir_path(&b->dir, from);
    char *target = NULL;
    struct utvm_text text = {0};
    struct utvm_error *error = NULL;
    if (!source || asprintf(&target, "%s/%s", b->options->library_dir, name) < 0) {
        target = NULL;
        error = utvm_error_no_memory();
    }
    if (!error) {
        error = utvm_file_read(source, &bytes, &size_bytes);
    }
    if (!error && rename) {
        struct utvm_text copy = {0};
        utvm_text_add(&copy, (const char *)bytes, size_bytes);
        utvm_library_rename(copy.data ? copy.data : "", b->options->library_name, &text);
        error = copy.failed || text.failed
                    ? utvm_error_no_memory()
                    : utvm_file_write(target, (const uint8_t *)text.data, text.length);
        utvm_text_deinit(&copy);
    } else if (!error) {
        error = utvm_file_write(target, bytes, size_bytes);
    }
    utvm_text_deinit(&text);
    free(bytes);
    free(target);
    free(source);
    return error;
}

static struct utvm_error *copy_library(struct build *b)
{
    char archive[sizeof("lib.a") + UTVM_LIBRARY_NAME_MAX];
    char header[sizeof(".h") + UTVM_LIBRARY_NAME_MAX];
    (void)snprintf(archive, sizeof(archive), "lib%s.a", b->options->library_name);
    (void)snprintf(header, sizeof(header), "%s.h", b->options->library_name);
    struct utvm_error *error = copy_out(b, "library.a", archive, false);
    if (!error) {
        error = copy_out(b, "library.h", header, false);
    }
    if (!error) {
        error = copy_out(b, "kernels/example/example.c", "example.c", true);
    }
    if (!error) {
        error = copy_out(b, "kernels/example/example.ld", "example.ld", true);
    }
    return error;
}

static struct utvm_error *run_library(struct build *b)
{
    struct utvm_error *error = prepare(b);
    if (!error) {
        error = emit_library(b);
    }
    if (!error) {
        error = utvm_compile(b->options, &b->dir, &b->sources);
    }
    if (!error) {
        error = utvm_archive(b->options, &b->dir, &b->sources);
    }
    if (!error && mkdir(b->options->library_dir, 0777) != 0 && errno != EEXIST) {
        error = utvm_error_os(errno, "cannot make the directory %s", b->options->library_dir);
    }
    return error ? error : copy_library(b);
}

struct utvm_error *utvm_build_library(const struct utvm_build_options *options,
                                      struct utvm_build_result *ret)
{
    struct build b = {.options = options};
    if (!options->library_dir) {
        return utvm_error_create(UTVM_ERROR_INVALID, "no directory was given for the library");
    }
    if (!utvm_library_name_is_valid(options->library_name)) {
        char *printable = utvm_text_printable(options->library_name, strlen(options->library_name));
        struct utvm_error *bad = utvm_error_create(
            UTVM_ERROR_INVALID,
            "'%.60s' is no name for a library: small letters, digits and '_', a letter first, at "
            "most %u, not utvm..., and no header or library of C",
            printable ? printable : "", UTVM_LIBRARY_NAME_MAX);
        free(printable);
        return bad;
    }
    struct utvm_error *error = run_library(&b);
    if (!error) {
        summarise(&b, ret);
        // The application decides where it lies; this is what it must have room for.
        ret->ram_bytes = (uint32_t)b.net->arena_bytes + b.net->state_bytes;
    }
    build_deinit(&b);
    return error;
}

struct utvm_error *utvm_build_plan(const struct utvm_build_options *options, struct utvm_text *out)
{
    struct build b = {.options = options};
    struct utvm_error *error = plan(&b);
    if (!error) {
        utvm_plan_text(b.net, out);
        error = out->failed ? utvm_error_no_memory() : NULL;
    }
    build_deinit(&b);
    return error;
}
