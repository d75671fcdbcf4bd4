// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_QUADS_H
#define UTVM_KERNELS_OPS_QUADS_H

#include "kernels/arith.h"
#include "kernels/dsp.h"
#include "kernels/kernel.h"
#include "kernels/ops/axes.h"
#include "kernels/ops/finish.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

/*
 * Depthwise convolutions of int8 data, four channels at a time where they lie: a word of the input
 * is widened and meets four weights, which lie one behind the other for all taps of these channels.
 * Nothing is copied, so this is the faster way where few windows share a pixel.
 */

/** Four sums, channels 0 to 3, and what is next. */
struct utvm_quad {
    const int8_t *in;
    const int16_t *weights; /**< channels 0, 2, 1, 3 of a tap */
    int32_t sum_0;
    int32_t sum_1;
    int32_t sum_2;
    int32_t sum_3;
};

/** One tap; `step` bytes to the next. */
static inline __attribute__((always_inline)) struct utvm_quad
utvm_quad_tap(struct utvm_quad at, int32_t step, uint32_t offsets)
{
    uint32_t word = utvm_load_word(at.in);
    uint32_t even_weights = utvm_load_word(at.weights);
    uint32_t odd_weights = utvm_load_word(at.weights + 2);
    uint32_t even = utvm_sxtab16(offsets, word);
    uint32_t odd = utvm_sxtab16_odd(offsets, word);
    at.sum_0 = utvm_smlabb(even, even_weights, at.sum_0);
    at.sum_1 = utvm_smlabb(odd, odd_weights, at.sum_1);
    at.sum_2 = utvm_smlatt(even, even_weights, at.sum_2);
    at.sum_3 = utvm_smlatt(odd, odd_weights, at.sum_3);
    at.in += step;
    at.weights += 4;
    return at;
}

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__) && !defined(UTVM_FREE_REGISTERS)

/** Distances of taps that the addressing mode of a load reaches twice. */
#define UTVM_QUAD_REACHES(step) (__builtin_constant_p(step) && (step) >= 0 && (step) <= 2040)

/** Three taps at a constant distance, with each product beside a load or a widening. */
static inline __attribute__((always_inline)) struct utvm_quad
utvm_quad_three(struct utvm_quad at, int32_t step, uint32_t offsets)
{
    uint32_t x;
    uint32_t y;
    uint32_t a;
    uint32_t b;
    uint32_t e;
    uint32_t t;
    /* Six registers, so that the loops around find one, too. */
    __asm__("ldr %[x], [%[in]]\n"
            "ldr %[y], [%[in], %[s1]]\n"
            "ldrd %[a], %[b], [%[w]], #8\n"
            "sxtab16 %[e], %[off], %[x]\n"
            "sxtab16 %[x], %[off], %[x], ror #8\n"
            "smlabb %[c0], %[e], %[a], %[c0]\n"
            "sxtab16 %[t], %[off], %[y]\n"
            "smlatt %[c2], %[e], %[a], %[c2]\n"
            "ldr %[e], [%[in], %[s2]]\n"
            "smlabb %[c1], %[x], %[b], %[c1]\n"
            "sxtab16 %[y], %[off], %[y], ror #8\n"
            "smlatt %[c3], %[x], %[b], %[c3]\n"
            "ldrd %[a], %[x], [%[w]], #8\n"
            "sxtab16 %[b], %[off], %[e]\n"
            "smlabb %[c0], %[t], %[a], %[c0]\n"
            "sxtab16 %[e], %[off], %[e], ror #8\n"
            "smlatt %[c2], %[t], %[a], %[c2]\n"
            "ldrd %[t], %[a], [%[w]], #8\n"
            "smlabb %[c1], %[y], %[x], %[c1]\n"
            "smlatt %[c3], %[y], %[x], %[c3]\n"
            "smlabb %[c0], %[b], %[t], %[c0]\n"
            "smlatt %[c2], %[b], %[t], %[c2]\n"
            "smlabb %[c1], %[e], %[a], %[c1]\n"
            "smlatt %[c3], %[e], %[a], %[c3]\n"
            : [w] "+r"(at.weights), [c0] "+r"(at.sum_0), [c1] "+r"(at.sum_1), [c2] "+r"(at.sum_2),
              [c3] "+r"(at.sum_3), [x] "=&r"(x), [y] "=&r"(y), [a] "=&r"(a), [b] "=&r"(b),
              [e] "=&r"(e), [t] "=&r"(t)
            : [in] "r"(at.in), [off] "r"(offsets), [s1] "i"(step), [s2] "i"(2 * step)
            : "memory");
    at.in += 3 * step;
    return at;
}

#endif

