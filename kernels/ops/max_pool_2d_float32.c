// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#define UTVM_NAME max_pool_2d_float32
#define UTVM_ELEMENT float
#define UTVM_SUM float
#define UTVM_START (-3.402823466e38F)
#define UTVM_STEP(sum, v) ((v) > (sum) ? (v) : (sum))
#define UTVM_FINISH(sum, n) utvm_clamp_f32(sum, p->float_min, p->float_max)
#include "kernels/ops/pool_2d_body.h"
