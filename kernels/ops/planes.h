// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_PLANES_H
#define UTVM_KERNELS_OPS_PLANES_H

#include "kernels/arith.h"
#include "kernels/dsp.h"
#include "kernels/kernel.h"
#include "kernels/ops/axes.h"
#include "kernels/ops/finish.h"
#include "kernels/params.h"

/*
 * Depthwise convolutions of int8 and int16 data. A band of the image is copied channel by channel
 * into planes of int16, with the input offset added and with the padding around it, so that
 * neighbours lie in one word and all windows are whole; then each filter passes over the plane of
 * its channel, two products at a time and two windows at a time, with its rounding in registers.
 */

/** Channels that are copied at a time. */
#define UTVM_NUM_PLANES 4

/** Words of a row of weights that starts in either half of the first. */
static inline int32_t utvm_plane_weight_words(int32_t filter_w)
{
    return filter_w / 2 + 1;
}

/** Rows of a plane for a band of output rows. */
static inline int32_t utvm_plane_rows(const struct utvm_axes *a, int32_t band_h)
{
    return (band_h - 1) * a->stride_h + (a->filter_h - 1) * a->dilation_h + 1;
}

/** `count` pixels from `in`, a few channels of each, to planes that lie `plane` elements apart. */
static inline __attribute__((always_inline)) void utvm_plane_row(const struct utvm_conv_params *p,
                                                                 const void *in, int32_t wide,
                                                                 int32_t channels, int32_t count,
                                                                 int16_t *to, int32_t plane)
{
    uint32_t offsets = utvm_both_halves(p->input_offset);
    if (!wide && channels == UTVM_NUM_PLANES) {
        const int8_t *from = in;
        for (int32_t x = 0; x < count; x++) {
            uint32_t word = utvm_load_word(from);
            uint32_t even = utvm_sxtab16(offsets, word);
            uint32_t odd = utvm_sxtab16_odd(offsets, word);
            to[0] = (int16_t)even;
            to[plane] = (int16_t)odd;
            to[2 * plane] = (int16_t)(even >> 16);
            to[3 * plane] = (int16_t)(odd >> 16);
            from += p->input_c;
            to++;
        }
        return;
    }
    for (int32_t c = 0; c < channels; c++) {
        for (int32_t x = 0; x < count; x++) {
            to[x] = (int16_t)(wide ? ((const int16_t *)in)[x * p->input_c + c]
                                   : ((const int8_t *)in)[x * p->input_c + c] + p->input_offset);
        }
        to += plane;
    }
}

/**
 * Rows first_y, ... of a few channels as planes, whose padding is zero already; but rows that lie
 * outside may be others in the band before.
 * @param image the first of these channels of pixel (0, 0)
 */
static inline __attribute__((always_inline)) void
utvm_planes_fill(const struct utvm_conv_params *p, const struct utvm_axes *a, const void *image,
                 int32_t wide, int32_t channels, int32_t first_y, int32_t rows, int16_t *planes,
                 int32_t plane)
{
    int32_t before = utvm_min(a->pad_w, p->plane_w);
    int32_t count = utvm_min(a->input_w, p->plane_w - before);
    for (int32_t row = 0; row < rows; row++) {
        int32_t y = first_y + row;
        if (y >= 0 && y < a->input_h) {
            int32_t place = y * a->input_w * p->input_c;
            const void *in = wide ? (const void *)((const int16_t *)image + place)
                                  : (const void *)((const int8_t *)image + place);
            utvm_plane_row(p, in, wide, channels, count, planes + before, plane);
        } else if (p->band_h != a->output_h) {
            for (int32_t c = 0; c < channels; c++) {
                __builtin_memset(planes + c * plane, 0, (uint32_t)p->plane_w * sizeof(*planes));
            }
        }
        planes += p->plane_w;
    }
}

/**
 * The weights of a filter for windows that start at an even place, and for those that start at an
 * odd one: int16[KH][2][2 * words], zeros around them.
 */
