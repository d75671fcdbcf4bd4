// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/dsp.h"
#include "kernels/kernel.h"
#include "kernels/ops/window.h"
#include "kernels/params.h"

/**
 * AVERAGE_POOL_2D of a multiple of four channels, four at a time; windows have at most 255
 * elements, so that 16 bits hold their sums.
 */
UTVM_KERNEL(average_pool_2d_int8_dsp)
{
    const struct utvm_pool_params *p = params;
    const int8_t *data = args->inputs[0];
    int8_t *out = args->outputs[0];
    for (int32_t row = 0; row < p->batches * p->output_h; row++) {
        struct utvm_taps rows =
            utvm_window_taps(row % p->output_h, p->stride_h, p->pad_h, p->input_h, p->filter_h, 1);
        int32_t top = row / p->output_h * p->input_h + rows.origin + rows.first;
        for (int32_t ox = 0; ox < p->output_w; ox++) {
            struct utvm_taps columns =
                utvm_window_taps(ox, p->stride_w, p->pad_w, p->input_w, p->filter_w, 1);
            int32_t left = columns.origin + columns.first;
            int32_t count = (rows.end - rows.first) * (columns.end - columns.first);
            const int8_t *corner = data + (top * p->input_w + left) * p->channels;
            for (int32_t c = 0; c < p->channels; c += 4) {
                const int8_t *line = corner + c;
                uint32_t even = 0;
                uint32_t odd = 0;
                for (int32_t ky = rows.first; ky < rows.end; ky++) {
                    const int8_t *in = line;
                    for (int32_t kx = columns.first; kx < columns.end; kx++) {
                        uint32_t word = utvm_load_word(in);
                        even = utvm_sxtab16(even, word);
                        odd = utvm_sxtab16_odd(odd, word);
                        in += p->channels;
                    }
                    line += p->input_w * p->channels;
                }
                int32_t sums[4] = {(int16_t)(uint16_t)even, (int16_t)(uint16_t)odd,
                                   (int16_t)(uint16_t)(even >> 16), (int16_t)(uint16_t)(odd >> 16)};
                for (int32_t k = 0; k < 4; k++) {
                    *out++ = (int8_t)utvm_clamp(utvm_rounding_divide(sums[k], count), p->act_min,
                                                p->act_max);
                }
            }
        }
    }
    return UTVM_STATUS_OK;
}
