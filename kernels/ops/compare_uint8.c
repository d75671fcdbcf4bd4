// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME compare_uint8
#define UTVM_INPUT uint8_t
#define UTVM_OUTPUT uint8_t
#define UTVM_COMPUTE(a, b) utvm_compare(p->comparison, a, b)
#include "kernels/ops/binary_body.h"
