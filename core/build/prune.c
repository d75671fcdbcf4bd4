// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/prune.h"

#include <stdlib.h>
#include <string.h>

#include "core/build/host_run.h"

/*
 * All channels are taken for constant at first, and each of four rules takes some of them back,
 * over and over until nothing changes:
 *   - the filters of a layer must prove it (filters.c), from what is constant in their input;
 *   - a layer that works channel by channel has the same channels in its inputs and its output;
 *   - a layer that sums over channels must be able to do without those of its input: their part of
 *     the sum goes into the bias, so it must be the same for all outputs;
 *   - fast kernels want channels in fours.
 * What is left holds by itself: no proof uses a channel that is in memory, and thus a user's to
 * change.
 */
#define GROUP 4
// Activations larger than this fit into no memory of the device, and work beyond that is not worth
// waiting for: such a layer is not tried out.
#define MAX_TRIAL_BYTES (1u << 20)
#define MAX_TRIAL_MACS 100000000ull
// Inputs that a layer which works channel by channel may have.
#define MAX_CHANNELWISE 2

uint32_t utvm_channels_left(const struct utvm_channel_set *set)
{
    uint32_t left = 0;
    for (uint32_t c = 0; c < set->count; c++) {
        left += set->constant[c] ? 0 : 1;
    }
    return left;
}

void utvm_channels_deinit(struct utvm_channels *channels)
{
    for (uint32_t i = 0; channels->of && i < channels->num_tensors; i++) {
        free(channels->of[i].constant);
        free(channels->of[i].value);
    }
    free(channels->of);
    *channels = (struct utvm_channels){0};
}

struct search {
    const struct utvm_network *net;
    struct utvm_channel_set *of;   // [num_tensors]
    enum utvm_channel_role *roles; // [num_layers]
    bool changed;
};

static void keep(struct search *s, uint32_t tensor, uint32_t channel)
{
    struct utvm_channel_set *set = &s->of[tensor];
    s->changed |= set->constant[channel];
    set->constant[channel] = false;
}

static void keep_all(struct search *s, uint32_t tensor)
{
    if (tensor == UTVM_NO_INDEX) {
        return;
    }
    for (uint32_t c = 0; c < s->of[tensor].count; c++) {
        keep(s, tensor, c);
    }
}

static bool may_be_compact(const struct utvm_network *net, uint32_t tensor)
{
    const struct utvm_graph_tensor *t = &net->graph->tensors[tensor];
    for (uint32_t i = 0; i < net->graph->num_outputs; i++) {
        if (net->graph->outputs[i] == tensor) {
            return false;
        }
    }
    return !t->data && !t->is_variable && t->num_scales <= 1 && utvm_last_dim(t) > 0;
}

// How many channels a layer's output has, from its input on; 0 where they cannot be told apart.
static uint32_t count_channels(const struct search *s, uint32_t layer)
{
    const struct utvm_graph_operator *op = &s->net->graph->operators[layer];
    if (s->roles[layer] == UTVM_ROLE_OPAQUE || !may_be_compact(s->net, op->outputs[0])) {
        return 0;
    }
    uint32_t last = utvm_last_dim(&s->net->graph->tensors[op->outputs[0]]);
    if (s->roles[layer] == UTVM_ROLE_FILTERS) {
        struct utvm_filters filters;
        bool known = utvm_filters_of(s->net, layer, &filters);
        return known && filters.num_filters == last ? last : 0;
    }
    uint32_t count = s->of[op->inputs[0]].count;
    for (uint32_t i = 1; i < utvm_channelwise_inputs(op->operator_id); i++) {
        count = s->of[op->inputs[i]].count == count ? count : 0;
    }
    return count > 0 && last % count == 0 ? count : 0;
}

// All channels that a layer writes are constant until another is found.
static struct utvm_error *start(struct search *s)
{
    for (uint32_t i = 0; i < s->net->num_layers; i++) {
        s->roles[i] = utvm_channel_role(s->net, i);
        uint32_t count = count_channels(s, i);
        if (count == 0) {
            continue;
        }
        struct utvm_channel_set *set = &s->of[s->net->graph->operators[i].outputs[0]];
        UTVM_ASSERT(!set->constant); // a tensor has one writer
        set->constant = calloc(count, sizeof(*set->constant));
        set->value = calloc(count, sizeof(*set->value));
        if (!set->constant || !set->value) {
            return utvm_error_no_memory();
        }
        memset(set->constant, true, count);
        set->count = count;
    }
    return NULL;
}

// Operands that no rule speaks of stay whole.
static void keep_operands(struct search *s)
{
    for (uint32_t i = 0; i < s->net->num_layers; i++) {
        const struct utvm_graph_operator *op = &s->net->graph->operators[i];
        if (!utvm_network_executes(s->net, i)) {
            continue; // it reads nothing
        }
        uint32_t spoken_of = 0;
        struct utvm_filters filters;
        if (s->roles[i] == UTVM_ROLE_FILTERS && utvm_filters_of(s->net, i, &filters)) {
            uint32_t count = s->of[op->inputs[0]].count;
            spoken_of = count > 0 && filters.filter_elems % count == 0 ? 1 : 0;
        } else if (s->roles[i] == UTVM_ROLE_CHANNELWISE && s->of[op->outputs[0]].count > 0) {
            spoken_of = utvm_channelwise_inputs(op->operator_id);
        }
        for (uint32_t k = spoken_of; k < op->num_inputs; k++) {
            keep_all(s, op->inputs[k]);
        }
    }
}

