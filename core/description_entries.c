// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/channels.h"
#include "core/description_reader.h"
#include "core/memories.h"
#include "core/tensor.h"
#include "kernels/operator_list.h"

static struct utvm_error *read_region(const struct utvm_description_reader *r, uint32_t i,
                                      struct utvm_region *ret)
{
    const uint8_t *e = r->regions.data + (size_t)i * r->regions.entry_bytes;
    struct utvm_error *error = utvm_description_string(
        r, UTVM_DESCRIPTION_WORD(e, utvm_desc_region, name), "region name", &ret->name);
    if (!error) {
        error = utvm_description_string(r, UTVM_DESCRIPTION_WORD(e, utvm_desc_region, memory),
                                        "region memory", &ret->memory);
    }
    if (error) {
        return error;
    }
    uint32_t kind = UTVM_DESCRIPTION_WORD(e, utvm_desc_region, kind);
    ret->base = UTVM_DESCRIPTION_WORD(e, utvm_desc_region, base);
    ret->size_bytes = UTVM_DESCRIPTION_WORD(e, utvm_desc_region, size_bytes);
    if (kind < UTVM_REGION_CODE || kind > UTVM_REGION_HOST) {
        return utvm_description_bad(r, "region %u '%s' is of unknown kind %u", (unsigned)i,
                                    ret->name, (unsigned)kind);
    }
    ret->kind = (enum utvm_region_kind)kind;
    if (ret->kind == UTVM_REGION_HOST) {
        return ret->base == 0 && ret->size_bytes <= r->image->constants_bytes
                   ? NULL
                   : utvm_description_bad(
                         r,
                         "region %u '%s' (%u bytes at 0x%08x) is not the section .utvm.constants "
                         "of %zu bytes",
                         (unsigned)i, ret->name, (unsigned)ret->size_bytes, (unsigned)ret->base,
                         r->image->constants_bytes);
    }
    if (ret->size_bytes && !utvm_memory_at(0, ret->base, ret->size_bytes)) {
        return utvm_description_bad(
            r, "region %u '%s' (%u bytes at 0x%08x) is in no memory of an STM32F7", (unsigned)i,
            ret->name, (unsigned)ret->size_bytes, (unsigned)ret->base);
    }
    return NULL;
}

// Channels that are not in memory: of an activation of small integers, and some are left.
static struct utvm_error *read_channels(const struct utvm_description_reader *r, const uint8_t *e,
                                        struct utvm_tensor *t)
{
    uint32_t first = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, first_channel);
    uint32_t count = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, num_channels);
    if (count == 0) {
        return NULL;
    }
    if (first > r->channels.count || count > r->channels.count - first ||
        t->num_elems % count != 0) {
        return utvm_description_bad(r, "tensor %u '%s': channels %u to %llu of %u",
                                    (unsigned)t->index, t->name, (unsigned)first,
                                    (unsigned long long)first + count, (unsigned)r->channels.count);
    }
    uint32_t fixed = UTVM_TENSOR_INPUT | UTVM_TENSOR_OUTPUT | UTVM_TENSOR_CONSTANT |
                     UTVM_TENSOR_VARIABLE | UTVM_TENSOR_ABSENT;
    if ((t->flags & fixed) != 0 || (t->dtype != UTVM_DTYPE_INT8 && t->dtype != UTVM_DTYPE_INT16)) {
        return utvm_description_bad(r, "tensor %u '%s' may not have constant channels",
                                    (unsigned)t->index, t->name);
    }
    double lowest = 0;
    double highest = 0;
    bool known = utvm_dtype_range(t->dtype, &lowest, &highest);
    for (uint32_t i = 0; i < count; i++) {
        const struct utvm_desc_channel *channel = &r->channel_values[first + i];
        if (!known || channel->constant > 1 || channel->value < lowest ||
            channel->value > highest) {
            return utvm_description_bad(r, "tensor %u '%s': channel %u has no value of its type",
                                        (unsigned)t->index, t->name, (unsigned)i);
        }
    }
    t->num_channels = count;
    t->channels = r->channel_values + first;
    return NULL;
}

