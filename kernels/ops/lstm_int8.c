// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME lstm_int8
#define UTVM_DATA int8_t
#define UTVM_BIAS int32_t
#define UTVM_SUM int32_t
#define UTVM_REQUANTIZE utvm_requantize
#define UTVM_LOWEST INT8_MIN
#define UTVM_HIGHEST INT8_MAX
#include "kernels/ops/lstm_body.h"
