// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME cumsum_float32
#define UTVM_ELEMENT float
#define UTVM_SUM float
#define UTVM_START 0.0F
#define UTVM_STEP(sum, v) ((sum) + (v))
#define UTVM_FINISH(sum) (sum)
#include "kernels/ops/cumsum_body.h"
