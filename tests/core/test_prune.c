// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/build/prune.h"
#include "kernels/operator_list.h"
#include "machine.h"
#include "net_writer.h"

TestSuite(prune, .timeout = 120);

#define MAX_FILTERS 16

static const bool first_half[MAX_FILTERS] = {1, 1, 1, 1, 1, 1, 1, 1};
static const bool all[MAX_FILTERS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

// A bias that makes a filter of zeros yield its output's zero point.
#define ZERO_POINT 0
// One that makes it yield another value than the zero point.
#define ANOTHER 3000

static const struct net_filters half = {
    .count = 16, .size = 1, .zero = first_half, .zero_bias = ZERO_POINT};
static const struct net_filters plain_filters = {.count = 8, .size = 1};

static uint32_t num_constant(const struct machine *m, int32_t tensor)
{
    const struct utvm_net_tensor *t = &m->net->tensors[tensor];
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->num_channels; i++) {
        count += t->channels[i].constant;
    }
    return count;
}

static void fill_input(const struct machine *m, uint32_t seed)
{
    uint8_t *input = machine_tensor_at(m, m->graph->inputs[0]);
    for (uint32_t i = 0; i < m->graph->tensors[m->graph->inputs[0]].size_bytes; i++) {
        seed = seed * 1664525u + 1013904223u;
        input[i] = (uint8_t)(seed >> 24);
    }
}

// Values of a tensor that is constant or in memory; false when it is neither.
static bool values_of(const struct machine *m, uint32_t tensor, uint8_t *ret)
{
    const struct utvm_net_tensor *t = &m->net->tensors[tensor];
    if (t->data) {
        memcpy(ret, t->data, m->graph->tensors[tensor].size_bytes);
    } else if (machine_tensor_at(m, t->stored_as)) {
        machine_read(m, tensor, ret);
    } else {
        return false;
    }
    return true;
}

// Runs both and compares each tensor when it has just been written, where both have it.
static void expect_equal(const struct machine *a, const struct machine *b, uint32_t seed)
{
    fill_input(a, seed);
    fill_input(b, seed);
    for (uint32_t i = 0; i < a->net->num_layers; i++) {
        const struct machine *both[2] = {a, b};
        for (int k = 0; k < 2; k++) {
            if (utvm_network_executes(both[k]->net, i)) {
                machine_run_layer(both[k], i);
            }
        }
        uint32_t output = a->net->tensors[a->net->layers[i].outputs[0]].stands_for;
        uint32_t size_bytes = a->graph->tensors[output].size_bytes;
        uint8_t *x = malloc(size_bytes);
        uint8_t *y = malloc(size_bytes);
        if (values_of(a, output, x) && values_of(b, output, y)) {
            cr_expect_eq(memcmp(x, y, size_bytes), 0, "seed %u: layer %u", seed, i);
        }
        free(x);
        free(y);
    }
}

// The network pruned, after it has been found equal to the network as it is.
static struct machine pruned_machine(struct net *n, int32_t output, int32_t second)
{
    struct machine pruned;
    struct machine plain;
    machine_init(&pruned, net_graph(n, output, second), true);
    machine_init(&plain, net_graph(n, output, second), false);
    for (uint32_t seed = 1; seed <= 3; seed++) {
        expect_equal(&pruned, &plain, seed);
    }
    cr_expect_eq(pruned.net->macs, plain.net->macs);
    cr_expect_leq(pruned.net->executed_macs, plain.net->executed_macs);
    cr_expect_eq(plain.net->executed_macs, plain.net->macs);
    machine_deinit(&plain);
    return pruned;
}

