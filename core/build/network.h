// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_NETWORK_H
#define UTVM_CORE_BUILD_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/import/graph.h"
#include "core/import/prepare.h"

/**
 * A network on its way from a graph to an image: what prepare said about each operator, what the
 * passes decided, and where the planner put each tensor. Layers are the graph's operators in their
 * order, one for one; a layer that need not run keeps its place, its name and its flags. Tensors
 * are the graph's, and behind them those that passes have added to it.
 */

/** In which part of the image or of RAM a tensor lies. */
enum utvm_place_kind {
    UTVM_PLACE_ABSENT, /**< unused, or fused away */
    UTVM_PLACE_ARENA,
    UTVM_PLACE_STATE,   /**< variable tensors */
    UTVM_PLACE_WEIGHTS, /**< constants that the device reads */
    UTVM_PLACE_HOST,    /**< constants that only the debugger looks at */
};

struct utvm_net_tensor {
    enum utvm_place_kind place;
    const uint8_t *data;   /**< constants, folded results, initial values; borrowed, else NULL */
    void *folded;          /**< owned storage of data, when a pass computed it */
    uint32_t root;         /**< ARENA: tensor whose memory it shares; itself unless in place */
    uint32_t region;       /**< ARENA: arena region 0 or 1 */
    uint32_t offset;       /**< bytes from the start of the region or section */
    uint32_t first_layer;  /**< that writes it; UTVM_NO_INDEX: input or constant */
    uint32_t last_layer;   /**< that reads it; its writer when none does; last for outputs */
    uint32_t flags;        /**< enum utvm_tensor_flags */
    uint32_t stored_as;    /**< the tensor that lies in memory in its place; itself unless pruned */
    uint32_t stands_for;   /**< the tensor of the model file that it is made from; else itself */
    uint32_t num_channels; /**< of the channels; 0 unless pruned */
    struct utvm_desc_channel *channels; /**< [num_channels], owned: which ones are constant */
};

struct utvm_net_layer {
    char *name;           /**< unique, [A-Za-z0-9_.-]+; owned */
    uint32_t flags;       /**< enum utvm_layer_flags */
    uint32_t executed_by; /**< its own index unless FUSED */
    /**
     * What its code reads and writes: the operator's operands, but where a pass has fused a
     * neighbour into it. Owned, as long as the operator's lists.
     */
    uint32_t *inputs;
    uint32_t *outputs;
    struct utvm_prepared prepared;
    uint32_t constant_offsets[UTVM_MAX_PREPARED_CONSTANTS]; /**< in the weights section */
    uint32_t workspace_region;
    uint32_t workspace_offset;
    uint32_t weights_bytes;
};

/** One of the places where activations and workspace may lie. */
struct utvm_net_region {
    const char *memory; /**< "dtcm", "sram" */
    uint32_t capacity_bytes;
    uint32_t used_bytes;
};

#define UTVM_NET_MAX_REGIONS 2

struct utvm_network {
    struct utvm_graph *graph;      /**< borrowed; folded constants are entered into it */
    struct utvm_net_layer *layers; /**< [graph->num_operators], owned */
    uint32_t num_layers;
    struct utvm_net_tensor *tensors; /**< [graph->num_tensors], owned */
    uint32_t num_tensors;
    struct utvm_net_region regions[UTVM_NET_MAX_REGIONS];
    uint32_t num_regions;
    uint32_t state_bytes;
    uint8_t *weights; /**< the weights section, owned */
    uint32_t weights_bytes;
    uint8_t *host; /**< constants that only the debugger looks at, owned */
    uint32_t host_bytes;
    uint64_t arena_bytes; /**< sum of used_bytes */
    uint64_t bound_bytes; /**< the largest sum of tensors and workspace alive at once */
    uint64_t macs;
    uint64_t executed_macs;
};

/**
 * Prepares every operator, computes what depends on constants only (FOLDED), removes constant
 * channels (PRUNED), fuses (FUSED), and names every layer.
 * @param graph borrowed as long as the network lives; must not be used afterwards but to be freed
 * @param prune false: leave out neither constant channels nor layers of nothing else
 * @return what prepare refuses, naming the operator
 */
UTVM_MUST_CHECK struct utvm_error *utvm_network_create(struct utvm_graph *graph, bool prune,
                                                       struct utvm_network **ret);
void utvm_network_free(struct utvm_network *net);

/** True when the layer has code of its own. */
bool utvm_network_executes(const struct utvm_network *net, uint32_t layer);

/**
 * Runs an operator whose inputs are all constants, now, on this machine: its outputs become
 * constants. Nothing happens where that is not possible, or where it would not pay.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_pass_fold(struct utvm_network *net, uint32_t layer);

/**
 * Makes the outputs of a layer constants if none of them depends on its inputs. Needs the layer to
 * be prepared, and all before it.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_pass_fold_constant_filters(struct utvm_network *net,
                                                                   uint32_t layer);

/**
 * Removes channels that have the same value whatever the inputs are, from memory and from what is
 * computed: the layers concerned are prepared again, with tensors without these channels.
 * Before utvm_pass_fuse().
 */
UTVM_MUST_CHECK struct utvm_error *utvm_pass_prune(struct utvm_network *net);

/**
 * Lets activations run inside the operator before them, and PAD inside the convolution behind it,
 * wherever the result is the same bit for bit. Their layers stay, as FUSED.
 */
void utvm_pass_fuse(struct utvm_network *net);

/** The alignment that kernels are promised for a tensor's address. */
uint32_t utvm_tensor_align(const struct utvm_graph_tensor *tensor);

/** Every tensor's first and last layer, place and flags, after the passes; places the state. */
void utvm_network_find_lifetimes(struct utvm_network *net);

/**
 * Decides where each arena tensor and each workspace lies. net->regions says what there
 * is; their used_bytes are set.
 * @return NO_SPACE with the numbers: what is needed, what there is, the layer that needs most
 */
UTVM_MUST_CHECK struct utvm_error *utvm_network_plan(struct utvm_network *net);

/**
 * Lays the constants of tensors and kernels into net->weights, and those that no kernel reads into
 * net->host; equal ones are kept once in each.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_network_pack_weights(struct utvm_network *net);

/** Bytes of the arena alive while a layer runs: tensors, each memory once, and workspace. */
uint64_t utvm_network_live_bytes(const struct utvm_network *net, uint32_t layer);

/**
 * Names for all layers. A layer is called after its output tensor: see names.c for the rule.
 * @param names [num_operators], each malloc'd
 */
UTVM_MUST_CHECK struct utvm_error *utvm_layer_names(const struct utvm_graph *graph, char **names);

#endif
