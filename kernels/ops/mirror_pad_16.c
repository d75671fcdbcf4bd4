// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME mirror_pad_16
#define UTVM_ELEMENT uint16_t
#include "kernels/ops/mirror_pad_body.h"
