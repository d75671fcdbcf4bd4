// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/ops/reduce.h"

#define UTVM_NAME sum_int16
#define UTVM_ELEMENT int16_t
#define UTVM_SUM int32_t
#define UTVM_STEP(sum, v) utvm_wrap_add(sum, v)
#define UTVM_FINISH(sum) utvm_reduce_output(p, sum)
#include "kernels/ops/reduce_body.h"
