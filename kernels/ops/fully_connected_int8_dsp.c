// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/kernel.h"
#include "kernels/ops/dot_int8.h"
#include "kernels/params.h"

/** Products of two weight rows of any alignment with one column of depth elements. */
static inline __attribute__((always_inline)) void
utvm_fully_connected_dot(const int8_t *row_0, const int8_t *row_1, const int16_t *column,
                         int32_t depth, int32_t sums[2])
{
    int32_t sum_0 = sums[0];
    int32_t sum_1 = sums[1];
    int32_t whole = depth / 4 * 4;
    for (int32_t d = 0; d < whole; d += 4) {
        uint32_t weights_0 = utvm_load_word(row_0 + d);
        uint32_t weights_1 = utvm_load_word(row_1 + d);
        uint32_t x = utvm_load_word(column + d);
        uint32_t y = utvm_load_word(column + d + 2);
        sum_0 = utvm_smlad(utvm_sxtb16(weights_0), x, sum_0);
        sum_1 = utvm_smlad(utvm_sxtb16(weights_1), x, sum_1);
        sum_0 = utvm_smlad(utvm_sxtb16_odd(weights_0), y, sum_0);
        sum_1 = utvm_smlad(utvm_sxtb16_odd(weights_1), y, sum_1);
    }
    for (int32_t d = whole; d < depth; d++) {
        int32_t x = column[utvm_group_place(d)];
        sum_0 += row_0[d] * x;
        sum_1 += row_1[d] * x;
    }
    sums[0] = sum_0;
    sums[1] = sum_1;
}

/** constants: 0 multipliers, 1 shifts. Workspace: int16[depth rounded up to 4]. */
UTVM_KERNEL(fully_connected_int8_dsp)
{
    const struct utvm_fully_connected_params *p = params;
    const int8_t *weights = args->inputs[1];
    const int32_t *bias = p->has_bias ? args->inputs[2] : 0;
    const int32_t *multipliers = args->constants[0];
    const int32_t *shifts = args->constants[1];
    int8_t *out = args->outputs[0];
    int16_t *column = args->workspace;
    for (int32_t row = 0; row < p->rows; row++) {
        utvm_widen((const int8_t *)args->inputs[0] + row * p->depth, p->depth, p->input_offset,
                   column);
        for (int32_t o = 0; o < p->channels; o += 2) {
            int32_t next = o + 1 < p->channels ? o + 1 : o;
            struct utvm_channel channel_0 = {bias ? bias[o] : 0, multipliers[o], shifts[o]};
            struct utvm_channel channel_1 = {bias ? bias[next] : 0, multipliers[next],
                                             shifts[next]};
            int32_t sums[2] = {channel_0.bias, channel_1.bias};
            utvm_fully_connected_dot(weights + o * p->depth, weights + next * p->depth, column,
                                     p->depth, sums);
            out[next] = (int8_t)utvm_finish_int8(sums[1], &channel_1, p->fast_rounding,
                                                 p->output_offset, p->act_min, p->act_max);
            out[o] = (int8_t)utvm_finish_int8(sums[0], &channel_0, p->fast_rounding,
                                              p->output_offset, p->act_min, p->act_max);
        }
        out += p->channels;
    }
    return UTVM_STATUS_OK;
}
