// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME batch_matmul_int8
#define UTVM_ELEMENT int8_t
#define UTVM_SUM int32_t
#define UTVM_FINISH(sum)                                                                           \
    utvm_clamp(utvm_requantize(sum, p->multiplier, p->shift) + p->output_offset, p->act_min,       \
               p->act_max)
#include "kernels/ops/batch_matmul_body.h"
