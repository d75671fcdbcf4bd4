// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_AXES_H
#define UTVM_KERNELS_OPS_AXES_H

#include "kernels/params.h"

/** Axes of a depthwise convolution; an image one pixel wide lies on its side. */
struct utvm_axes {
    int32_t input_h;
    int32_t input_w;
    int32_t filter_h;
    int32_t filter_w;
    int32_t output_h;
    int32_t output_w;
    int32_t stride_h;
    int32_t stride_w;
    int32_t dilation_h;
    int32_t dilation_w;
    int32_t pad_h;
    int32_t pad_w;
};

static inline __attribute__((always_inline)) struct utvm_axes
utvm_axes_of(const struct utvm_conv_params *p)
{
    if (p->turned) {
        return (struct utvm_axes){p->input_w,    p->input_h,    p->filter_w, p->filter_h,
                                  p->output_w,   p->output_h,   p->stride_w, p->stride_h,
                                  p->dilation_w, p->dilation_h, p->pad_w,    p->pad_h};
    }
    return (struct utvm_axes){p->input_h,    p->input_w,    p->filter_h, p->filter_w,
                              p->output_h,   p->output_w,   p->stride_h, p->stride_w,
                              p->dilation_h, p->dilation_w, p->pad_h,    p->pad_w};
}

#endif