static inline void utvm_plane_weights(const struct utvm_conv_params *p, const struct utvm_axes *a,
                                      const int8_t *filter, int16_t *to)
{
    int32_t elems = 2 * utvm_plane_weight_words(a->filter_w);
    if (a->filter_w == 3 && a->dilation_w == 1) {
        /* All that anybody reads of these: 0 with 1, and 1 with 2. */
        for (int32_t ky = 0; ky < a->filter_h; ky++) {
            uint32_t middle = (uint32_t)filter[p->output_c];
            utvm_store_word(to, utvm_pkhbt((uint32_t)filter[0], middle));
            utvm_store_word(to + 6, utvm_pkhbt(middle, (uint32_t)filter[2 * p->output_c]));
            filter += 3 * p->output_c;
            to += 8;
        }
        return;
    }
    for (int32_t ky = 0; ky < a->filter_h; ky++) {
        int16_t *odd = to + elems;
        for (int32_t kx = 0; kx < elems; kx++) {
            int16_t weight = 0;
            if (kx < a->filter_w) {
                weight = (int16_t)*filter;
                filter += p->output_c;
            }
            to[kx] = weight;
            odd[kx + 1 < elems ? kx + 1 : 0] = weight;
        }
        to += 2 * elems;
    }
}

/** Sums of two neighbouring windows. */
struct utvm_plane_sums {
    int32_t first;
    int32_t second;
};

/** Adds one row of taps. @param in where the first window starts, in an even place */
static inline __attribute__((always_inline)) void utvm_plane_taps(const struct utvm_axes *a,
                                                                  const int16_t *in,
                                                                  const int16_t *weights,
                                                                  struct utvm_plane_sums *sums)
{
    int32_t words = utvm_plane_weight_words(a->filter_w);
    if (a->dilation_w != 1) {
        for (int32_t kx = 0; kx < a->filter_w; kx++) {
            sums->first += in[kx * a->dilation_w] * weights[kx];
            sums->second += in[kx * a->dilation_w + a->stride_w] * weights[kx];
        }
        return;
    }
    const int16_t *beside = in + a->stride_w / 2 * 2;
    const int16_t *other = weights + a->stride_w % 2 * 2 * words;
    if (a->filter_w == 3) {
        /* Three weights in two words: 0 with 1 and 1 with 2. */
        uint32_t w_01 = utvm_load_word(weights);
        uint32_t w_12 = utvm_load_word(weights + 2 * words + 2);
        uint32_t x = utvm_load_word(in);
        uint32_t y = utvm_load_word(in + 2);
        sums->first = utvm_smlad(x, w_01, sums->first);
        sums->first = utvm_smlabt(y, w_12, sums->first);
        x = utvm_load_word(beside);
        y = utvm_load_word(beside + 2);
        if (a->stride_w % 2 != 0) {
            sums->second = utvm_smlatb(x, w_01, sums->second);
            sums->second = utvm_smlad(y, w_12, sums->second);
        } else {
            sums->second = utvm_smlad(x, w_01, sums->second);
            sums->second = utvm_smlabt(y, w_12, sums->second);
        }
        return;
    }
    for (int32_t i = 0; i < 2 * words; i += 2) {
        sums->first = utvm_smlad(utvm_load_word(in + i), utvm_load_word(weights + i), sums->first);
        sums->second =
            utvm_smlad(utvm_load_word(beside + i), utvm_load_word(other + i), sums->second);
    }
}

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__) && !defined(UTVM_FREE_REGISTERS)

/** Distances of rows that the addressing mode of a load reaches twice. */
#define UTVM_PLANE_REACHES(elems)                                                                  \
    (__builtin_constant_p(elems) && (elems) >= 0 && 4 * (elems) + 8 <= 4092)

/* Four products in two windows at distance 1 or 2; a line is a cycle, with room for a load. */
#define UTVM_PLANE_ROW_1(x, y, z, a, b, l0, l1, l2, l3, l4)                                        \
    "smlad %[s0], " x ", " a ", %[s0]\n" l0 "smlatb %[s1], " x ", " a ", %[s1]\n" l1               \
    "smlabt %[s0], " y ", " b ", %[s0]\n" l2 "smlad %[s1], " y ", " b ", %[s1]\n" l3

