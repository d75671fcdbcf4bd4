// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/build/emit.h"

/** A growing table of 32-bit words; some of them are symbols that the linker resolves. */
struct words {
    uint32_t *values;
    char **symbols; // [count], NULL = a plain value
    size_t count;
    size_t capacity;
    bool failed;
};

// Regions in the order of the table.
enum {
    REGION_CODE,
    REGION_WEIGHTS,
    REGION_ARENA0,
    REGION_ARENA1,
    REGION_STATE,
    REGION_STACK,
    REGION_DATA,
    REGION_HOST,
    NUM_REGIONS,
};

struct description {
    const struct utvm_network *net;
    const struct utvm_layout *layout;
    struct words layers;
    struct words tensors;
    struct words regions;
    struct words indices;
    struct words scales;
    struct words zero_points;
    struct words channels;
    struct utvm_text strings;
    uint32_t *tensor_index; // [num_tensors]: entry in the table, UTVM_NO_INDEX = not described
    uint32_t num_tensors;
    uint32_t num_channels;
};

static void add_word(struct words *words, uint32_t value, const char *symbol)
{
    if (words->count == words->capacity) {
        size_t capacity = words->capacity * 2 + 64;
        uint32_t *values = realloc(words->values, capacity * sizeof(*values));
        if (values) {
            words->values = values;
        }
        char **symbols = realloc(words->symbols, capacity * sizeof(*symbols));
        if (symbols) {
            words->symbols = symbols;
        }
        if (!values || !symbols) {
            words->failed = true;
            return;
        }
        words->capacity = capacity;
    }
    words->values[words->count] = value;
    words->symbols[words->count] = symbol ? strdup(symbol) : NULL;
    words->failed |= symbol && !words->symbols[words->count];
    words->count++;
}

static void free_words(struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->symbols[i]);
    }
    free(words->values);
    free(words->symbols);
}

// The structs of the ABI are words alone, so that they may be added as such.
static void add_struct(struct words *words, const void *entry, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes / 4; i++) {
        uint32_t value;
        memcpy(&value, (const uint8_t *)entry + 4 * i, sizeof(value));
        add_word(words, value, NULL);
    }
}

// Makes a field of the struct just added a symbol's address.
static void set_symbol(struct words *words, size_t struct_bytes, size_t field_offset,
                       const char *symbol)
{
    if (words->failed) {
        return;
    }
    char **slot = &words->symbols[words->count - struct_bytes / 4 + field_offset / 4];
    *slot = strdup(symbol);
    words->failed |= !*slot;
}

static uint32_t add_string(struct description *d, const char *text)
{
    uint32_t offset = (uint32_t)d->strings.length;
    utvm_text_add(&d->strings, text, strlen(text) + 1);
    return offset;
}

// A tensor that nothing can look at (unused, or without elements) is left out of the table, and one
// that lies in memory for another: that one says so.
static bool is_described(const struct utvm_network *net, uint32_t i)
{
    const struct utvm_graph_tensor *tensor = &net->graph->tensors[i];
    if (tensor->dtype == UTVM_DTYPE_NONE || tensor->num_elems == 0 ||
        net->tensors[i].stands_for != i) {
        return false;
    }
    return net->tensors[i].place != UTVM_PLACE_ABSENT ||
           net->tensors[i].first_layer != UTVM_NO_INDEX;
}

static uint32_t add_indices(struct description *d, const uint32_t *indices, uint32_t count)
{
    uint32_t first = (uint32_t)d->indices.count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = indices[i];
        add_word(&d->indices, index == UTVM_NO_INDEX ? index : d->tensor_index[index], NULL);
    }
    return first;
}

static uint32_t tensor_region(const struct utvm_net_tensor *tensor)
{
    switch (tensor->place) {
    case UTVM_PLACE_ABSENT:
        break;
    case UTVM_PLACE_ARENA:
        return REGION_ARENA0 + tensor->region;
    case UTVM_PLACE_STATE:
        return REGION_STATE;
    case UTVM_PLACE_WEIGHTS:
        return REGION_WEIGHTS;
    case UTVM_PLACE_HOST:
        return REGION_HOST;
    }
    return UTVM_NO_INDEX;
}

