// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_COLUMNS_H
#define UTVM_KERNELS_OPS_COLUMNS_H

#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/ops/dot_int8.h"
#include "kernels/ops/finish.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

/*
 * Convolutions as matrix products, for int8 and int16 data: a few windows at a time become columns
 * of int16, which then meet two filters at a time, so that weights are read from memory once for
 * all of these columns. Kernels inline utvm_columns_run() with `wide` and the numbers of the layer
 * as constants.
 */

/** A grid of windows, whose taps are those of one set of filters. */
struct utvm_window_grid {
    int32_t taps_h; /**< of a window */
    int32_t taps_w;
    int32_t dilation_h; /**< input rows from tap to tap */
    int32_t dilation_w;
    int32_t first_h; /**< input row of tap 0 of the first window; may be negative */
    int32_t first_w;
    int32_t step_h; /**< input rows from window to window */
    int32_t step_w;
    int32_t count_h; /**< rows of windows in an image */
    int32_t count_w;
    int32_t out_first;     /**< output elements before those of the first window */
    int32_t out_row;       /**< from row to row of windows */
    int32_t out_column;    /**< from window to window */
    const int8_t *filters; /**< pairs, see UTVM_PAIR_GROUP_BYTES */
};

/** Elements of a column: those of a window, rounded up to whole groups. */
static inline int32_t utvm_column_elems(int32_t taps, int32_t channels)
{
    return (taps * channels + 3) / 4 * 4;
}

static inline void utvm_column_zero(int16_t *column, int32_t count)
{
    for (int32_t i = 0; i < count; i += 2) {
        utvm_store_word(column + i, 0);
    }
}

/**
 * Copies a window as it is, whatever of it lies outside of the image as `fill`.
 * @param elem_bytes of the data, 1 or 2, a constant
 */
static inline __attribute__((always_inline)) void
utvm_gather_window(const struct utvm_conv_params *p, const struct utvm_window_grid *grid,
                   const uint8_t *image, int32_t y, int32_t x, int32_t elem_bytes, int32_t fill,
                   uint8_t *to)
{
    int32_t pixel_bytes = p->input_c * elem_bytes;
    int32_t row_bytes = grid->taps_w * pixel_bytes;
    struct utvm_taps rows = utvm_window_taps(y, 1, 0, p->input_h, grid->taps_h, grid->dilation_h);
    struct utvm_taps columns =
        utvm_window_taps(x, 1, 0, p->input_w, grid->taps_w, grid->dilation_w);
    int32_t whole = columns.first == 0 && columns.end == grid->taps_w;
    for (int32_t ky = 0; ky < grid->taps_h; ky++) {
        const uint8_t *row = image + (y + ky * grid->dilation_h) * p->input_w * pixel_bytes;
        if (ky < rows.first || ky >= rows.end || columns.first >= columns.end) {
            __builtin_memset(to, fill, (uint32_t)row_bytes);
        } else if (whole && grid->dilation_w == 1) {
            __builtin_memcpy(to, row + x * pixel_bytes, (uint32_t)row_bytes);
        } else {
            for (int32_t kx = 0; kx < grid->taps_w; kx++) {
                uint8_t *tap = to + kx * pixel_bytes;
                if (kx < columns.first || kx >= columns.end) {
                    __builtin_memset(tap, fill, (uint32_t)pixel_bytes);
                } else {
                    __builtin_memcpy(tap, row + (x + kx * grid->dilation_w) * pixel_bytes,
                                     (uint32_t)pixel_bytes);
                }
            }
        }
        to += row_bytes;
    }
}

/**
 * The window at (y, x) as a column.
 * @param stage for int8: room for a column of bytes, unless each row is one tap of whole groups
 */
