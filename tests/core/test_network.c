// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/build/network.h"

TestSuite(network);

#define ADD 0
#define CONV_2D 3
#define FULLY_CONNECTED 9
#define RELU 19
#define SOFTMAX 25

// The name that the only layer of a graph gets, for an output tensor of this name.
static void expect_name(uint32_t operator_id, const char *tensor_name, const char *expected)
{
    char *copy = strdup(tensor_name);
    uint32_t output = 0;
    struct utvm_graph_tensor tensor = {.name = copy};
    struct utvm_graph_operator op = {
        .operator_id = operator_id,
        .outputs = &output,
        .num_outputs = 1,
    };
    struct utvm_graph graph = {
        .tensors = &tensor,
        .num_tensors = 1,
        .operators = &op,
        .num_operators = 1,
    };
    char *name = NULL;
    cr_assert_null(utvm_layer_names(&graph, &name));
    cr_expect_str_eq(name, expected, "'%s' gives '%s', not '%s'", tensor_name, name, expected);
    free(name);
    free(copy);
}

Test(network, names_layers_after_what_was_fused_into_them)
{
    expect_name(CONV_2D,
                "model/activation/Relu;model/batch_normalization/FusedBatchNormV3;model/conv2d/"
                "BiasAdd/ReadVariableOp/resource;model/conv2d/BiasAdd;model/conv2d_2/Conv2D;"
                "model/conv2d/Conv2D1",
                "conv2d");
    expect_name(CONV_2D,
                "model/activation/Relu;model/batch_normalization/FusedBatchNormV3;model/"
                "depthwise_conv2d_3/depthwise;model/conv2d/Conv2D",
                "conv2d");
    expect_name(ADD, "model/activation_2/Relu;model/add/add", "add");
    expect_name(FULLY_CONNECTED, "model/sequential/output/MatMul;model/sequential/output/BiasAdd",
                "output");
    expect_name(RELU, "model/activation_3/Relu", "activation_3");
}

Test(network, names_layers_after_the_operator_when_the_tensor_says_nothing)
{
    expect_name(SOFTMAX, "Identity_int8", "softmax");
    expect_name(SOFTMAX, "StatefulPartitionedCall:0", "softmax");
    expect_name(SOFTMAX, "", "softmax");
    expect_name(4242, "", "op4242");
}

Test(network, names_have_letters_that_can_be_typed)
{
    expect_name(ADD, "labels_softmax", "labels_softmax");
    expect_name(ADD, "tfl.unidirectional_sequence_lstm", "unidirectional_sequence_lstm");
    expect_name(ADD, "a b\x1b[31m\"'", "a_b__31m__");
    expect_name(ADD, "a/b", "a");
    expect_name(ADD, "/", "add");
    expect_name(ADD, ";;", "add");
    expect_name(ADD, "0123456789012345678901234567890123456789012345",
                "0123456789012345678901234567890123456789");
}

Test(network, names_are_unique)
{
    char dense[] = "m/dense/MatMul";
    char relu[] = "m/dense/Relu";
    struct utvm_graph_tensor tensors[4] = {
        {.name = dense}, {.name = relu}, {.name = relu}, {.name = relu}};
    uint32_t outputs[4] = {0, 1, 2, 3};
    struct utvm_graph_operator operators[4];
    for (int i = 0; i < 4; i++) {
        operators[i] = (struct utvm_graph_operator){
            .operator_id = i ? SOFTMAX : FULLY_CONNECTED,
            .outputs = &outputs[i],
            .num_outputs = 1,
        };
    }
    struct utvm_graph graph = {
        .tensors = tensors, .num_tensors = 4, .operators = operators, .num_operators = 4};
    char *names[4] = {0};
    cr_assert_null(utvm_layer_names(&graph, names));
    cr_expect_str_eq(names[0], "dense");
    cr_expect_str_eq(names[1], "dense.softmax");
    cr_expect_str_eq(names[2], "dense.softmax.2");
    cr_expect_str_eq(names[3], "dense.softmax.3");
    for (int i = 0; i < 4; i++) {
        free(names[i]);
    }
}

