// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/import/graph.h"
#include "tflite_writer.h"

TestSuite(tflite);

#define ADD 0
#define RESHAPE 22
#define CUSTOM 32
#define WHILE 119
#define CALL_ONCE 129

static const int32_t shape_data[2] = {2, 8};
static const int32_t options[2] = {5, -7};

// in[4,4] --ADD(in, weights)--> sum --RESHAPE(sum, shape)--> out[2,8]
struct sample {
    struct test_tensor tensors[5];
    struct test_operator operators[2];
    struct test_model model;
};

static void make_sample(struct sample *s)
{
    static const int8_t weights[16] = {1, 2, 3};
    const struct test_tensor in = {
        .name = "in",
        .type = 9,
        .rank = 2,
        .dims = {4, 4},
        .num_scales = 1,
        .scales = {0.5F},
        .num_zero_points = 1,
        .zero_points = {-3},
    };
    *s = (struct sample){0};
    for (int i = 0; i < 5; i++) {
        s->tensors[i] = in;
    }
    s->tensors[1].name = "weights";
    s->tensors[1].data = weights;
    s->tensors[1].data_bytes = sizeof(weights);
    s->tensors[2].name = "model/sum";
    s->tensors[3] = (struct test_tensor){.name = "shape",
                                         .type = 2,
                                         .rank = 1,
                                         .dims = {2},
                                         .data = shape_data,
                                         .data_bytes = sizeof(shape_data)};
    s->tensors[4].name = "out";
    s->tensors[4].dims[0] = 2;
    s->tensors[4].dims[1] = 8;
    s->operators[0] = (struct test_operator){ADD, 2, {0, 1}, 1, {2}, options, 2};
    s->operators[1] = (struct test_operator){RESHAPE, 2, {2, 3}, 1, {4}, NULL, 0};
    s->model = (struct test_model){
        .tensors = s->tensors,
        .num_tensors = 5,
        .operators = s->operators,
        .num_operators = 2,
        .num_inputs = 1,
        .inputs = {0},
        .num_outputs = 1,
        .outputs = {4},
    };
}

