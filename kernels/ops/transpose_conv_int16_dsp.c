// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/ops/transpose_columns.h"

/** TRANSPOSE_CONV of any stride. */
UTVM_KERNEL(transpose_conv_int16_dsp)
{
    return utvm_columns_transpose(params, args, 1);
}
