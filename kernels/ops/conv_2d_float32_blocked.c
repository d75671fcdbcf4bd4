// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/ops/block_float32.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

/** The windows of a block: `pixels` neighbours of one output row, whose taps are the same. */
struct utvm_conv_windows {
    const float *in; /**< where tap 0 of the first window lies; may be outside of the input */
    struct utvm_taps rows;
    struct utvm_taps columns;
};

/** Products of the windows with the four filters whose weights these are. */
static inline __attribute__((always_inline)) struct utvm_block
utvm_conv_block(const struct utvm_conv_params *p, const struct utvm_conv_windows *at,
                int32_t pixels, const float *weights)
{
    struct utvm_block block = {{{0.0F}}};
    int32_t row_step = p->dilation_h * p->input_w * p->input_c;
    const struct utvm_block_steps steps = {p->stride_w * p->input_c, 1, 1, UTVM_BLOCK_CHANNELS};
    int32_t taps = at->columns.end - at->columns.first;
    for (int32_t ky = at->rows.first; ky < at->rows.end; ky++) {
        const float *in = at->in + ky * row_step + at->columns.first * p->dilation_w * p->input_c;
        const float *weight =
            weights + UTVM_BLOCK_CHANNELS * p->input_c * (ky * p->filter_w + at->columns.first);
        if (p->dilation_w == 1) {
            utvm_block_run(&block, pixels, in, weight, &steps, taps * p->input_c);
            continue;
        }
        for (int32_t kx = 0; kx < taps; kx++) {
            utvm_block_run(&block, pixels, in, weight, &steps, p->input_c);
            in += p->dilation_w * p->input_c;
            weight += UTVM_BLOCK_CHANNELS * p->input_c;
        }
    }
    return block;
}

/** All channels of `pixels` windows. */
static inline __attribute__((always_inline)) void
utvm_conv_pixels(const struct utvm_conv_params *p, const struct utvm_kernel_args *args,
                 const struct utvm_conv_windows *at, int32_t pixels, float *out)
{
    const float *bias = p->has_bias ? args->inputs[2] : 0;
    const float *weights = args->constants[0];
    for (int32_t o = 0; o < p->output_c; o += UTVM_BLOCK_CHANNELS) {
        struct utvm_block block = utvm_conv_block(p, at, pixels, weights);
        int32_t count = utvm_min(p->output_c - o, UTVM_BLOCK_CHANNELS);
        for (int32_t i = 0; i < pixels; i++) {
            for (int32_t c = 0; c < count; c++) {
                float sum = block.sums[i][c] + (bias ? bias[o + c] : 0.0F);
                out[i * p->output_c + o + c] = utvm_clamp_f32(sum, p->float_min, p->float_max);
            }
        }
        weights += UTVM_BLOCK_CHANNELS * p->filter_h * p->filter_w * p->input_c;
    }
}

/**
 * CONV_2D without groups. constants: 0 the weights of four filters at a time, float[OC / 4 rounded
 * up][KH][KW][C][4].
 */
UTVM_KERNEL(conv_2d_float32_blocked)
{
    const struct utvm_conv_params *p = params;
    float *out = args->outputs[0];
    for (int32_t row = 0; row < p->batches * p->output_h; row++) {
        struct utvm_conv_windows at = {0};
        at.rows = utvm_window_taps(row % p->output_h, p->stride_h, p->pad_h, p->input_h,
                                   p->filter_h, p->dilation_h);
        const float *from =
            (const float *)args->inputs[0] +
            (row / p->output_h * p->input_h + at.rows.origin) * p->input_w * p->input_c;
        for (int32_t ox = 0; ox < p->output_w;) {
            at.columns =
                utvm_window_taps(ox, p->stride_w, p->pad_w, p->input_w, p->filter_w, p->dilation_w);
            at.in = from + at.columns.origin * p->input_c;
            int32_t reach = (p->filter_w - 1) * p->dilation_w + 1;
            int32_t last = at.columns.origin + (UTVM_BLOCK_PIXELS - 1) * p->stride_w;
            if (ox + UTVM_BLOCK_PIXELS <= p->output_w && at.columns.origin >= 0 &&
                last + reach <= p->input_w) {
                utvm_conv_pixels(p, args, &at, UTVM_BLOCK_PIXELS, out);
                ox += UTVM_BLOCK_PIXELS;
                out += UTVM_BLOCK_PIXELS * p->output_c;
            } else {
                utvm_conv_pixels(p, args, &at, 1, out);
                ox++;
                out += p->output_c;
            }
        }
    }
    return UTVM_STATUS_OK;
}
