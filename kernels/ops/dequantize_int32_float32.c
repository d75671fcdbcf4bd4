// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME dequantize_int32_float32
#define UTVM_INPUT int32_t
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(x) (p->scale * (float)((x) + p->input_offset))
#include "kernels/ops/unary_body.h"
