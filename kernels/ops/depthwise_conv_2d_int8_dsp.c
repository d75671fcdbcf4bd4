// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/ops/dot_int8.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

/*
 * Four channels at a time: a word of the input is widened once and meets four weights, which lie
 * one behind the other for all taps of these channels.
 */

/** Four sums, channels 0 to 3, and what is next. */
struct utvm_depthwise {
    const int8_t *in;
    const int16_t *weights;
    int32_t sum_0;
    int32_t sum_1;
    int32_t sum_2;
    int32_t sum_3;
};

static inline __attribute__((always_inline)) struct utvm_depthwise
utvm_depthwise_tap(struct utvm_depthwise at, int32_t in_offset, uint32_t offsets)
{
    uint32_t word = utvm_load_word(at.in + in_offset);
    uint32_t even_weights = utvm_load_word(at.weights);
    uint32_t odd_weights = utvm_load_word(at.weights + 2);
    uint32_t even = utvm_sxtab16(offsets, word);
    uint32_t odd = utvm_sxtab16_odd(offsets, word);
    at.sum_0 = utvm_smlabb(even, even_weights, at.sum_0);
    at.sum_1 = utvm_smlabb(odd, odd_weights, at.sum_1);
    at.sum_2 = utvm_smlatt(even, even_weights, at.sum_2);
    at.sum_3 = utvm_smlatt(odd, odd_weights, at.sum_3);
    at.weights += 4;
    return at;
}

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)

/** Three taps of a row at a constant distance, with each product beside a load or a widening. */
static inline __attribute__((always_inline)) struct utvm_depthwise
utvm_depthwise_three(struct utvm_depthwise at, int32_t step, uint32_t offsets)
{
    uint32_t x_0;
    uint32_t x_1;
    uint32_t x_2;
    uint32_t a;
    uint32_t b;
    uint32_t e;
    uint32_t t;
    __asm__ volatile("ldr %[x0], [%[in]]\n"
                     "ldr %[x1], [%[in], %[s1]]\n"
                     "ldrd %[a], %[b], [%[w]], #8\n"
                     "sxtab16 %[e], %[off], %[x0]\n"
                     "ldr %[x2], [%[in], %[s2]]\n"
                     "sxtab16 %[x0], %[off], %[x0], ror #8\n"
                     "smlabb %[c0], %[e], %[a], %[c0]\n"
                     "sxtab16 %[t], %[off], %[x1]\n"
                     "smlatt %[c2], %[e], %[a], %[c2]\n"
                     "sxtab16 %[x1], %[off], %[x1], ror #8\n"
                     "smlabb %[c1], %[x0], %[b], %[c1]\n"
                     "sxtab16 %[e], %[off], %[x2]\n"
                     "smlatt %[c3], %[x0], %[b], %[c3]\n"
                     "ldrd %[a], %[b], [%[w]], #8\n"
                     "sxtab16 %[x2], %[off], %[x2], ror #8\n"
                     "smlabb %[c0], %[t], %[a], %[c0]\n"
                     "smlatt %[c2], %[t], %[a], %[c2]\n"
                     "smlabb %[c1], %[x1], %[b], %[c1]\n"
                     "smlatt %[c3], %[x1], %[b], %[c3]\n"
                     "ldrd %[a], %[b], [%[w]], #8\n"
                     "smlabb %[c0], %[e], %[a], %[c0]\n"
                     "smlatt %[c2], %[e], %[a], %[c2]\n"
                     "smlabb %[c1], %[x2], %[b], %[c1]\n"
                     "smlatt %[c3], %[x2], %[b], %[c3]\n"
                     : [w] "+r"(at.weights), [c0] "+r"(at.sum_0), [c1] "+r"(at.sum_1),
                       [c2] "+r"(at.sum_2), [c3] "+r"(at.sum_3), [x0] "=&r"(x_0), [x1] "=&r"(x_1),
                       [x2] "=&r"(x_2), [a] "=&r"(a), [b] "=&r"(b), [e] "=&r"(e), [t] "=&r"(t)
                     : [in] "r"(at.in), [off] "r"(offsets), [s1] "i"(step), [s2] "i"(2 * step)
                     : "memory");
    return at;
}

#define UTVM_DEPTHWISE_REACHES(step) (__builtin_constant_p(step) && (step) >= 0 && (step) <= 2040)

#endif

