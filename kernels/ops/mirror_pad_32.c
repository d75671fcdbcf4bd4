// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME mirror_pad_32
#define UTVM_ELEMENT uint32_t
#include "kernels/ops/mirror_pad_body.h"
