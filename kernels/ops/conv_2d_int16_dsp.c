// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/ops/columns.h"

/** CONV_2D without groups. */
UTVM_KERNEL(conv_2d_int16_dsp)
{
    return utvm_columns_conv(params, args, 1);
}
