// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME sub_int16
#define UTVM_INPUT int16_t
#define UTVM_OUTPUT int16_t
#define UTVM_COMPUTE(a, b) utvm_binary_sub_int16(p, a, b)
#include "kernels/ops/binary_body.h"
