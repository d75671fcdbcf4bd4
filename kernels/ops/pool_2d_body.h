// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * Pooling, once for all types and both operators. The including file defines
 *   UTVM_NAME             the kernel
 *   UTVM_ELEMENT          type of the elements
 *   UTVM_SUM              type of the running result
 *   UTVM_START            its first value
 *   UTVM_STEP(sum, v)     the result with one more element
 *   UTVM_FINISH(sum, n)   the output element from the result over n elements, n >= 1
 *
 * Input [N,H,W,C], output [N,OH,OW,C]. Padding does not count.
 */
#include "kernels/kernel.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_pool_params *p = params;
    const UTVM_ELEMENT *data = args->inputs[0];
    UTVM_ELEMENT *out = args->outputs[0];
    for (int32_t pixel = 0; pixel < p->batches * p->output_h * p->output_w; pixel++) {
        int32_t n = pixel / (p->output_h * p->output_w);
        struct utvm_taps rows = utvm_window_taps(pixel / p->output_w % p->output_h, p->stride_h,
                                                 p->pad_h, p->input_h, p->filter_h, 1);
        struct utvm_taps columns = utvm_window_taps(pixel % p->output_w, p->stride_w, p->pad_w,
                                                    p->input_w, p->filter_w, 1);
        for (int32_t c = 0; c < p->channels; c++) {
            UTVM_SUM sum = UTVM_START;
            for (int32_t ky = rows.first; ky < rows.end; ky++) {
                int32_t y = n * p->input_h + rows.origin + ky;
                for (int32_t kx = columns.first; kx < columns.end; kx++) {
                    int32_t x = columns.origin + kx;
                    sum = UTVM_STEP(sum, data[(y * p->input_w + x) * p->channels + c]);
                }
            }
            int32_t count = (rows.end - rows.first) * (columns.end - columns.first);
            (void)count;
            *out++ = (UTVM_ELEMENT)UTVM_FINISH(sum, count);
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
#undef UTVM_SUM
#undef UTVM_START
#undef UTVM_STEP
#undef UTVM_FINISH
