// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME leaky_relu_int16
#define UTVM_INPUT int16_t
#define UTVM_OUTPUT int16_t
#define UTVM_COMPUTE(x) utvm_unary_leaky(p, x)
#include "kernels/ops/unary_body.h"
