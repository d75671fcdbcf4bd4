// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME arg_int8
#define UTVM_ELEMENT int8_t
#include "kernels/ops/arg_body.h"