static void add_channels(struct description *d, const struct utvm_net_tensor *tensor)
{
    for (uint32_t c = 0; c < tensor->num_channels; c++) {
        add_struct(&d->channels, &tensor->channels[c], sizeof(tensor->channels[c]));
    }
    d->num_channels += tensor->num_channels;
}

static void add_tensor(struct description *d, uint32_t i)
{
    const struct utvm_graph_tensor *from = &d->net->graph->tensors[i];
    const struct utvm_net_tensor *stated = &d->net->tensors[i];
    const struct utvm_net_tensor *tensor = &d->net->tensors[stated->stored_as];
    bool is_pruned = tensor != stated && tensor->place != UTVM_PLACE_ABSENT;
    if (!is_pruned) {
        tensor = stated; // in memory as it is, or nowhere
    }
    struct utvm_desc_tensor entry = {
        .name = add_string(d, from->name),
        .dtype = from->dtype,
        .flags = tensor->flags,
        .rank = from->rank,
        .region = tensor_region(tensor),
        .offset = tensor->offset,
        .size_bytes = d->net->graph->tensors[is_pruned ? stated->stored_as : i].size_bytes,
        .num_scales = from->num_scales,
        .first_scale = (uint32_t)d->scales.count,
        .quantized_dimension = from->quantized_dimension,
        .first_layer = tensor->first_layer,
        .last_layer = tensor->last_layer,
        .source_index = i,
        .num_channels = is_pruned ? stated->num_channels : 0,
        .first_channel = is_pruned ? d->num_channels : 0,
    };
    if (is_pruned) {
        add_channels(d, stated);
    }
    memcpy(entry.dims, from->dims, sizeof(entry.dims));
    for (uint32_t s = 0; s < from->num_scales; s++) {
        uint32_t bits;
        memcpy(&bits, &from->scales[s], sizeof(bits));
        add_word(&d->scales, bits, NULL);
        add_word(&d->zero_points, (uint32_t)from->zero_points[s], NULL);
    }
    add_struct(&d->tensors, &entry, sizeof(entry));
}

static void add_layer(struct description *d, uint32_t i)
{
    const struct utvm_net_layer *layer = &d->net->layers[i];
    const struct utvm_graph_operator *op = &d->net->graph->operators[i];
    bool executes = utvm_network_executes(d->net, i);
    uint32_t workspace_bytes = executes ? layer->prepared.workspace_bytes : 0;
    uint64_t executed_macs = executes ? layer->prepared.executed_macs : 0;
    struct utvm_desc_layer entry = {
        .name = add_string(d, layer->name),
        .operator_id = op->operator_id,
        .flags = layer->flags,
        .executed_by = layer->executed_by,
        .source_index = op->index,
        .first_input = add_indices(d, op->inputs, op->num_inputs),
        .num_inputs = op->num_inputs,
        .first_output = add_indices(d, op->outputs, op->num_outputs),
        .num_outputs = op->num_outputs,
        .kernel = add_string(d, layer->prepared.kernel),
        .workspace_region =
            workspace_bytes ? REGION_ARENA0 + layer->workspace_region : UTVM_NO_INDEX,
        .workspace_offset = workspace_bytes ? layer->workspace_offset : 0,
        .workspace_bytes = workspace_bytes,
        .weights_bytes = layer->weights_bytes,
        .macs_lo = (uint32_t)layer->prepared.macs,
        .macs_hi = (uint32_t)(layer->prepared.macs >> 32),
        .executed_macs_lo = (uint32_t)executed_macs,
        .executed_macs_hi = (uint32_t)(executed_macs >> 32),
    };
    add_struct(&d->layers, &entry, sizeof(entry));
    if (executes) {
        char symbol[64];
        utvm_emit_layer_symbol(d->net, i, symbol);
        set_symbol(&d->layers, sizeof(entry), offsetof(struct utvm_desc_layer, code_addr), symbol);
    }
}

// base: a symbol, or NULL for the address 0.
static void add_region(struct description *d, const char *name, enum utvm_region_kind kind,
                       const char *base, uint32_t size_bytes, const char *memory)
{
    struct utvm_desc_region entry = {
        .name = add_string(d, name),
        .kind = kind,
        .size_bytes = size_bytes,
        .memory = add_string(d, memory),
    };
    add_struct(&d->regions, &entry, sizeof(entry));
    if (base) {
        set_symbol(&d->regions, sizeof(entry), offsetof(struct utvm_desc_region, base), base);
    }
}

