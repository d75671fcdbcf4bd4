// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * RESIZE_BILINEAR, once for both types. The including file defines
 *   UTVM_NAME           the kernel
 *   UTVM_ELEMENT        type of the elements
 *   UTVM_WEIGHT         type of the weights
 *   UTVM_SUM            type of the sum
 *   UTVM_ONE            the weight that stands for 1
 *   UTVM_FINISH(sum)    the output element
 *
 * constants: 0 and 1: int32[output_h], the two rows of the input; 2: UTVM_WEIGHT[output_h], the
 * weight of the second; 3 to 5: the same for columns.
 */
#include "kernels/kernel.h"
#include "kernels/params.h"

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_resize_params *p = params;
    const int32_t *y0 = args->constants[0];
    const int32_t *y1 = args->constants[1];
    const UTVM_WEIGHT *weight_y = args->constants[2];
    const int32_t *x0 = args->constants[3];
    const int32_t *x1 = args->constants[4];
    const UTVM_WEIGHT *weight_x = args->constants[5];
    UTVM_ELEMENT *out = args->outputs[0];
    int32_t row_elems = p->input_w * p->channels;
    for (int32_t row = 0; row < p->batches * p->output_h; row++) {
        int32_t y = row % p->output_h;
        const UTVM_ELEMENT *image =
            (const UTVM_ELEMENT *)args->inputs[0] + row / p->output_h * p->input_h * row_elems;
        const UTVM_ELEMENT *upper = image + y0[y] * row_elems;
        const UTVM_ELEMENT *lower = image + y1[y] * row_elems;
        UTVM_SUM down = weight_y[y];
        UTVM_SUM up = UTVM_ONE - down;
        for (int32_t x = 0; x < p->output_w; x++) {
            UTVM_SUM right = weight_x[x];
            UTVM_SUM left = UTVM_ONE - right;
            for (int32_t c = 0; c < p->channels; c++) {
                int32_t at_left = x0[x] * p->channels + c;
                int32_t at_right = x1[x] * p->channels + c;
                UTVM_SUM sum = (UTVM_SUM)upper[at_left] * up * left +
                               (UTVM_SUM)lower[at_left] * down * left +
                               (UTVM_SUM)upper[at_right] * up * right +
                               (UTVM_SUM)lower[at_right] * down * right;
                *out++ = (UTVM_ELEMENT)UTVM_FINISH(sum);
            }
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_ELEMENT
#undef UTVM_WEIGHT
#undef UTVM_SUM
#undef UTVM_ONE
#undef UTVM_FINISH
