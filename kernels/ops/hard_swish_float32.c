// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME hard_swish_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(x) ((x)*utvm_clamp_f32((x) + 3.0F, 0.0F, 6.0F) / 6.0F)
#include "kernels/ops/unary_body.h"
