// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME softmax_int8_int16
#define UTVM_OUTPUT int16_t
#define UTVM_LOWEST INT16_MIN
#define UTVM_HIGHEST INT16_MAX
#define UTVM_BITS 16
#include "kernels/ops/softmax_body.h"
