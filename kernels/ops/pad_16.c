// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME pad_16
#define UTVM_ELEMENT uint16_t
#include "kernels/ops/pad_body.h"
