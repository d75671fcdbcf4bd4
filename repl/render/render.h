// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_RENDER_RENDER_H
#define UTVM_REPL_RENDER_RENDER_H

#include <stdio.h>

#include "core/table.h"
#include "repl/tensor_ref.h"
#include "repl/view.h"

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
 * @param slice gives the shape; the view holds its elements
 */
void utvm_render_values(FILE *out, const struct utvm_view *view, const struct utvm_slice *slice,
                        enum utvm_value_form form, const struct utvm_print_options *options);

/** One element of a view: "-57", "1.25", "0xc7". */
void utvm_render_value(const struct utvm_view *view, uint64_t i, enum utvm_value_form form,
                       char *buffer, size_t size);

/** A picture of a tensor: [H,W] and [H,W,1] are one grey tile, other [H,W,C] one tile a channel. */
struct utvm_picture {
    struct utvm_array image; /**< uint8 [H,W,1], or [H,W,3] of the model's input; owned */
    uint32_t tile_height;
    uint32_t tile_width;
    uint32_t num_tiles; /**< 1 in colour */
    uint32_t across;    /**< tiles in a row */
    double low;         /**< real value that is black: the least of the view */
    double high;        /**< real value that is white: the greatest */
};

void utvm_picture_deinit(struct utvm_picture *picture);

/**
 * The picture of a view; axes that an index took away and leading axes of size 1 are dropped.
 * @return INVALID when the shape is no picture
 */
UTVM_MUST_CHECK struct utvm_error *utvm_render_image(const struct utvm_view *view,
                                                     const struct utvm_slice *slice,
                                                     struct utvm_picture *ret);

/**
 * Draws a picture with characters, made smaller where it does not fit, and below it what it shows;
 * without colours in plain symbols.
 * @param name of what is shown
 * @param max_rows lines it may take; 0 = 60
 */
UTVM_MUST_CHECK struct utvm_error *utvm_render_picture(FILE *out, const char *name,
                                                       const struct utvm_picture *picture,
                                                       const struct utvm_style *style,
                                                       unsigned max_rows);

#endif
