// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME resize_bilinear_int8
#define UTVM_ELEMENT int8_t
#define UTVM_WEIGHT int32_t
#define UTVM_SUM int64_t
#define UTVM_ONE 1024
#define UTVM_FINISH(sum) (((sum) + ((sum) > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20))
#include "kernels/ops/resize_bilinear_body.h"
