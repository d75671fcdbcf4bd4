// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/npz.h"
#include "kernels/operator_list.h"
#include "machine.h"
#include "tflite_writer.h"

TestSuite(passes, .timeout = 120);

static bool close_enough(const struct utvm_graph_tensor *tensor, const void *got, const void *want)
{
    if (tensor->dtype != UTVM_DTYPE_FLOAT32) {
        return memcmp(got, want, tensor->size_bytes) == 0;
    }
    const float *a = got;
    const float *b = want;
    float largest = 0;
    for (uint64_t i = 0; i < tensor->num_elems; i++) {
        largest = fabsf(b[i]) > largest ? fabsf(b[i]) : largest;
    }
    for (uint64_t i = 0; i < tensor->num_elems; i++) {
        if (!(fabsf(a[i] - b[i]) <= 1e-5F * largest)) {
            return false;
        }
    }
    return true;
}

// Reads array KEY; element `run` of its first dimension when run is not negative.
static bool read_key(struct utvm_npz *npz, const char *key, struct utvm_array *ret)
{
    size_t member = utvm_npz_find(npz, key);
    if (member == SIZE_MAX) {
        return false;
    }
    struct utvm_error *error = utvm_npz_read(npz, member, ret);
    cr_assert_null(error, "%s", error ? error->message : "");
    return true;
}

static void set_inputs(const struct machine *m, struct utvm_npz *npz, const char *prefix,
                       uint32_t run)
{
    for (uint32_t i = 0; i < m->graph->num_inputs; i++) {
        uint32_t index = m->graph->inputs[i];
        uint32_t size_bytes = m->graph->tensors[index].size_bytes;
        char key[32];
        struct utvm_array array = {0};
        snprintf(key, sizeof(key), "%s_%u", prefix, index);
        cr_assert(read_key(npz, key, &array), "no %s", key);
        cr_assert_geq(array.size_bytes, (size_t)(run + 1) * size_bytes);
        memcpy(machine_tensor_at(m, index), (const uint8_t *)array.data + (size_t)run * size_bytes,
               size_bytes);
        utvm_array_deinit(&array);
    }
}

static void check_outputs(const struct machine *m, struct utvm_npz *npz, uint32_t layer,
                          const char *path)
{
    const struct utvm_graph_operator *op = &m->graph->operators[layer];
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        uint32_t index = m->net->tensors[m->net->layers[layer].outputs[i]].stands_for;
        char key[32];
        struct utvm_array want = {0};
        snprintf(key, sizeof(key), "t%u", index);
        if (!read_key(npz, key, &want)) {
            continue;
        }
        const struct utvm_graph_tensor *tensor = &m->graph->tensors[index];
        cr_assert_eq(want.size_bytes, tensor->size_bytes);
        void *got = malloc(tensor->size_bytes);
        machine_read(m, index, got);
        cr_expect(close_enough(tensor, got, want.data), "%s: layer %u '%s'", path, layer,
                  m->net->layers[layer].name);
        free(got);
        utvm_array_deinit(&want);
    }
}

static void run_case(const struct machine *m, const char *path)
{
    struct utvm_npz *npz;
    struct utvm_error *error = utvm_npz_open(path, &npz);
    cr_assert_null(error, "%s", error ? error->message : "");
    // A sequence is run one element after another, with state; its golden values are the last's.
    char key[32];
    struct utvm_array sequence = {0};
    uint32_t runs = 1;
    snprintf(key, sizeof(key), "seq_%u", m->graph->inputs[0]);
    if (read_key(npz, key, &sequence)) {
        runs = sequence.dims[0];
        utvm_array_deinit(&sequence);
    }
    machine_reset_state(m);
    for (uint32_t run = 0; run < runs; run++) {
        set_inputs(m, npz, runs > 1 ? "seq" : "in", run);
        for (uint32_t i = 0; i < m->net->num_layers; i++) {
            if (utvm_network_executes(m->net, i)) {
                machine_run_layer(m, i);
                if (run + 1 == runs) {
                    check_outputs(m, npz, i, path);
                }
            }
        }
    }
    utvm_npz_close(npz);
}

