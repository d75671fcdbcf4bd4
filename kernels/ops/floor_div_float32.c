// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#define UTVM_NAME floor_div_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(a, b) floorf((a) / (b))
#include "kernels/ops/binary_body.h"
