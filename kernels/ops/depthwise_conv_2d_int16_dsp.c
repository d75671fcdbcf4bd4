// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/ops/planes.h"

/** DEPTHWISE_CONV_2D of any multiplier. */
UTVM_KERNEL(depthwise_conv_2d_int16_dsp)
{
    return utvm_planes_run(params, args, 1);
}
