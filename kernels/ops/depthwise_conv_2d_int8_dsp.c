// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/ops/dot_int8.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

/* Four channels at a time: a word of the input is widened once and meets four weights. */

/** Pointers to a tap's four channels, and the four sums, channels 0 to 3. */
struct utvm_depthwise {
    const int8_t *in;
    const int16_t *weights; /**< four weights a tap in the order 0, 2, 1, 3 */
    int32_t sums[4];
};

static inline __attribute__((always_inline)) void utvm_depthwise_tap(struct utvm_depthwise *at,
                                                                     int32_t in_offset,
                                                                     int32_t weight_offset,
                                                                     uint32_t offsets)
{
    uint32_t word = utvm_load_word(at->in + in_offset);
    uint32_t even_weights = utvm_load_word(at->weights + weight_offset);
    uint32_t odd_weights = utvm_load_word(at->weights + weight_offset + 2);
    uint32_t even = utvm_sxtab16(offsets, word);
    uint32_t odd = utvm_sxtab16_odd(offsets, word);
    at->sums[0] = utvm_smlabb(even, even_weights, at->sums[0]);
    at->sums[2] = utvm_smlatt(even, even_weights, at->sums[2]);
    at->sums[1] = utvm_smlabb(odd, odd_weights, at->sums[1]);
    at->sums[3] = utvm_smlatt(odd, odd_weights, at->sums[3]);
}

/** The taps inside the input; rows of three, the common case, without a loop. */
static inline __attribute__((always_inline)) void
utvm_depthwise_window(const struct utvm_conv_params *p, struct utvm_depthwise *at,
                      struct utvm_taps rows, struct utvm_taps columns)
{
    uint32_t offsets = utvm_both_halves(p->input_offset);
    int32_t in_step = p->dilation_w * p->input_c;
    for (int32_t ky = rows.first; ky < rows.end; ky++) {
        int32_t in_row = ky * p->dilation_h * p->input_w * p->input_c;
        int32_t weight_row = ky * p->filter_w * p->output_c;
        if (p->filter_w == 3 && columns.first == 0 && columns.end == 3) {
            utvm_depthwise_tap(at, in_row, weight_row, offsets);
            utvm_depthwise_tap(at, in_row + in_step, weight_row + p->output_c, offsets);
            utvm_depthwise_tap(at, in_row + 2 * in_step, weight_row + 2 * p->output_c, offsets);
            continue;
        }
        for (int32_t kx = columns.first; kx < columns.end; kx++) {
            utvm_depthwise_tap(at, in_row + kx * in_step, weight_row + kx * p->output_c, offsets);
        }
    }
}

/**
 * DEPTHWISE_CONV_2D with depth multiplier 1 and a multiple of four channels. constants: 0
 * multipliers, 1 shifts, 2 int16[KH][KW][OC], the weights with the middle two of each four swapped.
 */
UTVM_KERNEL(depthwise_conv_2d_int8_dsp)
{
    const struct utvm_conv_params *p = params;
    const int8_t *data = args->inputs[0];
    const int16_t *weights = args->constants[2];
    const int32_t *bias = p->has_bias ? args->inputs[2] : 0;
    const int32_t *multipliers = args->constants[0];
    const int32_t *shifts = args->constants[1];
    int8_t *out = args->outputs[0];
    for (int32_t row = 0; row < p->batches * p->output_h; row++) {
        struct utvm_taps rows = utvm_window_taps(row % p->output_h, p->stride_h, p->pad_h,
                                                 p->input_h, p->filter_h, p->dilation_h);
        const int8_t *from =
            data + (row / p->output_h * p->input_h + rows.origin) * p->input_w * p->input_c;
        for (int32_t ox = 0; ox < p->output_w; ox++) {
            struct utvm_taps columns =
                utvm_window_taps(ox, p->stride_w, p->pad_w, p->input_w, p->filter_w, p->dilation_w);
            for (int32_t c = 0; c < p->output_c; c += 4) {
                struct utvm_depthwise at = {
                    from + columns.origin * p->input_c + c, weights + c, {0}};
                utvm_depthwise_window(p, &at, rows, columns);
                for (int32_t k = 0; k < 4; k++) {
                    struct utvm_channel channel = {bias ? bias[c + k] : 0, multipliers[c + k],
                                                   shifts[c + k]};
                    *out++ = (int8_t)utvm_finish_int8(at.sums[k] + channel.bias, &channel,
                                                      p->fast_rounding, p->output_offset,
                                                      p->act_min, p->act_max);
                }
            }
        }
    }
    return UTVM_STATUS_OK;
}
