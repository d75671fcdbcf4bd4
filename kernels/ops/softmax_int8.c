// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME softmax_int8
#define UTVM_OUTPUT int8_t
#define UTVM_LOWEST INT8_MIN
#define UTVM_HIGHEST INT8_MAX
#define UTVM_BITS 8
#include "kernels/ops/softmax_body.h"
