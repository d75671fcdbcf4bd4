// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME transpose_conv_int16
#define UTVM_INPUT int16_t
#define UTVM_WEIGHT int8_t
#define UTVM_BIAS int64_t
#define UTVM_SUM int64_t
#define UTVM_OFFSET 0
#define UTVM_FINISH(sum, channel)                                                                  \
    utvm_clamp(utvm_requantize_int64(sum, multipliers[channel], shifts[channel]), p->act_min,      \
               p->act_max)
#define UTVM_BIAS_LAST 0
#include "kernels/ops/transpose_conv_body.h"
