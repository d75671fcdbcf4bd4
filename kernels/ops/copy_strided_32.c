// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME copy_strided_32
#define UTVM_ELEMENT uint32_t
#include "kernels/ops/copy_strided_body.h"
