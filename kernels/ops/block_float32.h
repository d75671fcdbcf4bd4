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

/** Elements from one to the next, constants of the layer. */
struct utvm_block_steps {
    int32_t pixel;   /**< the same value of the next window */
    int32_t value;   /**< the next value of a window */
    int32_t channel; /**< the same weight of the next filter */
    int32_t weight;  /**< the next weight of a filter */
};

/**
 * Adds `count` products to each sum.
 * @param pixels windows, 1 to UTVM_BLOCK_PIXELS, a constant
 * @param in, weights the first of the first window and filter
 */
static inline __attribute__((always_inline)) void
utvm_block_run(struct utvm_block *block, int32_t pixels, const float *in, const float *weights,
               const struct utvm_block_steps *steps, int32_t count)
{
    struct utvm_block at = *block;
    for (const float *end = weights + steps->weight * count; weights != end;) {
        float x[UTVM_BLOCK_PIXELS];
#pragma GCC unroll 4
        for (int32_t i = 0; i < pixels; i++) {
            x[i] = in[i * steps->pixel];
        }
#pragma GCC unroll 4
        for (int32_t c = 0; c < UTVM_BLOCK_CHANNELS; c++) {
            float weight = weights[c * steps->channel];
#pragma GCC unroll 4
            for (int32_t i = 0; i < pixels; i++) {
                at.sums[i][c] += x[i] * weight;
            }
        }
        weights += steps->weight;
        in += steps->value;
    }
    *block = at;
}

#endif