static size_t run_cases(const char *model_path, const char *cases)
{
    struct utvm_graph *graph;
    struct machine m;
    struct utvm_error *error = utvm_tflite_load(model_path, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    machine_init(&m, graph, true);
    glob_t found;
    size_t count = 0;
    if (glob(cases, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            run_case(&m, found.gl_pathv[i]);
        }
        count = found.gl_pathc;
        globfree(&found);
    }
    machine_deinit(&m);
    return count;
}

Test(passes, planned_memory_gives_the_golden_values_of_the_demo_model)
{
    cr_expect_gt(run_cases(UTVM_DEMO_MODEL, UTVM_DEMO_GOLDEN "/*.npz"), 0);
}

Test(passes, planned_memory_gives_the_golden_values_of_the_real_networks)
{
    const char *models = getenv("UTVM_MODELS");
    char pattern[4096];
    snprintf(pattern, sizeof(pattern), "%s/*/model.tflite", models ? models : UTVM_SHARED_MODELS);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) {
        cr_skip_test("no networks at %s: running them is left out", pattern);
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char cases[4096];
        const char *path = found.gl_pathv[i];
        int length = (int)(strlen(path) - strlen("model.tflite"));
        snprintf(cases, sizeof(cases), "%.*srand_1.npz", length, path);
        run_cases(path, cases);
        snprintf(cases, sizeof(cases), "%.*sseq_*.npz", length, path);
        run_cases(path, cases);
    }
    globfree(&found);
}

// x[1,6,6,2] --PAD(pads)--> padded[1,8,9,2] --CONV_2D 3x3--> conv[1,6,7,4] --RELU--> out
struct sample {
    struct test_tensor tensors[7];
    struct test_operator operators[3];
    struct test_model model;
};

enum {
    X,
    PADS,
    PADDED,
    FILTER,
    BIAS,
    CONV,
    OUT
};

static void make_sample(struct sample *s)
{
    static const int32_t pads[8] = {0, 0, 1, 1, 2, 1, 0, 0};
    static const int32_t options[6] = {1, 1, 1, 0, 1, 1}; // VALID, strides, no activation
    static const int32_t bias[4] = {100, -250, 0, 3000};
    static int8_t filter[4 * 3 * 3 * 2];
    for (size_t i = 0; i < sizeof(filter); i++) {
        filter[i] = (int8_t)(i * 37 % 255 - 127);
    }
    const struct test_tensor data = {.type = 9, .rank = 4, .num_scales = 1, .num_zero_points = 1};
    *s = (struct sample){0};
    struct test_tensor *t = s->tensors;
    t[X] = t[PADDED] = t[CONV] = t[OUT] = t[FILTER] = data;
    memcpy(t[X].dims, (int32_t[]){1, 6, 6, 2}, 4 * sizeof(int32_t));
    memcpy(t[PADDED].dims, (int32_t[]){1, 8, 9, 2}, 4 * sizeof(int32_t));
    memcpy(t[FILTER].dims, (int32_t[]){4, 3, 3, 2}, 4 * sizeof(int32_t));
    memcpy(t[CONV].dims, (int32_t[]){1, 6, 7, 4}, 4 * sizeof(int32_t));
    memcpy(t[OUT].dims, (int32_t[]){1, 6, 7, 4}, 4 * sizeof(int32_t));
    t[X].name = "x";
    t[PADDED].name = "padded";
    t[FILTER].name = "filter";
    t[CONV].name = "conv";
    t[OUT].name = "out";
    t[X].scales[0] = t[PADDED].scales[0] = 0.05F;
    t[X].zero_points[0] = t[PADDED].zero_points[0] = 7;
    t[FILTER].scales[0] = 0.01F;
    t[FILTER].data = filter;
    t[FILTER].data_bytes = sizeof(filter);
    t[CONV].scales[0] = t[OUT].scales[0] = 0.4F;
    t[CONV].zero_points[0] = t[OUT].zero_points[0] = -20;
    t[PADS] = (struct test_tensor){.name = "pads",
                                   .type = 2,
                                   .rank = 2,
                                   .dims = {4, 2},
                                   .data = pads,
                                   .data_bytes = sizeof(pads)};
    t[BIAS] = (struct test_tensor){.name = "bias",
                                   .type = 2,
                                   .rank = 1,
                                   .dims = {4},
                                   .data = bias,
                                   .data_bytes = sizeof(bias),
                                   .num_scales = 1,
                                   .scales = {0.0005F},
                                   .num_zero_points = 1};
    s->operators[0] = (struct test_operator){UTVM_OPERATOR_PAD, 2, {X, PADS}, 1, {PADDED}, NULL, 0};
    s->operators[1] = (struct test_operator){
        UTVM_OPERATOR_CONV_2D, 3, {PADDED, FILTER, BIAS}, 1, {CONV}, options, 6};
    s->operators[2] = (struct test_operator){UTVM_OPERATOR_RELU, 1, {CONV}, 1, {OUT}, NULL, 0};
    s->model = (struct test_model){
        .tensors = s->tensors,
        .num_tensors = 7,
        .operators = s->operators,
        .num_operators = 3,
        .num_inputs = 1,
        .inputs = {X},
        .num_outputs = 1,
        .outputs = {OUT},
    };
}

