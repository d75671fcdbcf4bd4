// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_CORE_MACHINE_H
#define UTVM_TESTS_CORE_MACHINE_H

#include "core/build/network.h"

/** A network as its image would hold it: planned memory, packed weights, the kernels of the host.
 */
struct machine {
    struct utvm_graph *graph;
    struct utvm_network *net;
    uint8_t *arena[UTVM_NET_MAX_REGIONS];
    uint8_t *state;
};

/** Takes the graph over. */
void machine_init(struct machine *m, struct utvm_graph *graph, bool prune);
void machine_deinit(struct machine *m);

/** Variable tensors to what they start from. */
void machine_reset_state(const struct machine *m);

/** Where code finds a tensor; NULL when it is in no memory of the device. */
void *machine_tensor_at(const struct machine *m, uint32_t index);

/** The values of a tensor of the model file, channels that are not in memory included. */
void machine_read(const struct machine *m, uint32_t index, void *ret);

void machine_run_layer(const struct machine *m, uint32_t index);

/** All layers that have code. */
void machine_run(const struct machine *m);

#endif