/** Taps of a row, `step` bytes from one to the next. */
static inline __attribute__((always_inline)) struct utvm_quad
utvm_quad_row(struct utvm_quad at, int32_t taps, int32_t step, uint32_t offsets)
{
#ifdef UTVM_QUAD_REACHES
    if (UTVM_QUAD_REACHES(step)) {
        for (; taps >= 3; taps -= 3) {
            at = utvm_quad_three(at, step, offsets);
        }
    }
#endif
    for (; taps > 0; taps--) {
        at = utvm_quad_tap(at, step, offsets);
    }
    return at;
}

/** The taps of a window that lie inside of the input; whole rows if `whole`, a constant. */
static inline __attribute__((always_inline)) struct utvm_quad
utvm_quad_window(const struct utvm_conv_params *p, const struct utvm_axes *a, struct utvm_quad at,
                 const struct utvm_taps *rows, const struct utvm_taps *columns, int32_t whole)
{
    uint32_t offsets = utvm_both_halves(p->input_offset);
    int32_t step = (p->turned ? p->dilation_h : p->dilation_w) * p->input_c;
    int32_t row_step = a->dilation_h * a->input_w * p->input_c;
    int32_t taps = whole ? a->filter_w : columns->end - columns->first;
    at.weights += 4 * rows->first * a->filter_w;
    at.in += rows->first * row_step;
    if (!whole) {
        at.weights += 4 * columns->first;
        at.in += columns->first * step;
    }
    for (int32_t ky = rows->first; ky < rows->end; ky++) {
        at = utvm_quad_row(at, taps, step, offsets);
        at.in += row_step - taps * step;
        at.weights += 4 * (a->filter_w - taps);
    }
    return at;
}

/** Reads what belongs to the channel late: there are no registers to hold it during the products.
 */
static inline __attribute__((always_inline)) void utvm_quad_store(const struct utvm_conv_params *p,
                                                                  const struct utvm_outputs *to,
                                                                  int32_t sum, int32_t channel,
                                                                  int32_t place)
{
    struct utvm_channel of = utvm_channel_of(to, 0, channel);
    utvm_store_output(p, &of, 0, sum + utvm_first_sum(&of, 0), to->out, place);
}

/** The outputs of a window. @param in channel 0 of tap (0, 0), which may lie outside of the input
 */
static inline __attribute__((always_inline)) void
utvm_quads_multiply(const struct utvm_conv_params *p, const struct utvm_axes *a,
                    const struct utvm_outputs *to, const int8_t *in, const int16_t *weights,
                    const struct utvm_taps *rows, const struct utvm_taps *columns, int32_t out)
{
    int32_t whole = columns->first == 0 && columns->end == a->filter_w;
    for (int32_t c = 0; c < p->output_c; c += 4) {
        struct utvm_quad at = {in + c, weights, 0, 0, 0, 0};
        at = whole ? utvm_quad_window(p, a, at, rows, columns, 1)
                   : utvm_quad_window(p, a, at, rows, columns, 0);
        utvm_quad_store(p, to, at.sum_0, c, out + c);
        utvm_quad_store(p, to, at.sum_1, c + 1, out + c + 1);
        utvm_quad_store(p, to, at.sum_2, c + 2, out + c + 2);
        utvm_quad_store(p, to, at.sum_3, c + 3, out + c + 3);
        weights += 4 * a->filter_h * a->filter_w;
    }
}

/**
 * DEPTHWISE_CONV_2D of int8, of multiplier 1 and a multiple of four channels. constants: 0
 * multipliers, 1 shifts, 2 int16[OC / 4][KH][KW][4], the weights of four channels in the order 0,
 * 2, 1, 3.
 */
static inline __attribute__((always_inline)) enum utvm_status
utvm_quads_run(const struct utvm_conv_params *p, const struct utvm_kernel_args *args)
{
    const struct utvm_axes a = utvm_axes_of(p);
    const struct utvm_outputs to = {p->has_bias ? args->inputs[2] : 0, args->constants[0],
                                    args->constants[1], args->outputs[0]};
    int32_t out = 0;
    for (int32_t row = 0; row < p->batches * a.output_h; row++) {
        struct utvm_taps rows = utvm_window_taps(row % a.output_h, a.stride_h, a.pad_h, a.input_h,
                                                 a.filter_h, a.dilation_h);
        const int8_t *from = (const int8_t *)args->inputs[0] +
                             (row / a.output_h * a.input_h + rows.origin) * a.input_w * p->input_c;
        for (int32_t ox = 0; ox < a.output_w; ox++) {
            struct utvm_taps columns =
                utvm_window_taps(ox, a.stride_w, a.pad_w, a.input_w, a.filter_w, a.dilation_w);
            utvm_quads_multiply(p, &a, &to, from + columns.origin * p->input_c, args->constants[2],
                                &rows, &columns, out);
            out += p->output_c;
        }
    }
    return UTVM_STATUS_OK;
}

#endif
