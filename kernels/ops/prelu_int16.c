// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME prelu_int16
#define UTVM_INPUT int16_t
#define UTVM_INPUT_2 int8_t
#define UTVM_OUTPUT int16_t
#define UTVM_COMPUTE(a, b) utvm_binary_prelu(p, a, b)
#include "kernels/ops/binary_body.h"