static void sample_machine(struct sample *s, struct machine *m)
{
    size_t size_bytes;
    struct utvm_graph *graph;
    uint8_t *bytes = test_write_tflite(&s->model, &size_bytes);
    struct utvm_error *error = utvm_tflite_parse("sample.tflite", bytes, size_bytes, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    free(bytes);
    machine_init(m, graph, true);
}

static void run_sample(struct machine *m, int8_t out[6 * 7 * 4])
{
    int8_t *x = machine_tensor_at(m, X);
    for (int i = 0; x && i < 6 * 6 * 2; i++) {
        x[i] = (int8_t)(i * 29 % 256 - 128);
    }
    machine_run(m);
    memcpy(out, machine_tensor_at(m, OUT), 6 * 7 * 4);
}

Test(passes, fuses_padding_and_activation_bit_for_bit)
{
    struct sample s;
    struct machine fused;
    struct machine plain;
    int8_t fused_out[6 * 7 * 4];
    int8_t plain_out[6 * 7 * 4];
    make_sample(&s);
    sample_machine(&s, &fused);
    // Model outputs must exist, so nothing may be fused away here.
    s.model.num_outputs = 3;
    s.model.outputs[1] = PADDED;
    s.model.outputs[2] = CONV;
    sample_machine(&s, &plain);

    cr_expect_eq(fused.net->layers[0].flags & UTVM_LAYER_FUSED, UTVM_LAYER_FUSED);
    cr_expect_eq(fused.net->layers[0].executed_by, 1);
    cr_expect_eq(fused.net->layers[2].flags & UTVM_LAYER_FUSED, UTVM_LAYER_FUSED);
    cr_expect_eq(fused.net->layers[2].executed_by, 1);
    cr_expect_eq(fused.net->tensors[PADDED].flags, UTVM_TENSOR_ABSENT);
    cr_expect_eq(fused.net->tensors[CONV].flags, UTVM_TENSOR_ABSENT);
    cr_expect_eq(fused.net->tensors[OUT].first_layer, 1);
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect(utvm_network_executes(plain.net, i), "layer %u", i);
    }
    run_sample(&fused, fused_out);
    run_sample(&plain, plain_out);
    cr_expect_eq(memcmp(fused_out, plain_out, sizeof(plain_out)), 0);
    // The activation must have had something to do, or this proves nothing.
    const int8_t *conv = machine_tensor_at(&plain, CONV);
    unsigned clamped = 0;
    for (size_t i = 0; i < sizeof(plain_out); i++) {
        clamped += conv[i] < -20;
        cr_expect_geq(plain_out[i], -20);
    }
    cr_expect_gt(clamped, 10);
    machine_deinit(&fused);
    machine_deinit(&plain);
}

