// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME logical_and
#define UTVM_INPUT uint8_t
#define UTVM_OUTPUT uint8_t
#define UTVM_COMPUTE(a, b) ((a) && (b))
#include "kernels/ops/binary_body.h"
