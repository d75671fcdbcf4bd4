// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_WINDOW_H
#define UTVM_KERNELS_OPS_WINDOW_H

#include "kernels/arith.h"

/** The taps of one window along one axis that lie inside the input: first to end (exclusive). */
struct utvm_taps {
    int32_t origin; /**< input position of tap 0; may be negative */
    int32_t first;
    int32_t end;
};

/** Taps of the window at `output` of an axis of `size`; dilation 1 or more. */
static inline struct utvm_taps utvm_window_taps(int32_t output, int32_t stride, int32_t pad,
                                                int32_t size, int32_t filter, int32_t dilation)
{
    struct utvm_taps taps = {output * stride - pad, 0, 0};
    taps.first = taps.origin < 0 ? (-taps.origin + dilation - 1) / dilation : 0;
    taps.end = taps.origin < size ? (size - taps.origin + dilation - 1) / dilation : 0;
    taps.end = utvm_min(taps.end, filter);
    return taps;
}

#endif