static struct utvm_graph *read_sample(struct sample *s)
{
    size_t size_bytes;
    uint8_t *bytes = test_write_tflite(&s->model, &size_bytes);
    struct utvm_graph *graph = NULL;
    struct utvm_error *error = utvm_tflite_parse("sample.tflite", bytes, size_bytes, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    free(bytes);
    return graph;
}

// The sample must be refused, in words that contain `says`.
static void expect_refused(struct sample *s, enum utvm_error_code code, const char *says)
{
    size_t size_bytes;
    uint8_t *bytes = test_write_tflite(&s->model, &size_bytes);
    struct utvm_graph *graph = NULL;
    struct utvm_error *error = utvm_tflite_parse("sample.tflite", bytes, size_bytes, &graph);
    cr_assert_not_null(error, "it was accepted; wanted: %s", says);
    cr_expect_eq(error->code, code, "code %d: %s", (int)error->code, error->message);
    cr_expect_not_null(strstr(error->message, says), "'%s' does not say '%s'", error->message,
                       says);
    cr_expect_null(graph);
    utvm_error_free(error);
    free(bytes);
}

Test(tflite, reads_tensors_operators_and_options)
{
    struct sample s;
    make_sample(&s);
    struct utvm_graph *graph = read_sample(&s);
    cr_assert_eq(graph->num_tensors, 5);
    cr_assert_eq(graph->num_operators, 2);
    cr_expect_str_eq(graph->name, "sample");
    cr_expect_eq(strlen(graph->sha256), 64);
    const struct utvm_graph_tensor *in = &graph->tensors[0];
    cr_expect_eq(in->dtype, UTVM_DTYPE_INT8);
    cr_expect_eq(in->num_elems, 16);
    cr_expect_eq(in->size_bytes, 16);
    cr_expect_null(in->data);
    cr_assert_eq(in->num_scales, 1);
    cr_expect_eq(in->scales[0], 0.5F);
    cr_expect_eq(in->zero_points[0], -3);
    cr_expect_str_eq(graph->tensors[2].name, "model/sum");
    cr_assert_not_null(graph->tensors[1].data);
    cr_expect_eq(graph->tensors[1].data[2], 3);
    cr_expect_eq(memcmp(graph->tensors[3].data, shape_data, sizeof(shape_data)), 0);
    const struct utvm_graph_operator *add = &graph->operators[0];
    cr_expect_eq(add->operator_id, ADD);
    cr_expect_eq(add->inputs[1], 1);
    cr_expect_eq(graph->operators[1].index, 1);
    cr_expect_eq(utvm_option_i32(add, 0, 1), 5);
    cr_expect_eq(utvm_option_i32(add, 1, 1), -7);
    cr_expect_eq(utvm_option_i32(add, 2, 42), 42);
    cr_expect_eq(utvm_option_i8(add, 1, 0), -7);
    cr_expect_eq(utvm_option_f32(add, 9, 1.5F), 1.5F);
    cr_expect_eq(utvm_option_i32(&graph->operators[1], 0, 7), 7);
    utvm_graph_free(graph);
}

Test(tflite, keeps_ids_of_operators_it_does_not_know)
{
    struct sample s;
    make_sample(&s);
    s.operators[0].code = 200;
    struct utvm_graph *graph = read_sample(&s);
    cr_expect_eq(graph->operators[0].operator_id, 200);
    utvm_graph_free(graph);
}

Test(tflite, reads_operands_that_are_left_out)
{
    struct sample s;
    make_sample(&s);
    s.operators[0].num_inputs = 3;
    s.operators[0].inputs[2] = -1;
    struct utvm_graph *graph = read_sample(&s);
    cr_assert_eq(graph->operators[0].num_inputs, 3);
    cr_expect_eq(graph->operators[0].inputs[2], UTVM_NO_INDEX);
    utvm_graph_free(graph);
}

Test(tflite, refuses_every_truncation)
{
    struct sample s;
    make_sample(&s);
    size_t size_bytes;
    uint8_t *bytes = test_write_tflite(&s.model, &size_bytes);
    // The last bytes that anything refers to are the data of `shape`.
    const uint8_t *last = NULL;
    for (size_t i = 0; i + sizeof(shape_data) <= size_bytes; i++) {
        last = memcmp(bytes + i, shape_data, sizeof(shape_data)) == 0 ? bytes + i : last;
    }
    cr_assert_not_null(last);
    size_t end = (size_t)(last - bytes) + sizeof(shape_data);
    for (size_t length = 0; length < end; length++) {
        // In storage of exactly this length, so that a sanitizer sees any step beyond.
        uint8_t *part = malloc(length ? length : 1);
        memcpy(part, bytes, length);
        struct utvm_graph *graph = NULL;
        struct utvm_error *error = utvm_tflite_parse("cut.tflite", part, length, &graph);
        cr_expect_not_null(error, "%zu of %zu bytes were accepted", length, size_bytes);
        utvm_error_free(error);
        utvm_graph_free(graph);
        free(part);
    }
    free(bytes);
}

// Whatever a byte becomes, the answer is a graph or an error; a sanitizer watches the rest.
Test(tflite, survives_any_damaged_byte)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    struct sample s;
    make_sample(&s);
    size_t size_bytes;
    size_t refused = 0;
    uint8_t *bytes = test_write_tflite(&s.model, &size_bytes);
    for (size_t i = 0; i < size_bytes; i++) {
        uint8_t old = bytes[i];
        for (size_t k = 0; k < sizeof(values); k++) {
            bytes[i] = values[k];
            struct utvm_graph *graph = NULL;
            struct utvm_error *error = utvm_tflite_parse("bad.tflite", bytes, size_bytes, &graph);
            cr_expect_neq(error == NULL, graph == NULL);
            refused += error != NULL;
            utvm_error_free(error);
            utvm_graph_free(graph);
        }
        bytes[i] = old;
    }
    cr_expect_gt(refused, size_bytes / 4, "only %zu variants were refused", refused);
    free(bytes);
}

