// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/ops/dot_row.h"

/* Vectors of at most 508 elements and zero points of 0, so that 32 bits hold a sum. */
#define UTVM_NAME lstm_int16_dsp
#define UTVM_DATA int16_t
#define UTVM_BIAS int64_t
#define UTVM_SUM int64_t
#define UTVM_REQUANTIZE utvm_requantize_int64
#define UTVM_LOWEST INT16_MIN
#define UTVM_HIGHEST INT16_MAX
#define UTVM_COLUMN(in, count, offset, column) utvm_column_of_int16(in, count, column)
#include "kernels/ops/lstm_body.h"
