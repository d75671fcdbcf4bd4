// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/build/network.h"
#include "core/tensor.h"

#define CONSTANT_ALIGN 16

// The section under construction, with what it holds, so that equal constants are kept once.
struct packer {
    uint8_t *bytes;
    size_t size_bytes;
    size_t capacity_bytes;
    struct packed {
        uint32_t offset;
        uint32_t size_bytes;
        uint64_t hash;
    } * packed;
    size_t num_packed;
};

// FNV-1a; only a filter in front of memcmp.
static uint64_t hash_bytes(const uint8_t *bytes, uint32_t size_bytes)
{
    uint64_t hash = 14695981039346656037ull;
    for (uint32_t i = 0; i < size_bytes; i++) {
        hash = (hash ^ bytes[i]) * 1099511628211ull;
    }
    return hash;
}

static struct utvm_error *reserve(struct packer *p, size_t end)
{
    if (end > UINT32_MAX) {
        return utvm_error_create(UTVM_ERROR_NO_SPACE, "the constants have more than 4 GiB");
    }
    if (end > p->capacity_bytes) {
        size_t capacity = end + end / 2 + 4096;
        uint8_t *bytes = realloc(p->bytes, capacity);
        if (!bytes) {
            return utvm_error_no_memory();
        }
        memset(bytes + p->capacity_bytes, 0, capacity - p->capacity_bytes);
        p->bytes = bytes;
        p->capacity_bytes = capacity;
    }
    struct packed *packed = realloc(p->packed, (p->num_packed + 1) * sizeof(*packed));
    if (!packed) {
        return utvm_error_no_memory();
    }
    p->packed = packed;
    return NULL;
}

// *added receives the bytes that were new.
static struct utvm_error *pack(struct packer *p, const void *data, uint32_t size_bytes,
                               uint32_t *offset, uint32_t *added)
{
    if (size_bytes == 0) {
        *offset = 0;
        return NULL;
    }
    uint64_t hash = hash_bytes(data, size_bytes);
    for (size_t i = 0; i < p->num_packed; i++) {
        const struct packed *other = &p->packed[i];
        if (other->hash == hash && other->size_bytes == size_bytes &&
            memcmp(p->bytes + other->offset, data, size_bytes) == 0) {
            *offset = other->offset;
            return NULL;
        }
    }
    size_t start = (p->size_bytes + CONSTANT_ALIGN - 1) / CONSTANT_ALIGN * CONSTANT_ALIGN;
    struct utvm_error *error = reserve(p, start + size_bytes);
    if (error) {
        return error;
    }
    memcpy(p->bytes + start, data, size_bytes);
    p->packed[p->num_packed++] = (struct packed){
        .offset = (uint32_t)start,
        .size_bytes = size_bytes,
        .hash = hash,
    };
    p->size_bytes = start + size_bytes;
    *offset = (uint32_t)start;
    *added += size_bytes;
    return NULL;
}

static struct utvm_error *pack_layer(struct utvm_network *net, struct packer *p, uint32_t index,
                                     bool *done)
{
    const struct utvm_graph_operator *op = &net->graph->operators[index];
    struct utvm_net_layer *layer = &net->layers[index];
    struct utvm_error *error = NULL;
    layer->weights_bytes = 0;
    for (uint32_t i = 0; i < op->num_inputs && !error; i++) {
        uint32_t tensor = layer->inputs[i];
        if (tensor == UTVM_NO_INDEX || done[tensor] ||
            net->tensors[tensor].place != UTVM_PLACE_WEIGHTS) {
            continue;
        }
        done[tensor] = true;
        error = pack(p, net->tensors[tensor].data, net->graph->tensors[tensor].size_bytes,
                     &net->tensors[tensor].offset, &layer->weights_bytes);
    }
    for (uint32_t i = 0; i < layer->prepared.num_constants && !error; i++) {
        const struct utvm_prepared_constant *constant = &layer->prepared.constants[i];
        uint64_t size_bytes = (uint64_t)constant->num_elems * utvm_dtype_size(constant->dtype);
        UTVM_ASSERT(size_bytes <= UINT32_MAX);
        error = pack(p, constant->data, (uint32_t)size_bytes, &layer->constant_offsets[i],
                     &layer->weights_bytes);
    }
    return utvm_error_prefix(error, "layer %u '%s'", index, layer->name);
}

// The tensors of a place that no layer has brought along: model outputs that were folded, and what
// is only there to be looked at.
static struct utvm_error *pack_rest(struct utvm_network *net, struct packer *p,
                                    enum utvm_place_kind place, const bool *done)
{
    uint32_t added = 0;
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        if (done[i] || net->tensors[i].place != place) {
            continue;
        }
        struct utvm_error *error = pack(p, net->tensors[i].data, net->graph->tensors[i].size_bytes,
                                        &net->tensors[i].offset, &added);
        if (error) {
            return error;
        }
    }
    return NULL;
}

struct utvm_error *utvm_network_pack_weights(struct utvm_network *net)
{
    struct packer p = {0};
    struct packer host = {0};
    bool *done = calloc((size_t)net->num_tensors + 1, sizeof(*done));
    struct utvm_error *error = done ? NULL : utvm_error_no_memory();
    for (uint32_t i = 0; i < net->num_layers && !error; i++) {
        if (utvm_network_executes(net, i)) {
            error = pack_layer(net, &p, i, done);
        }
    }
    if (!error) {
        error = pack_rest(net, &p, UTVM_PLACE_WEIGHTS, done);
    }
    if (!error) {
        error = pack_rest(net, &host, UTVM_PLACE_HOST, done);
    }
    free(done);
    free(p.packed);
    free(host.packed);
    if (error) {
        free(p.bytes);
        free(host.bytes);
        return error;
    }
    free(net->weights);
    net->weights = p.bytes;
    net->weights_bytes = (uint32_t)p.size_bytes;
    free(net->host);
    net->host = host.bytes;
    net->host_bytes = (uint32_t)host.size_bytes;
    return NULL;
}