// No two tensors that are alive in one layer share a byte, unless one takes over the other's
// memory.
static void check_plan(const struct utvm_network *net, const char *path)
{
    const struct utvm_graph *graph = net->graph;
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        const struct utvm_net_tensor *a = &net->tensors[i];
        if (a->place != UTVM_PLACE_ARENA) {
            continue;
        }
        uint32_t a_first = a->first_layer == UTVM_NO_INDEX ? 0 : a->first_layer;
        cr_assert_leq(a->offset + graph->tensors[i].size_bytes, net->regions[a->region].used_bytes);
        for (uint32_t j = 0; j < i; j++) {
            const struct utvm_net_tensor *b = &net->tensors[j];
            uint32_t b_first = b->first_layer == UTVM_NO_INDEX ? 0 : b->first_layer;
            if (b->place != UTVM_PLACE_ARENA || b->region != a->region || a->root == b->root ||
                a_first > b->last_layer || b_first > a->last_layer) {
                continue;
            }
            bool apart = a->offset + graph->tensors[i].size_bytes <= b->offset ||
                         b->offset + graph->tensors[j].size_bytes <= a->offset;
            cr_assert(apart, "%s: tensors %u and %u overlap", path, i, j);
        }
    }
    cr_expect_leq((double)net->arena_bytes, 1.05 * (double)net->bound_bytes,
                  "%s: %llu bytes, the bound is %llu", path, (unsigned long long)net->arena_bytes,
                  (unsigned long long)net->bound_bytes);
    uint64_t most = 0;
    for (uint32_t i = 0; i < net->num_layers; i++) {
        uint64_t live = utvm_network_live_bytes(net, i);
        most = live > most ? live : most;
    }
    cr_expect_eq(most, net->bound_bytes, "%s: live bytes %llu, bound %llu", path,
                 (unsigned long long)most, (unsigned long long)net->bound_bytes);
}

static void check_model(const char *path, uint32_t dtcm, uint32_t sram)
{
    struct utvm_graph *graph;
    struct utvm_network *net;
    struct utvm_error *error = utvm_tflite_load(path, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    error = utvm_network_create(graph, true, &net);
    cr_assert_null(error, "%s", error ? error->message : "");
    net->num_regions = 2;
    net->regions[0] = (struct utvm_net_region){.memory = "dtcm", .capacity_bytes = dtcm};
    net->regions[1] = (struct utvm_net_region){.memory = "sram", .capacity_bytes = sram};
    error = utvm_network_plan(net);
    cr_assert_null(error, "%s: %s", path, error ? error->message : "");
    check_plan(net, path);
    utvm_network_free(net);
    utvm_graph_free(graph);
}

Test(network, plans_the_demo_model_within_five_percent_of_the_bound)
{
    check_model(UTVM_DEMO_MODEL, 60000, 260000);
    check_model(UTVM_DEMO_MODEL, 1000, 260000);
}

Test(network, plans_the_real_networks_within_five_percent_of_the_bound)
{
    const char *models = getenv("UTVM_MODELS");
    char pattern[4096];
    snprintf(pattern, sizeof(pattern), "%s/*/model.tflite", models ? models : UTVM_SHARED_MODELS);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) {
        cr_skip_test("no networks at %s: planning them is left out", pattern);
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        check_model(found.gl_pathv[i], 60000, 260000);
    }
    globfree(&found);
}

Test(network, refuses_what_does_not_fit_with_the_numbers)
{
    struct utvm_graph *graph;
    struct utvm_network *net;
    cr_assert_null(utvm_tflite_load(UTVM_DEMO_MODEL, &graph));
    cr_assert_null(utvm_network_create(graph, true, &net));
    net->num_regions = 1;
    net->regions[0] = (struct utvm_net_region){.memory = "dtcm", .capacity_bytes = 1u << 20};
    cr_assert_null(utvm_network_plan(net));
    uint64_t needed = net->arena_bytes;
    net->regions[0].capacity_bytes = (uint32_t)needed - 1;
    struct utvm_error *error = utvm_network_plan(net);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_NO_SPACE);
    char numbers[128];
    snprintf(numbers, sizeof(numbers), "needs %llu bytes of arena, %llu are available",
             (unsigned long long)needed, (unsigned long long)needed - 1);
    cr_expect_not_null(strstr(error->message, numbers), "%s", error->message);
    cr_expect_not_null(strstr(error->message, ": 1 missing"), "%s", error->message);
    utvm_error_free(error);
    utvm_network_free(net);
    utvm_graph_free(graph);
}
