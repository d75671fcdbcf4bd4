// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/import/prepare/packing.h"

#include <stdlib.h>
#include <string.h>

/** Input 1, which a packed form stands in for. */
#define WEIGHTS_INPUT (1u << 1)

/** Filters that the kernel takes at a time: pairs of int8, fours of float. */
#define PAIR 2u
#define BLOCK 4u

/** More columns read the weights less often; but they need memory. */
#define COLUMN_BUDGET_BYTES 8192

/** Taller bands are copied with less overlap; but they need memory. */
#define PLANE_BUDGET_BYTES 8192

static uint64_t place_of(const struct utvm_filter_set *filters, uint64_t filter, uint64_t elem)
{
    return filters->last ? elem * filters->count + filter : filter * filters->elems + elem;
}

static uint64_t magnitude(int64_t x)
{
    return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

static int64_t bias_of(const struct utvm_graph_tensor *bias, uint64_t channel)
{
    if (bias->dtype == UTVM_DTYPE_INT64) {
        int64_t value;
        memcpy(&value, bias->data + channel * sizeof(value), sizeof(value));
        return value;
    }
    int32_t value;
    memcpy(&value, bias->data + channel * sizeof(value), sizeof(value));
    return value;
}

/** True if no sum with the largest inputs, nor its bias alone, reaches the limit (2^30 or 2^31). */
static bool sums_are_below(const struct utvm_filter_set *filters, uint64_t largest_input,
                           uint64_t limit)
{
    const int8_t *weights = (const int8_t *)filters->weights->data;
    if (!weights || (filters->bias && !filters->bias->data)) {
        return false;
    }
    for (uint64_t o = 0; o < filters->count; o++) {
        uint64_t sum = 0;
        for (uint64_t k = 0; k < filters->elems; k++) {
            sum += magnitude(weights[place_of(filters, o, k)]) * largest_input;
        }
        uint64_t start = filters->bias ? magnitude(bias_of(filters->bias, o)) : 0;
        if (start >= limit || sum + start >= limit) {
            return false;
        }
    }
    return true;
}

void utvm_pack_set_rounding(struct utvm_prep *p, const struct utvm_filter_set *filters,
                            enum utvm_dtype dtype, struct utvm_conv_params *params)
{
    bool wide = dtype == UTVM_DTYPE_INT16;
    /* utvm_requantize_int64_fast() wants -2 at least, utvm_requantize_fast() -1. */
    const struct utvm_prepared_constant *shifts = &p->out->constants[1];
    int32_t highest = wide ? -2 : -1;
    for (uint32_t i = 0; i < shifts->num_elems; i++) {
        if (((const int32_t *)shifts->data)[i] > highest) {
            params->fast_rounding = 0;
            return;
        }
    }
    params->fast_rounding =
        sums_are_below(filters, wide ? 32768 : 255, UINT64_C(1) << (wide ? 31 : 30));
}

/** Element `elem` of filter `filter`; 0 beyond the last of either. */
static int8_t int8_at(const struct utvm_filter_set *filters, uint64_t filter, uint64_t elem)
{
    if (filter >= filters->count || elem >= filters->elems) {
        return 0;
    }
    return ((const int8_t *)filters->weights->data)[place_of(filters, filter, elem)];
}

/**
 * Filters in pairs, as dot_int8.h wants them.
 * @param elems which elements of a filter, in which order; [count]
 * @param to [count of filters, rounded up to pairs][count, rounded up to groups]
 */
static void pack_pairs(const struct utvm_filter_set *filters, bool wide, const uint64_t *elems,
                       uint64_t count, int8_t *to)
{
    /* int16 data lies in its order, and SXTB16 takes every other weight; int8 data is widened by
     * SXTB16 itself. */
    static const uint8_t orders[2][4] = {{0, 1, 2, 3}, {0, 2, 1, 3}};
    for (uint64_t pair = 0; pair < filters->count; pair += PAIR) {
        for (uint64_t group = 0; group < count; group += 4) {
            for (uint32_t i = 0; i < PAIR * 4; i++) {
                uint64_t elem = group + orders[wide][i % 4];
                uint64_t place = elem < count ? elems[elem] : filters->elems;
                *to++ = int8_at(filters, pair + i / 4, place);
            }
        }
    }
}

static uint64_t round_up(uint64_t x, uint64_t to)
{
    return (x + to - 1) / to * to;
}

/** Workspace and columns for windows of at most `elems`. */
static struct utvm_error *set_columns(struct utvm_prep *p, uint64_t elems, uint64_t windows,
                                      bool wide, struct utvm_conv_params *params)
{
    uint64_t padded = round_up(elems, 4);
    uint64_t columns = COLUMN_BUDGET_BYTES / (2 * padded) / 2 * 2;
    columns = columns < 2 ? 2 : columns > UTVM_MAX_COLUMNS ? UTVM_MAX_COLUMNS : columns;
    columns = windows == 1 ? 1 : columns > windows ? round_up(windows, 2) : columns;
    params->columns = (int32_t)columns;
    params->column_groups = (int32_t)(padded / 4);
    p->out->unread_inputs |= WEIGHTS_INPUT;
    bool staged =
        !wide && (params->filter_w != 1 || params->input_c % 4 != 0 || params->dilation_w != 1);
    return utvm_prep_workspace(p, 2 * padded * columns + (staged ? padded : 0));
}

/** Filters in fours: float[count / 4 rounded up][elems][4]. */
static struct utvm_error *pack_floats(struct utvm_prep *p, const struct utvm_filter_set *filters)
{
    float *to;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_FLOAT32,
                             round_up(filters->count, BLOCK) * filters->elems, &to));
    for (uint64_t o = 0; o < round_up(filters->count, BLOCK); o++) {
        for (uint64_t k = 0; k < filters->elems && o < filters->count; k++) {
            memcpy(&to[(o / BLOCK * filters->elems + k) * BLOCK + o % BLOCK],
                   filters->weights->data + place_of(filters, o, k) * sizeof(float), sizeof(float));
        }
    }
    p->out->unread_inputs |= WEIGHTS_INPUT;
    return NULL;
}