static void add_regions(struct description *d)
{
    const struct utvm_network *net = d->net;
    const struct utvm_layout *layout = d->layout;
    const char *code = layout->ram ? "sram" : "flash";
    const size_t size_field = offsetof(struct utvm_desc_region, size_bytes);
    add_region(d, "code", UTVM_REGION_CODE, "utvm_ld_code_start", 0, code);
    set_symbol(&d->regions, sizeof(struct utvm_desc_region), size_field, "utvm_ld_code_bytes");
    add_region(d, "weights", UTVM_REGION_WEIGHTS, "utvm_weights", net->weights_bytes, code);
    add_region(d, "arena", UTVM_REGION_ARENA, "utvm_arena0", net->regions[0].used_bytes,
               net->regions[0].memory);
    add_region(d, "arena2", UTVM_REGION_ARENA, "utvm_arena1",
               net->num_regions > 1 ? net->regions[1].used_bytes : 0,
               net->num_regions > 1 ? net->regions[1].memory : "sram");
    add_region(d, "state", UTVM_REGION_STATE, "utvm_state", net->state_bytes,
               layout->state_in_dtcm ? "dtcm" : "sram");
    add_region(d, "stack", UTVM_REGION_STACK, "utvm_ld_stack_bottom", layout->stack_bytes, "dtcm");
    add_region(d, "data", UTVM_REGION_DATA, "utvm_ld_data_start", 0, "sram");
    set_symbol(&d->regions, sizeof(struct utvm_desc_region), size_field, "utvm_ld_data_bytes");
    add_region(d, "constants", UTVM_REGION_HOST, NULL, net->host_bytes, "file");
}

static struct utvm_desc_table place_table(uint32_t *offset, size_t count, uint32_t entry_bytes)
{
    struct utvm_desc_table table = {
        .offset_bytes = *offset,
        .count = (uint32_t)count,
        .entry_bytes = entry_bytes,
    };
    *offset += (table.count * entry_bytes + 3) & ~3u;
    return table;
}

static void make_header(struct description *d, const struct utvm_provenance *provenance,
                        struct words *header)
{
    const struct utvm_network *net = d->net;
    struct utvm_desc_header h = {
        .magic = UTVM_DESCRIPTION_MAGIC,
        .abi_version = UTVM_ABI_VERSION,
        .first_input = add_indices(d, net->graph->inputs, net->graph->num_inputs),
        .num_inputs = net->graph->num_inputs,
        .first_output = add_indices(d, net->graph->outputs, net->graph->num_outputs),
        .num_outputs = net->graph->num_outputs,
        .stack_bytes = d->layout->stack_bytes,
        .clock_hz = d->layout->clock_hz,
        .model_name = add_string(d, net->graph->name),
        .source_file = add_string(d, provenance->source_file),
        .source_sha256 = add_string(d, net->graph->sha256),
        .builder = add_string(d, "utvm-build " UTVM_VERSION),
        .compiler = add_string(d, provenance->compiler),
        .options = add_string(d, provenance->options),
        .labels = add_string(d, provenance->labels),
    };
    uint32_t offset = sizeof(h);
    h.layers = place_table(&offset, net->num_layers, sizeof(struct utvm_desc_layer));
    h.tensors = place_table(&offset, d->num_tensors, sizeof(struct utvm_desc_tensor));
    h.regions = place_table(&offset, NUM_REGIONS, sizeof(struct utvm_desc_region));
    h.indices = place_table(&offset, d->indices.count, 4);
    h.scales = place_table(&offset, d->scales.count, 4);
    h.zero_points = place_table(&offset, d->zero_points.count, 4);
    h.channels = place_table(&offset, d->num_channels, sizeof(struct utvm_desc_channel));
    h.strings = place_table(&offset, d->strings.length, 1);
    h.total_bytes = offset;
    add_struct(header, &h, sizeof(h));
    set_symbol(header, sizeof(h), offsetof(struct utvm_desc_header, mailbox_addr), "utvm_run_area");
    set_symbol(header, sizeof(h), offsetof(struct utvm_desc_header, entry_addr), "utvm_entry");
    set_symbol(header, sizeof(h), offsetof(struct utvm_desc_header, stop_addr), "utvm_stop");
    set_symbol(header, sizeof(h), offsetof(struct utvm_desc_header, vectors_addr), "utvm_vectors");
    set_symbol(header, sizeof(h), offsetof(struct utvm_desc_header, stack_base),
               "utvm_ld_stack_bottom");
}

