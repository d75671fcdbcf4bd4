// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME select_8
#define UTVM_ELEMENT uint8_t
#include "kernels/ops/select_body.h"