static void prove_filters(struct search *s, uint32_t layer)
{
    const struct utvm_graph_operator *op = &s->net->graph->operators[layer];
    struct utvm_channel_set *output = &s->of[op->outputs[0]];
    struct utvm_filters filters;
    bool known = utvm_filters_of(s->net, layer, &filters);
    for (uint32_t c = 0; known && c < output->count; c++) {
        if (output->constant[c] &&
            !utvm_filter_is_constant(&filters, c, &s->of[op->inputs[0]], &output->value[c])) {
            keep(s, op->outputs[0], c);
        }
    }
}

static void put(const struct utvm_graph_tensor *tensor, uint8_t *data, uint64_t elem, int32_t value)
{
    if (tensor->dtype == UTVM_DTYPE_INT16) {
        int16_t wide = (int16_t)value;
        memcpy(data + 2 * elem, &wide, sizeof(wide));
    } else {
        data[elem] = (uint8_t)value;
    }
}

static int32_t get(const struct utvm_graph_tensor *tensor, const uint8_t *data, uint64_t elem)
{
    int16_t wide;
    if (tensor->dtype == UTVM_DTYPE_INT16) {
        memcpy(&wide, data + 2 * elem, sizeof(wide));
        return wide;
    }
    return (int8_t)data[elem];
}

// Storage of one run of a channelwise layer: its inputs as what is known of their channels.
struct trial {
    const void **inputs; // [num_inputs]
    uint8_t *owned[MAX_CHANNELWISE];
    uint8_t *output;
};

static bool make_trial(const struct search *s, const struct utvm_graph_operator *op,
                       struct trial *trial)
{
    const struct utvm_graph_tensor *tensors = s->net->graph->tensors;
    trial->inputs = calloc(op->num_inputs, sizeof(*trial->inputs));
    trial->output = calloc(1, tensors[op->outputs[0]].size_bytes + (size_t)UTVM_HOST_RUN_SLACK);
    if (!trial->inputs || !trial->output) {
        return false;
    }
    for (uint32_t i = 0; i < op->num_inputs; i++) {
        trial->inputs[i] = op->inputs[i] == UTVM_NO_INDEX ? NULL : tensors[op->inputs[i]].data;
    }
    uint32_t num_inputs = utvm_channelwise_inputs(op->operator_id);
    UTVM_ASSERT(num_inputs <= MAX_CHANNELWISE);
    for (uint32_t i = 0; i < num_inputs; i++) {
        const struct utvm_graph_tensor *tensor = &tensors[op->inputs[i]];
        const struct utvm_channel_set *set = &s->of[op->inputs[i]];
        UTVM_ASSERT(set->count > 0); // or it would not have been worth a trial
        trial->owned[i] = calloc(1, tensor->size_bytes + (size_t)UTVM_HOST_RUN_SLACK);
        if (!trial->owned[i]) {
            return false;
        }
        for (uint64_t e = 0; e < tensor->num_elems; e++) {
            put(tensor, trial->owned[i], e, set->value[e % set->count]);
        }
        trial->inputs[i] = trial->owned[i];
    }
    return true;
}

static void free_trial(struct trial *trial)
{
    for (uint32_t i = 0; i < MAX_CHANNELWISE; i++) {
        free(trial->owned[i]);
    }
    free(trial->inputs);
    free(trial->output);
}

static bool is_worth_a_trial(const struct search *s, uint32_t layer)
{
    const struct utvm_graph_operator *op = &s->net->graph->operators[layer];
    for (uint32_t i = 0; i < utvm_channelwise_inputs(op->operator_id); i++) {
        if (s->net->graph->tensors[op->inputs[i]].size_bytes > MAX_TRIAL_BYTES) {
            return false;
        }
    }
    return s->net->graph->tensors[op->outputs[0]].size_bytes <= MAX_TRIAL_BYTES &&
           s->net->layers[layer].prepared.executed_macs <= MAX_TRIAL_MACS;
}

// A channel of the output is constant if those of the inputs are, and if the kernel makes the same
// of it everywhere: at a border it may not.
static void judge_trial(struct search *s, const struct utvm_graph_operator *op, bool ran,
                        const uint8_t *result)
{
    const struct utvm_graph_tensor *tensor = &s->net->graph->tensors[op->outputs[0]];
    struct utvm_channel_set *output = &s->of[op->outputs[0]];
    for (uint32_t c = 0; c < output->count; c++) {
        bool known = ran;
        for (uint32_t i = 0; i < utvm_channelwise_inputs(op->operator_id); i++) {
            known = known && s->of[op->inputs[i]].constant[c];
        }
        output->value[c] = get(tensor, result, c);
        for (uint64_t e = c; e < tensor->num_elems && known; e += output->count) {
            known = get(tensor, result, e) == output->value[c];
        }
        if (!known) {
            keep(s, op->outputs[0], c);
        }
    }
}