static inline __attribute__((always_inline)) void
utvm_column_fill(const struct utvm_conv_params *p, const struct utvm_window_grid *grid,
                 const uint8_t *image, int32_t y, int32_t x, int32_t wide, uint8_t *stage,
                 int16_t *column)
{
    int32_t elems = utvm_column_elems(grid->taps_h * grid->taps_w, p->input_c);
    if (wide) {
        utvm_gather_window(p, grid, image, y, x, 2, 0, (uint8_t *)column);
        return;
    }
    int32_t row_elems = grid->taps_w * p->input_c;
    int32_t inside = x >= 0 && x + grid->taps_w <= p->input_w;
    if (row_elems % 4 == 0 && grid->dilation_w == 1 && (inside || grid->taps_w == 1)) {
        /* The common case: rows that can be widened where they lie. */
        for (int32_t ky = 0; ky < grid->taps_h; ky++) {
            int32_t row = y + ky * grid->dilation_h;
            if (row < 0 || row >= p->input_h || !inside) {
                utvm_column_zero(column, row_elems);
            } else {
                const uint8_t *in = image + (row * p->input_w + x) * p->input_c;
                utvm_widen_groups((const int8_t *)in, row_elems / 4,
                                  utvm_both_halves(p->input_offset), column);
            }
            column += row_elems;
        }
        return;
    }
    utvm_gather_window(p, grid, image, y, x, 1, -p->input_offset, stage);
    utvm_widen_groups((const int8_t *)stage, elems / 4, utvm_both_halves(p->input_offset), column);
}

/** How many groups of int16 and int8 a sum of 32 bits holds whatever they are. */
#define UTVM_WIDE_GROUPS 127

/** The sums of a pair of filters with a column, or with two if `two`. */
struct utvm_column_sums {
    int64_t first[2]; /**< of filter 0 */
    int64_t second[2];
};

static inline __attribute__((always_inline)) struct utvm_column_sums
utvm_column_products(struct utvm_dot dot, const struct utvm_channel *channels, int32_t wide,
                     int32_t two, int32_t column_step, int32_t groups)
{
    struct utvm_column_sums sums = {{0, 0}, {0, 0}};
    int32_t left = groups;
    do {
        int32_t chunk = wide ? utvm_min(left, UTVM_WIDE_GROUPS) : groups;
        dot.sum_00 = dot.sum_01 = utvm_first_sum(&channels[0], wide);
        dot.sum_10 = dot.sum_11 = utvm_first_sum(&channels[1], wide);
        if (two) {
            utvm_dot_2x2(&dot, column_step, chunk);
        } else {
            utvm_dot_2x1(&dot, chunk);
        }
        sums.first[0] += dot.sum_00;
        sums.first[1] += dot.sum_01;
        sums.second[0] += dot.sum_10;
        sums.second[1] += dot.sum_11;
        left -= UTVM_WIDE_GROUPS;
    } while (wide && left > 0);
    return sums;
}

/**
 * A few columns with all filters. An odd last column is multiplied beside whatever the workspace
 * holds behind it, and the result dropped.
 * @param even `count` is even, a constant
 * @param out the first output of the first column; step_out elements before those of the next
 */
static inline __attribute__((always_inline)) void
utvm_columns_multiply(const struct utvm_conv_params *p, const struct utvm_outputs *to, int32_t wide,
                      const int8_t *filters, const int16_t *columns, int32_t groups, int32_t count,
                      int32_t even, int32_t out, int32_t step_out)
{
    int32_t step = 4 * p->column_groups;
    for (int32_t o = 0; o < p->output_c; o += 2) {
        int32_t second = p->output_c % 2 == 0 || o + 1 < p->output_c;
        struct utvm_channel channels[2] = {utvm_channel_of(to, wide, o),
                                           utvm_channel_of(to, wide, o + second)};
        struct utvm_dot dot = {filters, columns, 0, 0, 0, 0};
        int32_t place = out + o;
        for (int32_t i = 0; i < count; i += 2) {
            struct utvm_column_sums sums =
                utvm_column_products(dot, channels, wide, p->columns > 1, step, groups);
            utvm_store_output(p, &channels[0], wide, sums.first[0], to->out, place);
            if (second) {
                utvm_store_output(p, &channels[1], wide, sums.second[0], to->out, place + 1);
            }
            place += step_out;
            if (even || (p->columns > 1 && i + 1 < count)) {
                utvm_store_output(p, &channels[0], wide, sums.first[1], to->out, place);
                if (second) {
                    utvm_store_output(p, &channels[1], wide, sums.second[1], to->out, place + 1);
                }
            }
            place += step_out;
            dot.column += 2 * step;
        }
        filters += UTVM_PAIR_GROUP_BYTES * groups;
    }
}

