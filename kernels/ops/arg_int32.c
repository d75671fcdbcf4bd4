// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME arg_int32
#define UTVM_ELEMENT int32_t
#include "kernels/ops/arg_body.h"
