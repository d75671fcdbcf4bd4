// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * The portable transposed convolution, once for all types; the same macros as conv_2d_body.h.
 *
 * Inputs: 0 the output's shape (prepare has checked it), 1 weights [OC,KH,KW,C], 2 data [N,H,W,C],
 * 3 bias [OC] or none. An input pixel contributes to the outputs at its position times the stride,
 * less the padding, plus the tap; here each output gathers what contributes to it.
 */
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_conv_params *p = params;
    const UTVM_WEIGHT *weights = args->inputs[1];
    const UTVM_INPUT *data = args->inputs[2];
    const UTVM_BIAS *bias = p->has_bias ? args->inputs[3] : 0;
    const int32_t *multipliers = args->constants ? args->constants[0] : 0;
    const int32_t *shifts = args->constants ? args->constants[1] : 0;
    UTVM_INPUT *out = args->outputs[0];
    (void)multipliers;
    (void)shifts;
    for (int32_t pixel = 0; pixel < p->batches * p->output_h * p->output_w; pixel++) {
        int32_t n = pixel / (p->output_h * p->output_w);
        int32_t top = pixel / p->output_w % p->output_h + p->pad_h;
        int32_t left = pixel % p->output_w + p->pad_w;
        for (int32_t o = 0; o < p->output_c; o++) {
            const UTVM_WEIGHT *filter = weights + o * p->filter_h * p->filter_w * p->input_c;
            UTVM_SUM sum = bias && !UTVM_BIAS_LAST ? (UTVM_SUM)bias[o] : 0;
            /* The first tap that meets a row of the input, and then every stride_h-th. */
            for (int32_t ky = top % p->stride_h; ky < p->filter_h && ky <= top; ky += p->stride_h) {
                int32_t y = (top - ky) / p->stride_h;
                if (y >= p->input_h) {
                    continue;
                }
                for (int32_t kx = left % p->stride_w; kx < p->filter_w && kx <= left;
                     kx += p->stride_w) {
                    int32_t x = (left - kx) / p->stride_w;
                    if (x >= p->input_w) {
                        continue;
                    }
                    const UTVM_INPUT *value =
                        data + ((n * p->input_h + y) * p->input_w + x) * p->input_c;
                    const UTVM_WEIGHT *weight = filter + (ky * p->filter_w + kx) * p->input_c;
                    for (int32_t c = 0; c < p->input_c; c++) {
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
