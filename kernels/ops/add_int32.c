// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME add_int32
#define UTVM_INPUT int32_t
#define UTVM_OUTPUT int32_t
#define UTVM_COMPUTE(a, b) utvm_clamp(utvm_wrap_add(a, b), p->act_min, p->act_max)
#include "kernels/ops/binary_body.h"
