// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/build/prune.h"
#include "core/tensor.h"
#include "kernels/operator_list.h"

/*
 * The compact tensors and operators are ordinary ones with fewer channels: prepare, kernels and
 * planner take them as they come.
 */

// Input 1 and input 2 of the operators that have weights.
#define WEIGHTS_SLOT 1
#define BIAS_SLOT 2

// A copy of a tensor's header, at the end of the graph's tensors. data is the caller's to set.
static struct utvm_error *add_tensor(struct utvm_network *net, uint32_t stands_for, uint32_t *ret)
{
    struct utvm_graph *graph = net->graph;
    uint32_t index = graph->num_tensors;
    struct utvm_graph_tensor *all =
        realloc(graph->tensors, ((size_t)index + 1) * sizeof(*graph->tensors));
    if (!all) {
        return utvm_error_no_memory();
    }
    graph->tensors = all;
    struct utvm_net_tensor *places =
        realloc(net->tensors, ((size_t)index + 1) * sizeof(*net->tensors));
    if (!places) {
        return utvm_error_no_memory();
    }
    net->tensors = places;
    const struct utvm_graph_tensor *from = &all[stands_for];
    struct utvm_graph_tensor made = *from;
    made.data = NULL;
    made.name = strdup(from->name);
    made.scales = calloc((size_t)from->num_scales + 1, sizeof(*made.scales));
    made.zero_points = calloc((size_t)from->num_scales + 1, sizeof(*made.zero_points));
    all[index] = made; // freed with the graph, whatever comes
    places[index] = (struct utvm_net_tensor){.stored_as = index, .stands_for = stands_for};
    graph->num_tensors++;
    net->num_tensors++;
    if (!made.name || !made.scales || !made.zero_points) {
        return utvm_error_no_memory();
    }
    for (uint32_t i = 0; i < from->num_scales; i++) {
        made.scales[i] = from->scales[i];
        made.zero_points[i] = from->zero_points[i];
    }
    *ret = index;
    return NULL;
}

static void resize(struct utvm_graph_tensor *tensor, uint32_t dim, uint32_t from, uint32_t to)
{
    if (from == to) {
        return;
    }
    tensor->dims[dim] = tensor->dims[dim] / from * to;
    tensor->num_elems = tensor->num_elems / from * to;
    tensor->size_bytes = (uint32_t)(tensor->num_elems * utvm_dtype_size(tensor->dtype));
}

// What the debugger is to know of a tensor's channels.
static struct utvm_error *describe_channels(struct utvm_net_tensor *tensor,
                                            const struct utvm_channel_set *set)
{
    tensor->channels = calloc(set->count, sizeof(*tensor->channels));
    if (!tensor->channels) {
        return utvm_error_no_memory();
    }
    tensor->num_channels = set->count;
    for (uint32_t c = 0; c < set->count; c++) {
        tensor->channels[c] = (struct utvm_desc_channel){
            .constant = set->constant[c] ? 1 : 0,
            .value = set->constant[c] ? set->value[c] : 0,
        };
    }
    return NULL;
}

static struct utvm_error *compact_activation(struct utvm_network *net, uint32_t index,
                                             const struct utvm_channel_set *set)
{
    uint32_t made;
    struct utvm_error *error = add_tensor(net, index, &made);
    if (error) {
        return error;
    }
    net->tensors[index].stored_as = made;
    struct utvm_graph_tensor *tensor = &net->graph->tensors[made];
    resize(tensor, tensor->rank - 1, set->count, utvm_channels_left(set));
    return describe_channels(&net->tensors[index], set);
}

/* ---- weights ------------------------------------------------------------------------------ */

static bool is_left_out(const struct utvm_channel_set *set, uint64_t index)
{
    return set && set->count > 0 && set->constant[index % set->count];
}

// Copies the elements whose row and whose column stay. NULL sets keep all.
static void copy_selected(const struct utvm_graph_tensor *from, uint64_t row_elems,
                          const struct utvm_channel_set *rows,
                          const struct utvm_channel_set *columns, uint8_t *to)
{
    size_t elem_bytes = utvm_dtype_size(from->dtype);
    for (uint64_t e = 0; e < from->num_elems; e++) {
        if (!is_left_out(rows, e / row_elems) && !is_left_out(columns, e % row_elems)) {
            memcpy(to, from->data + e * elem_bytes, elem_bytes);
            to += elem_bytes;
        }
    }
}

