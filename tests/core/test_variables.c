// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/build/network.h"
#include "core/import/graph.h"
#include "kernels/operator_list.h"
#include "tests/core/tflite_writer.h"

TestSuite(variables);

// x -> y = x + accumulator; accumulator = y; it starts from {5, 6}.
static const int8_t accumulator_start[2] = {5, 6};
static const struct test_tensor accumulator_tensors[] = {
    {.name = "x", .type = 9, .rank = 1, .dims = {2}, .num_scales = 1, .scales = {0.5F}},
    {.name = "handle", .type = 13},
    {.name = "before", .type = 9, .rank = 1, .dims = {2}, .num_scales = 1, .scales = {0.5F}},
    {.name = "y", .type = 9, .rank = 1, .dims = {2}, .num_scales = 1, .scales = {0.5F}},
    {.name = "handle_again", .type = 13},
    {.name = "start",
     .type = 9,
     .rank = 1,
     .dims = {2},
     .data = accumulator_start,
     .data_bytes = 2,
     .num_scales = 1,
     .scales = {0.5F}},
};
static const int32_t init_subgraph[1] = {1};
static const struct test_operator accumulator_operators[] = {
    {.code = 129, .options = init_subgraph, .num_options = 1},
    {.code = 142, .num_outputs = 1, .outputs = {1}},
    {.code = 143, .num_inputs = 1, .inputs = {1}, .num_outputs = 1, .outputs = {2}},
    {.code = 0, .num_inputs = 2, .inputs = {0, 2}, .num_outputs = 1, .outputs = {3}},
    {.code = 142, .num_outputs = 1, .outputs = {4}},
    {.code = 144, .num_inputs = 2, .inputs = {4, 3}},
};
static const struct test_operator accumulator_init[] = {
    {.code = 142, .num_outputs = 1, .outputs = {1}},
    {.code = 144, .num_inputs = 2, .inputs = {1, 5}},
};

static struct test_model accumulator(void)
{
    return (struct test_model){.tensors = accumulator_tensors,
                               .num_tensors = 6,
                               .num_subgraphs = 2,
                               .operators = accumulator_operators,
                               .num_operators = 6,
                               .init_operators = accumulator_init,
                               .num_init_operators = 2,
                               .num_inputs = 1,
                               .inputs = {0},
                               .num_outputs = 1,
                               .outputs = {3}};
}

static struct utvm_error *parse_model(const struct test_model *model, struct utvm_graph **ret)
{
    size_t size_bytes;
    uint8_t *bytes = test_write_tflite(model, &size_bytes);
    struct utvm_error *error = utvm_tflite_parse("m.tflite", bytes, size_bytes, ret);
    free(bytes);
    return error;
}

Test(variables, handles_become_variables_that_start_from_what_call_once_assigns)
{
    struct test_model model = accumulator();
    struct utvm_graph *graph = NULL;
    struct utvm_error *error = parse_model(&model, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    cr_assert_eq(graph->num_operators, 3);
    const struct utvm_graph_tensor *variable = &graph->tensors[1];
    cr_expect(variable->is_variable);
    cr_expect_eq(variable->dtype, UTVM_DTYPE_INT8);
    cr_expect_eq(variable->size_bytes, 2);
    cr_assert_not_null(variable->initial);
    cr_expect_arr_eq(variable->initial, accumulator_start, 2);
    cr_expect_eq(graph->operators[0].operator_id, 143);
    cr_expect_eq(graph->operators[0].inputs[0], 1);
    // Both handles are of one variable, and the assignment writes it.
    cr_expect_eq(graph->operators[2].operator_id, 144);
    cr_expect_eq(graph->operators[2].index, 5);
    cr_assert_eq(graph->operators[2].num_outputs, 1);
    cr_expect_eq(graph->operators[2].outputs[0], 1);
    cr_assert_eq(graph->operators[2].num_inputs, 1);
    cr_expect_eq(graph->operators[2].inputs[0], 3);
    utvm_graph_free(graph);
}

static void expect_model_refused(const struct test_model *model, const char *words)
{
    struct utvm_graph *graph = NULL;
    struct utvm_error *error = parse_model(model, &graph);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr(error->message, words), "%s", error->message);
    utvm_error_free(error);
}

Test(variables, refuses_variables_without_a_handle_and_what_no_constant_initialises)
{
    struct test_model model = accumulator();
    struct test_operator operators[6];
    memcpy(operators, accumulator_operators, sizeof(operators));
    model.operators = operators;
    operators[2].inputs[0] = 0;
    expect_model_refused(&model,
                         "operator 2 'READ_VARIABLE': its input 0 comes from no VAR_HANDLE");
    operators[2].inputs[0] = 1;
    operators[5].num_inputs = 1;
    expect_model_refused(&model, "operator 5 'ASSIGN_VARIABLE': it has 1 inputs");
    operators[5].num_inputs = 2;
    operators[0].options = (const int32_t[]){7};
    expect_model_refused(&model, "operator 0 'CALL_ONCE': subgraph 7: subgraph 7 does not exist");
    operators[0].options = init_subgraph;
    struct test_operator init[2] = {accumulator_init[0], accumulator_init[1]};
    model.init_operators = init;
    init[1].inputs[1] = 0;
    expect_model_refused(&model, "only assignments of constants");
    init[1] = (struct test_operator){.code = 0, .num_inputs = 2, .num_outputs = 1, .outputs = {3}};
    expect_model_refused(&model, "only assignments of constants");
}

