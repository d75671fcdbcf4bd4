// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME batch_matmul_float32
#define UTVM_ELEMENT float
#define UTVM_SUM float
#define UTVM_FINISH(sum) (sum)
#include "kernels/ops/batch_matmul_body.h"