// Per-channel scales of the channels that stay.
static void select_scales(struct utvm_graph_tensor *tensor, const struct utvm_channel_set *set)
{
    if (tensor->num_scales <= 1 || set->count == 0) {
        return;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < tensor->num_scales; i++) {
        if (!is_left_out(set, i)) {
            tensor->scales[kept] = tensor->scales[i];
            tensor->zero_points[kept] = tensor->zero_points[i];
            kept++;
        }
    }
    tensor->num_scales = kept;
}

static struct utvm_error *own_data(struct utvm_network *net, uint32_t index, uint8_t **ret)
{
    struct utvm_net_tensor *tensor = &net->tensors[index];
    tensor->folded = calloc(1, (size_t)net->graph->tensors[index].size_bytes + 1);
    tensor->data = tensor->folded;
    net->graph->tensors[index].data = tensor->data;
    *ret = tensor->folded;
    return tensor->folded ? NULL : utvm_error_no_memory();
}

struct operands {
    const struct utvm_channel_set *input;
    const struct utvm_channel_set *output;
    bool is_depthwise; // weights [1,KH,KW,C]: what stays in the output stays in the input too
};

static struct utvm_error *compact_weights(struct utvm_network *net, uint32_t *slot,
                                          const struct operands *of)
{
    uint32_t from = *slot;
    uint32_t made;
    struct utvm_error *error = add_tensor(net, from, &made);
    if (error) {
        return error;
    }
    *slot = made;
    struct utvm_graph_tensor *tensor = &net->graph->tensors[made];
    uint64_t row_elems = tensor->num_elems / tensor->dims[0];
    if (of->output->count > 0 && !of->is_depthwise) {
        resize(tensor, 0, of->output->count, utvm_channels_left(of->output));
    }
    if (of->input->count > 0) {
        resize(tensor, tensor->rank - 1, of->input->count, utvm_channels_left(of->input));
    }
    select_scales(tensor, of->output);
    uint8_t *data;
    error = own_data(net, made, &data);
    if (!error) {
        copy_selected(&net->graph->tensors[from], row_elems, of->is_depthwise ? NULL : of->output,
                      of->input, data);
    }
    return error;
}

// The bias takes in what the channels contribute that are no longer there.
static void add_constant_parts(const struct utvm_filters *f, const struct operands *of,
                               uint8_t *data)
{
    size_t elem_bytes = f->is_int16 ? sizeof(int64_t) : sizeof(int32_t);
    for (uint32_t o = 0; o < f->num_filters; o++) {
        if (is_left_out(of->output, o)) {
            continue;
        }
        int64_t wide = utvm_filter_bias(f, o);
        // Where a border cuts filters, only channels are left out that add nothing.
        wide += utvm_filter_constant_part(f, o, of->input);
        int32_t narrow = (int32_t)wide;
        memcpy(data, f->is_int16 ? (const void *)&wide : (const void *)&narrow, elem_bytes);
        data += elem_bytes;
    }
}

static struct utvm_error *compact_bias(struct utvm_network *net, uint32_t *slot,
                                       const struct utvm_filters *f, const struct operands *of)
{
    uint32_t from = *slot;
    uint32_t made;
    struct utvm_error *error = add_tensor(net, from, &made);
    if (error) {
        return error;
    }
    *slot = made;
    struct utvm_graph_tensor *tensor = &net->graph->tensors[made];
    if (of->output->count > 0) {
        resize(tensor, tensor->rank - 1, of->output->count, utvm_channels_left(of->output));
    }
    select_scales(tensor, of->output);
    uint8_t *data;
    error = own_data(net, made, &data);
    if (!error && f) {
        add_constant_parts(f, of, data);
    } else if (!error) {
        copy_selected(&net->graph->tensors[from], 1, of->output, NULL, data);
    }
    return error;
}