// R_ARM_ABS32_NOI is an address without the Thumb bit, which R_ARM_ABS32 would set for functions.
static void emit_words(struct utvm_text *out, const char *title, const struct words *words,
                       size_t per_line)
{
    utvm_text_addf(out, "@ %s\n", title);
    bool open = false;
    for (size_t i = 0; i < words->count; i++) {
        if (words->symbols[i]) {
            utvm_text_addf(out, "%s    .reloc ., R_ARM_ABS32_NOI, %s\n    .word 0\n",
                           open ? "\n" : "", words->symbols[i]);
            open = false;
            continue;
        }
        utvm_text_addf(out, "%s%#x", open ? ", " : "    .word ", words->values[i]);
        open = (i + 1) % per_line != 0;
        if (!open) {
            utvm_text_addf(out, "\n");
        }
    }
    utvm_text_addf(out, open ? "\n" : "");
}

static void emit_strings(struct utvm_text *out, const struct utvm_text *strings)
{
    utvm_text_addf(out, "@ strings\n");
    for (size_t i = 0; i < strings->length; i++) {
        unsigned char c = (unsigned char)strings->data[i];
        if (i == 0 || strings->data[i - 1] == '\0') {
            utvm_text_addf(out, "    .ascii \"");
        }
        if (c >= ' ' && c < 0x7F && c != '"' && c != '\\') {
            utvm_text_add(out, (const char *)&c, 1);
        } else {
            utvm_text_addf(out, "\\%03o", c);
        }
        if (c == '\0') {
            utvm_text_addf(out, "\"\n");
        }
    }
    utvm_text_addf(out, "    .balign 4\n");
}

static struct utvm_error *emit(struct description *d, const struct utvm_provenance *provenance,
                               struct utvm_text *out)
{
    struct words header = {0};
    for (uint32_t i = 0; i < d->net->num_tensors; i++) {
        if (is_described(d->net, i)) {
            d->tensor_index[i] = d->num_tensors++;
            add_tensor(d, i);
        } else {
            d->tensor_index[i] = UTVM_NO_INDEX;
        }
    }
    for (uint32_t i = 0; i < d->net->num_layers; i++) {
        add_layer(d, i);
    }
    add_regions(d);
    make_header(d, provenance, &header);
    utvm_text_addf(out, "@ Made by utvm-build: the description of kernels/abi.h.\n"
                        "    .section .utvm.model, \"\", %%progbits\n    .balign 4\n");
    emit_words(out, "header", &header, 8);
    emit_words(out, "layers", &d->layers, sizeof(struct utvm_desc_layer) / 4);
    emit_words(out, "tensors", &d->tensors, sizeof(struct utvm_desc_tensor) / 4);
    emit_words(out, "regions", &d->regions, sizeof(struct utvm_desc_region) / 4);
    emit_words(out, "indices", &d->indices, 16);
    emit_words(out, "scales", &d->scales, 8);
    emit_words(out, "zero points", &d->zero_points, 8);
    emit_words(out, "channels", &d->channels, 8);
    emit_strings(out, &d->strings);
    bool failed = header.failed || d->layers.failed || d->tensors.failed || d->regions.failed ||
                  d->indices.failed || d->scales.failed || d->zero_points.failed ||
                  d->channels.failed || d->strings.failed || out->failed;
    free_words(&header);
    return failed ? utvm_error_no_memory() : NULL;
}

struct utvm_error *utvm_emit_description(const struct utvm_network *net,
                                         const struct utvm_layout *layout,
                                         const struct utvm_provenance *provenance,
                                         struct utvm_text *out)
{
    struct description d = {
        .net = net,
        .layout = layout,
        .tensor_index = calloc((size_t)net->num_tensors + 1, sizeof(*d.tensor_index)),
    };
    struct utvm_error *error = d.tensor_index ? emit(&d, provenance, out) : utvm_error_no_memory();
    free_words(&d.layers);
    free_words(&d.tensors);
    free_words(&d.regions);
    free_words(&d.indices);
    free_words(&d.scales);
    free_words(&d.zero_points);
    free_words(&d.channels);
    utvm_text_deinit(&d.strings);
    free(d.tensor_index);
    return error;
}
