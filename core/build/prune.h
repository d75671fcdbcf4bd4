// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_PRUNE_H
#define UTVM_CORE_BUILD_PRUNE_H

#include "core/build/filters.h"

/**
 * Removal of constant channels: prune.c finds out which channels need neither memory nor code, with
 * what channel_roles.c knows about operators; compact.c makes tensors and operators without them.
 */

/** What a layer does to channels. */
enum utvm_channel_role {
    UTVM_ROLE_OPAQUE,      /**< its tensors stay as they are */
    UTVM_ROLE_FILTERS,     /**< each output channel sees all input channels: utvm_filters_of() */
    UTVM_ROLE_CHANNELWISE, /**< output channel c sees channel c of utvm_channelwise_inputs() */
};

enum utvm_channel_role utvm_channel_role(const struct utvm_network *net, uint32_t layer);

/** Inputs 0 to this (exclusive) of a CHANNELWISE layer have the channels of its output. */
uint32_t utvm_channelwise_inputs(uint32_t operator_id);

/** The last dimension of a tensor of int8 or int16; 0 for all others, which have no channels here.
 */
uint32_t utvm_last_dim(const struct utvm_graph_tensor *tensor);

/** The channels of all tensors of a network. */
struct utvm_channels {
    struct utvm_channel_set *of; /**< [num_tensors]; `constant`: not in memory */
    uint32_t num_tensors;
};

void utvm_channels_deinit(struct utvm_channels *channels);

/** Finds the channels that can be left out, those of all layers agreeing with each other. */
UTVM_MUST_CHECK struct utvm_error *utvm_find_constant_channels(const struct utvm_network *net,
                                                               struct utvm_channels *ret);

/** Channels of a set that are in memory. */
uint32_t utvm_channels_left(const struct utvm_channel_set *set);

/**
 * Makes a tensor without constant channels for each that has some, and prepares the layers that
 * read or write them anew.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_compact(struct utvm_network *net,
                                                const struct utvm_channels *channels);

#endif
