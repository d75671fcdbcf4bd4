// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME requantize_int8_int16
#define UTVM_INPUT int8_t
#define UTVM_OUTPUT int16_t
#define UTVM_COMPUTE(x) utvm_unary_rescale(p, x)
#include "kernels/ops/unary_body.h"
