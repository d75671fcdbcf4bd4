// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME svdf_int8_int16
#define UTVM_STATE int16_t
#define UTVM_LOWEST INT16_MIN
#define UTVM_HIGHEST INT16_MAX
#include "kernels/ops/svdf_body.h"
