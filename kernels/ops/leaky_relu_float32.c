// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME leaky_relu_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(x) ((x) >= 0.0F ? (x) : (x)*p->scale)
#include "kernels/ops/unary_body.h"
