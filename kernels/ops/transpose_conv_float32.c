// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME transpose_conv_float32
#define UTVM_INPUT float
#define UTVM_WEIGHT float
#define UTVM_BIAS float
#define UTVM_SUM float
#define UTVM_OFFSET 0.0F
#define UTVM_FINISH(sum, channel) utvm_clamp_f32(sum, p->float_min, p->float_max)
#define UTVM_BIAS_LAST 1
#include "kernels/ops/transpose_conv_body.h"