#define UTVM_PLANE_ROW_2(x, y, z, a, b, l0, l1, l2, l3, l4)                                        \
    "smlad %[s0], " x ", " a ", %[s0]\n" l0 "smlabt %[s0], " y ", " b ", %[s0]\n" l1               \
    "smlad %[s1], " y ", " a ", %[s1]\n" l2 l3 "smlabt %[s1], " z ", " b ", %[s1]\n" l4

/** Three rows of three taps, each product beside a load for a later one. */
#define UTVM_PLANE_THREE(ROW, has_z)                                                               \
    __asm__("ldr %[x], [%[in]]\n"                                                                  \
            "ldr %[a], [%[w]]\n"                                                                   \
            "ldr %[y], [%[in], #4]\n"                                                              \
            "ldr %[b], [%[w], #12]\n" has_z("ldr %[z], [%[in], #8]\n")                             \
                ROW("%[x]", "%[y]", "%[z]", "%[a]", "%[b]", "ldr %[c], [%[w], #16]\n",             \
                    "ldr %[x], [%[in], %[r1]]\n", "ldr %[d], [%[w], #28]\n",                       \
                    "ldr %[y], [%[in], %[r1y]]\n", has_z("ldr %[z], [%[in], %[r1z]]\n"))           \
                    ROW("%[x]", "%[y]", "%[z]", "%[c]", "%[d]", "ldr %[a], [%[w], #32]\n",         \
                        "ldr %[x], [%[in], %[r2]]\n", "ldr %[b], [%[w], #44]\n",                   \
                        "ldr %[y], [%[in], %[r2y]]\n", has_z("ldr %[z], [%[in], %[r2z]]\n"))       \
                        ROW("%[x]", "%[y]", "%[z]", "%[a]", "%[b]", "", "", "", "", "")            \
            : [s0] "+r"(sums->first), [s1] "+r"(sums->second), [x] "=&r"(x), [y] "=&r"(y),         \
              [z] "=&r"(z), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)                 \
            : [in] "r"(in), [w] "r"(weights), [r1] "i"(2 * row), [r1y] "i"(2 * row + 4),           \
              [r1z] "i"(2 * row + 8), [r2] "i"(4 * row), [r2y] "i"(4 * row + 4),                   \
              [r2z] "i"(4 * row + 8)                                                               \
            : "memory")

#define UTVM_PLANE_WITH(text) text
#define UTVM_PLANE_WITHOUT(text) ""

static inline __attribute__((always_inline)) void utvm_plane_three(int32_t stride,
                                                                   const int16_t *in, int32_t row,
                                                                   const int16_t *weights,
                                                                   struct utvm_plane_sums *sums)
{
    uint32_t x;
    uint32_t y;
    uint32_t z;
    uint32_t a;
    uint32_t b;
    uint32_t c;
    uint32_t d;
    if (stride == 1) {
        UTVM_PLANE_THREE(UTVM_PLANE_ROW_1, UTVM_PLANE_WITHOUT);
    } else {
        UTVM_PLANE_THREE(UTVM_PLANE_ROW_2, UTVM_PLANE_WITH);
    }
}

#endif

/** The sums of two neighbouring windows. @param in where the first starts, in an even place */
static inline __attribute__((always_inline)) struct utvm_plane_sums
utvm_plane_windows(const struct utvm_conv_params *p, const struct utvm_axes *a, const int16_t *in,
                   const int16_t *weights, int32_t start)
{
    struct utvm_plane_sums sums = {start, start};
    /* From p itself, so that the compiler knows early enough that it is a constant. */
    int32_t row = (p->turned ? p->dilation_w : p->dilation_h) * p->plane_w;
#ifdef UTVM_PLANE_REACHES
    if (a->filter_h == 3 && a->filter_w == 3 && a->dilation_w == 1 && a->stride_w <= 2 &&
        UTVM_PLANE_REACHES(row)) {
        utvm_plane_three(a->stride_w, in, row, weights, &sums);
        return sums;
    }
#endif
    for (int32_t ky = 0; ky < a->filter_h; ky++) {
        utvm_plane_taps(a, in, weights, &sums);
        in += row;
        weights += 4 * utvm_plane_weight_words(a->filter_w);
    }
    return sums;
}

