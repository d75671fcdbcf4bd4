// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME mul_int8
#define UTVM_INPUT int8_t
#define UTVM_OUTPUT int8_t
#define UTVM_COMPUTE(a, b) utvm_binary_mul_int8(p, a, b)
#include "kernels/ops/binary_body.h"
