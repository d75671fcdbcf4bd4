// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME compare_int8
#define UTVM_INPUT int8_t
#define UTVM_OUTPUT uint8_t
#define UTVM_COMPUTE(a, b)                                                                         \
    utvm_compare(p->comparison, utvm_binary_scaled_1(p, a), utvm_binary_scaled_2(p, b))
#include "kernels/ops/binary_body.h"
