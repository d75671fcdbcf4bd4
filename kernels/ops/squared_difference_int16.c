// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/ops/squared_difference.h"

#define UTVM_NAME squared_difference_int16
#define UTVM_INPUT int16_t
#define UTVM_OUTPUT int16_t
#define UTVM_COMPUTE(a, b) utvm_binary_squared_difference(p, a, b)
#include "kernels/ops/binary_body.h"
