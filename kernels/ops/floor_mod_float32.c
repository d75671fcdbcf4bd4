// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

/** The remainder, with the sign of the divisor. */
static inline float utvm_floor_mod(float a, float b)
{
    float rest = fmodf(a, b);
    return rest != 0.0F && (b < 0.0F) != (rest < 0.0F) ? rest + b : rest;
}

#define UTVM_NAME floor_mod_float32
#define UTVM_INPUT float
#define UTVM_OUTPUT float
#define UTVM_COMPUTE(a, b) utvm_floor_mod(a, b)
#include "kernels/ops/binary_body.h"
