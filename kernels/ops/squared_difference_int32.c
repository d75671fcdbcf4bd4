// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME squared_difference_int32
#define UTVM_INPUT int32_t
#define UTVM_OUTPUT int32_t
#define UTVM_COMPUTE(a, b) utvm_wrap_mul(utvm_wrap_sub(a, b), utvm_wrap_sub(a, b))
#include "kernels/ops/binary_body.h"
