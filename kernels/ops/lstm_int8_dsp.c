// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/ops/dot_row.h"

#define UTVM_NAME lstm_int8_dsp
#define UTVM_DATA int8_t
#define UTVM_BIAS int32_t
#define UTVM_SUM int32_t
#define UTVM_REQUANTIZE utvm_requantize
#define UTVM_LOWEST INT8_MIN
#define UTVM_HIGHEST INT8_MAX
#define UTVM_COLUMN(in, count, offset, column) utvm_widen(in, count, offset, column)
#include "kernels/ops/lstm_body.h"
