// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME arg_int16
#define UTVM_ELEMENT int16_t
#include "kernels/ops/arg_body.h"
