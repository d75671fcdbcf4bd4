// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME reduce_max_int32
#define UTVM_ELEMENT int32_t
#define UTVM_SUM int32_t
#define UTVM_STEP(sum, v) ((v) > (sum) ? (v) : (sum))
#define UTVM_FINISH(sum) (sum)
#include "kernels/ops/reduce_body.h"
