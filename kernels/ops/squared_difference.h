// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_SQUARED_DIFFERENCE_H
#define UTVM_KERNELS_OPS_SQUARED_DIFFERENCE_H

#include "kernels/ops/binary.h"

/** (a - b)^2 of quantised values: the difference on the scale that both share, below 2^15. */
static inline int32_t utvm_binary_squared_difference(const struct utvm_binary_params *p, int32_t a,
                                                     int32_t b)
{
    int32_t difference = utvm_binary_scaled_1(p, a) - utvm_binary_scaled_2(p, b);
    return utvm_binary_output(p, difference * difference);
}

#endif
