// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME lstm_int16
#define UTVM_DATA int16_t
#define UTVM_BIAS int64_t
#define UTVM_SUM int64_t
#define UTVM_REQUANTIZE utvm_requantize_int64
#define UTVM_LOWEST INT16_MIN
#define UTVM_HIGHEST INT16_MAX
#include "kernels/ops/lstm_body.h"
