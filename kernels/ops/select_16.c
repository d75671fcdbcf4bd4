// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME select_16
#define UTVM_ELEMENT uint16_t
#include "kernels/ops/select_body.h"