static struct utvm_error *check_shape(const struct utvm_description_reader *r,
                                      const struct utvm_tensor *t)
{
    uint64_t num_elems = 1;
    for (uint32_t i = 0; i < t->rank; i++) {
        if (t->dims[i] == 0) {
            return utvm_description_bad(r, "tensor %u '%s': dimension %u is zero",
                                        (unsigned)t->index, t->name, (unsigned)i);
        }
        if (__builtin_mul_overflow(num_elems, (uint64_t)t->dims[i], &num_elems)) {
            return utvm_description_bad(r, "tensor %u '%s': the shape overflows",
                                        (unsigned)t->index, t->name);
        }
    }
    size_t elem_bytes = utvm_dtype_size(t->dtype);
    uint64_t stored = num_elems;
    if (t->num_channels > 0) {
        stored = num_elems / t->num_channels * (t->num_channels - utvm_constant_channels(t));
    }
    if (num_elems > UINT32_MAX || stored * elem_bytes != t->size_bytes || t->size_bytes == 0) {
        return utvm_description_bad(
            r, "tensor %u '%s': its shape has %llu elements of %zu bytes, its size is %u",
            (unsigned)t->index, t->name, (unsigned long long)stored, elem_bytes,
            (unsigned)t->size_bytes);
    }
    return NULL;
}

static struct utvm_error *read_placement(const struct utvm_description_reader *r, const uint8_t *e,
                                         struct utvm_tensor *t)
{
    uint32_t region = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, region);
    uint32_t offset = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, offset);
    if (t->flags & UTVM_TENSOR_ABSENT) {
        return region == UTVM_NO_INDEX
                   ? NULL
                   : utvm_description_bad(r, "tensor %u '%s' is absent, but has a region",
                                          (unsigned)t->index, t->name);
    }
    if (region >= r->regions.count) {
        return utvm_description_bad(r, "tensor %u '%s': region %u of %u", (unsigned)t->index,
                                    t->name, (unsigned)region, (unsigned)r->regions.count);
    }
    t->region = &r->model->regions[region];
    if (offset > t->region->size_bytes || t->size_bytes > t->region->size_bytes - offset) {
        return utvm_description_bad(
            r, "tensor %u '%s': %u bytes at offset %u are not inside region '%s' of %u bytes",
            (unsigned)t->index, t->name, (unsigned)t->size_bytes, (unsigned)offset, t->region->name,
            (unsigned)t->region->size_bytes);
    }
    if (t->region->kind == UTVM_REGION_HOST) {
        if (!(t->flags & UTVM_TENSOR_CONSTANT)) {
            return utvm_description_bad(
                r, "tensor %u '%s' is not constant, but in region '%s', which the device lacks",
                (unsigned)t->index, t->name, t->region->name);
        }
        t->constant = r->image->constants + offset;
        return NULL;
    }
    t->addr = t->region->base + offset;
    if (!(t->flags & UTVM_TENSOR_CONSTANT)) {
        return NULL;
    }
    t->constant =
        utvm_segments_at(r->model->segments, r->model->num_segments, t->addr, t->size_bytes);
    return t->constant
               ? NULL
               : utvm_description_bad(
                     r, "tensor %u '%s' is constant, but its %u bytes at 0x%08x are not loaded",
                     (unsigned)t->index, t->name, (unsigned)t->size_bytes, (unsigned)t->addr);
}

static struct utvm_error *read_quantisation(const struct utvm_description_reader *r,
                                            const uint8_t *e, struct utvm_tensor *t)
{
    uint32_t first = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, first_scale);
    t->num_scales = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, num_scales);
    t->quantized_dimension = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, quantized_dimension);
    if (t->num_scales == 0) {
        return NULL;
    }
    if (first > r->scales.count || t->num_scales > r->scales.count - first ||
        first > r->zero_points.count || t->num_scales > r->zero_points.count - first) {
        return utvm_description_bad(
            r, "tensor %u '%s': scales %u to %llu of %u", (unsigned)t->index, t->name,
            (unsigned)first, (unsigned long long)first + t->num_scales, (unsigned)r->scales.count);
    }
    if (t->num_scales > 1 &&
        (t->quantized_dimension >= t->rank || t->dims[t->quantized_dimension] != t->num_scales)) {
        return utvm_description_bad(
            r, "tensor %u '%s': %u scales do not fit its shape in dimension %u", (unsigned)t->index,
            t->name, (unsigned)t->num_scales, (unsigned)t->quantized_dimension);
    }
    t->scales = r->scale_values + first;
    t->zero_points = r->zero_values + first;
    return NULL;
}

