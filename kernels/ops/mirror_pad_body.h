// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * MIRROR_PAD. The including file defines
 *   UTVM_NAME      the kernel
 *   UTVM_ELEMENT   an unsigned type of the elements' width
 */
#include "kernels/kernel.h"
#include "kernels/ops/shape.h"
#include "kernels/params.h"

#ifndef UTVM_KERNELS_OPS_MIRROR_PAD_BODY_H
#define UTVM_KERNELS_OPS_MIRROR_PAD_BODY_H

/** Position `at` of an axis of `size`, mirrored at either end; border 1: the end is not doubled. */
static inline int32_t utvm_mirror(int32_t at, int32_t size, int32_t border)
{
    if (at < 0) {
        at = -at - 1 + border;
    }
    if (at >= size) {
        at = 2 * size - 1 - at - border;
    }
    return at;
}

#endif

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_mirror_pad_params *p = params;
    const UTVM_ELEMENT *in = args->inputs[0];
    UTVM_ELEMENT *out = args->outputs[0];
    for (int32_t i = 0; i < utvm_num_rows(p->output_dims); i++) {
        int32_t rest = i;
        int32_t offset = 0;
        int32_t stride = p->input_dims[5];
        for (int32_t d = 4; d >= 0; d--) {
            int32_t at = rest % p->output_dims[d] - p->before[d];
            rest /= p->output_dims[d];
            offset += utvm_mirror(at, p->input_dims[d], p->border) * stride;
            stride *= p->input_dims[d];
        }
        for (int32_t k = 0; k < p->output_dims[5]; k++) {
            *out++ = in[offset + utvm_mirror(k - p->before[5], p->input_dims[5], p->border)];
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