struct utvm_error *utvm_pack_conv(struct utvm_prep *p, const struct utvm_filter_set *filters,
                                  enum utvm_dtype dtype, struct utvm_conv_params *params)
{
    if (dtype == UTVM_DTYPE_FLOAT32) {
        p->out->kernel = "conv_2d_float32_blocked";
        return pack_floats(p, filters);
    }
    bool wide = dtype == UTVM_DTYPE_INT16;
    p->out->kernel = wide ? "conv_2d_int16_dsp" : "conv_2d_int8_dsp";
    int8_t *to;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT8,
                             round_up(filters->count, PAIR) * round_up(filters->elems, 4), &to));
    uint64_t *elems = calloc(filters->elems, sizeof(*elems));
    if (!elems) {
        return utvm_error_no_memory();
    }
    for (uint64_t k = 0; k < filters->elems; k++) {
        elems[k] = k;
    }
    pack_pairs(filters, wide, elems, filters->elems, to);
    free(elems);
    uint64_t windows =
        (uint64_t)params->batches * (uint64_t)params->output_h * (uint64_t)params->output_w;
    return set_columns(p, filters->elems, windows, wide, params);
}

/** Taps phase, phase + stride, ... of a filter of `size`. */
static uint64_t phase_taps(int32_t phase, int32_t size, int32_t stride)
{
    return phase < size ? (uint64_t)((size - phase + stride - 1) / stride) : 0;
}

/** Which elements the filters of a phase have: its taps, the last first. @return how many */
static uint64_t phase_elems(const struct utvm_conv_params *params, int32_t phase, uint64_t *elems)
{
    int32_t phase_h = phase / params->stride_w;
    int32_t phase_w = phase % params->stride_w;
    uint64_t taps_h = phase_taps(phase_h, params->filter_h, params->stride_h);
    uint64_t taps_w = phase_taps(phase_w, params->filter_w, params->stride_w);
    uint64_t count = 0;
    for (uint64_t h = taps_h; h-- > 0;) {
        for (uint64_t w = taps_w; w-- > 0;) {
            uint64_t row = (uint64_t)phase_h + h * (uint64_t)params->stride_h;
            uint64_t tap = row * (uint64_t)params->filter_w + (uint64_t)phase_w +
                           w * (uint64_t)params->stride_w;
            for (uint64_t c = 0; c < (uint64_t)params->input_c; c++) {
                elems[count++] = tap * (uint64_t)params->input_c + c;
            }
        }
    }
    return count;
}

struct utvm_error *utvm_pack_transpose_conv(struct utvm_prep *p,
                                            const struct utvm_filter_set *filters,
                                            enum utvm_dtype dtype, struct utvm_conv_params *params)
{
    bool wide = dtype == UTVM_DTYPE_INT16;
    int32_t phases = params->stride_h * params->stride_w;
    uint64_t count = round_up(filters->count, PAIR);
    uint64_t *elems = calloc(filters->elems, sizeof(*elems));
    if (!elems) {
        return utvm_error_no_memory();
    }
    uint64_t total = 0;
    uint64_t largest = 1;
    for (int32_t phase = 0; phase < phases; phase++) {
        uint64_t num_elems = phase_elems(params, phase, elems);
        total += count * round_up(num_elems, 4);
        largest = num_elems > largest ? num_elems : largest;
    }
    int8_t *to = NULL;
    struct utvm_error *error = utvm_prep_table(p, UTVM_DTYPE_INT8, total, &to);
    for (int32_t phase = 0; phase < phases && !error; phase++) {
        uint64_t num_elems = phase_elems(params, phase, elems);
        pack_pairs(filters, wide, elems, num_elems, to);
        to += count * round_up(num_elems, 4);
    }
    free(elems);
    if (error) {
        return error;
    }
    p->out->kernel = wide ? "transpose_conv_int16_dsp" : "transpose_conv_int8_dsp";
    return set_columns(p, largest, UTVM_MAX_COLUMNS, wide, params);
}