static struct utvm_error *read_tensor(const struct utvm_description_reader *r, uint32_t i,
                                      struct utvm_tensor *t)
{
    const uint8_t *e = r->tensors.data + (size_t)i * r->tensors.entry_bytes;
    struct utvm_error *error = utvm_description_string(
        r, UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, name), "tensor name", &t->name);
    if (error) {
        return error;
    }
    uint32_t dtype = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, dtype);
    t->index = i;
    t->flags = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, flags);
    t->rank = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, rank);
    t->size_bytes = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, size_bytes);
    t->first_layer = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, first_layer);
    t->last_layer = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, last_layer);
    t->source_index = UTVM_DESCRIPTION_WORD(e, utvm_desc_tensor, source_index);
    if (dtype == UTVM_DTYPE_NONE || dtype > UTVM_DTYPE_UINT32) {
        return utvm_description_bad(r, "tensor %u '%s' is of unknown type %u", (unsigned)i, t->name,
                                    (unsigned)dtype);
    }
    t->dtype = (enum utvm_dtype)dtype;
    if (t->rank > UTVM_MAX_DIMS) {
        return utvm_description_bad(r, "tensor %u '%s' has %u dimensions; %u are the most",
                                    (unsigned)i, t->name, (unsigned)t->rank, UTVM_MAX_DIMS);
    }
    t->num_elems = 1;
    for (uint32_t d = 0; d < t->rank; d++) {
        t->dims[d] = utvm_le32(e + offsetof(struct utvm_desc_tensor, dims) + 4 * (size_t)d);
        t->num_elems *= t->dims[d];
    }
    bool known_first = t->first_layer == UTVM_NO_INDEX || t->first_layer < r->layers.count;
    bool known_last = t->last_layer == UTVM_NO_INDEX || t->last_layer < r->layers.count;
    if (!known_first || !known_last) {
        return utvm_description_bad(r, "tensor %u '%s': layers %u to %u of %u", (unsigned)i,
                                    t->name, (unsigned)t->first_layer, (unsigned)t->last_layer,
                                    (unsigned)r->layers.count);
    }
    error = read_channels(r, e, t);
    if (!error) {
        error = check_shape(r, t);
    }
    if (!error) {
        error = read_placement(r, e, t);
    }
    return error ? error : read_quantisation(r, e, t);
}

static const char *operator_title(uint32_t operator_id)
{
    static const struct {
        uint32_t id;
        const char *name;
    } operators[] = {
#define OPERATOR_NAME(id, name, prepare, types, macs) {id, #name},
        UTVM_OPERATOR_LIST(OPERATOR_NAME)
#undef OPERATOR_NAME
    };
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (operators[i].id == operator_id) {
            return operators[i].name;
        }
    }
    return "?";
}

static uint32_t function_size(const struct utvm_elf_image *image, uint32_t addr)
{
    uint32_t low = 0;
    uint32_t high = image->num_functions;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (image->functions[middle].addr < addr) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < image->num_functions && image->functions[low].addr == addr;
    return found ? image->functions[low].size_bytes : 0;
}

static struct utvm_error *read_workspace(const struct utvm_description_reader *r, const uint8_t *e,
                                         struct utvm_layer *layer)
{
    uint32_t region = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, workspace_region);
    uint32_t offset = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, workspace_offset);
    layer->workspace_bytes = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, workspace_bytes);
    if (region == UTVM_NO_INDEX) {
        return layer->workspace_bytes == 0
                   ? NULL
                   : utvm_description_bad(
                         r, "layer %u '%s': a workspace of %u bytes without a region",
                         (unsigned)layer->index, layer->name, (unsigned)layer->workspace_bytes);
    }
    if (region >= r->regions.count) {
        return utvm_description_bad(r, "layer %u '%s': workspace region %u of %u",
                                    (unsigned)layer->index, layer->name, (unsigned)region,
                                    (unsigned)r->regions.count);
    }
    const struct utvm_region *in = &r->model->regions[region];
    if (in->kind == UTVM_REGION_HOST || offset > in->size_bytes ||
        layer->workspace_bytes > in->size_bytes - offset) {
        return utvm_description_bad(
            r, "layer %u '%s': workspace of %u bytes at offset %u is not inside region '%s'",
            (unsigned)layer->index, layer->name, (unsigned)layer->workspace_bytes, (unsigned)offset,
            in->name);
    }
    layer->workspace_addr = in->base + offset;
    return NULL;
}

