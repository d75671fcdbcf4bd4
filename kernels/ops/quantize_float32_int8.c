// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME quantize_float32_int8
#define UTVM_INPUT float
#define UTVM_OUTPUT int8_t
#define UTVM_COMPUTE(x) utvm_unary_quantize(p, x)
#include "kernels/ops/unary_body.h"
