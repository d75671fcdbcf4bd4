// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME compare_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT uint8_t
#define UTVM_COMPUTE(a, b) utvm_compare_float(p->comparison, a, b)
#include "kernels/ops/binary_body.h"