/** A row of taps, without a loop if it is the common three. */
static inline __attribute__((always_inline)) struct utvm_depthwise
utvm_depthwise_row(const struct utvm_conv_params *p, struct utvm_depthwise at, int32_t taps,
                   uint32_t offsets)
{
    int32_t step = p->dilation_w * p->input_c;
#ifdef UTVM_DEPTHWISE_REACHES
    if (taps == 3 && UTVM_DEPTHWISE_REACHES(step)) {
        return utvm_depthwise_three(at, step, offsets);
    }
#endif
    if (taps == 3) {
        at = utvm_depthwise_tap(at, 0, offsets);
        at = utvm_depthwise_tap(at, step, offsets);
        return utvm_depthwise_tap(at, 2 * step, offsets);
    }
    const int8_t *start = at.in;
    for (int32_t kx = 0; kx < taps; kx++) {
        at = utvm_depthwise_tap(at, 0, offsets);
        at.in += step;
    }
    at.in = start;
    return at;
}

/** The taps of a window that lie inside of the input; whole rows if `whole`. */
static inline __attribute__((always_inline)) struct utvm_depthwise
utvm_depthwise_window(const struct utvm_conv_params *p, struct utvm_depthwise at,
                      struct utvm_taps rows, struct utvm_taps columns, int32_t whole)
{
    uint32_t offsets = utvm_both_halves(p->input_offset);
    int32_t row_step = p->dilation_h * p->input_w * p->input_c;
    int32_t taps = whole ? p->filter_w : columns.end - columns.first;
    at.weights += 4 * rows.first * p->filter_w;
    at.in += rows.first * row_step;
    if (!whole) {
        at.weights += 4 * columns.first;
        at.in += columns.first * p->dilation_w * p->input_c;
    }
    for (int32_t ky = rows.first; ky < rows.end; ky++) {
        at = utvm_depthwise_row(p, at, taps, offsets);
        at.in += row_step;
        at.weights += 4 * (p->filter_w - taps);
    }
    return at;
}

/** What turns the sums of four channels into outputs. */
struct utvm_depthwise_channels {
    const int32_t *bias; /**< or NULL */
    const int32_t *multipliers;
    const int32_t *shifts;
};

static inline __attribute__((always_inline)) uint32_t
utvm_depthwise_finish(const struct utvm_conv_params *p, const struct utvm_depthwise_channels *of,
                      int32_t c, int32_t sum)
{
    struct utvm_channel channel = {of->bias ? of->bias[c] : 0, of->multipliers[c], of->shifts[c]};
    return (uint32_t)utvm_finish_int8(sum + channel.bias, &channel, p->fast_rounding,
                                      p->output_offset, p->act_min, p->act_max) &
           0xFFu;
}

/**
 * DEPTHWISE_CONV_2D with depth multiplier 1 and a multiple of four channels. constants: 0
 * multipliers, 1 shifts, 2 int16[OC / 4][KH][KW][4], the weights of four channels in the order 0,
 * 2, 1, 3.
 */
UTVM_KERNEL(depthwise_conv_2d_int8_dsp)
{
    const struct utvm_conv_params *p = params;
    const int8_t *data = args->inputs[0];
    const struct utvm_depthwise_channels channels = {p->has_bias ? args->inputs[2] : 0,
                                                     args->constants[0], args->constants[1]};
    int8_t *out = args->outputs[0];
    for (int32_t row = 0; row < p->batches * p->output_h; row++) {
        struct utvm_taps rows = utvm_window_taps(row % p->output_h, p->stride_h, p->pad_h,
                                                 p->input_h, p->filter_h, p->dilation_h);
        const int8_t *from =
            data + (row / p->output_h * p->input_h + rows.origin) * p->input_w * p->input_c;
        for (int32_t ox = 0; ox < p->output_w; ox++) {
            struct utvm_taps columns =
                utvm_window_taps(ox, p->stride_w, p->pad_w, p->input_w, p->filter_w, p->dilation_w);
            int32_t whole = columns.first == 0 && columns.end == p->filter_w;
            const int8_t *in = from + columns.origin * p->input_c;
            const int16_t *weights = args->constants[2];
            for (int32_t c = 0; c < p->output_c; c += 4) {
                struct utvm_depthwise at = {in + c, weights, 0, 0, 0, 0};
                at = whole ? utvm_depthwise_window(p, at, rows, columns, 1)
                           : utvm_depthwise_window(p, at, rows, columns, 0);
                weights += 4 * p->filter_h * p->filter_w;
                uint32_t result = utvm_depthwise_finish(p, &channels, c, at.sum_0);
                result |= utvm_depthwise_finish(p, &channels, c + 1, at.sum_1) << 8;
                result |= utvm_depthwise_finish(p, &channels, c + 2, at.sum_2) << 16;
                result |= utvm_depthwise_finish(p, &channels, c + 3, at.sum_3) << 24;
                utvm_store_word(out, result);
                out += 4;
            }
        }
    }
    return UTVM_STATUS_OK;
}
