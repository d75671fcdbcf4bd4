// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/ops/dot_int8.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

/*
 * CONV_2D as a matrix product: a few windows at a time are widened into columns, which then meet
 * two filters at a time, so that weights are read from memory once for all of these columns.
 */

static inline void utvm_conv_zero(int16_t *column, int32_t count)
{
    for (int32_t i = 0; i < count; i += 2) {
        utvm_store_word(column + i, 0);
    }
}

/** One row of a window that the left or right border cuts: taps first to end are inside. */
static inline void utvm_conv_widen_cut(const struct utvm_conv_params *p, const int8_t *row,
                                       struct utvm_taps taps, int32_t row_elems, int16_t *column)
{
    const int8_t *in = row + (taps.origin + taps.first) * p->input_c;
    int32_t first = taps.first * p->input_c;
    int32_t end = taps.end * p->input_c;
    if (p->input_c % 4 == 0) {
        utvm_conv_zero(column, first);
        utvm_widen(in, end - first, p->input_offset, column + first);
        utvm_conv_zero(column + end, row_elems - end);
        return;
    }
    utvm_conv_zero(column, row_elems);
    for (int32_t i = first; i < end; i++) {
        column[utvm_group_place(i)] = (int16_t)(*in++ + p->input_offset);
    }
}

/** The window of an output pixel as a column; each of its rows is padded to whole groups. */
static inline void utvm_conv_widen_window(const struct utvm_conv_params *p, const int8_t *image,
                                          int32_t oy, int32_t ox, int32_t row_elems,
                                          int16_t *column)
{
    struct utvm_taps rows =
        utvm_window_taps(oy, p->stride_h, p->pad_h, p->input_h, p->filter_h, p->dilation_h);
    struct utvm_taps columns =
        utvm_window_taps(ox, p->stride_w, p->pad_w, p->input_w, p->filter_w, 1);
    for (int32_t ky = 0; ky < p->filter_h; ky++) {
        const int8_t *row = image + (rows.origin + ky * p->dilation_h) * p->input_w * p->input_c;
        if (ky < rows.first || ky >= rows.end) {
            utvm_conv_zero(column, row_elems);
        } else if (columns.first == 0 && columns.end == p->filter_w) {
            utvm_widen(row + columns.origin * p->input_c, p->filter_w * p->input_c, p->input_offset,
                       column);
        } else {
            utvm_conv_widen_cut(p, row, columns, row_elems, column);
        }
        column += row_elems;
    }
}

static inline int32_t utvm_conv_finish(const struct utvm_conv_params *p, int32_t sum,
                                       const struct utvm_channel *channel)
{
    return utvm_finish_int8(sum, channel, p->fast_rounding, p->output_offset, p->act_min,
                            p->act_max);
}

/**
 * CONV_2D without groups, dilation_w 1. constants: 0 multipliers, 1 shifts, 2 the weights with the
 * rows of each filter padded to whole groups, if p->packed. Workspace: int16[columns][row_bytes].
 */
UTVM_KERNEL(conv_2d_int8_dsp)
{
    const struct utvm_conv_params *p = params;
    const int8_t *data = args->inputs[0];
    const int8_t *weights = p->packed ? args->constants[2] : args->inputs[1];
    const int32_t *bias = p->has_bias ? args->inputs[2] : 0;
    const int32_t *multipliers = args->constants[0];
    const int32_t *shifts = args->constants[1];
    int8_t *out = args->outputs[0];
    int16_t *columns = args->workspace;
    int32_t row_elems = p->row_bytes / p->filter_h;
    int32_t pixels = p->batches * p->output_h * p->output_w;
    /* A constant of a layer, and then so is the distance between two filters. */
    int32_t even_filters = p->output_c % 2 == 0;
    for (int32_t pixel = 0; pixel < pixels; pixel += p->columns) {
        int32_t count = utvm_min(p->columns, pixels - pixel);
        for (int32_t i = 0; i < count; i++) {
            int32_t row = (pixel + i) / p->output_w;
            const int8_t *image = data + row / p->output_h * p->input_h * p->input_w * p->input_c;
            utvm_conv_widen_window(p, image, row % p->output_h, (pixel + i) % p->output_w,
                                   row_elems, columns + i * p->row_bytes);
        }
        for (int32_t o = 0; o < p->output_c; o += 2) {
            /*
             * An odd last filter is computed twice; an odd last column beside whatever lies behind
             * it in the workspace. One of the two results is dropped.
             */
            int32_t next = even_filters || o + 1 < p->output_c ? o + 1 : o;
            struct utvm_channel channel_0 = {bias ? bias[o] : 0, multipliers[o], shifts[o]};
            struct utvm_channel channel_1 = {bias ? bias[next] : 0, multipliers[next],
                                             shifts[next]};
            for (int32_t i = 0; i < count; i += 2) {
                struct utvm_dot dot = {weights + o * p->row_bytes,
                                       columns + i * p->row_bytes,
                                       channel_0.bias,
                                       channel_0.bias,
                                       channel_1.bias,
                                       channel_1.bias};
                utvm_dot_2x2(&dot, (next - o) * p->row_bytes, p->row_bytes, p->row_bytes / 4);
                /* Last what stays, should `beside` or the next channel be the same. */
                int8_t *at = out + (pixel + i) * p->output_c + o;
                int8_t *beside = i + 1 < count ? at + p->output_c : at;
                beside[next - o] = (int8_t)utvm_conv_finish(p, dot.sum_11, &channel_1);
                at[next - o] = (int8_t)utvm_conv_finish(p, dot.sum_10, &channel_1);
                *beside = (int8_t)utvm_conv_finish(p, dot.sum_01, &channel_0);
                *at = (int8_t)utvm_conv_finish(p, dot.sum_00, &channel_0);
            }
        }
    }
    return UTVM_STATUS_OK;
}
