// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME batch_matmul_int16
#define UTVM_ELEMENT int16_t
#define UTVM_SUM int64_t
#define UTVM_FINISH(sum)                                                                           \
    utvm_clamp(utvm_requantize_int64(sum, p->multiplier, p->shift), p->act_min, p->act_max)
#include "kernels/ops/batch_matmul_body.h"