Test(prune, drops_constant_channels_between_convolutions)
{
    struct net n;
    net_init(&n, false, 1, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &half);
    int32_t b = net_conv(&n, a, &plain_filters);
    struct machine m = pruned_machine(&n, b, -1);
    cr_expect_eq(num_constant(&m, a), 8);
    cr_expect_eq(m.net->executed_macs, 5 * 6 * (3 * 8 + 8 * 8));
    cr_expect_eq(m.net->macs, 5 * 6 * (3 * 16 + 16 * 8));
    cr_expect_eq(m.net->layers[0].flags & UTVM_LAYER_PRUNED, UTVM_LAYER_PRUNED);
    cr_expect_eq(m.graph->tensors[m.net->tensors[a].stored_as].size_bytes, 5 * 6 * 8);
    // The weights that the model states are still there to be looked at.
    cr_expect_eq(m.net->tensors[1].place, UTVM_PLACE_HOST);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, model_outputs_stay_whole)
{
    struct net n;
    net_init(&n, false, 14, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &half);
    int32_t b = net_conv(&n, a, &half);
    struct machine m = pruned_machine(&n, b, a);
    cr_expect_eq(num_constant(&m, a), 0);
    cr_expect_eq(num_constant(&m, b), 0);
    cr_expect_eq(m.net->executed_macs, m.net->macs);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, puts_constants_into_the_next_bias)
{
    struct net n;
    struct net_filters filters = half;
    filters.zero_bias = ANOTHER;
    net_init(&n, false, 2, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &filters);
    struct machine m = pruned_machine(&n, net_conv(&n, a, &plain_filters), -1);
    cr_expect_eq(num_constant(&m, a), 8);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, keeps_channels_that_a_border_would_cut)
{
    static const struct net_filters windows = {.count = 8, .size = 3, .is_padded = true};
    static const struct net_filters planes = {.count = 16, .size = 3, .is_padded = true};
    for (int depthwise = 0; depthwise < 2; depthwise++) {
        for (int at_zero = 0; at_zero < 2; at_zero++) {
            struct net n;
            struct net_filters filters = half;
            filters.zero_bias = at_zero ? ZERO_POINT : ANOTHER;
            net_init(&n, false, 3, 5, 6, 3);
            int32_t a = net_conv(&n, 0, &filters);
            int32_t b = depthwise ? net_depthwise(&n, a, &planes) : net_conv(&n, a, &windows);
            struct machine m = pruned_machine(&n, net_conv(&n, b, &plain_filters), -1);
            cr_expect_eq(num_constant(&m, a), at_zero ? 8 : 0, "depthwise %d", depthwise);
            machine_deinit(&m);
            net_deinit(&n);
        }
    }
}

Test(prune, keeps_channels_whose_part_has_no_bias_to_go_into)
{
    struct net n;
    struct net_filters filters = half;
    struct net_filters next = plain_filters;
    filters.zero_bias = ANOTHER;
    next.has_no_bias = true;
    net_init(&n, false, 4, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &filters);
    struct machine m = pruned_machine(&n, net_conv(&n, a, &next), -1);
    cr_expect_eq(num_constant(&m, a), 0);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, keeps_a_tensor_whole_that_one_of_its_readers_needs_whole)
{
    struct net n;
    net_init(&n, false, 5, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &half);
    int32_t b = net_conv(&n, a, &plain_filters);
    struct machine m = pruned_machine(&n, b, net_softmax(&n, a));
    cr_expect_eq(num_constant(&m, a), 0);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, drops_what_all_readers_can_do_without)
{
    struct net n;
    net_init(&n, false, 6, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &half);
    int32_t b = net_conv(&n, a, &plain_filters);
    int32_t c = net_pool(&n, a, UTVM_OPERATOR_MAX_POOL_2D);
    struct machine m = pruned_machine(&n, b, net_conv(&n, c, &plain_filters));
    cr_expect_eq(num_constant(&m, a), 8);
    cr_expect_eq(num_constant(&m, c), 8);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, sums_have_the_channels_that_either_summand_has)
{
    static const bool other[MAX_FILTERS] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
    struct net n;
    struct net_filters filters = half;
    net_init(&n, false, 7, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &half);
    filters.zero = other;
    int32_t b = net_conv(&n, 0, &filters);
    int32_t sum = net_elementwise(&n, UTVM_OPERATOR_ADD, a, b);
    struct machine m = pruned_machine(&n, net_conv(&n, sum, &plain_filters), -1);
    cr_expect_eq(num_constant(&m, a), 4);
    cr_expect_eq(num_constant(&m, b), 4);
    cr_expect_eq(num_constant(&m, sum), 4);
    cr_expect_eq(m.net->tensors[sum].channels[4].constant, 1);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, channels_outlive_reshaping_into_a_vector)
{
    struct net n;
    net_init(&n, false, 8, 3, 2, 3);
    int32_t a = net_conv(&n, 0, &half);
    int32_t flat = net_flatten(&n, a);
    struct machine m = pruned_machine(&n, net_matrix(&n, flat, &plain_filters), -1);
    cr_expect_eq(num_constant(&m, flat), 8);
    cr_expect_eq(m.net->executed_macs, 3 * 2 * 3 * 8 + 3 * 2 * 8 * 8);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, mean_over_channels_needs_them_all)
{
    struct net n;
    net_init(&n, false, 9, 16, 16, 3);
    int32_t a = net_conv(&n, 0, &half);
    int32_t mean = net_mean(&n, a, 3);
    struct machine m = pruned_machine(&n, net_matrix(&n, mean, &plain_filters), -1);
    cr_expect_eq(num_constant(&m, a), 0);
    machine_deinit(&m);
    net_deinit(&n);
    net_init(&n, false, 9, 16, 16, 3);
    a = net_conv(&n, 0, &half);
    m = pruned_machine(&n, net_matrix(&n, net_mean(&n, a, 0), &plain_filters), -1);
    cr_expect_eq(num_constant(&m, a), 8);
    machine_deinit(&m);
    net_deinit(&n);
}

