// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME logical_not
#define UTVM_INPUT uint8_t
#define UTVM_OUTPUT uint8_t
#define UTVM_COMPUTE(x) ((x) == 0)
#include "kernels/ops/unary_body.h"
