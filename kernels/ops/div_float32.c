// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME div_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(a, b) utvm_clamp_f32((a) / (b), p->float_min, p->float_max)
#include "kernels/ops/binary_body.h"