/** One filter over the plane of a band. @param out place of the first output of the band */
static inline __attribute__((always_inline)) void
utvm_plane_filter(const struct utvm_conv_params *p, const struct utvm_axes *a,
                  const struct utvm_channel *of, int32_t wide, const int16_t *plane,
                  const int16_t *weights, int32_t rows, void *to, int32_t out)
{
    int32_t start = utvm_first_sum(of, wide);
    for (int32_t oy = 0; oy < rows; oy++) {
        const int16_t *in = plane;
        int32_t left = a->output_w;
        for (; left > 2; left -= 4) {
            /* Four at a time, so that their roundings need not wait for themselves. */
            struct utvm_plane_sums x = utvm_plane_windows(p, a, in, weights, start);
            struct utvm_plane_sums y =
                utvm_plane_windows(p, a, in + 2 * a->stride_w, weights, start);
            int32_t places = out;
            utvm_store_output(p, of, wide, x.first, to, places);
            places += p->output_c;
            utvm_store_output(p, of, wide, x.second, to, places);
            places += p->output_c;
            utvm_store_output(p, of, wide, y.first, to, places);
            places += p->output_c;
            if (a->output_w % 4 == 0 || left > 3) {
                utvm_store_output(p, of, wide, y.second, to, places);
                places += p->output_c;
            }
            out = places;
            in += 4 * a->stride_w;
        }
        if (left > 0) {
            struct utvm_plane_sums x = utvm_plane_windows(p, a, in, weights, start);
            utvm_store_output(p, of, wide, x.first, to, out);
            out += p->output_c;
            if (left > 1) {
                utvm_store_output(p, of, wide, x.second, to, out);
                out += p->output_c;
            }
        }
        plane += a->stride_h * p->plane_w;
    }
}

/**
 * DEPTHWISE_CONV_2D of any multiplier. constants: 0 multipliers, 1 shifts. Workspace: the planes,
 * int16[4][rows][p->plane_w], and the weights of a filter.
 * @param wide data is int16, and filters have at most 508 taps; a constant
 */
static inline __attribute__((always_inline)) enum utvm_status
utvm_planes_run(const struct utvm_conv_params *p, const struct utvm_kernel_args *args, int32_t wide)
{
    const struct utvm_axes a = utvm_axes_of(p);
    const struct utvm_outputs to = {p->has_bias ? args->inputs[2] : 0, args->constants[0],
                                    args->constants[1], args->outputs[0]};
    int32_t plane = utvm_plane_rows(&a, p->band_h) * p->plane_w;
    int16_t *planes = args->workspace;
    int16_t *weights = planes + UTVM_NUM_PLANES * plane;
    __builtin_memset(planes, 0, (uint32_t)(UTVM_NUM_PLANES * plane) * sizeof(*planes));
    for (int32_t row = 0; row < p->batches * a.output_h;) {
        int32_t oy = row % a.output_h;
        int32_t rows = utvm_min(p->band_h, a.output_h - oy);
        for (int32_t c = 0; c < p->input_c; c += UTVM_NUM_PLANES) {
            int32_t first = row / a.output_h * a.input_h * a.input_w * p->input_c + c;
            const void *image = wide ? (const void *)((const int16_t *)args->inputs[0] + first)
                                     : (const void *)((const int8_t *)args->inputs[0] + first);
            int32_t channels = p->input_c % UTVM_NUM_PLANES == 0
                                   ? UTVM_NUM_PLANES
                                   : utvm_min(UTVM_NUM_PLANES, p->input_c - c);
            utvm_planes_fill(p, &a, image, wide, channels, oy * a.stride_h - a.pad_h,
                             utvm_plane_rows(&a, rows), planes, plane);
            for (int32_t i = 0; i < channels * p->depth_multiplier; i++) {
                int32_t o = c * p->depth_multiplier + i;
                struct utvm_channel of = utvm_channel_of(&to, wide, o);
                utvm_plane_weights(p, &a, (const int8_t *)args->inputs[1] + o, weights);
                utvm_plane_filter(p, &a, &of, wide, planes + i / p->depth_multiplier * plane,
                                  weights, rows, to.out, row * a.output_w * p->output_c + o);
            }
        }
        row += rows;
    }
    return UTVM_STATUS_OK;
}

#endif
