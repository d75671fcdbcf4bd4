// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME svdf_int8_int8
#define UTVM_STATE int8_t
#define UTVM_LOWEST INT8_MIN
#define UTVM_HIGHEST INT8_MAX
#include "kernels/ops/svdf_body.h"
