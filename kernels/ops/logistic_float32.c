// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME logistic_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(x) (1.0F / (1.0F + expf(-(x))))
#include "kernels/ops/unary_body.h"
