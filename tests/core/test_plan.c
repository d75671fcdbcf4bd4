// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Which tensors share memory: small networks of additions, planned and run.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/operator_list.h"
#include "machine.h"
#include "tflite_writer.h"

TestSuite(plan, .timeout = 60);

#define ELEMS 64

static const int8_t seven[ELEMS] = {7, 7, 7, 7};

// int8 of scale 1, so that sums are sums.
static struct test_tensor tensor(const char *name, int32_t rows)
{
    return (struct test_tensor){.name = name,
                                .type = 9,
                                .rank = 2,
                                .dims = {rows, 16},
                                .num_scales = 1,
                                .scales = {1.0F},
                                .num_zero_points = 1};
}

static struct test_operator add(int32_t a, int32_t b, int32_t out)
{
    return (struct test_operator){UTVM_OPERATOR_ADD, 2, {a, b}, 1, {out}, NULL, 0};
}

static void plan(const struct test_model *model, struct machine *m)
{
    size_t size_bytes;
    struct utvm_graph *graph;
    uint8_t *bytes = test_write_tflite(model, &size_bytes);
    struct utvm_error *error = utvm_tflite_parse("sums.tflite", bytes, size_bytes, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    free(bytes);
    machine_init(m, graph, true);
}

static bool in_place(const struct machine *m, uint32_t layer)
{
    return (m->net->layers[layer].flags & UTVM_LAYER_IN_PLACE) != 0;
}

static bool share(const struct machine *m, uint32_t a, uint32_t b)
{
    return m->net->tensors[a].region == m->net->tensors[b].region &&
           m->net->tensors[a].offset == m->net->tensors[b].offset;
}

enum {
    X,
    SEVEN,
    A,
    B,
    OUT
};

Test(plan, an_output_takes_the_memory_of_an_input_that_dies)
{
    struct test_tensor tensors[] = {tensor("x", 4), tensor("seven", 4), tensor("a", 4),
                                    tensor("b", 4), tensor("out", 4)};
    tensors[SEVEN].data = seven;
    tensors[SEVEN].data_bytes = sizeof(seven);
    const struct test_operator operators[] = {add(X, SEVEN, A), add(A, SEVEN, B), add(A, B, OUT)};
    const struct test_model model = {.tensors = tensors,
                                     .num_tensors = 5,
                                     .operators = operators,
                                     .num_operators = 3,
                                     .num_inputs = 1,
                                     .inputs = {X},
                                     .num_outputs = 1,
                                     .outputs = {OUT}};
    struct machine m;
    plan(&model, &m);
    cr_expect(in_place(&m, 0), "x is not read again");
    cr_expect(share(&m, X, A));
    cr_expect_not(in_place(&m, 1), "a is read again");
    cr_expect_not(share(&m, A, B));
    cr_expect(in_place(&m, 2));
    cr_expect(share(&m, A, OUT), "the first of two that die");
    cr_expect_eq(m.net->arena_bytes, 2 * ELEMS);
    cr_expect_eq(utvm_network_live_bytes(m.net, 0), ELEMS, "one memory counts once");
    cr_expect_eq(utvm_network_live_bytes(m.net, 1), 2 * ELEMS);
    cr_expect_eq(utvm_network_live_bytes(m.net, 2), 2 * ELEMS);
    memset(machine_tensor_at(&m, X), 1, ELEMS);
    machine_run(&m);
    const int8_t *out = machine_tensor_at(&m, OUT);
    cr_expect_eq(out[0], 8 + 15);
    cr_expect_eq(out[ELEMS - 1], 2);
    machine_deinit(&m);
}

Test(plan, an_output_of_the_model_is_not_overwritten)
{
    struct test_tensor tensors[] = {tensor("x", 4), tensor("seven", 4), tensor("a", 4),
                                    tensor("b", 4)};
    tensors[SEVEN].data = seven;
    tensors[SEVEN].data_bytes = sizeof(seven);
    const struct test_operator operators[] = {add(X, SEVEN, A), add(A, SEVEN, B)};
    const struct test_model model = {.tensors = tensors,
                                     .num_tensors = 4,
                                     .operators = operators,
                                     .num_operators = 2,
                                     .num_inputs = 1,
                                     .inputs = {X},
                                     .num_outputs = 2,
                                     .outputs = {A, B}};
    struct machine m;
    plan(&model, &m);
    cr_expect_not(in_place(&m, 1));
    cr_expect_not(share(&m, A, B));
    memset(machine_tensor_at(&m, X), 0, ELEMS);
    machine_run(&m);
    cr_expect_eq(*(int8_t *)machine_tensor_at(&m, A), 7);
    cr_expect_eq(*(int8_t *)machine_tensor_at(&m, B), 14);
    machine_deinit(&m);
}

Test(plan, an_output_does_not_take_the_memory_of_a_smaller_input)
{
    // x is one row, added to each of b's four.
    struct test_tensor tensors[] = {tensor("x", 1), tensor("seven", 4), tensor("a", 1),
                                    tensor("b", 4), tensor("out", 4)};
    tensors[SEVEN].data = seven;
    tensors[SEVEN].data_bytes = sizeof(seven);
    const struct test_operator operators[] = {add(X, X, A), add(X, SEVEN, B), add(A, B, OUT)};
    const struct test_model model = {.tensors = tensors,
                                     .num_tensors = 5,
                                     .operators = operators,
                                     .num_operators = 3,
                                     .num_inputs = 1,
                                     .inputs = {X},
                                     .num_outputs = 1,
                                     .outputs = {OUT}};
    struct machine m;
    plan(&model, &m);
    cr_expect_not(in_place(&m, 0), "x is read again");
    cr_expect_not(in_place(&m, 1), "x is too small for b");
    cr_expect_not(share(&m, X, B));
    cr_expect(share(&m, B, OUT), "the second input has the size");
    memset(machine_tensor_at(&m, X), 1, 16);
    machine_run(&m);
    const int8_t *out = machine_tensor_at(&m, OUT);
    cr_expect_eq(out[0], 2 + 8);
    cr_expect_eq(out[ELEMS - 1], 2 + 1);
    machine_deinit(&m);
}
