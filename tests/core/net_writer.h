// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_CORE_NET_WRITER_H
#define UTVM_TESTS_CORE_NET_WRITER_H

#include "core/import/graph.h"
#include "tflite_writer.h"

/**
 * Networks of int8 or int16 activations for tests, written layer by layer. The functions that add a
 * layer give the index of the tensor that it writes.
 */
#define NET_TENSORS 64
#define NET_OPERATORS 16

struct net {
    bool is_int16;
    uint32_t random; /**< state of the generator of weights */
    struct test_tensor tensors[NET_TENSORS];
    char names[NET_TENSORS][16];
    uint32_t num_tensors;
    struct test_operator operators[NET_OPERATORS];
    int32_t options[NET_OPERATORS][8];
    uint32_t num_operators;
    void *storage[NET_TENSORS]; /**< of constants */
    struct test_model model;
};

/** Starts with the model's input [1,h,w,c], tensor 0. */
void net_init(struct net *n, bool is_int16, uint32_t seed, int32_t h, int32_t w, int32_t c);
void net_deinit(struct net *n);
uint32_t net_random(struct net *n, uint32_t below);

/** What a convolution or a matrix is to be. */
struct net_filters {
    int32_t count;  /**< output channels; as many as the input's for depthwise */
    int32_t size;   /**< rows and columns of a filter */
    bool is_padded; /**< SAME */
    bool has_no_bias;
    int32_t activation; /**< 1 RELU */
    const bool *zero;   /**< [count] filters of zeros; NULL = none */
    int32_t zero_bias;  /**< bias of these */
    bool per_channel;   /**< a scale for each, at most 16 */
};

int32_t net_conv(struct net *n, int32_t input, const struct net_filters *f);
int32_t net_depthwise(struct net *n, int32_t input, const struct net_filters *f);
/** FULLY_CONNECTED over all of its input. */
int32_t net_matrix(struct net *n, int32_t input, const struct net_filters *f);
/** AVERAGE_POOL_2D, MAX_POOL_2D of 2x2 windows, SAME, stride 1. */
int32_t net_pool(struct net *n, int32_t input, int32_t code);
/** An operator with one or two inputs of the output's shape and no options but an activation. */
int32_t net_elementwise(struct net *n, int32_t code, int32_t input, int32_t other);
/** PAD of a row above and a column on the right. */
int32_t net_pad(struct net *n, int32_t input);
/** RESHAPE to [1, elements]. */
int32_t net_flatten(struct net *n, int32_t input);
/** MEAN over height and width, or over the given axis if it is not 0. */
int32_t net_mean(struct net *n, int32_t input, int32_t axis);
/** SOFTMAX. */
int32_t net_softmax(struct net *n, int32_t input);

/** The .tflite file with one output, or two if the second is not -1; malloc'd. */
uint8_t *net_bytes(struct net *n, int32_t output, int32_t second, size_t *size_bytes);
/** The same as a graph. */
struct utvm_graph *net_graph(struct net *n, int32_t output, int32_t second);

#endif
