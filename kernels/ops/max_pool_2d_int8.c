// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME max_pool_2d_int8
#define UTVM_ELEMENT int8_t
#define UTVM_SUM int32_t
#define UTVM_START INT32_MIN
#define UTVM_STEP(sum, v) ((v) > (sum) ? (v) : (sum))
#define UTVM_FINISH(sum, n) utvm_clamp(sum, p->act_min, p->act_max)
#include "kernels/ops/pool_2d_body.h"
