// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME copy_strided_16
#define UTVM_ELEMENT uint16_t
#include "kernels/ops/copy_strided_body.h"