// Two variables, each read, added to the input and assigned: `first` from {5, 6}, `second` from 0.
struct two {
    struct test_operator operators[8];
    struct test_operator init[2];
    struct test_strings strings[2];
    struct test_model model;
};

static const int8_t two_start[2] = {5, 6};
static const struct test_tensor two_tensors[] = {
    {.name = "x", .type = 9, .rank = 1, .dims = {2}, .num_scales = 1, .scales = {0.5F}},
    {.name = "h1", .type = 13},
    {.name = "h2", .type = 13},
    {.name = "a", .type = 9, .rank = 1, .dims = {2}, .num_scales = 1, .scales = {0.5F}},
    {.name = "b", .type = 9, .rank = 1, .dims = {2}, .num_scales = 1, .scales = {0.5F}},
    {.name = "y", .type = 9, .rank = 1, .dims = {2}, .num_scales = 1, .scales = {0.5F}},
    {.name = "z", .type = 9, .rank = 1, .dims = {2}, .num_scales = 1, .scales = {0.5F}},
    {.name = "start",
     .type = 9,
     .rank = 1,
     .dims = {2},
     .data = two_start,
     .data_bytes = 2,
     .num_scales = 1,
     .scales = {0.5F}},
};

static void make_two(struct two *two)
{
    *two = (struct two){
        .operators =
            {
                {.code = 129, .options = init_subgraph, .num_options = 1},
                {.code = 142, .num_outputs = 1, .outputs = {1}},
                {.code = 142, .num_outputs = 1, .outputs = {2}},
                {.code = 143, .num_inputs = 1, .inputs = {1}, .num_outputs = 1, .outputs = {3}},
                {.code = 143, .num_inputs = 1, .inputs = {2}, .num_outputs = 1, .outputs = {4}},
                {.code = 0, .num_inputs = 2, .inputs = {3, 0}, .num_outputs = 1, .outputs = {5}},
                {.code = 0, .num_inputs = 2, .inputs = {4, 5}, .num_outputs = 1, .outputs = {6}},
                {.code = 144, .num_inputs = 2, .inputs = {2, 6}},
            },
        .init =
            {
                {.code = 142, .num_outputs = 1, .outputs = {1}},
                {.code = 144, .num_inputs = 2, .inputs = {1, 7}},
            },
        .strings = {{1, {"", "first"}}, {2, {"", "second"}}},
    };
    two->model = (struct test_model){.tensors = two_tensors,
                                     .num_tensors = 8,
                                     .num_subgraphs = 2,
                                     .operators = two->operators,
                                     .num_operators = 8,
                                     .init_operators = two->init,
                                     .num_init_operators = 2,
                                     .strings = two->strings,
                                     .num_strings = 2,
                                     .num_inputs = 1,
                                     .inputs = {0},
                                     .num_outputs = 1,
                                     .outputs = {6}};
}

Test(variables, of_different_names_are_different)
{
    struct two two;
    make_two(&two);
    struct utvm_graph *graph = NULL;
    struct utvm_error *error = parse_model(&two.model, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    cr_assert(graph->tensors[1].is_variable);
    cr_assert(graph->tensors[2].is_variable);
    // Only `first` is initialised; only `second` is assigned.
    cr_assert_not_null(graph->tensors[1].initial);
    cr_expect_arr_eq(graph->tensors[1].initial, two_start, 2);
    cr_expect_null(graph->tensors[2].initial);
    cr_assert_eq(graph->num_operators, 5);
    cr_expect_eq(graph->operators[0].inputs[0], 1);
    cr_expect_eq(graph->operators[1].inputs[0], 2);
    cr_expect_eq(graph->operators[4].outputs[0], 2);
    utvm_graph_free(graph);
}

Test(variables, of_one_name_in_different_containers_are_different)
{
    struct two two;
    make_two(&two);
    two.strings[1] = (struct test_strings){2, {"elsewhere", "first"}};
    struct utvm_graph *graph = NULL;
    struct utvm_error *error = parse_model(&two.model, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    cr_expect_eq(graph->operators[1].inputs[0], 2);
    cr_expect_null(graph->tensors[2].initial);
    two.strings[1].values[0] = "";
    utvm_graph_free(graph);
    error = parse_model(&two.model, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    cr_expect_eq(graph->operators[1].inputs[0], 1);
    utvm_graph_free(graph);
}

// A constant that is assigned at every inference may be computed once, but is assigned all the
// same: what the variable holds before the assignment is still what it started from.
Test(variables, are_written_at_run_time_even_with_what_is_known_before)
{
    struct two two;
    make_two(&two);
    // z = start + start, which nothing else reads, goes to `second`.
    two.operators[6].inputs[0] = 7;
    two.operators[6].inputs[1] = 7;
    two.model.outputs[0] = 5;
    struct utvm_graph *graph = NULL;
    struct utvm_error *error = parse_model(&two.model, &graph);
    cr_assert_null(error, "%s", error ? error->message : "");
    struct utvm_network *net;
    error = utvm_network_create(graph, true, &net);
    cr_assert_null(error, "%s", error ? error->message : "");
    cr_expect(net->layers[3].flags & UTVM_LAYER_FOLDED);
    cr_expect_not(net->layers[4].flags & UTVM_LAYER_FOLDED);
    cr_expect(utvm_network_executes(net, 4));
    cr_expect_eq(net->layers[4].inputs[0], 6);
    cr_expect_eq(net->tensors[6].place, UTVM_PLACE_WEIGHTS);
    cr_expect_eq(net->tensors[2].place, UTVM_PLACE_STATE);
    utvm_network_free(net);
    utvm_graph_free(graph);
}
