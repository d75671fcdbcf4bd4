// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME select_32
#define UTVM_ELEMENT uint32_t
#include "kernels/ops/select_body.h"
