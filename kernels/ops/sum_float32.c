// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME sum_float32
#define UTVM_ELEMENT float
#define UTVM_SUM float
#define UTVM_STEP(sum, v) ((sum) + (v))
#define UTVM_FINISH(sum) ((sum)*p->scale)
#include "kernels/ops/reduce_body.h"