Test(passes, fuses_nothing_where_the_bits_would_differ)
{
    struct sample s;
    struct machine m;
    make_sample(&s);
    s.tensors[OUT].scales[0] = 0.3F;
    s.tensors[PADS].data = (const int32_t[]){0, 0, 1, 1, 2, 1, 0, 0};
    sample_machine(&s, &m);
    cr_expect_eq(m.net->layers[2].flags & UTVM_LAYER_FUSED, 0);
    machine_deinit(&m);

    // Three columns of padding at the left: a window of three would see nothing of the input.
    make_sample(&s);
    s.tensors[PADS].data = (const int32_t[]){0, 0, 1, 1, 3, 0, 0, 0};
    sample_machine(&s, &m);
    cr_expect_eq(m.net->layers[0].flags & UTVM_LAYER_FUSED, 0);
    machine_deinit(&m);
}

Test(passes, folds_what_depends_on_constants_only)
{
    static const int8_t x[6 * 6 * 2] = {5, -9, 100};
    struct sample s;
    struct machine folded;
    struct machine plain;
    int8_t folded_out[6 * 7 * 4];
    int8_t plain_out[6 * 7 * 4];
    make_sample(&s);
    sample_machine(&s, &plain);
    memcpy(machine_tensor_at(&plain, X), x, sizeof(x));
    machine_run_layer(&plain, 1);
    memcpy(plain_out, machine_tensor_at(&plain, OUT), sizeof(plain_out));
    s.tensors[X].data = x;
    s.tensors[X].data_bytes = sizeof(x);
    s.model.num_inputs = 0;
    sample_machine(&s, &folded);
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect_eq(folded.net->layers[i].flags, UTVM_LAYER_FOLDED, "layer %u", i);
    }
    cr_expect_eq(folded.net->tensors[OUT].flags, UTVM_TENSOR_CONSTANT | UTVM_TENSOR_OUTPUT);
    cr_expect_eq(folded.net->executed_macs, 0);
    run_sample(&folded, folded_out);
    cr_expect_eq(memcmp(folded_out, plain_out, sizeof(plain_out)), 0);
    machine_deinit(&folded);
    machine_deinit(&plain);
}

// x[2,3] -> SHAPE -> FILL with 7 -> y[2,3]: nothing of it depends on what x holds.
Test(passes, folds_what_follows_from_shapes)
{
    static const int8_t seven[1] = {7};
    static const struct test_tensor tensors[] = {
        {.name = "x", .type = 9, .rank = 2, .dims = {2, 3}, .num_scales = 1, .scales = {0.5F}},
        {.name = "shape", .type = 2, .rank = 1, .dims = {2}},
        {.name = "seven",
         .type = 9,
         .data = seven,
         .data_bytes = 1,
         .num_scales = 1,
         .scales = {1}},
        {.name = "y", .type = 9, .rank = 2, .dims = {2, 3}, .num_scales = 1, .scales = {1}},
    };
    static const struct test_operator operators[] = {
        {.code = 77, .num_inputs = 1, .inputs = {0}, .num_outputs = 1, .outputs = {1}},
        {.code = 94, .num_inputs = 2, .inputs = {1, 2}, .num_outputs = 1, .outputs = {3}},
    };
    const struct test_model model = {.tensors = tensors,
                                     .num_tensors = 4,
                                     .operators = operators,
                                     .num_operators = 2,
                                     .num_inputs = 1,
                                     .inputs = {0},
                                     .num_outputs = 1,
                                     .outputs = {3}};
    size_t size_bytes;
    uint8_t *bytes = test_write_tflite(&model, &size_bytes);
    struct utvm_graph *graph;
    struct utvm_error *error = utvm_tflite_parse("m.tflite", bytes, size_bytes, &graph);
    free(bytes);
    cr_assert_null(error, "%s", error ? error->message : "");
    struct utvm_network *net;
    error = utvm_network_create(graph, true, &net);
    cr_assert_null(error, "%s", error ? error->message : "");
    cr_expect_eq(net->layers[0].flags, UTVM_LAYER_FOLDED);
    cr_expect_eq(net->layers[1].flags, UTVM_LAYER_FOLDED);
    cr_assert_not_null(net->tensors[1].data);
    cr_expect_arr_eq(net->tensors[1].data, ((const int32_t[]){2, 3}), 8);
    cr_assert_not_null(net->tensors[3].data);
    cr_expect_arr_eq(net->tensors[3].data, ((const int8_t[]){7, 7, 7, 7, 7, 7}), 6);
    utvm_network_free(net);
    utvm_graph_free(graph);
}
