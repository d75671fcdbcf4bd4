// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/ops/quads.h"

/** DEPTHWISE_CONV_2D of few windows, multiplier 1 and a multiple of four channels. */
UTVM_KERNEL(depthwise_conv_2d_int8_quads_dsp)
{
    return utvm_quads_run(params, args);
}