// What fits into no memory is not computed on the host either, only to find that out.
Test(prune, does_not_try_out_layers_of_absurd_size)
{
    struct net n;
    struct utvm_network *net;
    net_init(&n, false, 16, 700, 700, 3);
    int32_t a = net_conv(&n, 0, &half);
    int32_t b = net_pool(&n, a, UTVM_OPERATOR_MAX_POOL_2D);
    struct utvm_graph *graph = net_graph(&n, net_conv(&n, b, &plain_filters), -1);
    cr_assert_null(utvm_network_create(graph, true, &net));
    cr_expect_eq(net->tensors[a].num_channels, 0);
    utvm_network_free(net);
    utvm_graph_free(graph);
    net_deinit(&n);
}

Test(prune, leaves_channels_in_fours)
{
    static const bool five[MAX_FILTERS] = {1, 0, 1, 0, 1, 0, 1, 0, 1};
    struct net n;
    struct net_filters filters = half;
    filters.zero = five;
    net_init(&n, false, 10, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &filters);
    struct machine m = pruned_machine(&n, net_conv(&n, a, &plain_filters), -1);
    cr_expect_eq(num_constant(&m, a), 4);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, per_channel_scales_go_with_their_channels)
{
    struct net n;
    struct net_filters filters = half;
    filters.per_channel = true;
    net_init(&n, false, 11, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &filters);
    int32_t b = net_depthwise(&n, a, &filters);
    struct machine m = pruned_machine(&n, net_conv(&n, b, &filters), -1);
    cr_expect_eq(num_constant(&m, a), 8);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, a_layer_of_constants_alone_is_folded)
{
    struct net n;
    struct net_filters filters = half;
    filters.zero = all;
    net_init(&n, false, 12, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &filters);
    int32_t b = net_conv(&n, a, &plain_filters);
    struct machine m = pruned_machine(&n, b, -1);
    cr_expect_eq(m.net->layers[0].flags, UTVM_LAYER_FOLDED);
    cr_expect_eq(m.net->layers[1].flags, UTVM_LAYER_FOLDED);
    cr_expect_eq(m.net->tensors[a].flags, UTVM_TENSOR_CONSTANT);
    cr_expect_eq(m.net->tensors[b].flags, UTVM_TENSOR_CONSTANT | UTVM_TENSOR_OUTPUT);
    cr_expect_eq(m.net->executed_macs, 0);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, a_folded_layer_reads_nothing)
{
    struct net n;
    struct net_filters filters = half;
    filters.zero = all;
    filters.size = 3;
    net_init(&n, false, 15, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &half);
    int32_t b = net_conv(&n, a, &filters);
    struct machine m = pruned_machine(&n, net_conv(&n, a, &plain_filters), b);
    cr_expect_eq(m.net->layers[1].flags, UTVM_LAYER_FOLDED);
    cr_expect_eq(num_constant(&m, a), 8);
    machine_deinit(&m);
    net_deinit(&n);
}