static struct utvm_error *read_execution(const struct utvm_description_reader *r, const uint8_t *e,
                                         struct utvm_layer *layer)
{
    layer->code_addr = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, code_addr);
    layer->executed_by = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, executed_by);
    bool fused = (layer->flags & UTVM_LAYER_FUSED) != 0;
    if (layer->executed_by >= r->layers.count || fused == (layer->executed_by == layer->index)) {
        return utvm_description_bad(r, "layer %u '%s' is executed by layer %u of %u",
                                    (unsigned)layer->index, layer->name,
                                    (unsigned)layer->executed_by, (unsigned)r->layers.count);
    }
    if (layer->flags & (UTVM_LAYER_FUSED | UTVM_LAYER_FOLDED)) {
        return layer->code_addr == 0
                   ? NULL
                   : utvm_description_bad(r, "layer %u '%s' does not run, but has code",
                                          (unsigned)layer->index, layer->name);
    }
    struct utvm_error *error = utvm_description_check_code(r, "layer function", layer->code_addr);
    layer->code_bytes = function_size(r->image, layer->code_addr);
    return utvm_error_prefix(error, "layer %u '%s'", (unsigned)layer->index, layer->name);
}

static struct utvm_error *read_layer(const struct utvm_description_reader *r, uint32_t i,
                                     struct utvm_layer *layer)
{
    const uint8_t *e = r->layers.data + (size_t)i * r->layers.entry_bytes;
    struct utvm_error *error = utvm_description_string(
        r, UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, name), "layer name", &layer->name);
    if (!error) {
        error = utvm_description_string(r, UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, kernel),
                                        "layer kernel", &layer->kernel);
    }
    if (error) {
        return error;
    }
    layer->index = i;
    layer->operator_id = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, operator_id);
    layer->operator_name = operator_title(layer->operator_id);
    layer->flags = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, flags);
    layer->source_index = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, source_index);
    layer->num_inputs = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, num_inputs);
    layer->num_outputs = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, num_outputs);
    layer->weights_bytes = UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, weights_bytes);
    layer->macs = utvm_le64(e + offsetof(struct utvm_desc_layer, macs_lo));
    layer->executed_macs = utvm_le64(e + offsetof(struct utvm_desc_layer, executed_macs_lo));
    error = utvm_description_indices(r, "layer input",
                                     UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, first_input),
                                     layer->num_inputs, true, &layer->inputs);
    if (!error) {
        error = utvm_description_indices(r, "layer output",
                                         UTVM_DESCRIPTION_WORD(e, utvm_desc_layer, first_output),
                                         layer->num_outputs, false, &layer->outputs);
    }
    if (error) {
        return utvm_error_prefix(error, "layer %u '%s'", (unsigned)i, layer->name);
    }
    error = read_workspace(r, e, layer);
    return error ? error : read_execution(r, e, layer);
}

struct utvm_error *utvm_description_entries(struct utvm_description_reader *r)
{
    struct utvm_model *m = r->model;
    m->num_regions = r->regions.count;
    m->num_tensors = r->tensors.count;
    m->num_layers = r->layers.count;
    m->regions = utvm_model_store_alloc(r->store, m->num_regions, sizeof(*m->regions));
    m->tensors = utvm_model_store_alloc(r->store, m->num_tensors, sizeof(*m->tensors));
    m->layers = utvm_model_store_alloc(r->store, m->num_layers, sizeof(*m->layers));
    if (!m->regions || !m->tensors || !m->layers) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = NULL;
    for (uint32_t i = 0; i < m->num_regions && !error; i++) {
        error = read_region(r, i, &m->regions[i]);
    }
    for (uint32_t i = 0; i < m->num_tensors && !error; i++) {
        error = read_tensor(r, i, &m->tensors[i]);
    }
    for (uint32_t i = 0; i < m->num_layers && !error; i++) {
        error = read_layer(r, i, &m->layers[i]);
    }
    for (uint32_t i = 0; i < m->num_layers && !error; i++) {
        const struct utvm_layer *by = &m->layers[m->layers[i].executed_by];
        if (by->flags & UTVM_LAYER_FUSED) {
            error = utvm_description_bad(
                r, "layer %u '%s' is executed by layer %u, which does not run itself", (unsigned)i,
                m->layers[i].name, (unsigned)by->index);
        }
    }
    return error;
}
