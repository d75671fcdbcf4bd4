// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_BLOCK_FLOAT32_H
#define UTVM_KERNELS_OPS_BLOCK_FLOAT32_H

#include <stdint.h>

/**
 * Sums of a few windows and four filters at a time. Each sum takes its products in the order of the
 * portable kernels, one multiplication and one addition each, so the results are theirs to the bit;
 * but a value that is loaded serves several sums, which also do not wait for each other.
 */
#define UTVM_BLOCK_CHANNELS 4
#define UTVM_BLOCK_PIXELS 4

/** Sums of up to UTVM_BLOCK_PIXELS windows with four filters. */
struct utvm_block {
    float sums[UTVM_BLOCK_PIXELS][UTVM_BLOCK_CHANNELS];
};

/**
 * Adds `count` products to each sum.
 * @param pixels windows, 1 to UTVM_BLOCK_PIXELS, a constant
 * @param in first value of window 0; window i has its values step * i elements behind
 * @param weights [count][4]
 */
static inline __attribute__((always_inline)) void utvm_block_run(struct utvm_block *block,
                                                                 int32_t pixels, const float *in,
                                                                 int32_t step, const float *weights,
                                                                 int32_t count)
{
    struct utvm_block at = *block;
    for (const float *end = weights + UTVM_BLOCK_CHANNELS * count; weights != end;) {
        float x[UTVM_BLOCK_PIXELS];
#pragma GCC unroll 4
        for (int32_t i = 0; i < pixels; i++) {
            x[i] = in[i * step];
        }
#pragma GCC unroll 4
        for (int32_t c = 0; c < UTVM_BLOCK_CHANNELS; c++) {
            float weight = weights[c];
#pragma GCC unroll 4
            for (int32_t i = 0; i < pixels; i++) {
                at.sums[i][c] += x[i] * weight;
            }
        }
        weights += UTVM_BLOCK_CHANNELS;
        in++;
    }
    *block = at;
}

#endif
