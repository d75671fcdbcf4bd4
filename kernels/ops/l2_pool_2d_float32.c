// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#define UTVM_NAME l2_pool_2d_float32
#define UTVM_ELEMENT float
#define UTVM_SUM float
#define UTVM_START 0
#define UTVM_STEP(sum, v) ((sum) + (v) * (v))
#define UTVM_FINISH(sum, n) utvm_clamp_f32(sqrtf((sum) / (float)(n)), p->float_min, p->float_max)
#include "kernels/ops/pool_2d_body.h"
