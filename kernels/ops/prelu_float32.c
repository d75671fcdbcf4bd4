// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME prelu_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(a, b) ((a) >= 0.0F ? (a) : (a) * (b))
#include "kernels/ops/binary_body.h"
