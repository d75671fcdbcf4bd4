// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * The portable convolution, once for all types. conv_2d_TYPE.c defines
 *   UTVM_NAME                           the kernel
 *   UTVM_INPUT, UTVM_WEIGHT, UTVM_BIAS  element types; the output has the input's
 *   UTVM_SUM                            type of the accumulator
 *   UTVM_OFFSET                         what is added to each input value
 *   UTVM_FINISH(sum, channel)           the output element
 *   UTVM_BIAS_LAST                      1: the bias is added after the products (matters to floats)
 * and includes this file, which undefines them again. No include guard: that is its purpose.
 *
 * Inputs: data [N,H,W,C], weights [OC,KH,KW,filter_c], bias [OC] or none. With groups, filter o
 * sees the input channels of group o / (OC / groups). Padding stands for real 0.
 */
#include "kernels/kernel.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_conv_params *p = params;
    const UTVM_INPUT *data = args->inputs[0];
    const UTVM_WEIGHT *weights = args->inputs[1];
    const UTVM_BIAS *bias = p->has_bias ? args->inputs[2] : 0;
    const int32_t *multipliers = args->constants ? args->constants[0] : 0;
    const int32_t *shifts = args->constants ? args->constants[1] : 0;
    UTVM_INPUT *out = args->outputs[0];
    int32_t filters_per_group = p->output_c / (p->input_c / p->filter_c);
    int32_t filter_size = p->filter_h * p->filter_w * p->filter_c;
    (void)multipliers;
    (void)shifts;
    for (int32_t pixel = 0; pixel < p->batches * p->output_h * p->output_w; pixel++) {
        int32_t n = pixel / (p->output_h * p->output_w);
        struct utvm_taps rows = utvm_window_taps(pixel / p->output_w % p->output_h, p->stride_h,
                                                 p->pad_h, p->input_h, p->filter_h, p->dilation_h);
        struct utvm_taps columns = utvm_window_taps(pixel % p->output_w, p->stride_w, p->pad_w,
                                                    p->input_w, p->filter_w, p->dilation_w);
        for (int32_t o = 0; o < p->output_c; o++) {
            const UTVM_WEIGHT *filter = weights + o * filter_size;
            int32_t group_c = o / filters_per_group * p->filter_c;
            UTVM_SUM sum = bias && !UTVM_BIAS_LAST ? (UTVM_SUM)bias[o] : 0;
            for (int32_t ky = rows.first; ky < rows.end; ky++) {
                int32_t y = n * p->input_h + rows.origin + ky * p->dilation_h;
                for (int32_t kx = columns.first; kx < columns.end; kx++) {
                    int32_t x = columns.origin + kx * p->dilation_w;
                    const UTVM_INPUT *value = data + (y * p->input_w + x) * p->input_c + group_c;
                    const UTVM_WEIGHT *weight = filter + (ky * p->filter_w + kx) * p->filter_c;
                    for (int32_t c = 0; c < p->filter_c; c++) {
                        sum += (UTVM_SUM)(value[c] + UTVM_OFFSET) * (UTVM_SUM)weight[c];
                    }
                }
            }
            if (bias && UTVM_BIAS_LAST) {
                sum += (UTVM_SUM)bias[o];
            }
            *out++ = (UTVM_INPUT)UTVM_FINISH(sum, o);
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_INPUT
#undef UTVM_WEIGHT
#undef UTVM_BIAS
#undef UTVM_SUM
#undef UTVM_OFFSET
#undef UTVM_FINISH
#undef UTVM_BIAS_LAST
