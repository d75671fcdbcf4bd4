// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stddef.h>
#include <stdint.h>

#include "core/build/network.h"

// Bytes of a model file, through everything that reads them before a compiler starts: the reader,
// prepare, the names, the weights and the memory plan.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct utvm_graph *graph;
    struct utvm_network *net;
    struct utvm_error *error = utvm_tflite_parse("fuzz.tflite", bytes, size_bytes, &graph);
    if (error) {
        utvm_error_free(error);
        return 0;
    }
    error = utvm_network_create(graph, true, &net);
    if (!error) {
        net->num_regions = 2;
        net->regions[0] = (struct utvm_net_region){.memory = "dtcm", .capacity_bytes = 60000};
        net->regions[1] = (struct utvm_net_region){.memory = "sram", .capacity_bytes = 260000};
        error = utvm_network_pack_weights(net);
        if (!error) {
            error = utvm_network_plan(net);
        }
        utvm_network_free(net);
    }
    utvm_error_free(error);
    utvm_graph_free(graph);
    return 0;
}