/** Planes that the kernel fills at a time. */
#define PLANES 4

/** Taps whose products, of int16 and int8, a sum of 32 bits holds whatever they are. */
#define MAX_WIDE_TAPS 508

/** Channels that the kernel without planes takes at a time. */
#define QUAD 4u

/** Weights as int16[channels / 4][taps][4], four channels in the order 0, 2, 1, 3. */
static struct utvm_error *pack_quads(struct utvm_prep *p, const struct utvm_filter_set *filters)
{
    static const uint32_t order[QUAD] = {0, 2, 1, 3};
    int16_t *to;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT16, filters->weights->num_elems, &to));
    for (uint64_t quad = 0; quad < filters->count; quad += QUAD) {
        for (uint64_t tap = 0; tap < filters->elems; tap++) {
            for (uint32_t i = 0; i < QUAD; i++) {
                *to++ = (int16_t)int8_at(filters, quad + order[i], tap);
            }
        }
    }
    p->out->kernel = "depthwise_conv_2d_int8_quads_dsp";
    p->out->unread_inputs |= WEIGHTS_INPUT;
    return NULL;
}

/**
 * True if copying four channels into planes costs less than it saves. The numbers are cycles of a
 * Cortex-M7, found by timing layers of many shapes both ways.
 * @param words of a row of weights as the planes' kernel has them
 */
static bool planes_pay(const struct utvm_conv_params *params, uint64_t words)
{
    double pixels = (double)params->input_h * params->input_w;
    double windows = (double)params->output_h * params->output_w;
    double rows = params->turned ? params->filter_w : params->filter_h;
    double pairs = rows * (double)words;
    bool is_three = words == 2 && params->dilation_h == 1 && params->dilation_w == 1;
    double planes = 9 * pixels + 56 * pairs + windows * 4 * (10 + (is_three ? 1 : 2.3) * pairs);
    double quads = windows * (60 + 8.0 * params->filter_h * params->filter_w);
    return planes < quads;
}

struct utvm_error *utvm_pack_depthwise(struct utvm_prep *p, const struct utvm_filter_set *filters,
                                       enum utvm_dtype dtype, struct utvm_conv_params *params)
{
    bool wide = dtype == UTVM_DTYPE_INT16;
    if (dtype == UTVM_DTYPE_FLOAT32 || !filters->weights->data ||
        (wide && filters->elems > MAX_WIDE_TAPS)) {
        return NULL;
    }
    params->turned = params->input_w == 1 && params->filter_w == 1 && params->output_w == 1;
    bool t = params->turned;
    uint64_t filter_h = (uint64_t)(t ? params->filter_w : params->filter_h);
    uint64_t filter_w = (uint64_t)(t ? params->filter_h : params->filter_w);
    uint64_t output_h = (uint64_t)(t ? params->output_w : params->output_h);
    uint64_t output_w = (uint64_t)(t ? params->output_h : params->output_w);
    uint64_t stride_h = (uint64_t)(t ? params->stride_w : params->stride_h);
    uint64_t stride_w = (uint64_t)(t ? params->stride_h : params->stride_w);
    uint64_t dilation_h = (uint64_t)(t ? params->dilation_w : params->dilation_h);
    uint64_t dilation_w = (uint64_t)(t ? params->dilation_h : params->dilation_w);
    /* What the last four windows reach, in whole words. */
    uint64_t words = filter_w / 2 + 1;
    uint64_t reach = dilation_w == 1 ? 2 * words : (filter_w - 1) * dilation_w + 1;
    uint64_t plane_w = round_up((round_up(output_w, 4) - 1) * stride_w + reach, 2);
    uint64_t band_h = output_h;
    uint64_t plane = 0;
    for (;; band_h--) {
        plane = ((band_h - 1) * stride_h + (filter_h - 1) * dilation_h + 1) * plane_w;
        if (band_h == 1 || PLANES * plane * sizeof(int16_t) <= PLANE_BUDGET_BYTES) {
            break;
        }
    }
    if (!wide && params->depth_multiplier == 1 && filters->count % QUAD == 0 &&
        !planes_pay(params, words)) {
        return pack_quads(p, filters);
    }
    params->plane_w = (int32_t)plane_w;
    params->band_h = (int32_t)band_h;
    p->out->kernel = wide ? "depthwise_conv_2d_int16_dsp" : "depthwise_conv_2d_int8_dsp";
    return utvm_prep_workspace(p, sizeof(int16_t) * (PLANES * plane + filter_h * 4 * words));
}
