// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/kernels/witness.h"

void (*witness)(const char *kernel, const void *bytes, size_t size_bytes);