Test(prune, drops_nothing_when_told_so)
{
    struct net n;
    struct machine m;
    net_init(&n, false, 13, 5, 6, 3);
    int32_t a = net_conv(&n, 0, &half);
    machine_init(&m, net_graph(&n, net_conv(&n, a, &plain_filters), -1), false);
    cr_expect_eq(m.net->tensors[a].stored_as, (uint32_t)a);
    cr_expect_eq(m.net->layers[0].flags, 0);
    cr_expect_eq(m.net->executed_macs, m.net->macs);
    machine_deinit(&m);
    net_deinit(&n);
}

// Filters of which some are zeros, with a bias that makes them any value.
static int32_t add_random_filters(struct net *n, int32_t from)
{
    bool zero[MAX_FILTERS];
    uint32_t odds = 1 + net_random(n, 3);
    for (int i = 0; i < MAX_FILTERS; i++) {
        zero[i] = net_random(n, 4) < odds;
    }
    struct net_filters f = {
        .count = 4 * (int32_t)(1 + net_random(n, 4)) - (int32_t)(net_random(n, 4) == 0),
        .size = 1 + 2 * (int32_t)net_random(n, 2),
        .is_padded = net_random(n, 2) == 0,
        .has_no_bias = net_random(n, 5) == 0,
        .activation = (int32_t)net_random(n, 2),
        .zero = zero,
        .zero_bias = (int32_t)net_random(n, 3) * 4000 - 4000,
        .per_channel = net_random(n, 2) == 0,
    };
    if (net_random(n, 3) == 0) {
        f.count = n->tensors[from].dims[3];
        return f.count > MAX_FILTERS ? from : net_depthwise(n, from, &f);
    }
    return net_conv(n, from, &f);
}

static int32_t add_random_layer(struct net *n, int32_t from)
{
    static const int32_t pools[2] = {UTVM_OPERATOR_AVERAGE_POOL_2D, UTVM_OPERATOR_MAX_POOL_2D};
    static const int32_t binaries[3] = {UTVM_OPERATOR_ADD, UTVM_OPERATOR_SUB, UTVM_OPERATOR_MUL};
    struct net_filters again = {.count = n->tensors[from].dims[3], .size = 1, .zero = first_half};
    switch (net_random(n, 8)) {
    case 0:
        return net_pool(n, from, pools[net_random(n, 2)]);
    case 1:
        return net_elementwise(n, UTVM_OPERATOR_RELU, from, -1);
    case 2: // a residual block
        return net_elementwise(n, binaries[net_random(n, 3)], from, net_conv(n, from, &again));
    case 3:
        return net_pad(n, from);
    case 4:
        return net_elementwise(n, UTVM_OPERATOR_QUANTIZE, from, -1);
    default:
        return add_random_filters(n, from);
    }
}

static int32_t add_random_end(struct net *n, int32_t from)
{
    static const struct net_filters last = {.count = 5};
    switch (net_random(n, 3)) {
    case 0:
        return net_matrix(n, net_flatten(n, from), &last);
    case 1:
        return net_matrix(n, net_mean(n, from, 0), &last);
    default:
        return add_random_filters(n, from);
    }
}

// Any network gives the same bytes in all of its tensors, whatever its layers make of each other.
static void check_random_networks(bool is_int16, uint32_t count)
{
    uint32_t constant = 0;
    for (uint32_t seed = 1; seed <= count; seed++) {
        struct net n;
        net_init(&n, is_int16, seed * 7919, 9, 8, 3);
        int32_t at = add_random_filters(&n, 0);
        for (uint32_t i = 0; i < 5; i++) {
            bool small = n.tensors[at].dims[1] < 4 || n.tensors[at].dims[2] < 4;
            at = small ? net_pad(&n, at) : add_random_layer(&n, at);
        }
        struct machine m = pruned_machine(&n, add_random_end(&n, at), -1);
        for (uint32_t i = 0; i < n.num_tensors; i++) {
            constant += num_constant(&m, (int32_t)i);
        }
        machine_deinit(&m);
        net_deinit(&n);
    }
    cr_expect_gt(constant, 8 * count, "too little to prove anything: %u", constant);
}

Test(prune, random_int8_networks_stay_equal)
{
    check_random_networks(false, 200);
}

Test(prune, random_int16_networks_stay_equal)
{
    check_random_networks(true, 100);
}