/* ---- layers ------------------------------------------------------------------------------- */

static bool is_touched(const struct utvm_network *net, const struct utvm_graph_operator *op)
{
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        if (op->inputs[i] != UTVM_NO_INDEX &&
            net->tensors[op->inputs[i]].stored_as != op->inputs[i]) {
            return true;
        }
    }
    return op->num_outputs > 0 && net->tensors[op->outputs[0]].stored_as != op->outputs[0];
}

static struct utvm_error *compact_constants(struct utvm_network *net,
                                            const struct utvm_channels *channels, uint32_t index)
{
    const struct utvm_graph_operator *op = &net->graph->operators[index];
    struct utvm_net_layer *layer = &net->layers[index];
    struct utvm_filters filters;
    bool has_filters = utvm_filters_of(net, index, &filters);
    struct operands of = {
        .input = &channels->of[op->inputs[0]],
        .output = &channels->of[op->outputs[0]],
        .is_depthwise = op->operator_id == UTVM_OPERATOR_DEPTHWISE_CONV_2D,
    };
    if (!has_filters && !of.is_depthwise) {
        return NULL;
    }
    struct utvm_error *error = compact_weights(net, &layer->inputs[WEIGHTS_SLOT], &of);
    if (!error && op->num_inputs > BIAS_SLOT && op->inputs[BIAS_SLOT] != UTVM_NO_INDEX) {
        error = compact_bias(net, &layer->inputs[BIAS_SLOT], has_filters ? &filters : NULL, &of);
    }
    return error;
}

// Prepares the layer as an operator with the compact operands; it still states all of its MACs.
static struct utvm_error *prepare_again(struct utvm_network *net, uint32_t index)
{
    struct utvm_net_layer *layer = &net->layers[index];
    struct utvm_graph_operator op = net->graph->operators[index];
    op.inputs = layer->inputs;
    op.outputs = layer->outputs;
    struct utvm_prepared prepared;
    struct utvm_error *error = utvm_prepare(net->graph, &op, &prepared);
    if (error) {
        return utvm_error_prefix(error, "layer %u '%s' without its constant channels", index,
                                 layer->name);
    }
    prepared.macs = layer->prepared.macs;
    utvm_prepared_deinit(&layer->prepared);
    layer->prepared = prepared;
    layer->flags |= UTVM_LAYER_PRUNED;
    return NULL;
}

static struct utvm_error *compact_layer(struct utvm_network *net,
                                        const struct utvm_channels *channels, uint32_t index)
{
    const struct utvm_graph_operator *op = &net->graph->operators[index];
    if (!utvm_network_executes(net, index) || !is_touched(net, op)) {
        return NULL;
    }
    struct utvm_error *error = compact_constants(net, channels, index);
    if (error) {
        return error;
    }
    struct utvm_net_layer *layer = &net->layers[index];
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        if (layer->inputs[i] != UTVM_NO_INDEX) {
            layer->inputs[i] = net->tensors[layer->inputs[i]].stored_as;
        }
    }
    for (uint32_t i = 0; i < op->num_outputs; i++) {
        layer->outputs[i] = net->tensors[layer->outputs[i]].stored_as;
    }
    return prepare_again(net, index);
}

struct utvm_error *utvm_compact(struct utvm_network *net, const struct utvm_channels *channels)
{
    for (uint32_t i = 0; i < channels->num_tensors; i++) {
        const struct utvm_channel_set *set = &channels->of[i];
        if (utvm_channels_left(set) < set->count) {
            struct utvm_error *error = compact_activation(net, i, set);
            if (error) {
                return error;
            }
        }
    }
    for (uint32_t i = 0; i < net->num_layers; i++) {
        struct utvm_error *error = compact_layer(net, channels, i);
        if (error) {
            return error;
        }
    }
    return NULL;
}

struct utvm_error *utvm_pass_prune(struct utvm_network *net)
{
    struct utvm_channels channels;
    struct utvm_error *error = utvm_find_constant_channels(net, &channels);
    if (!error) {
        error = utvm_compact(net, &channels);
        utvm_channels_deinit(&channels);
    }
    return error;
}
