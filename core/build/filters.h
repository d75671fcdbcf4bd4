// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_FILTERS_H
#define UTVM_CORE_BUILD_FILTERS_H

#include "core/build/network.h"

/**
 * What is known of the channels of an activation: element e of the tensor belongs to channel
 * e % count, whatever its shape (so RESHAPE keeps channels).
 */
struct utvm_channel_set {
    uint32_t count; /**< 0: nothing is known, each element may have any value of its type */
    bool *constant; /**< [count] the channel has one value, whatever the model's inputs are */
    int32_t *value; /**< [count] that value */
};

/** CONV_2D without groups or FULLY_CONNECTED of integers, with constant weights and bias. */
struct utvm_filters {
    const int8_t *weights; /**< [num_filters][filter_elems], channels innermost */
    const uint8_t *bias;   /**< int32[num_filters], int64 if the data is int16; NULL = none */
    uint32_t num_filters;
    uint64_t filter_elems;
    bool is_int16;
    bool is_cut; /**< some window reaches beyond the input, where products are left out */
    int32_t input_offset;
    int32_t output_offset;
    int32_t act_min;
    int32_t act_max;
    const int32_t *multipliers; /**< [num_filters] */
    const int32_t *shifts;      /**< [num_filters] */
};

/** @return false when the layer is something else */
bool utvm_filters_of(const struct utvm_network *net, uint32_t layer, struct utvm_filters *ret);

/**
 * True when a filter yields one value for all inputs: the sums it can have form an interval, and
 * both of its ends give the same output; rounding and clamping keep the order in between.
 * Channels of the input that are constant count with their value, all others with every value of
 * their type, so that the answer holds for anything a user may write into the input.
 * @param input the channels of input 0
 */
bool utvm_filter_is_constant(const struct utvm_filters *f, uint32_t filter,
                             const struct utvm_channel_set *input, int32_t *ret_value);

/** The products with constant channels, which are part of every sum unless the filter is cut. */
int64_t utvm_filter_constant_part(const struct utvm_filters *f, uint32_t filter,
                                  const struct utvm_channel_set *input);

/** The bias of a filter; 0 if it has none. */
int64_t utvm_filter_bias(const struct utvm_filters *f, uint32_t filter);

#endif
