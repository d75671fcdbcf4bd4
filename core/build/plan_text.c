// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/build/layout.h"
#include "core/tensor.h"

#define MAP_COLUMNS 48

// Marks the columns that a piece of memory takes; one column at least.
static void mark(char *map, uint64_t total, uint64_t start, uint64_t size_bytes, char with)
{
    if (total == 0) {
        return;
    }
    uint64_t first = start * MAP_COLUMNS / total;
    uint64_t end = (start + size_bytes) * MAP_COLUMNS / total;
    if (end <= first) {
        end = first + 1;
    }
    for (uint64_t i = first; i < end && i < MAP_COLUMNS; i++) {
        map[i] = with;
    }
}

static uint64_t region_start(const struct utvm_network *net, uint32_t region)
{
    uint64_t start = 0;
    for (uint32_t i = 0; i < region; i++) {
        start += net->regions[i].used_bytes;
    }
    return start;
}

// o = written by this layer, = = read by it, - = kept for later, w = workspace, . = free.
static void draw_layer(const struct utvm_network *net, uint32_t layer, char *map)
{
    memset(map, '.', MAP_COLUMNS);
    map[MAP_COLUMNS] = '\0';
    const struct utvm_graph_operator *op = &net->graph->operators[layer];
    const struct utvm_net_layer *l = &net->layers[layer];
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        const struct utvm_net_tensor *tensor = &net->tensors[i];
        uint32_t first = tensor->first_layer == UTVM_NO_INDEX ? 0 : tensor->first_layer;
        if (tensor->place != UTVM_PLACE_ARENA || first > layer || tensor->last_layer < layer ||
            tensor->first_layer == layer) {
            continue;
        }
        char kind = '-';
        for (uint32_t k = 0; k < op->num_inputs; k++) {
            if (l->inputs[k] == i) {
                kind = '=';
            }
        }
        mark(map, net->arena_bytes, region_start(net, tensor->region) + tensor->offset,
             net->graph->tensors[i].size_bytes, kind);
    }
    if (utvm_network_executes(net, layer) && l->prepared.workspace_bytes > 0) {
        mark(map, net->arena_bytes, region_start(net, l->workspace_region) + l->workspace_offset,
             l->prepared.workspace_bytes, 'w');
    }
    for (uint32_t k = 0; k < op->num_outputs && utvm_network_executes(net, layer); k++) {
        const struct utvm_net_tensor *tensor = &net->tensors[l->outputs[k]];
        if (tensor->place == UTVM_PLACE_ARENA) {
            mark(map, net->arena_bytes, region_start(net, tensor->region) + tensor->offset,
                 net->graph->tensors[l->outputs[k]].size_bytes, 'o');
        }
    }
}

static void list_tensors(const struct utvm_network *net, struct utvm_text *out)
{
    utvm_text_addf(out, "\n%6s  %-6s %8s %8s  %6s  %s\n", "tensor", "memory", "offset", "bytes",
                   "layers", "name");
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        const struct utvm_net_tensor *tensor = &net->tensors[i];
        if (tensor->place != UTVM_PLACE_ARENA && tensor->place != UTVM_PLACE_STATE) {
            continue;
        }
        char layers[32];
        if (tensor->first_layer == UTVM_NO_INDEX) {
            snprintf(layers, sizeof(layers), "in-%u", tensor->last_layer);
        } else {
            snprintf(layers, sizeof(layers), "%u-%u", tensor->first_layer, tensor->last_layer);
        }
        bool state = tensor->place == UTVM_PLACE_STATE;
        const char *name = net->graph->tensors[i].name;
        char *printable = utvm_text_printable(name, strlen(name));
        size_t shown = printable ? utvm_text_prefix(printable, 60) : 0;
        utvm_text_addf(out, "t%-5u  %-6s %8u %8u  %6s  %.*s\n", tensor->stands_for,
                       state ? "state" : net->regions[tensor->region].memory, tensor->offset,
                       net->graph->tensors[i].size_bytes, layers, (int)shown,
                       printable ? printable : "");
        free(printable);
    }
}

void utvm_plan_text(const struct utvm_network *net, struct utvm_text *out)
{
    double over =
        net->bound_bytes ? 100.0 * ((double)net->arena_bytes / (double)net->bound_bytes - 1) : 0;
    utvm_text_addf(out, "arena %llu bytes, lower bound %llu (%+.1f %%)",
                   (unsigned long long)net->arena_bytes, (unsigned long long)net->bound_bytes,
                   over);
    for (uint32_t i = 0; i < net->num_regions; i++) {
        utvm_text_addf(out, "; %s %u of %u", net->regions[i].memory, net->regions[i].used_bytes,
                       net->regions[i].capacity_bytes);
    }
    utvm_text_addf(out,
                   "\nstate %u bytes, constants %u bytes (and %u that only the debugger reads)\n\n",
                   net->state_bytes, net->weights_bytes, net->host_bytes);
    utvm_text_addf(out, "%-5s %-24s %8s  map: o written, = read, - kept, w workspace, . free\n",
                   "layer", "name", "alive");
    for (uint32_t i = 0; i < net->num_layers; i++) {
        char map[MAP_COLUMNS + 1];
        draw_layer(net, i, map);
        utvm_text_addf(out, "%-5u %-24.24s %8llu  |%s|\n", i, net->layers[i].name,
                       (unsigned long long)utvm_network_live_bytes(net, i), map);
    }
    list_tensors(net, out);
}
