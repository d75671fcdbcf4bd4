// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME reduce_max_float32
#define UTVM_ELEMENT float
#define UTVM_SUM float
#define UTVM_STEP(sum, v) ((v) > (sum) ? (v) : (sum))
#define UTVM_FINISH(sum) (sum)
#include "kernels/ops/reduce_body.h"
