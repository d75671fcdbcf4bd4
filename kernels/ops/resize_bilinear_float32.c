// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME resize_bilinear_float32
#define UTVM_ELEMENT float
#define UTVM_WEIGHT float
#define UTVM_SUM float
#define UTVM_ONE 1.0F
#define UTVM_FINISH(sum) (sum)
#include "kernels/ops/resize_bilinear_body.h"
