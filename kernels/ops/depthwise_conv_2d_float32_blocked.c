// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

#define UTVM_LANES 4

/**
 * Four output channels of one window, so that no sum waits for itself; each takes its products in
 * the order of the portable kernel.
 */
struct utvm_lanes {
    int32_t input;               /**< channel that the first lane is filtered from */
    int32_t outputs[UTVM_LANES]; /**< channels behind the first; equal at the end if few are left */
    int32_t inputs[UTVM_LANES];  /**< the same for what they are filtered from */
};

/** @param o the first lane's channel */
static inline __attribute__((always_inline)) struct utvm_lanes
utvm_depthwise_lanes(const struct utvm_conv_params *p, int32_t o)
{
    /* What is a constant of the layer decides whether the lanes are constants, too. */
    int32_t whole = p->output_c % UTVM_LANES == 0;
    struct utvm_lanes lanes;
    lanes.input = o / p->depth_multiplier;
#pragma GCC unroll 4
    for (int32_t i = 0; i < UTVM_LANES; i++) {
        lanes.outputs[i] = whole ? i : utvm_min(i, p->output_c - 1 - o);
        lanes.inputs[i] = p->depth_multiplier == 1 ? lanes.outputs[i]
                          : whole && p->depth_multiplier % UTVM_LANES == 0
                              ? 0
                              : (o + lanes.outputs[i]) / p->depth_multiplier - lanes.input;
    }
    return lanes;
}

/** DEPTHWISE_CONV_2D of any multiplier. */
UTVM_KERNEL(depthwise_conv_2d_float32_blocked)
{
    const struct utvm_conv_params *p = params;
    const float *bias = p->has_bias ? args->inputs[2] : 0;
    float *out = args->outputs[0];
    for (int32_t row = 0; row < p->batches * p->output_h; row++) {
        struct utvm_taps rows = utvm_window_taps(row % p->output_h, p->stride_h, p->pad_h,
                                                 p->input_h, p->filter_h, p->dilation_h);
        const float *from =
            (const float *)args->inputs[0] +
            (row / p->output_h * p->input_h + rows.origin) * p->input_w * p->input_c;
        for (int32_t ox = 0; ox < p->output_w; ox++) {
            struct utvm_taps columns =
                utvm_window_taps(ox, p->stride_w, p->pad_w, p->input_w, p->filter_w, p->dilation_w);
            for (int32_t o = 0; o < p->output_c; o += UTVM_LANES) {
                struct utvm_lanes lanes = utvm_depthwise_lanes(p, o);
                float sums[UTVM_LANES] = {0.0F, 0.0F, 0.0F, 0.0F};
                for (int32_t ky = rows.first; ky < rows.end; ky++) {
                    const float *weight = (const float *)args->inputs[1] +
                                          (ky * p->filter_w + columns.first) * p->output_c + o;
                    const float *in = from +
                                      (ky * p->dilation_h * p->input_w + columns.origin +
                                       columns.first * p->dilation_w) *
                                          p->input_c +
                                      lanes.input;
                    for (int32_t kx = columns.first; kx < columns.end; kx++) {
                        float products[UTVM_LANES];
#pragma GCC unroll 4
                        for (int32_t i = 0; i < UTVM_LANES; i++) {
                            products[i] = in[lanes.inputs[i]] * weight[lanes.outputs[i]];
                        }
#pragma GCC unroll 4
                        for (int32_t i = 0; i < UTVM_LANES; i++) {
                            sums[i] += products[i];
                        }
                        in += p->dilation_w * p->input_c;
                        weight += p->output_c;
                    }
                }
#pragma GCC unroll 4
                for (int32_t i = 0; i < UTVM_LANES; i++) {
                    float sum = sums[i] + (bias ? bias[o + lanes.outputs[i]] : 0.0F);
                    out[o + lanes.outputs[i]] = utvm_clamp_f32(sum, p->float_min, p->float_max);
                }
            }
            out += p->output_c;
        }
    }
    return UTVM_STATUS_OK;
}
