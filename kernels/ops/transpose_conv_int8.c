// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME transpose_conv_int8
#define UTVM_INPUT int8_t
#define UTVM_WEIGHT int8_t
#define UTVM_BIAS int32_t
#define UTVM_SUM int32_t
#define UTVM_OFFSET p->input_offset
#define UTVM_FINISH(sum, channel)                                                                  \
    utvm_clamp(utvm_requantize(sum, multipliers[channel], shifts[channel]) + p->output_offset,     \
               p->act_min, p->act_max)
#define UTVM_BIAS_LAST 0
#include "kernels/ops/transpose_conv_body.h"