static struct utvm_error *prove_channelwise(struct search *s, uint32_t layer)
{
    const struct utvm_graph_operator *op = &s->net->graph->operators[layer];
    struct utvm_channel_set *output = &s->of[op->outputs[0]];
    bool hopeless = !is_worth_a_trial(s, layer);
    for (uint32_t i = 0; i < utvm_channelwise_inputs(op->operator_id); i++) {
        const struct utvm_channel_set *input = &s->of[op->inputs[i]];
        hopeless = hopeless || utvm_channels_left(input) == input->count;
    }
    if (hopeless) {
        keep_all(s, op->outputs[0]);
    }
    if (utvm_channels_left(output) == output->count) {
        return NULL;
    }
    struct trial trial = {0};
    bool ran = false;
    struct utvm_error *error = make_trial(s, op, &trial) ? NULL : utvm_error_no_memory();
    if (!error) {
        void *outputs[1] = {trial.output};
        error = utvm_host_run(&s->net->layers[layer].prepared, trial.inputs, outputs, &ran);
    }
    if (!error) {
        judge_trial(s, op, ran, trial.output);
    }
    free_trial(&trial);
    return error;
}

// A channel that the layer cannot do without: its products would have to go into the bias, which
// is there to take them only if it exists, and right only where no border leaves some out.
static void keep_needed_inputs(struct search *s, uint32_t layer)
{
    const struct utvm_graph_operator *op = &s->net->graph->operators[layer];
    const struct utvm_channel_set *input = &s->of[op->inputs[0]];
    struct utvm_filters f;
    if (input->count == 0 || !utvm_filters_of(s->net, layer, &f)) {
        return;
    }
    bool takes_bias = f.bias && !f.is_cut;
    for (uint32_t o = 0; o < f.num_filters && takes_bias; o++) {
        int64_t part = utvm_filter_constant_part(&f, o, input);
        int64_t bias;
        takes_bias = !__builtin_add_overflow(utvm_filter_bias(&f, o), part, &bias) &&
                     (f.is_int16 || (bias >= INT32_MIN && bias <= INT32_MAX));
    }
    for (uint32_t c = 0; c < input->count; c++) {
        if (input->constant[c] && !takes_bias && input->value[c] + f.input_offset != 0) {
            keep(s, op->inputs[0], c);
        }
    }
}

static void agree(struct search *s, uint32_t layer)
{
    const struct utvm_graph_operator *op = &s->net->graph->operators[layer];
    const struct utvm_channel_set *output = &s->of[op->outputs[0]];
    for (uint32_t c = 0; c < output->count; c++) {
        for (uint32_t i = 0; i < utvm_channelwise_inputs(op->operator_id); i++) {
            if (!output->constant[c]) {
                keep(s, op->inputs[i], c);
            }
        }
    }
}

static void keep_groups(struct search *s, uint32_t tensor)
{
    const struct utvm_channel_set *set = &s->of[tensor];
    uint32_t left = utvm_channels_left(set);
    uint32_t wanted = left > 0 ? (left + GROUP - 1) / GROUP * GROUP : GROUP;
    for (uint32_t c = 0; c < set->count && left < wanted; c++) {
        if (set->constant[c]) {
            keep(s, tensor, c);
            left++;
        }
    }
}

static struct utvm_error *sweep(struct search *s)
{
    s->changed = false;
    for (uint32_t i = 0; i < s->net->num_layers; i++) {
        struct utvm_error *error = NULL;
        if (s->roles[i] == UTVM_ROLE_FILTERS) {
            prove_filters(s, i);
        } else if (s->roles[i] == UTVM_ROLE_CHANNELWISE) {
            error = prove_channelwise(s, i);
        }
        if (error) {
            return error;
        }
    }
    for (uint32_t i = s->net->num_layers; i-- > 0;) {
        if (s->roles[i] == UTVM_ROLE_FILTERS) {
            keep_needed_inputs(s, i);
        } else if (s->roles[i] == UTVM_ROLE_CHANNELWISE) {
            agree(s, i);
        }
    }
    for (uint32_t i = 0; i < s->net->num_tensors; i++) {
        keep_groups(s, i);
    }
    return NULL;
}

struct utvm_error *utvm_find_constant_channels(const struct utvm_network *net,
                                               struct utvm_channels *ret)
{
    struct search s = {
        .net = net,
        .of = calloc((size_t)net->num_tensors + 1, sizeof(*s.of)),
        .roles = calloc((size_t)net->num_layers + 1, sizeof(*s.roles)),
    };
    struct utvm_channels channels = {s.of, net->num_tensors};
    struct utvm_error *error = s.of && s.roles ? start(&s) : utvm_error_no_memory();
    if (!error) {
        keep_operands(&s);
        do {
            error = sweep(&s);
        } while (!error && s.changed);
    }
    free(s.roles);
    if (error) {
        utvm_channels_deinit(&channels);
        return error;
    }
    *ret = channels;
    return NULL;
}