/**
 * All windows of a grid with all filters.
 * @param dense the outputs of the windows lie one behind the other, row by row, a constant
 * @param data [N,H,W,C] of int8 or, if `wide`, int16
 * @param workspace int16[p->columns][4 * p->column_groups], and behind it the stage
 */
static inline __attribute__((always_inline)) void
utvm_columns_run(const struct utvm_conv_params *p, const struct utvm_window_grid *grid,
                 int32_t wide, int32_t dense, const void *data, const struct utvm_outputs *to,
                 void *workspace)
{
    int16_t *columns = workspace;
    int32_t step = 4 * p->column_groups;
    uint8_t *stage = (uint8_t *)(columns + p->columns * step);
    int32_t groups = utvm_column_elems(grid->taps_h * grid->taps_w, p->input_c) / 4;
    int32_t image_bytes = p->input_h * p->input_w * p->input_c * (wide ? 2 : 1);
    int32_t image_out = p->output_h * p->output_w * p->output_c;
    /* Windows whose outputs have the same distance are one run: all of them, or those of a row or
     * column. */
    int32_t windows = p->batches * grid->count_h * grid->count_w;
    int32_t upright = !dense && grid->count_w == 1;
    int32_t run = dense ? windows : upright ? grid->count_h : grid->count_w;
    int32_t step_out = upright ? grid->out_row : grid->out_column;
    int32_t even = run % 2 == 0 && p->columns % 2 == 0;
    for (int32_t first = 0; first < windows; first += run) {
        int32_t out = grid->out_first + first / (grid->count_h * grid->count_w) * image_out +
                      first / grid->count_w % grid->count_h * grid->out_row;
        for (int32_t at = 0; at < run; at += p->columns) {
            int32_t count = utvm_min(p->columns, run - at);
            for (int32_t i = 0; i < count; i++) {
                int32_t row = (first + at + i) / grid->count_w;
                int32_t column = (first + at + i) % grid->count_w;
                utvm_column_fill(p, grid, (const uint8_t *)data + row / grid->count_h * image_bytes,
                                 grid->first_h + row % grid->count_h * grid->step_h,
                                 grid->first_w + column * grid->step_w, wide, stage,
                                 columns + i * step);
            }
            utvm_columns_multiply(p, to, wide, grid->filters, columns, groups, count, even, out,
                                  step_out);
            out += count * step_out;
        }
    }
}

/** CONV_2D and what is one: constants 0 multipliers, 1 shifts, 2 filters in pairs. */
static inline __attribute__((always_inline)) enum utvm_status
utvm_columns_conv(const struct utvm_conv_params *p, const struct utvm_kernel_args *args,
                  int32_t wide)
{
    const struct utvm_window_grid grid = {
        .taps_h = p->filter_h,
        .taps_w = p->filter_w,
        .dilation_h = p->dilation_h,
        .dilation_w = p->dilation_w,
        .first_h = -p->pad_h,
        .first_w = -p->pad_w,
        .step_h = p->stride_h,
        .step_w = p->stride_w,
        .count_h = p->output_h,
        .count_w = p->output_w,
        .out_row = p->output_w * p->output_c,
        .out_column = p->output_c,
        .filters = args->constants[2],
    };
    const struct utvm_outputs to = {p->has_bias ? args->inputs[2] : 0, args->constants[0],
                                    args->constants[1], args->outputs[0]};
    utvm_columns_run(p, &grid, wide, 1, args->inputs[0], &to, args->workspace);
    return UTVM_STATUS_OK;
}

#endif
