// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME rsqrt_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(x) (1.0F / sqrtf(x))
#include "kernels/ops/unary_body.h"
