// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME relu_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(x) utvm_clamp_f32(x, p->float_min, p->float_max)
#include "kernels/ops/unary_body.h"
