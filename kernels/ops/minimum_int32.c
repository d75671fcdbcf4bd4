// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME minimum_int32
#define UTVM_INPUT int32_t
#define UTVM_OUTPUT int32_t
#define UTVM_COMPUTE(a, b) ((a) < (b) ? (a) : (b))
#include "kernels/ops/binary_body.h"