Test(tflite, refuses_a_cycle_naming_the_operator)
{
    struct sample s;
    make_sample(&s);
    s.operators[0].inputs[0] = 4;
    expect_refused(&s, UTVM_ERROR_FORMAT, "operator 0 'ADD': tensor 4 'out' is read before");
}

Test(tflite, refuses_two_writers_of_one_tensor)
{
    struct sample s;
    make_sample(&s);
    s.operators[1].outputs[0] = 2;
    expect_refused(&s, UTVM_ERROR_FORMAT,
                   "operator 1 'RESHAPE': tensor 2 'model/sum' is already written");
}

Test(tflite, refuses_writing_a_constant)
{
    struct sample s;
    make_sample(&s);
    s.operators[0].outputs[0] = 1;
    expect_refused(&s, UTVM_ERROR_FORMAT, "is a constant and cannot be an output");
}

Test(tflite, refuses_tensors_that_do_not_exist)
{
    struct sample s;
    make_sample(&s);
    s.operators[1].inputs[1] = 5;
    expect_refused(&s, UTVM_ERROR_FORMAT, "operator 1: inputs: tensor 5 does not exist");
    make_sample(&s);
    s.operators[1].outputs[0] = -1;
    expect_refused(&s, UTVM_ERROR_FORMAT, "operator 1: outputs: tensor -1 does not exist");
    make_sample(&s);
    s.model.inputs[0] = 99;
    expect_refused(&s, UTVM_ERROR_FORMAT, "model inputs: tensor 99");
}

Test(tflite, refuses_an_output_that_is_never_written)
{
    struct sample s;
    make_sample(&s);
    s.model.num_operators = 1;
    expect_refused(&s, UTVM_ERROR_FORMAT, "model outputs: tensor 4 'out' is never written");
}

Test(tflite, refuses_absurd_shapes)
{
    struct sample s;
    make_sample(&s);
    s.tensors[2].rank = 6;
    for (int i = 0; i < 6; i++) {
        s.tensors[2].dims[i] = INT32_MAX;
    }
    expect_refused(&s, UTVM_ERROR_FORMAT, "tensor 2 'model/sum': its shape has more than");
    make_sample(&s);
    s.tensors[2].rank = 8;
    expect_refused(&s, UTVM_ERROR_UNSUPPORTED, "8 dimensions");
    make_sample(&s);
    s.tensors[2].dims[0] = -1;
    expect_refused(&s, UTVM_ERROR_UNSUPPORTED, "dimension 0 is -1");
    make_sample(&s);
    s.tensors[2].dims[1] = 0;
    expect_refused(&s, UTVM_ERROR_FORMAT, "has no elements");
}

Test(tflite, refuses_quantisation_that_makes_no_sense)
{
    static const float bad[] = {0.0F, -1.0F, INFINITY, NAN, 1e19F};
    struct sample s;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        make_sample(&s);
        s.tensors[4].scales[0] = bad[i];
        expect_refused(&s, UTVM_ERROR_FORMAT, "tensor 4 'out': scale 0 is");
    }
    make_sample(&s);
    s.tensors[0].zero_points[0] = 128;
    expect_refused(&s, UTVM_ERROR_FORMAT, "tensor 0 'in': zero point 128");
    make_sample(&s);
    s.tensors[0].num_scales = 3;
    s.tensors[0].scales[1] = s.tensors[0].scales[2] = 1;
    expect_refused(&s, UTVM_ERROR_FORMAT, "3 scales do not fit its quantized dimension 0");
    make_sample(&s);
    s.tensors[0].num_zero_points = 2;
    expect_refused(&s, UTVM_ERROR_FORMAT, "1 scales but 2 zero points");
}

Test(tflite, reads_scales_per_channel)
{
    struct sample s;
    make_sample(&s);
    s.tensors[1].num_scales = 4;
    s.tensors[1].num_zero_points = 4;
    for (int i = 0; i < 4; i++) {
        s.tensors[1].scales[i] = (float)(i + 1);
        s.tensors[1].zero_points[i] = i;
    }
    s.tensors[1].quantized_dimension = 1;
    struct utvm_graph *graph = read_sample(&s);
    cr_assert_eq(graph->tensors[1].num_scales, 4);
    cr_expect_eq(graph->tensors[1].scales[3], 4.0F);
    cr_expect_eq(graph->tensors[1].zero_points[2], 2);
    cr_expect_eq(graph->tensors[1].quantized_dimension, 1);
    utvm_graph_free(graph);
}

