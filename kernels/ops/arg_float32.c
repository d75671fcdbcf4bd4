// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME arg_float32
#define UTVM_ELEMENT float
#include "kernels/ops/arg_body.h"
