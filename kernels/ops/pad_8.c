// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME pad_8
#define UTVM_ELEMENT uint8_t
#include "kernels/ops/pad_body.h"