Test(tflite, refuses_constants_of_the_wrong_size)
{
    struct sample s;
    make_sample(&s);
    s.tensors[1].data_bytes = 15;
    expect_refused(&s, UTVM_ERROR_FORMAT, "tensor 1 'weights': its shape needs 16 bytes");
    s.tensors[1].type = 17; // INT4
    expect_refused(&s, UTVM_ERROR_FORMAT, "tensor 1 'weights': its shape needs 8 bytes");
    s.tensors[1].type = 1; // FLOAT16
    expect_refused(&s, UTVM_ERROR_FORMAT, "tensor 1 'weights': its shape needs 32 bytes");
}

Test(tflite, unpacks_constants_of_four_bits)
{
    static const uint8_t packed[2] = {0x87, 0xF1};
    static const int8_t unpacked[3] = {7, -8, 1};
    struct sample s;
    make_sample(&s);
    s.tensors[1].type = 17;
    s.tensors[1].rank = 1;
    s.tensors[1].dims[0] = 3;
    s.tensors[1].data = packed;
    s.tensors[1].data_bytes = sizeof(packed);
    struct utvm_graph *graph = read_sample(&s);
    cr_expect_eq(graph->tensors[1].dtype, UTVM_DTYPE_INT8);
    cr_assert_eq(graph->tensors[1].size_bytes, 3);
    cr_expect_arr_eq(graph->tensors[1].data, unpacked, 3);
    utvm_graph_free(graph);
}

Test(tflite, unpacks_constants_of_half_precision)
{
    // 1, -2.5, the largest, the least above 0, infinity, -0.
    static const uint16_t halves[6] = {0x3C00, 0xC100, 0x7BFF, 0x0001, 0x7C00, 0x8000};
    static const float floats[6] = {1.0F, -2.5F, 65504.0F, 0x1p-24F, INFINITY, -0.0F};
    struct sample s;
    make_sample(&s);
    s.tensors[1] = (struct test_tensor){.name = "weights",
                                        .type = 1,
                                        .rank = 1,
                                        .dims = {6},
                                        .data = halves,
                                        .data_bytes = sizeof(halves)};
    struct utvm_graph *graph = read_sample(&s);
    cr_expect_eq(graph->tensors[1].dtype, UTVM_DTYPE_FLOAT32);
    cr_assert_eq(graph->tensors[1].size_bytes, sizeof(floats));
    cr_expect_arr_eq(graph->tensors[1].data, floats, sizeof(floats));
    utvm_graph_free(graph);
}

Test(tflite, refuses_what_it_does_not_support)
{
    struct sample s;
    make_sample(&s);
    s.operators[0].code = CUSTOM;
    expect_refused(&s, UTVM_ERROR_UNSUPPORTED, "operator 0: custom operator '' is not supported");
    make_sample(&s);
    s.tensors[2].type = 1;
    expect_refused(&s, UTVM_ERROR_UNSUPPORTED,
                   "operator 0 'ADD': tensor 2 'model/sum': tensor type FLOAT16 is supported for "
                   "constants only");
    make_sample(&s);
    s.tensors[2].type = 10;
    expect_refused(&s, UTVM_ERROR_UNSUPPORTED,
                   "operator 0 'ADD': tensor 2 'model/sum': tensor type FLOAT64 is not supported");
    make_sample(&s);
    s.tensors[2].type = 99;
    expect_refused(&s, UTVM_ERROR_UNSUPPORTED, "tensor type 99 is not known");
    make_sample(&s);
    s.model.version = 2;
    expect_refused(&s, UTVM_ERROR_UNSUPPORTED, "schema version 2");
    make_sample(&s);
    s.model.num_subgraphs = 2;
    expect_refused(&s, UTVM_ERROR_UNSUPPORTED, "2 subgraphs");
    s.operators[1].code = WHILE;
    expect_refused(&s, UTVM_ERROR_UNSUPPORTED, "operator 1 'WHILE': branches and loops");
}

