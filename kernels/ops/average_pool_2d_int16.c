// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME average_pool_2d_int16
#define UTVM_ELEMENT int16_t
#define UTVM_SUM int32_t
#define UTVM_START 0
#define UTVM_STEP(sum, v) ((sum) + (v))
#define UTVM_FINISH(sum, n) utvm_clamp(utvm_rounding_divide(sum, n), p->act_min, p->act_max)
#include "kernels/ops/pool_2d_body.h"
