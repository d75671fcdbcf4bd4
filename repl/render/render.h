// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_RENDER_RENDER_H
#define UTVM_REPL_RENDER_RENDER_H

#include <stdio.h>

#include "core/table.h"
#include "repl/stats.h"
#include "repl/tensor_ref.h"

/** How tensors become text, histograms and pictures. */
enum utvm_value_form {
    UTVM_FORM_RAW,
    UTVM_FORM_REAL,
    UTVM_FORM_HEX,
};

struct utvm_print_options {
    uint64_t max_elems; /**< more are summarised with …; 0 = never */
    unsigned width;     /**< columns; 0 = 80 */
};

/**
 * Values as numpy shows them: nested brackets, right-aligned columns, the middle of long axes as …
 * @param array the whole tensor, of which slice is shown
 */
void utvm_render_values(FILE *out, const struct utvm_tensor *tensor, const struct utvm_array *array,
                        const struct utvm_slice *slice, enum utvm_value_form form,
                        const struct utvm_print_options *options);

/** One value: "-57", "1.25", "0xc7". */
void utvm_render_value(const struct utvm_tensor *tensor, uint64_t flat, double raw,
                       enum utvm_value_form form, char *buffer, size_t size);

/** Counts of real values in equal bins between the least and the greatest. NaN is left out. */
struct utvm_histogram {
    double low;
    double high;
    uint32_t num_bins;
    uint64_t counts[64];
    uint64_t most;
};
void utvm_histogram_compute(const struct utvm_tensor *tensor, const struct utvm_array *array,
                            const struct utvm_slice *slice, uint32_t num_bins,
                            struct utvm_histogram *ret);
void utvm_histogram_draw(FILE *out, const struct utvm_histogram *histogram, unsigned width);

/**
 * A picture of a slice: [H,W] or [H,W,1] grey, [H,W,3] of the model's input in colour, other
 * [H,W,C] as a grid of grey channels; leading axes of size 1 are dropped. Grey runs from the least
 * value of the slice to the greatest.
 * @param ret uint8 [H,W,1] or [H,W,3]
 * @return INVALID when the shape is no picture
 */
UTVM_MUST_CHECK struct utvm_error *utvm_render_image(const struct utvm_tensor *tensor,
                                                     const struct utvm_array *array,
                                                     const struct utvm_slice *slice,
                                                     struct utvm_array *ret);

/** Draws an image of utvm_render_image with characters; without colours in plain symbols. */
UTVM_MUST_CHECK struct utvm_error *utvm_render_picture(FILE *out, const struct utvm_array *image,
                                                       const struct utvm_style *style);

#endif