Test(tflite, ignores_the_type_of_tensors_that_nobody_uses)
{
    struct sample s;
    make_sample(&s);
    s.operators[1].num_inputs = 1;
    s.tensors[3].type = 5;
    struct utvm_graph *graph = read_sample(&s);
    cr_expect_eq(graph->tensors[3].dtype, UTVM_DTYPE_NONE);
    utvm_graph_free(graph);
}

Test(tflite, refuses_a_model_without_operators)
{
    struct sample s;
    make_sample(&s);
    s.model.num_operators = 0;
    expect_refused(&s, UTVM_ERROR_FORMAT, "the model has no operators");
}

// 2000 operators share nothing, but the list of a table may be named again and again.
Test(tflite, refuses_files_that_describe_more_than_they_hold)
{
    enum {
        NUM_TENSORS = 1200
    };
    static struct test_tensor tensors[NUM_TENSORS];
    struct sample s;
    make_sample(&s);
    for (int i = 0; i < NUM_TENSORS; i++) {
        tensors[i] = s.tensors[i < 5 ? i : 0];
    }
    struct test_operator op = s.operators[0];
    op.num_inputs = 0;
    s.model.tensors = tensors;
    s.model.num_tensors = NUM_TENSORS;
    s.model.operators = &op;
    s.model.num_operators = 1;
    size_t size_bytes;
    uint8_t *bytes = test_write_tflite(&s.model, &size_bytes);
    // The operator's empty list of inputs gets a count that reaches over everything behind it.
    static const uint8_t outputs[8] = {1, 0, 0, 0, 2, 0, 0, 0};
    uint8_t *found = memmem(bytes + size_bytes / 2, size_bytes - size_bytes / 2, outputs, 8);
    cr_assert_not_null(found);
    uint32_t count = 1025;
    memcpy(found, &count, sizeof(count));
    struct utvm_graph *graph = NULL;
    struct utvm_error *error = utvm_tflite_parse("long.tflite", bytes, size_bytes, &graph);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr(error->message, "1025 tensors are listed"), "%s", error->message);
    utvm_error_free(error);
    free(bytes);
}

Test(tflite, takes_the_directory_for_a_name_when_the_file_is_called_model)
{
    struct sample s;
    make_sample(&s);
    size_t size_bytes;
    uint8_t *bytes = test_write_tflite(&s.model, &size_bytes);
    static const char *const cases[][2] = {
        {"nets/resnet8/model.tflite", "resnet8"},
        {"resnet8/model.TFLITE", "resnet8"},
        {"model.tflite", "model"},
        {"a/keyword.tflite", "keyword"},
        {"./model.tflite", "model"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct utvm_graph *graph;
        struct utvm_error *error = utvm_tflite_parse(cases[i][0], bytes, size_bytes, &graph);
        cr_assert_null(error);
        cr_expect_str_eq(graph->name, cases[i][1]);
        utvm_graph_free(graph);
    }
    free(bytes);
}

Test(tflite, names_the_file_that_is_missing)
{
    struct utvm_graph *graph;
    struct utvm_error *error = utvm_tflite_load("/nonexistent/x.tflite", &graph);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_OS);
    cr_expect_not_null(strstr(error->message, "/nonexistent/x.tflite"));
    utvm_error_free(error);
}

Test(tflite, reads_the_real_networks)
{
    const char *models = getenv("UTVM_MODELS");
    char pattern[4096];
    snprintf(pattern, sizeof(pattern), "%s/*/model.tflite", models ? models : UTVM_SHARED_MODELS);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) {
        cr_skip_test("no networks at %s: reading them is left out", pattern);
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct utvm_graph *graph = NULL;
        struct utvm_error *error = utvm_tflite_load(found.gl_pathv[i], &graph);
        cr_expect_null(error, "%s", error ? error->message : "");
        cr_expect(error || graph->num_operators > 0);
        utvm_error_free(error);
        utvm_graph_free(graph);
    }
    globfree(&found);
}
